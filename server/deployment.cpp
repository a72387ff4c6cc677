#include "server/deployment.h"

#include <algorithm>

#include "server/answer/prebuild.h"
#include "zones/dns/address.h"
#include "zones/load/load.h"

namespace holdfast::server {
namespace {

using zones::Name;

template <class Settings>
const Settings& named(const std::vector<Settings>& all, const std::string& name) {
  return *std::find_if(all.begin(), all.end(), [&](const Settings& one) { return one.name == name; });
}

/// The zone's own A and AAAA records at a name, as the members of a pool.
zones::Pool records_at(const zones::Zone& zone, const zones::LiveSettings& settings) {
  zones::Pool pool{
      .policy = zones::Policy::all, .ttl = static_cast<std::uint32_t>(settings.ttl.count()), .members = {}};
  const zones::Node node = zone.find(settings.name);
  for (const zones::RrType type : {zones::RrType::A, zones::RrType::AAAA}) {
    const zones::RRset rrset = zone.rrset(node, type);
    for (const zones::Rdata data : rrset) {
      zones::MemberSettings member;
      member.address = zones::to_address(data);
      pool.members.push_back(member);
    }
    if (!rrset.empty()) pool.ttl = std::min(pool.ttl, rrset.ttl);
  }
  return pool;
}

LiveDeclaration declare(const zones::LiveSettings& settings, const zones::Zone& zone, zones::LiveIndex index,
                        const config::Config& config) {
  LiveDeclaration declaration;
  declaration.zone = Name(zone.apex());
  declaration.name = settings.name;
  declaration.index = index;
  declaration.pool_name = settings.pool;
  if (settings.pool.empty()) {
    declaration.monitor = named(config.monitors, settings.monitor);
    declaration.pool = records_at(zone, settings);
  } else {
    const zones::PoolSettings& pool = named(config.pools, settings.pool);
    declaration.monitor = named(config.monitors, pool.monitor);
    declaration.pool = {pool.policy, static_cast<std::uint32_t>(pool.ttl.count()), pool.members};
  }
  return declaration;
}

/// The live names of a zone that is served on in its old version, with their monitors as they are now: a target that
/// several zones share is probed in one way.
void follow_monitors(std::vector<LiveDeclaration>& live, const config::Config& config) {
  for (LiveDeclaration& declaration : live) {
    for (const health::MonitorSettings& monitor : config.monitors) {
      if (monitor.name == declaration.monitor.name) declaration.monitor = monitor;
    }
  }
}

}  // namespace

Deployment::Deployment(std::filesystem::path file, Source& source, LiveNames& live, health::Agent& agent)
    : file_(std::move(file)), source_(source), live_(live), agent_(agent) {}

ReloadReport Deployment::start(const config::Config& config) {
  const std::lock_guard reloading(reloading_);
  server_ = config.server;
  control_ = config.control;
  return deploy(config);
}

ReloadReport Deployment::reload() {
  const std::lock_guard reloading(reloading_);
  try {
    return try_reload();
  } catch (const std::exception& error) {  // no memory for two versions of a zone, most likely
    ReloadReport report;
    report.configuration_accepted = false;
    report.problems.push_back(file_.string() + ": the reload failed: " + error.what());
    return report;
  }
}

ReloadReport Deployment::try_reload() {
  const config::Loaded loaded = config::load(file_);
  ReloadReport report;
  for (const config::Problem& problem : loaded.problems) report.problems.push_back(problem.text());
  if (!loaded.config) {
    report.configuration_accepted = false;
    return report;
  }
  if (loaded.config->zones.empty() &&
      !zones_.empty()) {  // a file that is being written, or was emptied by mistake
    report.configuration_accepted = false;
    report.problems.push_back(file_.string() +
                              ": there is no [[zone]] any more; to stop serving all zones, stop holdfast");
    return report;
  }
  if (loaded.config->server != server_ || loaded.config->control != control_) {
    report.problems.push_back(
        file_.string() + ": [server] or [control] changed: that takes effect when holdfast is restarted");
  }
  ReloadReport deployed = deploy(*loaded.config);
  deployed.problems.insert(deployed.problems.begin(), report.problems.begin(), report.problems.end());
  return deployed;
}

ReloadReport Deployment::deploy(const config::Config& config) {
  ReloadReport report;
  std::map<Name, Zone> next;
  for (const zones::ZoneSettings& settings : config.zones) {
    const auto before = zones_.find(settings.name);  // only a reload writes zones_, and this is the reload
    next.emplace(settings.name,
                 load(settings, config, before == zones_.end() ? nullptr : &before->second, report));
  }
  for (const auto& [name, zone] : zones_) report.zones_changed += next.count(name) == 0 ? 1 : 0;
  {
    const std::lock_guard lock(mutex_);
    zones_ = std::move(next);
  }
  publish();
  return report;
}

Deployment::Zone Deployment::load(const zones::ZoneSettings& settings, const config::Config& config,
                                  const Zone* before, ReloadReport& report) {
  std::vector<zones::LiveName> live;
  for (const zones::LiveSettings& one : settings.live) {
    live.push_back({one.name, live_.index_of(settings.name, one.name), one.pool.empty()});
  }
  zones::LoadedZone loaded = zones::load_zone(settings.name, settings.file, live);

  Zone zone;
  if (before != nullptr) zone = *before;
  if (before == nullptr) zone.served.zone = zones::Zone::unavailable(settings.name);
  zone.served.number =
      numbers_.try_emplace(settings.name, static_cast<zones::ZoneNumber>(numbers_.size())).first->second;
  zone.file = settings.file;
  zone.refused = loaded.zone == nullptr;
  zone.problems.clear();
  for (const zones::Problem& problem : loaded.problems) zone.problems.push_back(problem.text());
  report.problems.insert(report.problems.end(), zone.problems.begin(), zone.problems.end());
  if (zone.refused) {
    ++report.zones_refused;
    follow_monitors(zone.live, config);
    return zone;
  }
  zone.live.clear();
  for (std::size_t i = 0; i < live.size(); ++i) {
    zone.live.push_back(declare(settings.live[i], *loaded.zone, live[i].index, config));
  }
  prebuild(*loaded.zone);
  if (*zone.served.zone != *loaded.zone) {
    ++report.zones_changed;
    zone.served.zone = loaded.zone;
    zone.loaded = std::chrono::system_clock::now();
  }
  return zone;
}

void Deployment::publish() {
  std::vector<zones::ServedZone> served;
  std::vector<LiveDeclaration> live;
  for (const auto& [name, zone] : zones_) {
    served.push_back(zone.served);
    live.insert(live.end(), zone.live.begin(), zone.live.end());
  }
  // The answers first, so that a live name is never without one when its zone appears.
  live_.apply(std::move(live));
  source_.zones.publish(std::make_shared<zones::Snapshot>(std::move(served), live_.count()));
  agent_.watch(live_.targets());
}

std::vector<ZoneStatus> Deployment::zones() const {
  const std::lock_guard lock(mutex_);
  std::vector<ZoneStatus> result;
  for (const auto& [name, zone] : zones_) {
    ZoneStatus status;
    status.name = name.text();
    status.number = zone.served.number;
    status.file = zone.file.string();
    status.serving = zone.served.zone->is_available();
    if (status.serving) {
      status.serial = zone.served.zone->serial();
      status.records = zone.served.zone->records();
      status.memory = zone.served.zone->memory();
      status.loaded = zone.loaded;
    }
    status.problems = zone.problems;
    status.refused = zone.refused;
    result.push_back(std::move(status));
  }
  return result;
}

}  // namespace holdfast::server
