#include "config/document.h"

#include <fmt/format.h>

#include "config/options.h"

namespace holdfast::config {
namespace {

/// [KEY]
template <class Settings>
std::optional<Section<Settings>> read_single(const toml::table& root, std::string_view key,
                                             const Scope& scope, std::span<const Option<Settings>> options) {
  const toml::node* node = root.get(key);
  if (node == nullptr) return std::nullopt;
  Section<Settings> section{node->as_table(), scope.in(key)};
  if (section.table == nullptr) {
    section.scope.error(*node, fmt::format("expected a section [{}], found {}", key, found(*node)));
    return std::nullopt;
  }
  read_table(*section.table, section.scope, options, section.settings);
  return section;
}

/// [KEY.NAME], by name
template <class Settings>
std::vector<Section<Settings>> read_named(const toml::table& root, std::string_view key, const Scope& scope,
                                          std::span<const Option<Settings>> options) {
  const toml::node* node = root.get(key);
  if (node == nullptr) return {};
  const toml::table* table = node->as_table();
  if (table == nullptr) {
    scope.error(*node, fmt::format("{}: expected sections [{}.NAME], found {}", key, key, found(*node)));
    return {};
  }
  std::vector<Section<Settings>> sections;
  for (const auto& [name, value] : *table) {
    Section<Settings> section{value.as_table(), scope.in(fmt::format("{} {}", key, in_quotes(name.str())))};
    if (section.table == nullptr) {
      scope.in(key).error(name.source().begin,
                          fmt::format("{} stands outside of a section with a name; begin one with [{}.NAME]",
                                      in_quotes(name.str()), key));
      continue;
    }
    if (!Identifier::is_one(name.str())) {
      section.scope.error(name.source().begin, "a name has 1 to 63 letters, digits, \"-\", \"_\" or \".\"");
    }
    section.settings.name = name.str();
    read_table(*section.table, section.scope, options, section.settings);
    sections.push_back(std::move(section));
  }
  return sections;
}

/// [[zone]], in the order of the file
std::vector<Section<zones::ZoneSettings>> read_zones(const toml::table& root, const Scope& scope) {
  const toml::node* node = root.get("zone");
  if (node == nullptr) return {};
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    scope.error(*node, fmt::format("zone: expected sections [[zone]], found {}", found(*node)));
    return {};
  }
  std::vector<Section<zones::ZoneSettings>> sections;
  sections.reserve(array->size());
  for (const toml::node& element : *array) {
    const toml::table* table = element.as_table();
    if (table == nullptr) {
      scope.error(element, fmt::format("zone: expected sections [[zone]], found {}", found(element)));
      continue;
    }
    const auto name = (*table)["name"].value<std::string_view>();
    Section<zones::ZoneSettings> section{table, scope.in(name ? "zone " + in_quotes(*name) : "zone")};
    read_table(*table, section.scope, zone_options(), section.settings);
    sections.push_back(std::move(section));
  }
  return sections;
}

}  // namespace

Document read_document(const toml::table& root, const Scope& scope) {
  std::vector<std::string_view> keys;
  for (const SectionText& section : sections()) keys.push_back(section.key);
  for (const auto& [key, value] : root) {
    if (std::find(keys.begin(), keys.end(), key.str()) != keys.end()) continue;
    if (value.is_value()) {
      scope.error(
          key.source().begin,
          fmt::format(
              "{} stands outside of any section; put it below the header of its section, such as [server]",
              in_quotes(key.str())));
    } else {
      scope.error(key.source().begin,
                  fmt::format("unknown section {}; {}", in_quotes(key.str()), suggest(key.str(), keys)));
    }
  }
  return {read_single(root, "server", scope, server_options()),
          read_single(root, "control", scope, control_options()),
          read_single(root, "log", scope, log_options()),
          read_single(root, "probes", scope, probe_options()),
          read_named(root, "monitor", scope, monitor_options()),
          read_named(root, "pool", scope, pool_options()),
          read_zones(root, scope),
          read_named(root, "key", scope, key_options()),
          read_named(root, "peer", scope, peer_options()),
          read_named(root, "catalog", scope, catalog_options()),
          read_single(root, "notify", scope, notify_options()),
          read_named(root, "contact", scope, contact_options()),
          read_single(root, "self", scope, self_options()),
          read_single(root, "store", scope, store_options()),
          read_named(root, "location", scope, location_options()),
          read_named(root, "agent", scope, agent_options()),
          read_single(root, "geo", scope, geo_options()),
          read_named(root, "clients", scope, clients_options()),
          read_single(root, "resolver", scope, resolver_options())};
}

}  // namespace holdfast::config
