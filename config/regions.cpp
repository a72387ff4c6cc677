#include "config/regions.h"

#include <map>

namespace holdfast::config {

std::vector<zones::Region> regions(const std::vector<health::LocationSettings>& locations,
                                   const std::vector<zones::ClientsSettings>& clients) {
  std::map<std::string_view, int> places;
  for (std::size_t i = 0; i < locations.size(); ++i) places.emplace(locations[i].name, static_cast<int>(i));
  std::vector<zones::Region> regions;
  for (const health::LocationSettings& location : locations) {
    zones::Region& region = regions.emplace_back();
    region.name = location.name;
    if (const auto parent = places.find(location.in); parent != places.end()) region.parent = parent->second;
    if (location.latitude && location.longitude)
      region.coordinates = zones::Coordinates{*location.latitude, *location.longitude};
  }
  for (const zones::ClientsSettings& one : clients) {
    const auto place = places.find(one.name);
    if (place == places.end()) continue;
    zones::Region& region = regions[static_cast<std::size_t>(place->second)];
    region.countries = one.countries;
    region.continents = one.continents;
    region.networks = one.networks;
  }
  return regions;
}

}  // namespace holdfast::config
