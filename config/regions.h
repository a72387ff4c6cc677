#pragma once

#include <vector>

#include "health/settings.h"
#include "zones/geo/region.h"
#include "zones/settings.h"

namespace holdfast::config {

/// A region for each location, in their order, with the clients that are in it.
std::vector<zones::Region> regions(const std::vector<health::LocationSettings>& locations,
                                   const std::vector<zones::ClientsSettings>& clients);

}  // namespace holdfast::config
