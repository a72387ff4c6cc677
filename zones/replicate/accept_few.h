#pragma once

#include <optional>

#include "zones/replicate/accept.h"

namespace holdfast::zones {

/// What accept() makes of a few changes in a large zone, for about what they cost: of such that are in order, and that it can
/// patch the zone with. Nothing: accept() is to look at them. `input.before` is available.
std::optional<Accepted> accept_few(const Changes& changes, const AcceptInput& input);

}  // namespace holdfast::zones
