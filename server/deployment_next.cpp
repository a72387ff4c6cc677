#include <algorithm>

#include "server/declare.h"
#include "server/deployment_plan.h"

// What a deployment puts together before it changes anything.
namespace holdfast::server {
namespace {

/// What is served is of before, or nothing. With neither zone nor problems it was not transferred yet.
bool is_refused(const zones::LoadedZone& loaded) {
  if (loaded.zone == nullptr) return !loaded.problems.empty();
  return std::any_of(loaded.problems.begin(), loaded.problems.end(),
                     [](const auto& one) { return one.severity == zones::Problem::Severity::error; });
}

std::shared_ptr<const Deployed::Findings> findings_of(zones::LoadedZone& loaded) {
  if (loaded.problems.empty() && loaded.includes.empty()) return nullptr;
  auto findings = std::make_shared<Deployed::Findings>();
  for (const zones::Problem& problem : loaded.problems) findings->problems.push_back(problem.text());
  findings->includes = std::move(loaded.includes);
  findings->is_refused = is_refused(loaded);
  return findings;
}

void count(ZoneTotals& totals, const zones::Zone* before, const zones::Zone* after) {
  for (const auto& [zone, add] : {std::pair(before, false), std::pair(after, true)}) {
    if (zone == nullptr || !zone->is_available()) continue;
    const std::size_t sign = add ? 1 : std::size_t(0) - 1;  // wraps around, and back
    totals.serving += sign;
    totals.records += sign * zone->records();
    totals.memory += sign * zone->memory();
  }
}

}  // namespace

Deployed Deployment::put_together(const Plan& plan, std::span<Brought> brought, Time now,
                                  ReloadReport& report) const {
  const Deployed& before = *plan.before;
  Deployed next;
  next.files = plan.files;
  next.totals = before.totals;
  next.totals.zones = plan.size();
  for (const std::size_t place : plan.removed) {
    ++report.zones_changed;
    count(next.totals, before.snapshot->zones()[place].zone.get(), nullptr);
    if (before.readings[place].is_refused()) --next.totals.refused;
  }
  std::vector<NewVersion> versions;
  std::vector<NewReading> readings;
  report.zones_read = brought.size();
  for (Brought& zone : brought) {
    const Wanted wanted = plan[zone.at];
    const zones::Zone* const serving = wanted.before != nullptr ? wanted.before->zone.get() : nullptr;
    Deployed::Reading reading;
    if (wanted.before != nullptr) reading = before.readings[wanted.place_before];
    if (is_refused(zone.loaded)) ++report.zones_refused;
    if (plan.occasion != Occasion::update) {  // after which what was found in its file is as it was
      if (reading.is_refused()) --next.totals.refused;
      reading.stamp = zone.loaded.stamp;  // there is none without a zone, and it is tried again
      reading.findings = findings_of(zone.loaded);
      if (reading.is_refused()) ++next.totals.refused;
      if (reading.findings != nullptr) {
        const std::vector<std::string>& problems = reading.findings->problems;
        report.problems.insert(report.problems.end(), problems.begin(), problems.end());
      }
    }
    if (zone.loaded.zone == nullptr) {
      if (serving == nullptr) versions.emplace_back(zone.at, zones::Zone::unavailable(wanted.apex()));
    } else if (serving == nullptr || *serving != *zone.loaded.zone) {
      ++report.zones_changed;
      count(next.totals, serving, zone.loaded.zone.get());
      versions.emplace_back(zone.at, zone.loaded.zone);
      reading.loaded = now;
    }
    readings.emplace_back(zone.at, std::move(reading));
  }
  next.snapshot = snapshot_of(plan, versions);
  next.readings = readings_of(plan, std::move(readings));
  return next;
}

std::shared_ptr<const zones::Snapshot> Deployment::snapshot_of(const Plan& plan,
                                                               std::span<const NewVersion> versions) const {
  if (!plan.is_other()) {
    if (versions.empty()) return plan.before->snapshot;
    return std::make_shared<const zones::Snapshot>(*plan.before->snapshot, versions, live_.count());
  }
  std::vector<zones::ServedZone> served;
  served.reserve(plan.size());
  for (const Wanted& wanted : plan.wanted) {
    zones::ServedZone& zone = served.emplace_back();
    if (wanted.before != nullptr) zone = *wanted.before;  // else it is among the versions
    zone.number = wanted.number;
    zone.is_versioned = wanted.settings->is_versioned();
    zone.is_private = wanted.settings->origin == zones::Origin::catalog;
  }
  for (const auto& [at, version] : versions) served[at].zone = version;
  return std::make_shared<const zones::Snapshot>(std::move(served), live_.count());
}

zones::SharedList<Deployed::Reading> Deployment::readings_of(const Plan& plan,
                                                             std::vector<NewReading> readings) {
  const zones::SharedList<Deployed::Reading>& before = plan.before->readings;
  if (!plan.is_other()) return before.with(readings);
  std::vector<Deployed::Reading> all;
  all.reserve(plan.size());
  for (const Wanted& wanted : plan.wanted)
    all.push_back(wanted.before != nullptr ? before[wanted.place_before] : Deployed::Reading());
  for (auto& [at, reading] : readings) all[at] = std::move(reading);
  return zones::SharedList(std::move(all));
}

std::map<zones::ZoneNumber, std::vector<LiveDeclaration>> Deployment::declare_live(
    const Plan& plan, const zones::Snapshot& snapshot, std::span<const Brought> brought) const {
  const auto& monitors = plan.config ? plan.config->monitors : monitors_;
  const auto& pools = plan.config ? plan.config->pools : pools_;
  std::map<zones::ZoneNumber, std::vector<LiveDeclaration>> declared;
  const auto declare_zone = [&](std::size_t at, const Brought* read) {
    const auto found = live_of(plan).find(plan[at].number);
    if (found == live_of(plan).end()) return;
    const LiveZone& live = found->second;
    std::vector<LiveDeclaration>& declarations = declared[found->first];
    if (read != nullptr && read->loaded.zone == nullptr) {
      declarations = live.declared;
      follow_monitors(declarations, monitors);
      return;
    }
    for (std::size_t i = 0; i < live.settings.size(); ++i) {
      declarations.push_back(
          declare(live.settings[i], *snapshot.zones()[at].zone, live.names[i].index, monitors, pools));
    }
  };
  if (!plan.config) {
    for (const Brought& read : brought) declare_zone(read.at, &read);
    return declared;
  }
  auto read = brought.begin();
  for (std::size_t at = 0; at < plan.size() && !live_of(plan).empty(); ++at) {
    while (read != brought.end() && read->at < at) ++read;
    declare_zone(at, read != brought.end() && read->at == at ? &*read : nullptr);
  }
  return declared;
}

}  // namespace holdfast::server
