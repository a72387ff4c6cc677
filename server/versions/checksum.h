#pragma once

#include <cstdint>
#include <span>

namespace holdfast::server {

/// A hash of 64 bits against accidents of a disk, not against people; quick with many octets. The same on every machine.
std::uint64_t checksum(std::span<const std::uint8_t> octets, std::uint64_t before = 0) noexcept;

}  // namespace holdfast::server
