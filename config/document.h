#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "config/scope.h"

namespace holdfast::config {

/// The settings of one section together with the table they were read from, for the place of what is wrong
/// with them.
template <class Settings>
struct Section {
  const toml::table* table;
  Scope scope;
  Settings settings{};
};

/// Moves nothing where they are in that order already.
template <class Settings>
void sort_by_name(std::vector<Settings>& all) {
  const auto by_name = [](const Settings& a, const Settings& b) { return a.name < b.name; };
  if (!std::is_sorted(all.begin(), all.end(), by_name)) std::sort(all.begin(), all.end(), by_name);
}

/// A file as it was read: each value by itself is right (or reported), nothing is compared with anything
/// else. Borrows from the TOML document.
struct Document {
  std::optional<Section<server::ServerSettings>> server;
  std::optional<Section<server::ControlSettings>> control;
  std::optional<Section<health::LogSettings>> log;
  std::optional<Section<health::ProbeSettings>> probes;
  std::vector<Section<health::MonitorSettings>> monitors;
  std::vector<Section<zones::PoolSettings>> pools;
  std::vector<Section<zones::ZoneSettings>> zones;
  std::vector<Section<zones::KeySettings>> keys;
  std::vector<Section<zones::PeerSettings>> peers;
  std::vector<Section<zones::CatalogSettings>> catalogs;
  std::optional<Section<health::NotifySettings>> notify;
  std::vector<Section<health::ContactSettings>> contacts;
  std::optional<Section<health::SelfSettings>> self;
  std::optional<Section<health::StoreSettings>> store;
  std::vector<Section<health::LocationSettings>> locations;
  std::vector<Section<health::AgentSettings>> agents;
  std::optional<Section<zones::GeoSettings>> geo;
  std::vector<Section<zones::ClientsSettings>> clients;
  std::optional<Section<zones::ResolverSettings>> resolver;
  std::set<std::string, std::less<>> used_peers{};  ///< by catalogs, and zones that are not among those above
  std::set<std::string, std::less<>> used_catalogs{};  ///< by such zones
};

/// Reads every section; what is wrong goes to the scope's report.
Document read_document(const toml::table& root, const Scope& scope);

/// Adds what a monitor takes from other places of the file: the directory of its program, the monitors that it combines, a
/// default timeout that fits its interval. What cannot be had is left as it is, for check() to report.
void complete(Document& document);

/// Reports what values that are right by themselves do wrong together: references that lead nowhere, names
/// given twice, options that belong to another type, a timeout longer than its interval.
void check(const Document& document, const toml::table& root, const Scope& scope);

}  // namespace holdfast::config
