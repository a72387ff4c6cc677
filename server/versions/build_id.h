#pragma once

#include <cstdint>
#include <span>

namespace holdfast::server {

/// What the linker called this program, which is another for any other build of it (NT_GNU_BUILD_ID). Empty: it has no name.
std::span<const std::uint8_t> build_id() noexcept;

}  // namespace holdfast::server
