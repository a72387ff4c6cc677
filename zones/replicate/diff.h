#pragma once

#include <cstddef>
#include <limits>
#include <optional>

#include "zones/replicate/contents.h"
#include "zones/replicate/delta.h"

namespace holdfast::zones {

/// What makes `after` of `before`, which is of the same zone. Records with another TTL, or another SOA, count as others.
/// Nothing: they hold the same but for the serial, with the flat view and without it. Quick where both are of the same Zone, or few
/// changes made one of the other.
///
/// @param most  octets beside the SOAs after which it ends, with more than these, and without what is left: nobody wants to keep it
std::optional<Delta> difference(const Contents& before, const Contents& after,
                                std::size_t most = std::numeric_limits<std::size_t>::max());

}  // namespace holdfast::zones
