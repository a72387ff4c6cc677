#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace holdfast::zones {

inline constexpr std::size_t kMaxValueParts =
    4096;  ///< of one value, pointers followed; a city with its names has 300
inline constexpr unsigned kMaxValueDepth = 32;  ///< maps and arrays in one another; a city has 3

/// Whether a value of a database in MaxMind's format can be handed to libmaxminddb: it lies within the section and is
/// within the limits above. The library goes down into maps by recursion without a limit, and follows a pointer as often
/// as it meets one, so that a small file could end the process or keep it busy for years.
///
/// @param section  what its pointers are relative to
/// @param at       where the value begins
bool is_sound_value(std::span<const std::uint8_t> section, std::size_t at) noexcept;

}  // namespace holdfast::zones
