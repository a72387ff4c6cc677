#include "server/declare.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/own_records.h"

namespace holdfast::server {
namespace {

using zones::Name;
using zones::PoolMemberSettings;
using zones::PoolSettings;
using zones::RrType;

/// They are in the order of their names.
template <class Settings>
const Settings& named(const std::vector<Settings>& all, const std::string& name) {
  return *std::lower_bound(all.begin(), all.end(), name,
                           [](const Settings& one, const std::string& wanted) { return one.name < wanted; });
}

health::MonitorSettings monitor_named(const std::vector<health::MonitorSettings>& monitors,
                                      const std::string& name) {
  return name.empty() ? health::MonitorSettings() : named(monitors, name);
}

/// The same checks at another port, by a name that no other monitor has (config/check.cpp).
health::MonitorSettings at_port(health::MonitorSettings monitor, std::uint16_t port) {
  if (port == 0 || monitor.name.empty()) return monitor;
  monitor.name += fmt::format(".{}", port);
  monitor.port = port;
  return monitor;
}

/// As config/check_groups.cpp says of sections.
bool has_names(const PoolSettings& pool, const std::vector<PoolSettings>& pools) {
  const PoolMemberSettings& first = pool.members.front();
  return first.pool.empty() ? !first.name.view().is_root() : has_names(named(pools, first.pool), pools);
}

zones::PoolRules rules(const PoolSettings& pool, bool is_of_names) {
  return {.policy = pool.policy,
          .ttl = static_cast<std::uint32_t>(pool.ttl.count()),
          .limit = is_of_names ? std::uint16_t{1} : pool.limit,  // of one name there is one CNAME
          .min_alive = pool.min_alive,
          .when_down = pool.when_down,
          .ramp_up = pool.ramp_up,
          .flat = pool.flat};
}

zones::Group group_of(const PoolMemberSettings& member) {
  zones::Group group{
      .name = member.pool, .tier = member.tier, .weight = member.weight, .location = member.location};
  if (!member.pool.empty()) return group;
  const zones::NameView name = member.name;
  group.name = name.text();
  group.target = member.name;
  group.data.assign(name.data(), name.data() + name.size());
  return group;
}

/// Puts a pool together, with all that its members stand for.
class Assembly {
 public:
  Assembly(LiveDeclaration& declaration, const std::vector<health::MonitorSettings>& monitors,
           const std::vector<PoolSettings>& pools)
      : declaration_(declaration), monitors_(monitors), pools_(pools) {}

  void add_chain(const PoolSettings& first) {
    // No pool comes twice (config/check_pool.cpp).
    for (const PoolSettings* pool = &first;; pool = &named(pools_, pool->fallback)) {
      add(*pool, true);
      if (pool->fallback.empty()) break;
    }
    // The groups of what is added here come behind these.
    for (std::size_t i = 0; i < declaration_.pool.groups.size(); ++i) fill(i);
  }

 private:
  void add(const PoolSettings& pool, bool is_of_chain) {
    declaration_.sources.push_back(
        {pool.name, monitor_named(monitors_, pool.monitor), pool.recovery == zones::Recovery::manual});
    const bool is_of_names = has_names(pool, pools_);
    std::vector<zones::MemberSettings> addresses;
    std::vector<zones::Group> groups;
    for (const PoolMemberSettings& member : pool.members) {
      if (member.pool.empty() && member.name.view().is_root()) {
        addresses.push_back(member.at_address());
      } else {
        groups.push_back(group_of(member));
      }
    }
    if (is_of_chain) {
      declaration_.pool.add(rules(pool, is_of_names), addresses);
    } else {
      declaration_.pool.add_inside(rules(pool, is_of_names), addresses);
    }
    declaration_.pool.parts.back().groups = groups.size();
    auto& all = declaration_.pool.groups;
    all.insert(all.end(), std::make_move_iterator(groups.begin()), std::make_move_iterator(groups.end()));
  }

  /// Gives a group its part.
  void fill(std::size_t at) {
    zones::Pool& pool = declaration_.pool;
    pool.groups[at].part = pool.parts.size();
    if (!pool.groups[at].is_record()) return add(named(pools_, pool.groups[at].name), false);
    declaration_.sources.push_back(declaration_.sources[pool.part_of(zones::kGroup + at)]);
    pool.add_inside({}, {});
  }

  LiveDeclaration& declaration_;
  const std::vector<health::MonitorSettings>& monitors_;
  const std::vector<PoolSettings>& pools_;
};

}  // namespace

zones::LiveName live_name(const zones::LiveSettings& settings, zones::LiveIndex index,
                          const std::vector<PoolSettings>& pools) {
  const bool is_cname = !settings.pool.empty() && has_names(named(pools, settings.pool), pools);
  return {settings.name, index, settings.has_own_records(), settings.could_be_cname(),
          is_cname ? RrType::CNAME : settings.type};
}

LiveDeclaration declare(const zones::LiveSettings& settings, const zones::Zone& zone, zones::LiveIndex index,
                        const std::vector<health::MonitorSettings>& monitors,
                        const std::vector<PoolSettings>& pools) {
  LiveDeclaration declaration;
  declaration.zone = Name(zone.apex());
  declaration.name = settings.name;
  declaration.index = index;
  declaration.type = live_name(settings, index, pools).type;
  if (!settings.pool.empty()) {
    Assembly(declaration, monitors, pools).add_chain(named(pools, settings.pool));
    return declaration;
  }
  const health::MonitorSettings monitor = monitor_named(monitors, settings.monitor);
  declaration.sources.push_back({"", monitor});
  if (!settings.aliases.empty()) {
    declaration.aliases = settings.aliases;
    declaration.pool = zones::Pool({.ttl = static_cast<std::uint32_t>(settings.ttl.count())}, {});
    return declaration;
  }
  declaration.pool = own_records(zone, settings);
  for (const zones::Group& group : declaration.pool.groups) {
    const std::uint16_t port = settings.type == RrType::SRV ? port_of(group) : std::uint16_t{0};
    declaration.sources.push_back({"", at_port(monitor, port), false, port});
  }
  return declaration;
}

void follow_monitors(std::vector<LiveDeclaration>& live,
                     const std::vector<health::MonitorSettings>& monitors) {
  for (LiveDeclaration& declaration : live) {
    for (LiveDeclaration::Source& source : declaration.sources) {
      for (const health::MonitorSettings& monitor : monitors) {
        health::MonitorSettings now = at_port(monitor, source.port);
        if (now.name == source.monitor.name) source.monitor = std::move(now);
      }
    }
  }
}

}  // namespace holdfast::server
