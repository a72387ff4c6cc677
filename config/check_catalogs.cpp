#include "config/check_catalogs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "config/options.h"
#include "config/place.h"

namespace holdfast::config {
namespace {

using zones::CatalogSettings;
using zones::PeerSettings;
using CatalogSection = Section<CatalogSettings>;

/// By name, as TOML tables have them.
template <class Settings>
const Settings* find(const std::vector<Section<Settings>>& all, std::string_view name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.settings.name == name; });
  return found == all.end() ? nullptr : &found->settings;
}

template <class Settings>
std::vector<std::string_view> names_of(const std::vector<Section<Settings>>& all) {
  std::vector<std::string_view> names;
  for (const auto& one : all) names.push_back(one.settings.name);
  return names;
}

/// A list of peers; each must be there, and be such that zones can be transferred from it where that is what it is for.
void check_list(const toml::table& table, const Scope& outside, std::string_view key,
                const Document& document) {
  const toml::array* const list = table.get_as<toml::array>(key);
  if (list == nullptr) return;
  const Scope scope = outside.in(key);
  for (const toml::node& element : *list) {
    const auto name = element.value<std::string_view>();
    if (!name || !Identifier::is_one(*name)) continue;  // reported before
    const PeerSettings* const peer = find(document.peers, *name);
    if (peer == nullptr) {
      scope.no_such(element, "peer", *name, names_of(document.peers));
    } else if (key != "secondaries" && peer->addresses.empty()) {
      scope.error(element, fmt::format("the peer {} has no addresses to transfer zones from; add addresses = "
                                       "[\"192.0.2.53\"] to it",
                                       in_quotes(*name)));
    }
  }
}

void check_peers_of(const CatalogSection& catalog, const Document& document) {
  for (const char* const key : {"primaries", "members_from", "secondaries"})
    check_list(*catalog.table, catalog.scope, key, document);
  const toml::array* const groups = catalog.table->get_as<toml::array>("groups");
  std::set<std::string_view> seen;
  for (std::size_t i = 0; groups != nullptr && i < groups->size(); ++i) {
    const toml::table* const row = groups->get(i)->as_table();
    if (row == nullptr) continue;
    const Scope scope = catalog.scope.in("groups").row(i);
    check_list(*row, scope, "primaries", document);
    check_list(*row, scope, "secondaries", document);
    if (has(*row, "name") && !seen.insert(catalog.settings.groups[i].name).second)
      scope.in("name").error(place(*row, "name"), "stands in another row, too; leave one out");
  }
  for (const std::string& peer : catalog.settings.secondaries) {
    const auto& primaries = catalog.settings.primaries;
    if (std::find(primaries.begin(), primaries.end(), peer) != primaries.end())
      catalog.scope.in("secondaries")
          .error(place(*catalog.table, "secondaries"),
                 fmt::format("{} is one of the primaries; leave it out of one list", in_quotes(peer)));
  }
}

void check_role(const CatalogSection& catalog) {
  const toml::table& table = *catalog.table;
  const bool is_made = !has(table, "primaries");
  const auto only = [&](const char* key, std::string_view why) {
    if (has(table, key)) catalog.scope.in(key).error(place(table, key), why);
  };
  if (!is_made) return only("serial", "is the primary's of a catalog that is transferred in; leave it out");
  for (const char* const key : {"members_from", "may_lose", "groups"})
    only(key, "is for a catalog that is transferred in; leave it out, or add primaries");
  if (!has(table, "secondaries") && !has_unknown(table, catalog_options()))
    catalog.scope.error(
        table,
        "has neither primaries nor secondaries; give the secondaries of a catalog that is made here, "
        "or the primaries of one that is to be followed");
  if (catalog.settings.zone.view().size() > zones::kMaxCatalogName)
    catalog.scope.in("zone").error(
        place(table, "zone"), fmt::format("is too long for members below it; at most {} octets are allowed",
                                          zones::kMaxCatalogName));
}

void check_names(const Document& document) {
  std::map<zones::Name, std::string> seen;
  for (const auto& catalog : document.catalogs) {
    if (!has(*catalog.table, "zone")) continue;
    const auto [first, is_new] = seen.emplace(catalog.settings.zone, catalog.settings.name);
    if (!is_new)
      catalog.scope.in("zone").error(place(*catalog.table, "zone"),
                                     fmt::format("{} is the zone of the catalog {} already",
                                                 first->first.text(), in_quotes(first->second)));
  }
  if (seen.empty()) return;
  for (const auto& zone : document.zones) {
    const auto catalog = seen.find(zone.settings.name);
    if (catalog != seen.end() && has(*zone.table, "name"))
      zone.scope.in("name").error(place(*zone.table, "name"),
                                  fmt::format("{} is the zone of the catalog {}; leave one out",
                                              zone.settings.name.text(), in_quotes(catalog->second)));
  }
}

/// @param used  catalogs; becomes more
void use_catalog(const Section<zones::ZoneSettings>& zone, const Document& document,
                 std::set<std::string, std::less<>>& used) {
  const toml::table& table = *zone.table;
  if (has(table, "group") && !has(table, "catalog"))
    zone.scope.in("group").error(place(table, "group"), "is told in a catalog; add catalog, or leave it out");
  const std::string& name = zone.settings.catalog;
  if (name.empty()) return;
  const CatalogSettings* const catalog = find(document.catalogs, name);
  if (catalog == nullptr) {
    zone.scope.in("catalog").no_such(place(table, "catalog"), "catalog", name, names_of(document.catalogs));
  } else if (!catalog->is_made()) {
    zone.scope.in("catalog").error(
        place(table, "catalog"),
        fmt::format("{} is transferred in, and its primary says what it lists; leave it out",
                    in_quotes(name)));
  }
  used.insert(name);
}

}  // namespace

void check_catalogs(const Document& document, const toml::table& root, const Scope& scope) {
  for (const auto& catalog : document.catalogs) {
    check_peers_of(catalog, document);
    check_role(catalog);
  }
  check_names(document);
  auto used = document.used_catalogs;
  for (const auto& zone : document.zones) use_catalog(zone, document, used);
  if (document.catalogs.size() > kMaxCatalogs)
    scope.error(*root.get("catalog"), fmt::format("{} catalogs are too many; at most {} are allowed",
                                                  document.catalogs.size(), kMaxCatalogs));
  const bool has_state = document.server && has(*document.server->table, "state");
  if (!document.catalogs.empty() && !has_state)
    document.catalogs.front().scope.error(
        *document.catalogs.front().table,
        "needs a directory where versions of zones are kept, so that serials never go back; add "
        "state = \"/var/lib/holdfast\" to [server]");

  if (scope.report.has_error()) return;
  for (const auto& catalog : document.catalogs) {
    if (catalog.settings.is_made() && !used.contains(catalog.settings.name))
      catalog.scope.warning(
          *catalog.table,
          fmt::format("it lists nothing; add catalog = {} to each [[zone]] that it is to list",
                      in_quotes(catalog.settings.name)));
  }
}

}  // namespace holdfast::config
