#pragma once

#include <array>
#include <cstdint>

#include "zones/zone.h"

namespace holdfast::zones {

/// Of something, to see whether it is still the same.
using Digest = std::array<std::uint8_t, 32>;

/// Of all records of a zone, TTLs and types too, but not of the serial: two with the same one serve the same, where no name
/// is live. The same on every machine. `zone` is available.
///
/// The sum of one of each RRset, so that it follows a change for what that costs. Against accidents, not against people: who
/// can choose the records of a zone could make two versions look the same, and gains nothing that is not theirs.
Digest digest(const Zone& zone);
/// The same, quick where `zone` is known to come of few changes in `before`, whose digest is given.
Digest digest(const Zone& zone, const Zone& before, const Digest& of_before);

}  // namespace holdfast::zones
