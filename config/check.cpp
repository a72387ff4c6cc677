#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

#include "config/check_agents.h"
#include "config/check_alias.h"
#include "config/check_catalogs.h"
#include "config/check_geo.h"
#include "config/check_groups.h"
#include "config/check_monitor.h"
#include "config/check_peers.h"
#include "config/check_pool.h"
#include "config/check_types.h"
#include "config/document.h"
#include "config/options.h"
#include "config/own_listener.h"
#include "config/place.h"
#include "health/probe/program.h"

namespace holdfast::config {
namespace {

using health::Protocol;
using std::chrono::milliseconds;

/// What may be referred to, and what was. Names in order, as TOML tables have them.
struct References {
  std::unordered_map<std::string_view, const health::MonitorSettings*> monitors;
  std::vector<std::string_view> monitor_names;
  std::vector<std::string_view> pool_names;
  std::unordered_set<std::string_view> used_monitors;
  std::unordered_set<std::string_view> used_pools;
  std::unordered_set<std::string_view> served_pools;  // by a live name, not only fallen back to
  std::vector<std::string_view> contact_names;
  std::unordered_set<std::string_view> used_contacts;
};

void check_control(const Section<server::ControlSettings>& control) {
  if (control.settings.allow_remote || control.settings.listen.address().is_loopback()) return;
  control.scope.in("listen").error(
      place(*control.table, "listen"),
      fmt::format("{} is not loopback, and anybody who reaches it could read the state and ask for a reload; "
                  "listen at \"127.0.0.1:{}\", or add allow_remote = true",
                  in_quotes(control.settings.listen.address().to_string()), control.settings.listen.port()));
}

std::string written(const boost::asio::ip::udp::endpoint& endpoint) {
  std::ostringstream out;
  out << '"' << endpoint << '"';
  return out.str();
}

/// No two sockets can have the same port where one address covers the other.
void check_listen(const Section<server::ServerSettings>& server) {
  const auto& all = server.settings.listen;
  const toml::node* node = server.table->get("listen");
  for (std::size_t i = 0; node != nullptr && i < all.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (all[i].port() != all[k].port() || all[i].port() == 0) continue;
      if (all[i].address().is_v4() != all[k].address().is_v4()) continue;
      const bool covered = all[i].address().is_unspecified() != all[k].address().is_unspecified();
      if (!covered) continue;
      server.scope.in("listen").error(
          *node, fmt::format("{} and {} overlap; leave one out", written(all[k]), written(all[i])));
    }
  }
}

/// Where programs are taken from, if any are.
void check_exec_directory(const Document& document) {
  const bool is_used =
      std::any_of(document.monitors.begin(), document.monitors.end(),
                  [](const auto& monitor) { return monitor.settings.type == Protocol::exec; });
  if (!is_used || !document.probes || document.probes->settings.exec_directory.empty()) return;
  const auto& [table, scope, settings] = *document.probes;
  if (const std::string fault = health::directory_fault(settings.exec_directory); !fault.empty()) {
    scope.in("exec_directory")
        .error(place(*table, "exec_directory"),
               fmt::format("{}: {}", in_quotes(settings.exec_directory), fault));
  }
}

/// What a combination refers to. Its parts are used by it.
void check_combination(const Section<health::MonitorSettings>& monitor, References& known) {
  const health::MonitorSettings& settings = monitor.settings;
  const toml::array* of = monitor.table->get_as<toml::array>("of");
  if (of == nullptr || !is_combination(settings.type)) return;
  const Scope scope = monitor.scope.in("of");
  for (const toml::node& node : *of) {
    const std::string name = node.value_or(std::string());
    const auto part = known.monitors.find(name);
    if (name.empty() || !Identifier::is_one(name)) continue;  // reported before
    if (part == known.monitors.end()) {
      scope.no_such(node, "monitor", name, known.monitor_names);
    } else if (is_combination(part->second->type)) {
      scope.error(node, fmt::format("{} is a combination itself; name the monitors that it combines",
                                    in_quotes(name)));
    } else {
      known.used_monitors.insert(part->first);
    }
  }
  if (settings.type == Protocol::at_least && settings.count > of->size()) {
    monitor.scope.in("count").error(
        place(*monitor.table, "count"),
        fmt::format("{} of {} monitors can never pass; make it smaller", settings.count, of->size()));
  }
}

/// A TTL that the operator chose should not outlast what it takes to see a failure. No word about the default,
/// which nobody chose.
void check_ttl(const toml::table& table, const Scope& scope, std::chrono::seconds ttl,
               const health::MonitorSettings* monitor) {
  const toml::node* node = table.get("ttl");
  if (node == nullptr || monitor == nullptr) return;
  if (was_refused(table, "ttl", ttl)) return;
  const milliseconds detection = monitor->interval * monitor->fall;
  if (ttl <= detection) return;
  scope.in("ttl").warning(
      *node, fmt::format("{} is longer than the {} (interval x fall) that monitor {} takes to see a "
                         "failure; clients will keep dead addresses for longer than that",
                         text(ttl), text(detection), in_quotes(monitor->name)));
}

/// Whether `key` of the table refers to one of `names`; one that is missing or malformed was reported before.
bool check_reference(const toml::table& table, const Scope& scope, std::string_view key,
                     const std::string& name, std::span<const std::string_view> names) {
  if (name.empty()) return false;
  if (std::binary_search(names.begin(), names.end(), name)) return true;
  scope.in(key).no_such(*table.get(key), key, name, names);
  return false;
}

/// The contacts that `contacts` of a table names.
void use_contacts(const toml::table& table, const Scope& scope, References& known) {
  const toml::node* node = table.get("contacts");
  const toml::array* array = node != nullptr ? node->as_array() : nullptr;
  if (array == nullptr) return;
  for (const toml::node& element : *array) {
    const auto name = element.value<std::string_view>();
    if (!name || !Identifier::is_one(*name)) continue;
    const auto& names = known.contact_names;
    if (std::binary_search(names.begin(), names.end(), *name)) {
      known.used_contacts.insert(*name);
    } else {
      scope.in("contacts").no_such(element, "contact", *name, names);
    }
  }
}

void check_contact(const Section<health::ContactSettings>& contact) {
  const health::ContactSettings& settings = contact.settings;
  const toml::table& table = *contact.table;
  if (table["type"].value<std::string_view>() != text(settings.type)) return;
  check_types(contact, contact_options(), text(settings.type), "contact");
  const bool is_mail = settings.type == health::ContactType::mail;
  for (const char* key : {"url", "server", "from", "to"}) {
    if ((key == std::string_view("url")) == is_mail || has(table, key)) continue;
    contact.scope.error(table, fmt::format("{} is missing; a contact of type {} must give it", key,
                                           in_quotes(text(settings.type))));
  }
  for (const auto& [key, other] : {std::pair("user", "password_file"), {"password_file", "user"}}) {
    if (is_mail && has(table, key) && !has(table, other))
      contact.scope.in(key).error(place(table, key),
                                  fmt::format("needs {}; add that, or leave both out", other));
  }
  if (is_mail && has(table, "password_file") && settings.tls == health::MailTls::none) {
    contact.scope.in("tls").error(place(table, "tls"),
                                  "would send the password in the clear; take \"starttls\" or \"implicit\"");
  }
  for (const char* key : {"time_zone", "urgent"}) {
    if (has(table, key) && !has(table, "quiet"))
      contact.scope.in(key).warning(place(table, key), "counts only with quiet; add that, or leave it out");
  }
}

const health::MonitorSettings* use_monitor(const toml::table& table, const Scope& scope,
                                           const std::string& name, References& known) {
  if (!check_reference(table, scope, "monitor", name, known.monitor_names)) return nullptr;
  return known.monitors.at(*known.used_monitors.insert(name).first);
}

/// Members that no client of another machine could use, or whose probes would reach into holdfast itself.
void check_member_address(const toml::node& node, const Scope& scope, const boost::asio::ip::address& address,
                          const health::MonitorSettings* monitor, const Document& document) {
  if (document.control && monitor != nullptr && reaches(document.control->settings, *monitor, address)) {
    scope.error(node,
                fmt::format("{} with port {} is the listener of [control] itself; choose another port for "
                            "one of them",
                            address.to_string(), document.control->settings.listen.port()));
  }
  if (!address.is_loopback() || (document.probes && document.probes->settings.allow_loopback)) return;
  scope.warning(node, fmt::format("{} is loopback, where every client finds itself; for a test or a demo add "
                                  "allow_loopback = true to [probes]",
                                  address.to_string()));
}

void check_pool(const Section<zones::PoolSettings>& pool, const Document& document, References& known) {
  const zones::PoolSettings& settings = pool.settings;
  const auto* const monitor = use_monitor(*pool.table, pool.scope, settings.monitor, known);
  check_ttl(*pool.table, pool.scope, settings.ttl, monitor);
  check_rules(pool);
  check_kinds(pool);

  use_contacts(*pool.table, pool.scope, known);

  const toml::node* members = pool.table->get("members");
  for (std::size_t i = 0; i < settings.members.size(); ++i) {
    const toml::table* row = (*members->as_array())[i].as_table();
    if (row == nullptr) continue;
    const Scope scope = pool.scope.in("members").row(i);
    const zones::PoolMemberSettings& member = settings.members[i];
    if (!member.address.is_unspecified()) {
      check_member_address(place(*row, "address"), scope.in("address"), member.address, monitor, document);
    }
  }
}

/// What is in these is for their monitors.
bool is_of_pools(const zones::PoolSettings& pool) {
  return std::all_of(pool.members.begin(), pool.members.end(),
                     [](const zones::PoolMemberSettings& member) { return !member.pool.empty(); });
}

/// A pool that is a member of another one is used.
void use_members(const Section<zones::PoolSettings>& pool, References& known) {
  const toml::array* members = pool.table->get_as<toml::array>("members");
  for (std::size_t i = 0; members != nullptr && i < pool.settings.members.size(); ++i) {
    const toml::table* row = members->get(i)->as_table();
    if (row == nullptr) continue;
    const std::string& name = pool.settings.members[i].pool;
    if (check_reference(*row, pool.scope.in("members").row(i), "pool", name, known.pool_names))
      known.used_pools.insert(name);
  }
}

/// A pool that another one falls back to is used.
void use_fallback(const Section<zones::PoolSettings>& pool, References& known) {
  const std::string& name = pool.settings.fallback;
  if (name.empty()) return;
  const auto& names = known.pool_names;
  if (std::binary_search(names.begin(), names.end(), name)) {
    known.used_pools.insert(name);
    return;
  }
  pool.scope.in("fallback").no_such(*pool.table->get("fallback"), "pool", name, names);
}

/// SRV records are probed at the ports in them, by monitors named after this one.
void check_ports(const toml::table& row, const Scope& scope, const zones::LiveSettings& live,
                 const References& known) {
  const auto monitor = known.monitors.find(live.monitor);
  if (monitor == known.monitors.end()) return;  // reported before
  constexpr std::size_t kPort = 6;              // octets of ".65535"
  const auto complain = [&](const std::string& text) {
    scope.in("monitor").error(place(row, "monitor"), text);
  };
  const std::string_view type = text(monitor->second->type);
  if (!has_port(type)) {
    complain(fmt::format(
        "SRV records are probed at their ports, and monitors of type {} have none; take one of another "
        "type, such as \"tcp\"",
        in_quotes(type)));
  }
  if (live.monitor.size() + kPort > kMaxIdentifier) {
    complain(fmt::format(
        "{} is too long a name to have a port behind it; at most {} octets are allowed for SRV records",
        in_quotes(live.monitor), kMaxIdentifier - kPort));
  }
  for (const std::string_view other : known.monitor_names) {
    const bool is_like_ours = other.starts_with(live.monitor + ".") &&
                              other.find_first_not_of("0123456789", live.monitor.size() + 1) == other.npos;
    if (is_like_ours)
      complain(fmt::format("the monitor {} is named as one for a port in an SRV record is; call it otherwise",
                           in_quotes(other)));
  }
}

void check_live(const toml::table& row, const Scope& scope, const zones::LiveSettings& live,
                const zones::ZoneSettings& zone, const Document& document, References& known) {
  if (has(row, "name") && !live.name.view().is_at_or_below(zone.name)) {
    scope.in("name").error(place(row, "name"),
                           fmt::format("{} is not in the zone {}; leave out the final dot if it "
                                       "is relative to the zone",
                                       live.name.text(), zone.name.text()));
  }
  const bool has_pool = has(row, "pool"), has_monitor = has(row, "monitor"), has_alias = has(row, "aname");
  if (has_pool && (has_monitor || has_alias)) {
    scope.error(row, fmt::format("has both {} and pool; leave one out", has_monitor ? "monitor" : "aname"));
  } else if (!has_pool && !has_monitor && !has_alias) {
    scope.error(row, "has neither monitor nor pool nor aname; give one of them");
  }
  check_ttl(row, scope, live.ttl, use_monitor(row, scope, live.monitor, known));
  if (check_reference(row, scope, "pool", live.pool, known.pool_names)) {
    known.used_pools.insert(live.pool);
    known.served_pools.insert(live.pool);
    const auto* pool = find_pool(document.pools, live.pool);
    if (live.name == zone.name && has_names(pool->settings, document.pools)) {
      scope.in("pool").error(
          place(row, "pool"),
          fmt::format("{} is of names, and there can be no CNAME at the apex of a zone (RFC 1034 "
                      "3.6.2); write aname = [...] with these names instead",
                      in_quotes(live.pool)));
    }
  }
  if (live.type == zones::RrType::SRV && has_monitor) check_ports(row, scope, live, known);
  if (has(row, "type") && (!has_monitor || has_alias || has_pool)) {
    scope.in("type").error(place(row, "type"),
                           "is that of records which a monitor watches; leave it out here");
  }
  use_contacts(row, scope, known);
  if (has_alias && !has_monitor && has(row, "contacts")) {
    scope.in("contacts")
        .warning(place(row, "contacts"), "counts only with monitor; add that, or leave it out");
  }
  if (!has_pool || has_monitor || has_alias) return;
  for (const char* key : {"ttl", "contacts"}) {
    if (has(row, key)) scope.in(key).error(place(row, key), "is the pool's; leave it out here");
  }
}

void check_zone(const Section<zones::ZoneSettings>& zone, const Document& document, References& known) {
  const toml::node* live = zone.table->get("live");
  std::map<std::pair<zones::Name, zones::RrType>, std::size_t> seen;
  for (std::size_t i = 0; i < zone.settings.live.size(); ++i) {
    const toml::table* row = (*live->as_array())[i].as_table();
    if (row == nullptr) continue;
    const Scope scope = zone.scope.in("live").row(i);
    check_live(*row, scope, zone.settings.live[i], zone.settings, document, known);
    if (!has(*row, "name")) continue;
    const auto [first, is_new] =
        seen.emplace(std::pair(zone.settings.live[i].name, zone.settings.live[i].type), i);
    if (!is_new) {
      scope.in("name").error(place(*row, "name"), fmt::format("{} stands in live {} already; leave one out",
                                                              first->first.first.text(), first->second + 1));
    }
  }
}

void check_zones(const Document& document, References& known) {
  std::unordered_map<std::string_view, const Section<zones::ZoneSettings>*> seen;  // by name in wire form
  seen.reserve(document.zones.size());
  for (const auto& zone : document.zones) {
    check_zone(zone, document, known);
    if (!has(*zone.table, "name")) continue;
    const zones::NameView name = zone.settings.name;
    const auto [first, is_new] =
        seen.emplace(std::string_view(reinterpret_cast<const char*>(name.data()), name.size()), &zone);
    if (!is_new) {
      zone.scope.in("name").error(place(*zone.table, "name"),
                                  fmt::format("{} is declared in line {} already; leave one out", name.text(),
                                              place(*first->second->table, "name").source().begin.line));
    }
  }
}

}  // namespace

