#pragma once

#include "zones/dns/type.h"

namespace holdfast::zones {

/// Whether BIND, NSD and Knot all read this type by its name. Of others one at least does not: X25, for instance, Knot.
bool is_known_type(RrType type) noexcept;

}  // namespace holdfast::zones
