#include "config/check_alias.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "config/check_groups.h"
#include "config/options.h"
#include "config/place.h"

namespace holdfast::config {
namespace {

using zones::Name;

using Ways = std::map<Name, std::vector<Name>>;  // from each live name to those that it leads to

/// The way from one name back to it; empty: there is none.
std::string way_back(const Ways& ways, const Name& from) {
  std::map<Name, Name> came_from;  // each name that is reached, once
  std::vector<Name> reached{from};
  while (!reached.empty()) {
    const Name at = reached.back();
    reached.pop_back();
    const auto way = ways.find(at);
    if (way == ways.end()) continue;
    for (const Name& target : way->second) {
      if (target == from) {
        std::string text = target.text();
        for (Name name = at; name != from; name = came_from.at(name)) text.insert(0, name.text() + " -> ");
        return from.text() + " -> " + text;
      }
      if (came_from.emplace(target, at).second) reached.push_back(target);
    }
  }
  return "";
}

/// Whether a zone of the file is at or above the name.
bool is_own(const std::set<Name>& apexes, const Name& name) {
  for (zones::NameView at = name;; at = at.parent()) {
    if (apexes.contains(Name(at))) return true;
    if (at.is_root()) return false;
  }
}

/// The row, with its place.
struct Row {
  const toml::table* table;
  Scope scope;
  const zones::LiveSettings* live;
};

std::vector<Row> rows(const Document& document) {
  std::vector<Row> all;
  for (const auto& zone : document.zones) {
    const toml::array* array = zone.table->get_as<toml::array>("live");
    for (std::size_t i = 0; array != nullptr && i < zone.settings.live.size(); ++i) {
      const toml::table* table = array->get(i)->as_table();
      if (table == nullptr || zone.settings.live[i].aliases.empty()) continue;
      all.push_back({table, zone.scope.in("live").row(i).in("aname"), &zone.settings.live[i]});
    }
  }
  return all;
}

/// A live name of ours that answers each client differently would be seen by one of its answers only.
void warn_of_drawn(const std::map<Name, std::string>& drawn, const Row& row) {
  for (const Name& target : row.live->aliases) {
    const auto found = drawn.find(target);
    if (found == drawn.end()) continue;
    row.scope.warning(
        place(*row.table, "aname"),
        fmt::format("{} answers each client differently, of which this name would have one answer for "
                    "all; write pool = {} instead",
                    target.text(), in_quotes(found->second)));
  }
}

/// Live names that answer each client differently, with their pools.
std::map<Name, std::string> drawn_names(const Document& document) {
  std::set<std::string_view> pools;
  for (const auto& pool : document.pools) {
    const zones::PoolSettings& settings = pool.settings;
    if (is_drawn(settings.policy) || settings.policy == zones::Policy::nearest || settings.limit != 0)
      pools.insert(settings.name);
  }
  std::map<Name, std::string> names;
  for (const auto& zone : document.zones) {
    for (const zones::LiveSettings& live : zone.settings.live) {
      if (pools.contains(live.pool)) names.emplace(live.name, live.pool);
    }
  }
  return names;
}

void check_resolver(const Section<zones::ResolverSettings>& resolver, bool is_used) {
  const zones::ResolverSettings& settings = resolver.settings;
  if (settings.min_ttl > settings.max_ttl) {
    const char* key = has(*resolver.table, "min_ttl") ? "min_ttl" : "max_ttl";
    resolver.scope.in(key).error(place(*resolver.table, key),
                                 fmt::format("min_ttl, {}, is longer than max_ttl, {}",
                                             text(settings.min_ttl), text(settings.max_ttl)));
  }
  // An aname that is wrong was perhaps what uses it.
  if (!is_used && !resolver.scope.report.has_error())
    resolver.scope.warning(*resolver.table,
                           "nothing uses it: no live name has an aname, or watches other names");
}

/// What is wrong with a name whose addresses nobody tells; empty: somebody does.
std::string unresolved(const std::set<Name>& apexes, const Document& document, const Name& name) {
  if (document.resolver || is_own(apexes, name)) return {};
  return fmt::format(
      "{} is in no zone of this file, and nobody is asked for others; add [resolver] upstreams = "
      "[\"192.0.2.53\"], with the address of a resolver",
      name.text());
}

/// Members of pools that are names. @return whether any is checked
bool check_members(const Document& document, const std::set<Name>& apexes) {
  bool is_any = false;
  for (const auto& pool : document.pools) {
    const toml::array* members = pool.table->get_as<toml::array>("members");
    if (pool.settings.monitor.empty() || members == nullptr) continue;
    for (std::size_t i = 0; i < pool.settings.members.size(); ++i) {
      const Name& name = pool.settings.members[i].name;
      const toml::table* row = members->get(i)->as_table();
      if (name.view().is_root() || row == nullptr) continue;
      is_any = true;
      if (const std::string wrong = unresolved(apexes, document, name); !wrong.empty())
        pool.scope.in("members").row(i).in("name").error(place(*row, "name"), wrong);
    }
  }
  return is_any;
}

/// The names that a pool, or what it falls back to, answers with.
void add_names(const Document& document, const std::string& name, std::size_t depth, std::vector<Name>& to) {
  const auto* pool = find_pool(document.pools, name);
  if (pool == nullptr || depth > kMaxDepth + kMaxFallbacks) return;
  for (const zones::PoolMemberSettings& member : pool->settings.members) {
    if (!member.name.view().is_root()) to.push_back(member.name);
    add_names(document, member.pool, depth + 1, to);
  }
  add_names(document, pool->settings.fallback, depth + 1, to);
}

void add_pools(const Document& document, Ways& ways) {
  for (const auto& zone : document.zones) {
    for (const zones::LiveSettings& live : zone.settings.live) {
      const auto* pool = live.pool.empty() ? nullptr : find_pool(document.pools, live.pool);
      if (pool == nullptr || !has_names(pool->settings, document.pools)) continue;
      std::vector<Name> names;
      add_names(document, live.pool, 0, names);
      ways.emplace(live.name, std::move(names));
    }
  }
}

/// Live names that lead to themselves by what their pools have.
void check_circles(const Document& document, const Ways& ways) {
  for (const auto& zone : document.zones) {
    const toml::array* array = zone.table->get_as<toml::array>("live");
    for (std::size_t i = 0; array != nullptr && i < zone.settings.live.size(); ++i) {
      const toml::table* row = array->get(i)->as_table();
      const zones::LiveSettings& live = zone.settings.live[i];
      if (row == nullptr || live.pool.empty() || !ways.contains(live.name)) continue;
      if (const std::string way = way_back(ways, live.name); !way.empty())
        zone.scope.in("live").row(i).in("pool").error(place(*row, "pool"),
                                                      fmt::format("leads back: {}", shortened(way)));
    }
  }
}

/// Whether hosts of the zones' own records are to be known.
bool watches_hosts(const Document& document) {
  return std::any_of(document.zones.begin(), document.zones.end(), [](const auto& zone) {
    const auto& live = zone.settings.live;
    return std::any_of(live.begin(), live.end(),
                       [](const auto& one) { return one.type != zones::RrType::A; });
  });
}

}  // namespace

void check_aliases(const Document& document) {
  const std::vector<Row> all = rows(document);
  Ways ways;
  std::set<Name> apexes;
  for (const auto& zone : document.zones) apexes.insert(zone.settings.name);
  std::map<Name, std::string> drawn;
  if (!all.empty()) drawn = drawn_names(document);
  for (const Row& row : all) ways.emplace(row.live->name, row.live->aliases);
  add_pools(document, ways);
  check_circles(document, ways);
  for (const Row& row : all) {
    const toml::node& node = place(*row.table, "aname");
    if (const std::string way = way_back(ways, row.live->name); !way.empty())
      row.scope.error(node, fmt::format("leads back: {}", shortened(way)));
    warn_of_drawn(drawn, row);
    for (const Name& target : row.live->aliases) {
      const std::string wrong = unresolved(apexes, document, target);
      if (wrong.empty()) continue;
      row.scope.error(node, wrong);
      break;
    }
  }
  const bool is_used = check_members(document, apexes) || !all.empty() || watches_hosts(document);
  if (document.resolver) check_resolver(*document.resolver, is_used);
}

}  // namespace holdfast::config