void check(const Document& document, const toml::table& root, const Scope& scope) {
  References known;
  for (const auto& monitor : document.monitors) {
    known.monitors.emplace(monitor.settings.name, &monitor.settings);
    known.monitor_names.push_back(monitor.settings.name);
    check_monitor(monitor, document);
  }
  for (const auto& monitor : document.monitors) check_combination(monitor, known);
  check_exec_directory(document);
  if (document.control) check_control(*document.control);
  if (document.server) check_listen(*document.server);

  for (const auto& contact : document.contacts) {
    known.contact_names.push_back(contact.settings.name);
    check_contact(contact);
  }
  if (document.contacts.size() > kMaxContacts) {
    scope.error(*root.get("contact"), fmt::format("{} contacts are too many; at most {} are allowed",
                                                  document.contacts.size(), kMaxContacts));
  }
  if (document.notify) use_contacts(*document.notify->table, document.notify->scope, known);

  std::size_t members = 0;
  for (const auto& pool : document.pools) {
    known.pool_names.push_back(pool.settings.name);
    check_pool(pool, document, known);
    members += pool.settings.members.size();
  }
  for (const auto& pool : document.pools) {
    use_fallback(pool, known);
    use_members(pool, known);
  }
  check_fallbacks(document.pools);
  check_nesting(document.pools);
  if (document.pools.size() > kMaxPools) {
    scope.error(*root.get("pool"), fmt::format("{} pools are too many; at most {} are allowed",
                                               document.pools.size(), kMaxPools));
  }
  if (members > kMaxMembers) {
    scope.error(*root.get("pool"), fmt::format("{} members of all pools are too many; at most {} are allowed",
                                               members, kMaxMembers));
  }
  check_zones(document, known);
  check_agents(document, root, scope);
  check_geo(document);
  check_aliases(document);
  check_peers(document, root, scope);
  check_catalogs(document, root, scope);

  if (scope.report.has_error()) return;  // what seems unused may be what a wrong reference meant
  for (const auto& monitor : document.monitors) {
    if (!known.used_monitors.contains(monitor.settings.name)) {
      monitor.scope.warning(*monitor.table, "nothing uses it; no probes will be made");
    }
  }
  for (const auto& pool : document.pools) {
    if (!known.used_pools.contains(pool.settings.name)) {
      pool.scope.warning(*pool.table, "no live name uses it");
    } else if (pool.settings.monitor.empty() && known.served_pools.contains(pool.settings.name) &&
               !is_of_pools(pool.settings)) {
      pool.scope.warning(*pool.table,
                         "has no monitor, so that its members answer whether they are alive or not; add one");
    }
  }
  for (const auto& contact : document.contacts) {
    if (!known.used_contacts.contains(contact.settings.name)) {
      contact.scope.warning(*contact.table, "nothing uses it; name it in contacts of [notify] or of a pool");
    }
  }
  const bool is_agents_own = document.store && document.monitors.empty() && document.pools.empty();
  if (!root.contains("zone") && !root.contains("catalog") && !is_agents_own)
    scope.warning(root, "there is no [[zone]]; every query will be refused");
}

}  // namespace holdfast::config
