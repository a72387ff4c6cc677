#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "zones/dns/name.h"

namespace holdfast::zones {

inline constexpr std::size_t kMaxPointers = 126;  ///< followed in one name (RFC 9267 2)

/// A name of a message as it is without compression.
struct ExpandedName {
  std::size_t taken = 0;  ///< octets at the place where it stands; 0: there is no valid name
  std::size_t size = 0;
};

/// Writes the name that stands at `at` of a message to `out`, where kMaxName octets have room, in lower case. Pointers (RFC
/// 1035 4.1.4) are followed strictly backwards.
/// @param octets  the message from its first octet on; no octet behind them is looked at
ExpandedName expand_name(std::span<const std::uint8_t> octets, std::size_t at, std::uint8_t* out) noexcept;

/// Octets of the name at the start of `octets`, which no pointer may be in (RFC 3597 4); 0: there is no valid one.
std::size_t plain_name_size(std::span<const std::uint8_t> octets) noexcept;

}  // namespace holdfast::zones
