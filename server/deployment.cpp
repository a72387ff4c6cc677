#include "server/deployment.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <numeric>
#include <thread>

#include "server/declare.h"
#include "server/deployment_plan.h"
#include "server/versions/kill_point.h"

namespace holdfast::server {
namespace {

using zones::FileStamp;
using zones::kNoStamp;
using zones::Name;
using zones::NameView;
using zones::stamp_of;

constexpr int kNiceness = 19;  // of the threads of a reload (setpriority(2)): the lowest

/// What reads files lets who answers queries go first; threads that it begins do, too.
ReloadReport at_leisure(const std::function<ReloadReport()>& reload) {
  ReloadReport report;
  std::exception_ptr failure;
  const auto work = [&] {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
    try {
      report = reload();
    } catch (...) {
      failure = std::current_exception();
    }
  };
  std::jthread(work).join();  // since a thread may not take its priority back
  if (failure) std::rethrow_exception(failure);
  return report;
}

}  // namespace

Deployment::Deployment(std::filesystem::path file, Source& source, LiveNames& live, std::stop_token stop,
                       Hooks hooks)
    : file_(std::move(file)),
      source_(source),
      live_(live),
      stop_(std::move(stop)),
      hooks_(std::move(hooks)) {}

std::shared_ptr<const Deployed> Deployment::deployed() const {
  const std::lock_guard lock(mutex_);
  return deployed_;
}

ReloadReport Deployment::start(config::Config config, Time now) {
  const std::lock_guard reloading(reloading_);
  server_ = config.server;
  control_ = config.control;
  log_ = config.log;
  self_ = config.self;
  store_ = config.store;
  file_stamp_ = stamp_of(file_.string(), now);
  ReloadReport report = deploy_all(plan(std::move(config)), now);
  ::malloc_trim(0);  // what it took to read
  return report;
}

ReloadReport Deployment::reload(Time now) {
  return guarded([&] { return at_leisure([&] { return reload_all(now); }); });
}

ReloadReport Deployment::guarded(const std::function<ReloadReport()>& reload) {
  const std::lock_guard reloading(reloading_);
  try {
    return reload();
  } catch (const std::exception& error) {  // no memory for two versions of a zone, most likely, or no thread
    ReloadReport report;
    report.configuration_accepted = false;
    report.problems.push_back(file_.string() + ": the reload failed: " + error.what());
    return report;
  }
}

ReloadReport Deployment::reload_all(Time now) {
  ReloadReport report;
  const FileStamp stamp = stamp_of(file_.string(), now);
  if (stamp != kNoStamp && stamp == file_stamp_) {
    report = deploy_all(same_plan(), now);
  } else {
    config::Loaded loaded = config::load(file_);
    for (const config::Problem& problem : loaded.problems) report.problems.push_back(problem.text());
    if (!loaded.config) {
      report.configuration_accepted = false;
      return report;
    }
    if (loaded.config->zones.empty() && !deployed_->snapshot->zones().empty()) {
      // a file that is being written, or was emptied by mistake
      report.configuration_accepted = false;
      report.problems.push_back(file_.string() +
                                ": there is no zone any more; to stop serving all zones, stop holdfast");
      return report;
    }
    if (loaded.config->server != server_ || loaded.config->control != control_ ||
        loaded.config->log != log_ || loaded.config->self != self_ || loaded.config->store != store_) {
      report.problems.push_back(file_.string() +
                                ": [server], [control], [log], [self] or [store] changed: that takes effect "
                                "when holdfast is restarted");
    }
    std::vector<std::string> warnings = std::move(report.problems);
    report = deploy_all(plan(*std::move(loaded.config)), now);
    if (!report.configuration_accepted) return report;
    file_stamp_ = stamp;
    warnings_ = std::move(warnings);
  }
  report.problems.insert(report.problems.begin(), warnings_.begin(), warnings_.end());
  return report;
}

ReloadReport Deployment::reload_zones(std::span<const std::string> names, Time now) {
  return guarded([&] {
    std::vector<std::uint32_t> places;
    std::vector<std::string> unknown;
    for (const std::string& text : names) {
      const auto name = Name::parse(text);
      if (const auto place = name ? place_of(*name) : std::nullopt) {
        places.push_back(*place);
      } else {
        unknown.push_back(text +
                          ": there is no such zone; one that is new is served after a reload of everything");
      }
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    ReloadReport report = at_leisure([&] { return deploy(same_plan(), places, true, now); });
    report.zones_unknown = unknown.size();
    report.problems.insert(report.problems.begin(), unknown.begin(), unknown.end());
    return report;
  });
}

std::optional<std::uint32_t> Deployment::place_of(NameView zone) const {
  const auto& served = deployed_->snapshot->zones();
  const auto found = std::partition_point(served.begin(), served.end(),
                                          [&](const auto& one) { return one.zone->apex() < zone; });
  if (found == served.end() || found->zone->apex() != zone) return std::nullopt;
  return static_cast<std::uint32_t>(found - served.begin());
}

ReloadReport Deployment::receive(NameView zone, const Receive& receive, Time now) {
  return guarded([&] {
    const std::optional<std::uint32_t> place = place_of(zone);
    if (!place || !deployed_->files->is_transferred(*place)) return ReloadReport();
    const zones::ServedZone& served = deployed_->snapshot->zones()[*place];
    zones::LoadedZone loaded = receive(*served.zone, names_in(live_zones_, served.number));
    std::optional<zones::Membership> membership;
    if (loaded.zone != nullptr) membership = membership_with(zone, *loaded.zone);
    return deploy(membership ? plan(*std::move(membership)) : same_plan(), zone, std::move(loaded), now);
  });
}

ReloadReport Deployment::update(NameView zone, const Receive& receive, Time now) {
  return guarded([&] {
    const std::optional<std::uint32_t> place = place_of(zone);
    if (!place || deployed_->files->is_transferred(*place)) return ReloadReport();
    const zones::ServedZone& served = deployed_->snapshot->zones()[*place];
    if (!served.zone->is_available()) return ReloadReport();
    zones::LoadedZone loaded = receive(*served.zone, names_in(live_zones_, served.number));
    if (loaded.zone == nullptr) return ReloadReport();
    Plan plan = same_plan();
    plan.occasion = Occasion::update;
    std::vector<Brought> brought;
    brought.push_back({.at = *place, .loaded = std::move(loaded)});
    return deploy(std::move(plan), std::move(brought), now);
  });
}

ReloadReport Deployment::deploy(Plan plan, NameView zone, zones::LoadedZone loaded, Time now) {
  std::vector<std::uint32_t> new_zones;
  for (std::uint32_t at = 0; at < plan.wanted.size(); ++at) {
    if (plan.wanted[at].before == nullptr) new_zones.push_back(at);
  }
  const std::uint32_t place = plan.is_other() ? plan.place_of(zone) : *place_of(zone);
  std::vector<Brought> brought = bring(plan, new_zones, false, now);
  const auto behind =
      std::find_if(brought.begin(), brought.end(), [&](const Brought& one) { return one.at > place; });
  brought.insert(behind, {place, std::move(loaded)});
  return deploy(std::move(plan), std::move(brought), now);
}

ReloadReport Deployment::deploy_all(Plan plan, Time now) {
  std::vector<std::uint32_t> all(plan.size());
  std::iota(all.begin(), all.end(), 0U);
  return deploy(std::move(plan), all, false, now);
}

ReloadReport Deployment::deploy(Plan plan, std::span<const std::uint32_t> zones, bool always, Time now) {
  std::vector<Brought> brought = bring(plan, zones, always, now);
  return deploy(std::move(plan), std::move(brought), now);
}

ReloadReport Deployment::deploy(Plan plan, std::vector<Brought> brought, Time now) {
  ReloadReport report;
  if (stop_.stop_requested()) {
    report.configuration_accepted = false;
    report.problems.push_back(file_.string() + ": holdfast is stopping; nothing was loaded");
    return report;
  }
  // All that is new is put together first, so that nothing has changed when there is no memory for it.
  const auto next = std::make_shared<const Deployed>(put_together(plan, brought, now, report));
  auto declared = declare_live(plan, *next->snapshot, brought);
  const bool live_changed = plan.config.has_value() || !declared.empty();
  report.catalog_problems = std::move(plan.problems);
  report.problems.insert(report.problems.end(), report.catalog_problems.begin(),
                         report.catalog_problems.end());
  for (const std::size_t place : plan.removed) {
    const zones::ServedZone& zone = plan.before->snapshot->zones()[place];
    gone_.try_emplace(key(zone.zone->apex()), zone.number);
  }
  take_over(plan);
  for (auto& [number, declarations] : declared) live_zones_[number].declared = std::move(declarations);
  publish(next, live_changed, plan.occasion);
  try {
    if ((plan.is_other() || live_changed) && hooks_.watch) hooks_.watch();
  } catch (const std::exception& error) {  // what was published is in service all the same
    report.problems.push_back(file_.string() +
                              ": not everything that is new is checked yet: " + error.what());
  }
  return report;
}

void Deployment::take_over(Plan& plan) {
  if (plan.config && hooks_.accepted) hooks_.accepted(*plan.config);
  if (plan.is_other() && !plan.config && hooks_.listed) hooks_.listed(plan.listed);
  if (!plan.membership.ended.empty() && hooks_.ended) hooks_.ended(plan.membership.ended);
  if (plan.is_other()) {
    membership_ = std::move(plan.membership);
    if (hooks_.contested) hooks_.contested(membership_.contested);
  }
  if (!plan.config) return;
  configured_ = std::move(plan.configured);
  catalogs_ = std::move(plan.config->catalogs);
  monitors_ = std::move(plan.config->monitors);
  pools_ = std::move(plan.config->pools);
  live_zones_ = std::move(plan.live);
}

void Deployment::publish(std::shared_ptr<const Deployed> next, bool live_changed, Occasion occasion) {
  // The answers first, so that a live name is never without one when its zone appears.
  if (live_changed) {
    std::vector<LiveDeclaration> live;
    for (const auto& [number, zone] : live_zones_) {
      live.insert(live.end(), zone.declared.begin(), zone.declared.end());
    }
    live_.apply(std::move(live));
  }
  const std::shared_ptr<const Deployed> before = deployed();
  if (hooks_.publishing && (occasion == Occasion::all || next->snapshot != before->snapshot))
    hooks_.publishing(*next->snapshot, occasion);
  if (next->snapshot != before->snapshot) source_.zones.publish(next->snapshot);
  kill_point("zones.published");
  // Told only now that it is served: whatever throws above, the next reload publishes it.
  {
    const std::lock_guard lock(mutex_);
    deployed_ = next;
  }
  if (next->snapshot != before->snapshot) retired_.add(before->snapshot);
}

}  // namespace holdfast::server
