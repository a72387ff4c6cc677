#include "config/check_geo.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/place.h"
#include "config/regions.h"

namespace holdfast::config {
namespace {

/// Whether each [clients.NAME] is of a location.
bool check_place_names(const Document& document) {
  std::vector<std::string_view> names;
  for (const auto& location : document.locations) names.push_back(location.settings.name);
  bool is_right = true;
  for (const auto& clients : document.clients) {
    const std::string& name = clients.settings.name;
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    is_right = false;
    clients.scope.no_such(*clients.table, "location", name, names);
  }
  return is_right;
}

void check_nearest(const Section<zones::PoolSettings>& pool) {
  if (pool.settings.policy != zones::Policy::nearest) return;
  const toml::array* members = pool.table->get_as<toml::array>("members");
  for (std::size_t i = 0; members != nullptr && i < members->size(); ++i) {
    const toml::table* row = members->get(i)->as_table();
    if (row == nullptr || has(*row, "location")) continue;
    pool.scope.in("members").row(i).warning(
        *row, "has no location, and so is farther than any for policy \"nearest\"; add one");
  }
}

}  // namespace

void check_geo(const Document& document) {
  for (const auto& pool : document.pools) check_nearest(pool);
  const auto near = std::find_if(document.pools.begin(), document.pools.end(), [](const auto& pool) {
    return pool.settings.policy == zones::Policy::nearest;
  });
  if (near != document.pools.end() && document.clients.empty()) {
    near->scope.in("policy").warning(place(*near->table, "policy"),
                                     "nobody says which clients are where, so that each gets any member; add "
                                     "[clients.NAME] for locations");
  }
  if (!check_place_names(document)) return;
  std::vector<health::LocationSettings> locations;
  std::vector<zones::ClientsSettings> clients;
  for (const auto& location : document.locations) locations.push_back(location.settings);
  for (const auto& one : document.clients) clients.push_back(one.settings);
  for (const zones::RegionProblem& problem : zones::check(regions(locations, clients))) {
    const std::string& name = locations[problem.region].name;
    const auto section = std::find_if(document.clients.begin(), document.clients.end(),
                                      [&](const auto& one) { return one.settings.name == name; });
    if (section != document.clients.end()) section->scope.error(*section->table, problem.what);
  }
}

}  // namespace holdfast::config
