#include "config/catalogs.h"

#include <algorithm>
#include <iterator>

namespace holdfast::config {

std::vector<zones::ZoneSettings> with_catalogs(std::vector<zones::ZoneSettings> zones,
                                               std::span<const zones::CatalogSettings> catalogs) {
  for (zones::ZoneSettings& zone : zones) {
    if (zone.catalog.empty() || !zone.secondaries.empty()) continue;
    const auto catalog = std::lower_bound(catalogs.begin(), catalogs.end(), zone.catalog,
                                          [](const auto& one, const auto& name) { return one.name < name; });
    const auto is_primary = [&](const std::string& peer) {
      return std::find(zone.primaries.begin(), zone.primaries.end(), peer) != zone.primaries.end();
    };
    std::remove_copy_if(catalog->secondaries.begin(), catalog->secondaries.end(),
                        std::back_inserter(zone.secondaries), is_primary);
  }
  for (const zones::CatalogSettings& catalog : catalogs) {
    zones::ZoneSettings zone{.name = catalog.zone};
    zone.primaries = catalog.primaries;
    zone.secondaries = catalog.secondaries;
    zone.serial = catalog.serial;
    zone.catalog = catalog.name;
    zone.origin = zones::Origin::catalog;
    zones.push_back(std::move(zone));
  }
  return zones;
}

}  // namespace holdfast::config
