#pragma once

#include <optional>

#include "zones/replicate/contents.h"
#include "zones/replicate/delta.h"

namespace holdfast::zones {

/// What makes `after` of `before`, which is of the same zone. Records with another TTL, or another SOA, count as others.
/// Nothing: they hold the same but for the serial, with the flat view and without it. Quick where both are of the same Zone, or few
/// changes made one of the other.
std::optional<Delta> difference(const Contents& before, const Contents& after);

}  // namespace holdfast::zones
