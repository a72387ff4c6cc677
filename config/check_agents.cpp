#include "config/check_agents.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "config/nearest.h"
#include "config/options.h"
#include "config/place.h"
#include "health/verdict/location.h"

namespace holdfast::config {
namespace {

using health::AgentSettings;
using health::LocationSettings;
using health::MonitorSettings;

/// Names of locations, in order.
using Names = std::vector<std::string_view>;

/// Whether a location that `node` names is declared; one that is malformed was reported before.
bool check_location_name(const toml::node& node, const Scope& scope, const std::string& name,
                         const Names& names) {
  if (name.empty()) return false;
  if (std::binary_search(names.begin(), names.end(), name)) return true;
  scope.no_such(node, "location", name, names);
  return false;
}

/// Ways up that come back to where they began, each told once, and those that are too long.
void check_way_up(const Section<LocationSettings>& location,
                  const std::map<std::string_view, const LocationSettings*>& all) {
  const std::string& name = location.settings.name;
  std::string way = in_quotes(name);
  std::set<std::string_view> seen = {name};
  for (const LocationSettings* at = &location.settings; !at->in.empty();) {
    const auto up = all.find(at->in);
    if (up == all.end()) return;
    at = up->second;
    way += " in " + in_quotes(at->name);
    if (at->name == name) {
      const bool is_first = *seen.begin() == name;
      if (is_first) {
        location.scope.in("in").error(place(*location.table, "in"),
                                      fmt::format("goes in a circle: {}; leave one of them out", way));
      }
      return;
    }
    if (!seen.insert(at->name).second) return;  // a circle that it leads into
  }
  if (seen.size() > health::Locations::kDepth) {
    location.scope.in("in").error(place(*location.table, "in"),
                                  fmt::format("is {} locations deep; at most {} are looked at", seen.size(),
                                              health::Locations::kDepth));
  }
}

void check_locations(const Document& document, const Names& names) {
  std::map<std::string_view, const LocationSettings*> all;
  for (const auto& location : document.locations) all.emplace(location.settings.name, &location.settings);
  for (const auto& location : document.locations) {
    const auto& [table, scope, settings] = location;
    if (has(*table, "in")) check_location_name(*table->get("in"), scope.in("in"), settings.in, names);
    check_way_up(location, all);
    for (const auto& [key, other] : {std::pair("latitude", "longitude"), {"longitude", "latitude"}}) {
      if (has(*table, key) && !has(*table, other))
        scope.in(key).error(place(*table, key), fmt::format("needs {}; add that, or leave both out", other));
    }
  }
}

/// References that no connection can be made to.
void check_references(const Section<health::SelfSettings>& self) {
  for (const auto& reference : self.settings.references) {
    const Scope scope = self.scope.in("references");
    const std::string shown = in_quotes(endpoint_text(reference.address(), reference.port()));
    if (reference.port() == 0) {
      scope.error(place(*self.table, "references"), shown + " has no port to connect to; write one");
    } else if (const auto reason = zones::unusable(reference.address()); !reason.empty()) {
      scope.error(place(*self.table, "references"), fmt::format("{} {}", shown, reason));
    }
  }
}

bool is_https(std::string_view url) { return url.starts_with("https://"); }

/// Whether what is said to the URL stays on this machine.
bool is_loopback(std::string_view url) {
  const std::string_view host = url.substr(url.find("://") + 3);
  if (host.starts_with("[::1]:") || host.starts_with("localhost:")) return true;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address_v4(std::string(host.substr(0, host.find(':'))), error);
  return !error && address.is_loopback();
}

void check_store(const Section<health::StoreSettings>& store, const Document& document) {
  const auto& [table, scope, settings] = store;
  if (!document.self) {
    scope.error(*table,
                "[self] is missing; add it, with a name that no other process has which shares the store");
  } else if (!has(*document.self->table, "name")) {
    document.self->scope.error(*document.self->table,
                               "name is missing; a process that shares a store must have one");
  }
  for (const auto& [key, other] :
       {std::pair("user", "password_file"), {"password_file", "user"}, {"key", "certificate"}}) {
    if (has(*table, key) && !has(*table, other))
      scope.in(key).error(place(*table, key), fmt::format("needs {}; add that, or leave {} out", other, key));
  }
  const auto clear = std::find_if(settings.endpoints.begin(), settings.endpoints.end(),
                                  [](const auto& url) { return !is_https(url) && !is_loopback(url); });
  if (clear != settings.endpoints.end()) {
    const toml::node& node = place(*table, "endpoints");
    if (has(*table, "password_file")) {
      scope.in("endpoints")
          .error(node, in_quotes(*clear) + " would be sent the password in the clear; take https");
    } else {
      scope.in("endpoints")
          .warning(node, in_quotes(*clear) +
                             " is spoken to in the clear: who listens learns what monitors send, "
                             "who meddles decides what is alive; take https");
    }
  }
  for (const char* key : {"ca_file", "certificate", "key"}) {
    if (has(*table, key) && std::none_of(settings.endpoints.begin(), settings.endpoints.end(), is_https))
      scope.in(key).warning(place(*table, key), "counts only with endpoints of https");
  }
  if (document.agents.empty() && !document.zones.empty()) {
    scope.warning(
        *table,
        "there is no [agent.NAME]: what agents see does not count, only what this server sees itself");
  }
}

/// Who is to be heard, and who is forgotten.
void check_agent_sections(const Document& document, const Names& locations) {
  std::set<std::string_view> places;
  Names names;
  for (const auto& [table, scope, agent] : document.agents) {
    if (has(*table, "location"))
      check_location_name(*table->get("location"), scope.in("location"), agent.location, locations);
    places.insert(agent.location);
    names.push_back(agent.name);
  }
  if (names.size() > 1 && places.size() == 1) {
    document.agents.front().scope.warning(
        *document.agents.front().table,
        fmt::format("all agents are in {}, so one location decides alone; two keep its own troubles from "
                    "looking like those of the targets",
                    in_quotes(*places.begin())));
  }
  if (!document.self || document.self->settings.name.empty() || names.empty()) return;
  const auto& [table, scope, self] = *document.self;
  const std::string_view meant = nearest(self.name, names);
  if (meant.empty() || std::binary_search(names.begin(), names.end(), self.name)) return;
  scope.in("name").warning(
      place(*table, "name"),
      fmt::format("there is no [agent.{}], so what this process sees does not count; did "
                  "you mean {}?",
                  self.name, in_quotes(meant)));
}

/// What the choices of all monitors are compared with.
struct Known {
  Names locations;
  std::set<std::string_view> peopled;  // locations that have agents in them
  std::size_t agents = 0;
  std::size_t places = 0;                          // of agents
  std::map<std::string_view, std::string> adrift;  // by monitor: a member without a location, for people
};

Known known_from(const Document& document) {
  Known known;
  std::vector<LocationSettings> all;
  for (const auto& location : document.locations) {
    known.locations.push_back(location.settings.name);
    all.push_back(location.settings);
  }
  const health::Locations locations(all);
  std::set<std::string_view> places;
  for (const auto& agent : document.agents) places.insert(agent.settings.location);
  for (const std::string_view name : known.locations) {
    if (std::any_of(places.begin(), places.end(), [&](auto place) { return locations.is_in(place, name); }))
      known.peopled.insert(name);
  }
  known.agents = document.agents.size();
  known.places = places.size();
  for (const auto& pool : document.pools) {
    const auto& members = pool.settings.members;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (!members[i].location.empty()) continue;
      known.adrift.try_emplace(pool.settings.monitor,
                               fmt::format("member {} of pool {}", i + 1, in_quotes(pool.settings.name)));
      break;
    }
  }
  for (const auto& zone : document.zones) {
    for (const auto& live : zone.settings.live) {
      if (!live.monitor.empty() && !known.adrift.contains(live.monitor))
        known.adrift.emplace(live.monitor, "what the zone itself has at " + live.name.text());
    }
  }
  return known;
}

void check_choice(const Section<MonitorSettings>& monitor, const Known& known) {
  const toml::table* table = monitor.table->get_as<toml::table>("agents");
  if (table == nullptr) return;
  const Scope scope = monitor.scope.in("agents");
  const health::AgentChoice& choice = monitor.settings.agents;
  if (const toml::array* prefer = table->get_as<toml::array>("prefer")) {
    for (const toml::node& node : *prefer) {
      const std::string name = node.value_or(std::string());
      if (!Identifier::is_one(name) || !check_location_name(node, scope.in("prefer"), name, known.locations))
        continue;
      if (known.agents != 0 && !known.peopled.contains(name))
        scope.in("prefer").warning(node, fmt::format("no [agent.NAME] is in {}", in_quotes(name)));
    }
  }
  if (has(*table, "min") && known.agents != 0 && known.agents < choice.min) {
    scope.in("min").warning(place(*table, "min"),
                            fmt::format("{} agents are wanted, and there are {} sections [agent.NAME]",
                                        choice.min, known.agents));
  }
  if (choice.nearest != 0 && choice.nearest < choice.min) {
    scope.in("nearest").warning(
        place(*table, "nearest"),
        fmt::format("is less than min, which is {}; so many probe nevertheless", choice.min));
  }
  const auto adrift = known.adrift.find(monitor.settings.name);
  if (choice.nearest != 0 && adrift != known.adrift.end()) {
    scope.in("nearest").warning(
        place(*table, "nearest"),
        fmt::format("{} has no location, so all agents are as near to it; give members of a pool one",
                    adrift->second));
  }
  if (known.agents != 0 && choice.quorum.number > known.places) {
    scope.in("quorum").warning(
        place(*table, "quorum"),
        fmt::format("{} locations are wanted, and there are agents in {}; all of these must "
                    "agree then",
                    choice.quorum.number, known.places));
  }
}

void check_members(const Section<zones::PoolSettings>& pool, const Names& locations) {
  for (std::size_t i = 0; i < pool.settings.members.size(); ++i) {
    if (pool.settings.members[i].location.empty()) continue;
    const toml::table& row = *(*pool.table->get_as<toml::array>("members"))[i].as_table();
    check_location_name(*row.get("location"), pool.scope.in("members").row(i).in("location"),
                        pool.settings.members[i].location, locations);
  }
}

}  // namespace

void check_agents(const Document& document, const toml::table& root, const Scope& scope) {
  const Known known = known_from(document);
  check_locations(document, known.locations);
  check_agent_sections(document, known.locations);
  if (document.self) check_references(*document.self);
  if (document.store) {
    check_store(*document.store, document);
  } else if (!document.agents.empty()) {
    document.agents.front().scope.warning(
        *document.agents.front().table,
        "there is no [store] where agents could meet; only what holdfast sees itself counts");
  }
  for (const auto& monitor : document.monitors) check_choice(monitor, known);
  for (const auto& pool : document.pools) check_members(pool, known.locations);
  for (const auto& [key, count, most] : {std::tuple("agent", document.agents.size(), kMaxAgents),
                                         {"location", document.locations.size(), kMaxLocations}}) {
    if (count > most) {
      scope.error(*root.get(key),
                  fmt::format("{} {}s are too many; at most {} are allowed", count, key, most));
    }
  }
}

}  // namespace holdfast::config
