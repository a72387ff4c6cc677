#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

#include "config/document.h"
#include "config/options.h"

namespace holdfast::config {
namespace {

using std::chrono::milliseconds;

/// What may be referred to, and what was. Names in order, as TOML tables have them.
struct References {
  std::unordered_map<std::string_view, const health::MonitorSettings*> monitors;
  std::vector<std::string_view> monitor_names;
  std::vector<std::string_view> pool_names;
  std::unordered_set<std::string_view> used_monitors;
  std::unordered_set<std::string_view> used_pools;
  std::vector<std::string_view> contact_names;
  std::unordered_set<std::string_view> used_contacts;
};

bool has(const toml::table& table, std::string_view key) { return table.get(key) != nullptr; }

/// The value of a key where it stands in the file, or else the table that it would stand in.
const toml::node& place(const toml::table& table, std::string_view key) {
  const toml::node* node = table.get(key);
  return node != nullptr ? *node : table;
}

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

/// Whether the file has a duration there that was reported already, so that `value` is only the default.
bool was_refused(const toml::table& table, std::string_view key, milliseconds value) {
  return has(table, key) && parse_duration(table[key].value_or(std::string_view())) != value;
}

/// `key` must be shorter than `limit_key`, or `or_equal` to it. Defaults always are.
void check_fits(const Section<health::MonitorSettings>& monitor, std::string_view key, milliseconds value,
                std::string_view limit_key, milliseconds limit, bool or_equal) {
  if (!has(*monitor.table, key) || value < limit || (or_equal && value == limit)) return;
  if (was_refused(*monitor.table, key, value) || was_refused(*monitor.table, limit_key, limit)) return;
  monitor.scope.in(key).error(
      place(*monitor.table, key),
      fmt::format("{} is {} {} {}; make it shorter", text(value),
                  or_equal ? "longer than" : "not shorter than", limit_key, text(limit)));
}

/// Options that stand where they are only for other types. `section`: what it is, for people.
template <class Settings>
void check_types(const Section<Settings>& section, std::span<const Option<Settings>> options,
                 std::string_view type, std::string_view what) {
  for (const auto& option : options) {
    const toml::node* node = section.table->get(option.name);
    const auto& only = option.only;
    if (node == nullptr || only.empty() || std::find(only.begin(), only.end(), type) != only.end()) continue;
    section.scope.in(option.name)
        .error(*node, fmt::format("is only for type {}, and this {}'s is {}; leave it out",
                                  choice_range(only), what, in_quotes(type)));
  }
}

void check_monitor(const Section<health::MonitorSettings>& monitor) {
  const health::MonitorSettings& settings = monitor.settings;
  if ((*monitor.table)["type"].value<std::string_view>() == text(settings.type)) {
    check_types(monitor, monitor_options(), text(settings.type), "monitor");
    for (const auto& [type, key] :
         {std::pair(health::Protocol::tcp, "port"), {health::Protocol::dns, "query"}}) {
      if (settings.type != type || has(*monitor.table, key)) continue;
      monitor.scope.error(*monitor.table, fmt::format("{} is missing; a monitor of type {} must give it", key,
                                                      in_quotes(text(type))));
    }
    const bool is_plain_smtp = settings.type == health::Protocol::smtp && !settings.starttls;
    for (const char* key : {"host", "verify", "ca_file", "certificate_days"}) {
      if (!is_plain_smtp || !has(*monitor.table, key)) continue;
      monitor.scope.in(key).warning(place(*monitor.table, key),
                                    "counts only with starttls = true; add that, or leave it out");
    }
  }
  check_fits(monitor, "timeout", settings.timeout, "interval", settings.interval, false);
  check_fits(monitor, "retry", settings.retry, "interval", settings.interval, true);
  check_fits(monitor, "connect_timeout", settings.connect_timeout, "timeout", settings.timeout, true);
  check_fits(monitor, "header_timeout", settings.header_timeout, "timeout", settings.timeout, true);
  check_fits(monitor, "body_timeout", settings.body_timeout, "timeout", settings.timeout, true);
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
  scope.in(key).error(
      *table.get(key),
      names.empty() ? fmt::format("there is no {} {}; add a section [{}.{}]", key, in_quotes(name), key, name)
                    : fmt::format("there is no {} {}; {}", key, in_quotes(name),
                                  scope.report.full() ? "" : suggest(name, names)));
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
    } else if (names.empty()) {
      scope.in("contacts")
          .error(element,
                 fmt::format("there is no contact {}; add a section [contact.{}]", in_quotes(*name), *name));
    } else {
      scope.in("contacts")
          .error(element, fmt::format("there is no contact {}; {}", in_quotes(*name),
                                      scope.report.full() ? "" : suggest(*name, names)));
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

void check_pool(const Section<zones::PoolSettings>& pool, References& known) {
  const zones::PoolSettings& settings = pool.settings;
  check_ttl(*pool.table, pool.scope, settings.ttl,
            use_monitor(*pool.table, pool.scope, settings.monitor, known));

  use_contacts(*pool.table, pool.scope, known);

  const toml::node* members = pool.table->get("members");
  std::map<boost::asio::ip::address, std::size_t> seen;
  for (std::size_t i = 0; i < settings.members.size(); ++i) {
    const toml::table* row = (*members->as_array())[i].as_table();
    if (row == nullptr) continue;
    const Scope scope = pool.scope.in("members").row(i);
    const zones::MemberSettings& member = settings.members[i];
    if (!member.address.is_unspecified()) {
      const auto [first, is_new] = seen.emplace(member.address, i);
      if (!is_new) {
        scope.in("address").error(place(*row, "address"),
                                  fmt::format("{} stands in members {} already; leave one out",
                                              member.address.to_string(), first->second + 1));
      }
    }
    if (has(*row, "tier") && settings.policy != zones::Policy::failover) {
      scope.in("tier").warning(place(*row, "tier"), "counts only with policy = \"failover\"");
    }
  }
}

void check_live(const toml::table& row, const Scope& scope, const zones::LiveSettings& live,
                const zones::ZoneSettings& zone, References& known) {
  if (has(row, "name") && !live.name.view().is_at_or_below(zone.name)) {
    scope.in("name").error(place(row, "name"),
                           fmt::format("{} is not in the zone {}; leave out the final dot if it "
                                       "is relative to the zone",
                                       live.name.text(), zone.name.text()));
  }
  if (has(row, "monitor") == has(row, "pool")) {
    scope.error(row, has(row, "pool") ? "has both monitor and pool; leave one out"
                                      : "has neither monitor nor pool; give one of them");
  }
  check_ttl(row, scope, live.ttl, use_monitor(row, scope, live.monitor, known));
  if (check_reference(row, scope, "pool", live.pool, known.pool_names)) known.used_pools.insert(live.pool);
  use_contacts(row, scope, known);
  if (!has(row, "pool") || has(row, "monitor")) return;
  for (const char* key : {"ttl", "contacts"}) {
    if (has(row, key)) scope.in(key).error(place(row, key), "is the pool's; leave it out here");
  }
}

void check_zone(const Section<zones::ZoneSettings>& zone, References& known) {
  const toml::node* live = zone.table->get("live");
  std::map<zones::Name, std::size_t> seen;
  for (std::size_t i = 0; i < zone.settings.live.size(); ++i) {
    const toml::table* row = (*live->as_array())[i].as_table();
    if (row == nullptr) continue;
    const Scope scope = zone.scope.in("live").row(i);
    check_live(*row, scope, zone.settings.live[i], zone.settings, known);
    if (!has(*row, "name")) continue;
    const auto [first, is_new] = seen.emplace(zone.settings.live[i].name, i);
    if (!is_new) {
      scope.in("name").error(place(*row, "name"), fmt::format("{} stands in live {} already; leave one out",
                                                              first->first.text(), first->second + 1));
    }
  }
}

void check_zones(const Document& document, References& known) {
  std::unordered_map<std::string_view, const Section<zones::ZoneSettings>*> seen;  // by name in wire form
  seen.reserve(document.zones.size());
  for (const auto& zone : document.zones) {
    check_zone(zone, known);
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
    check_monitor(monitor);
  }
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
    check_pool(pool, known);
    members += pool.settings.members.size();
  }
  if (document.pools.size() > kMaxPools) {
    scope.error(*root.get("pool"), fmt::format("{} pools are too many; at most {} are allowed",
                                               document.pools.size(), kMaxPools));
  }
  if (members > kMaxMembers) {
    scope.error(*root.get("pool"), fmt::format("{} members of all pools are too many; at most {} are allowed",
                                               members, kMaxMembers));
  }
  check_zones(document, known);

  if (scope.report.has_error()) return;  // what seems unused may be what a wrong reference meant
  for (const auto& monitor : document.monitors) {
    if (!known.used_monitors.contains(monitor.settings.name)) {
      monitor.scope.warning(*monitor.table, "nothing uses it; no probes will be made");
    }
  }
  for (const auto& pool : document.pools) {
    if (!known.used_pools.contains(pool.settings.name))
      pool.scope.warning(*pool.table, "no live name uses it");
  }
  for (const auto& contact : document.contacts) {
    if (!known.used_contacts.contains(contact.settings.name)) {
      contact.scope.warning(*contact.table, "nothing uses it; name it in contacts of [notify] or of a pool");
    }
  }
  if (!root.contains("zone")) scope.warning(root, "there is no [[zone]]; every query will be refused");
}

}  // namespace holdfast::config
