#pragma once

#include <span>
#include <vector>

#include "zones/settings.h"

namespace holdfast::config {

/// The zones with those that catalogs are, in no order; who is listed by a catalog has its secondaries, where it has none itself.
///
/// @param catalogs  by name
std::vector<zones::ZoneSettings> with_catalogs(std::vector<zones::ZoneSettings> zones,
                                               std::span<const zones::CatalogSettings> catalogs);

}  // namespace holdfast::config
