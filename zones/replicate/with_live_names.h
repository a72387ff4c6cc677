#pragma once

#include <span>

#include "zones/load/load.h"

namespace holdfast::zones {

/// A zone that was transferred, with other live names. Those that do not fit it are left out, with a warning. Not prebuilt.
LoadedZone with_live_names(const Zone& zone, std::span<const LiveName> live);

}  // namespace holdfast::zones
