#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

#include "zones/dns/name.h"

namespace holdfast::zones {

/// The beginning of a name's place in canonical order (RFC 4034 6.1), as a number of 128 bits: where the keys of two
/// names differ, they are in the order of the names; where they are equal, the names have to be compared. 16 octets
/// tell nearly all names of a zone apart, without a look at their octets.
struct CanonicalKey {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  auto operator<=>(const CanonicalKey&) const = default;
};

/// @param suffix  octets at the end of the name that all names compared have in common, whole labels: those of the apex
CanonicalKey canonical_key(NameView name, std::size_t suffix) noexcept;

}  // namespace holdfast::zones
