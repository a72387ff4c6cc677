#pragma once

#include <cstdint>

namespace holdfast::zones {

/// 64 random bits for jitter, which nobody gains from guessing; 0 where the system has none. From any thread.
std::uint64_t draw_chance();

}  // namespace holdfast::zones
