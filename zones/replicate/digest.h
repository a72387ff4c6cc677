#pragma once

#include <array>
#include <cstdint>

#include "zones/zone.h"

namespace holdfast::zones {

/// SHA-256 of something, to see whether it is still the same.
using Digest = std::array<std::uint8_t, 32>;

/// Of all records of a zone, TTLs and types too, but not of the serial: two with the same one serve the same, where no name
/// is live. The same on every machine. `zone` is available.
Digest digest(const Zone& zone);

}  // namespace holdfast::zones
