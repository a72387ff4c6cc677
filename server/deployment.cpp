#include "server/deployment.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <numeric>
#include <thread>

#include "server/answer/prebuild.h"
#include "server/catalogs.h"
#include "server/declare.h"
#include "server/in_parallel.h"
#include "server/versions/kill_point.h"
#include "zones/load/load.h"
#include "zones/replicate/with_live_names.h"

namespace holdfast::server {
namespace {

using zones::combine;
using zones::FileStamp;
using zones::FileStamps;
using zones::kNoStamp;
using zones::Name;
using zones::NameView;
using zones::stamp_of;

constexpr std::size_t kMostClashes = 20;  // of catalogs, that one report names
constexpr int kNiceness = 19;             // of the threads of a reload (setpriority(2)): the lowest

bool same(std::span<const zones::LiveName> a, std::span<const zones::LiveName> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

/// A name as a key that takes no more room than it needs.
std::string key(zones::NameView name) { return {reinterpret_cast<const char*>(name.data()), name.size()}; }

/// What is served is of before, or nothing. With neither zone nor problems it was not transferred yet.
bool is_refused(const zones::LoadedZone& loaded) {
  if (loaded.zone == nullptr) return !loaded.problems.empty();
  return std::any_of(loaded.problems.begin(), loaded.problems.end(),
                     [](const auto& one) { return one.severity == zones::Problem::Severity::error; });
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

/// One zone that is to be in service.
struct Wanted {
  const zones::ServedZone* before = nullptr;      // null: a new zone
  const zones::ZoneSettings* settings = nullptr;  // null: nothing but its file may have changed
  zones::ZoneNumber number = zones::kNoZone;
  bool begins_anew = false;  // a zone of that name was there, and what is kept is of that one

  NameView apex() const { return settings != nullptr ? NameView(settings->name) : before->zone->apex(); }
};

/// All that is to be in service, before any zone file was looked at.
struct Deployment::Plan {
  std::shared_ptr<const Deployed> before;
  std::vector<Wanted> wanted;  // by name
  std::vector<const zones::ServedZone*> removed;
  std::shared_ptr<const ZoneFiles> files;  // beside `wanted`
  std::map<zones::ZoneNumber, LiveZone> live;
  std::optional<config::Config> config;  // null: the one in force
  bool is_other = false;                 // the zones may be others than before
  // What catalogs say, where the zones may be others; `listed` has these where the configuration is the one in force:
  std::vector<zones::ZoneSettings> listed;
  std::vector<zones::ZoneSettings> configured;
  zones::Membership membership;
  std::vector<std::string> problems;

  std::span<const zones::ZoneSettings> zones() const { return config ? config->zones : listed; }
  NameView apex(std::size_t at) const { return wanted[at].apex(); }
  /// The place of a zone in service before.
  std::size_t place_before(std::size_t at) const {
    return static_cast<std::size_t>(wanted[at].before - before->snapshot->zones().data());
  }
};

/// A zone that was read.
struct Deployment::Brought {
  std::uint32_t at;  // its place in the plan
  zones::LoadedZone loaded;
  bool is_update = false;  // what was found in its file is as it was
};

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
  const auto served = deployed_->snapshot->zones();
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
    loaded.stamp = stamps_[*place];
    if (const auto more = includes_.find(served.number); more != includes_.end())
      loaded.includes = more->second;
    std::vector<Brought> brought;
    brought.push_back({.at = *place, .loaded = std::move(loaded), .is_update = true});
    return deploy(same_plan(), std::move(brought), now);
  });
}

ReloadReport Deployment::deploy(Plan plan, NameView zone, zones::LoadedZone loaded, Time now) {
  std::vector<std::uint32_t> others;  // that were not there before
  for (std::uint32_t at = 0; plan.is_other && at < plan.wanted.size(); ++at) {
    if (plan.wanted[at].before == nullptr) others.push_back(at);
  }
  const auto found = std::partition_point(plan.wanted.begin(), plan.wanted.end(),
                                          [&](const Wanted& one) { return one.apex() < zone; });
  const auto place = static_cast<std::uint32_t>(found - plan.wanted.begin());
  std::vector<Brought> brought = bring(plan, others, false, now);
  const auto behind =
      std::find_if(brought.begin(), brought.end(), [&](const Brought& one) { return one.at > place; });
  brought.insert(behind, {place, std::move(loaded)});
  return deploy(std::move(plan), std::move(brought), now);
}

Deployment::Plan Deployment::same_plan() const {
  Plan plan;
  plan.before = deployed_;
  plan.files = deployed_->files;
  plan.wanted.reserve(deployed_->snapshot->zones().size());
  for (const zones::ServedZone& zone : deployed_->snapshot->zones()) {
    plan.wanted.push_back({.before = &zone, .settings = nullptr, .number = zone.number});
  }
  return plan;
}

Deployment::Plan Deployment::plan(config::Config config) {
  Plan plan;
  plan.membership = membership_of(config, plan.problems);
  if (!plan.membership.catalogs.empty()) plan.configured = config.zones;
  config.zones = with_members(std::move(config.zones), config.catalogs, plan.membership);
  plan.config = std::move(config);
  add_zones(plan, plan.config->zones);
  return plan;
}

Deployment::Plan Deployment::plan(zones::Membership membership) {
  Plan plan;
  plan.membership = std::move(membership);
  plan.listed = with_members(configured_, catalogs_, plan.membership);
  add_zones(plan, plan.listed);
  return plan;
}

void Deployment::add_zones(Plan& plan, std::span<const zones::ZoneSettings> zones) {
  plan.before = deployed_;
  plan.is_other = true;
  plan.files = std::make_shared<ZoneFiles>(zones);
  plan.wanted.reserve(zones.size());
  const auto served = deployed_->snapshot->zones();
  auto before = served.begin();  // both are in the order of their names
  for (const zones::ZoneSettings& settings : zones) {
    for (; before != served.end() && before->zone->apex() < NameView(settings.name); ++before) {
      plan.removed.push_back(&*before);
    }
    Wanted wanted{.before = nullptr, .settings = &settings};
    if (before != served.end() && before->zone->apex() == NameView(settings.name)) {
      wanted.before = &*before++;
      wanted.number = wanted.before->number;
      const auto& ended = plan.membership.ended;
      wanted.begins_anew = settings.origin == zones::Origin::member &&
                           std::binary_search(ended.begin(), ended.end(), settings.name);
      if (wanted.begins_anew) plan.removed.push_back(std::exchange(wanted.before, nullptr));
    } else {
      const auto back = gone_.find(key(settings.name));
      wanted.number = back != gone_.end() ? back->second : numbers_++;
    }
    plan.wanted.push_back(wanted);
    if (settings.live.empty() || !plan.config) continue;
    LiveZone& live = plan.live[wanted.number];
    live.settings = settings.live;
    for (const zones::LiveSettings& one : settings.live) {
      live.names.push_back(live_name(one, live_.index_of(settings.name, one.name), plan.config->pools));
    }
    const auto known = live_zones_.find(wanted.number);
    if (wanted.before != nullptr && known != live_zones_.end()) live.declared = known->second.declared;
  }
  for (; before != served.end(); ++before) plan.removed.push_back(&*before);
  const auto& clashes = plan.membership.clashes;
  for (std::size_t i = 0; i < std::min(clashes.size(), kMostClashes); ++i)
    plan.problems.push_back("zone " + clashes[i]);
  if (clashes.size() > kMostClashes)
    plan.problems.push_back("and " + std::to_string(clashes.size() - kMostClashes) +
                            " more zones are listed by catalogs, too");
}

ReloadReport Deployment::deploy_all(Plan plan, Time now) {
  std::vector<std::uint32_t> all(plan.wanted.size());
  std::iota(all.begin(), all.end(), 0U);
  return deploy(std::move(plan), all, false, now);
}

const std::map<zones::ZoneNumber, Deployment::LiveZone>& Deployment::live_of(const Plan& plan) const {
  return plan.config ? plan.live : live_zones_;
}

std::span<const zones::LiveName> Deployment::names_in(const std::map<zones::ZoneNumber, LiveZone>& live,
                                                      zones::ZoneNumber number) {
  const auto found = live.find(number);
  return found == live.end() ? std::span<const zones::LiveName>() : found->second.names;
}

/// Whether what is served was read from this very file, as it is, or transferred, and with these live names.
bool Deployment::is_unchanged(const Plan& plan, std::uint32_t at, FileStamps& stamps, Time now) const {
  const Wanted& wanted = plan.wanted[at];
  if (wanted.before == nullptr || plan.files->is_made(at)) return false;
  const std::size_t before = plan.place_before(at);
  const bool is_same = wanted.settings == nullptr ||
                       (plan.files->path(at) == plan.before->files->path(before) &&
                        same(names_in(plan.live, wanted.number), names_in(live_zones_, wanted.number)));
  if (plan.files->is_transferred(at)) return is_same;
  FileStamp stamp = stamps.of(plan.files->directory(at), plan.files->leaf(at), now);
  if (const auto more = includes_.find(wanted.number); more != includes_.end()) {
    for (const std::string& file : more->second) stamp = combine(stamp, stamp_of(file, now));
  }
  return is_same && stamp != kNoStamp && stamp == stamps_[before];
}

zones::LoadedZone Deployment::load(const Plan& plan, std::uint32_t at, Time now) const {
  const auto live = names_in(live_of(plan), plan.wanted[at].number);
  const zones::ServedZone* const before = plan.wanted[at].before;
  const bool is_served = before != nullptr && before->zone->is_available();
  zones::LoadedZone loaded;
  if (plan.wanted[at].begins_anew) return loaded;
  if (plan.files->is_made(at)) {
    if (!plan.config) return loaded;  // of the zones that it lists none is another one
    loaded.zone = make_catalog(*plan.wanted[at].settings, plan.zones());
    if (loaded.zone != nullptr) prebuild(*loaded.zone);
    return loaded;
  }
  if (!plan.files->is_transferred(at)) {
    if (hooks_.load) {
      loaded = hooks_.load(plan.apex(at), plan.files->path(at), live, is_served, now);
    } else {
      loaded = zones::load_zone(plan.apex(at), plan.files->path(at), {live.begin(), live.end()}, now);
      if (loaded.zone != nullptr) prebuild(*loaded.zone);
    }
    if (loaded.zone != nullptr && hooks_.updated) loaded = hooks_.updated(std::move(loaded), live, is_served);
    return loaded;
  }
  if (!is_served) return hooks_.kept ? hooks_.kept(plan.apex(at), live) : zones::LoadedZone();
  // Of one that had a file what it had there goes on being served, until it is transferred.
  loaded = zones::with_live_names(*before->zone, live);
  if (loaded.zone != nullptr) prebuild(*loaded.zone);
  return loaded;
}

std::vector<Deployment::Brought> Deployment::bring(const Plan& plan, std::span<const std::uint32_t> zones,
                                                   bool always, Time now) const {
  std::mutex mutex;
  std::vector<Brought> brought;
  in_parallel<FileStamps>(zones.size(), helpers(), stop_, [&](std::size_t i, FileStamps& stamps) {
    const std::uint32_t at = zones[i];
    if (!always && is_unchanged(plan, at, stamps, now)) return;
    zones::LoadedZone loaded = load(plan, at, now);
    const std::lock_guard lock(mutex);
    brought.push_back({.at = at, .loaded = std::move(loaded)});
  });
  std::sort(brought.begin(), brought.end(), [](const Brought& a, const Brought& b) { return a.at < b.at; });
  return brought;
}

ReloadReport Deployment::deploy(Plan plan, std::span<const std::uint32_t> zones, bool always, Time now) {
  std::vector<Brought> brought = bring(plan, zones, always, now);
  return deploy(std::move(plan), std::move(brought), now);
}

ReloadReport Deployment::deploy(Plan plan, std::vector<Brought> brought, Time now) {
  ReloadReport report;
  const Deployed& before = *plan.before;
  if (stop_.stop_requested()) {
    report.configuration_accepted = false;
    report.problems.push_back(file_.string() + ": holdfast is stopping; nothing was loaded");
    return report;
  }

  // All that is new is put together first, so that nothing has changed when there is no memory for it.
  Deployed next;
  next.files = plan.files;
  next.troubles = before.troubles;
  next.totals = before.totals;
  next.totals.zones = plan.wanted.size();
  std::vector<FileStamp> stamps;
  std::vector<zones::ServedZone> served;
  if (!plan.is_other) {
    served.assign(before.snapshot->zones().begin(), before.snapshot->zones().end());
    next.loaded = before.loaded;
    stamps = stamps_;
  } else {
    served.reserve(plan.wanted.size());
    next.loaded.reserve(plan.wanted.size());
    stamps.reserve(plan.wanted.size());
  }
  for (std::size_t at = served.size(); at < plan.wanted.size(); ++at) {
    const Wanted& wanted = plan.wanted[at];
    if (wanted.before != nullptr) {
      served.push_back(*wanted.before);
      next.loaded.push_back(before.loaded[plan.place_before(at)]);
      stamps.push_back(stamps_[plan.place_before(at)]);
    } else {
      served.push_back({.zone = nullptr, .number = wanted.number});  // until it is found among what was read
      next.loaded.emplace_back();
      stamps.push_back(kNoStamp);
    }
    served.back().is_versioned = wanted.settings->is_versioned();
    served.back().is_private = wanted.settings->origin == zones::Origin::catalog;
  }
  for (const zones::ServedZone* zone : plan.removed) {
    ++report.zones_changed;
    next.troubles.erase(zone->number);
    count(next.totals, zone->zone.get(), nullptr);
  }
  bool snapshot_changed = false;
  report.zones_read = brought.size();
  for (Brought& zone : brought) {
    zones::ServedZone& serving = served[zone.at];
    stamps[zone.at] = zone.loaded.stamp;  // there is none without a zone, and it is tried again
    if (!zone.is_update) next.troubles.erase(serving.number);
    if (!zone.is_update && !zone.loaded.problems.empty()) {
      Deployed::Trouble& trouble = next.troubles[serving.number];
      trouble.refused = is_refused(zone.loaded);
      for (const zones::Problem& problem : zone.loaded.problems) trouble.problems.push_back(problem.text());
      report.problems.insert(report.problems.end(), trouble.problems.begin(), trouble.problems.end());
    }
    if (is_refused(zone.loaded)) ++report.zones_refused;
    if (zone.loaded.zone == nullptr) {
      if (serving.zone == nullptr) serving.zone = zones::Zone::unavailable(plan.apex(zone.at));
    } else if (serving.zone == nullptr || *serving.zone != *zone.loaded.zone) {
      ++report.zones_changed;
      snapshot_changed = true;
      count(next.totals, serving.zone.get(), zone.loaded.zone.get());
      serving.zone = zone.loaded.zone;
      next.loaded[zone.at] = now;
    }
  }
  next.totals.refused =
      static_cast<std::size_t>(std::count_if(next.troubles.begin(), next.troubles.end(),
                                             [](const auto& trouble) { return trouble.second.refused; }));

  auto declared = declare_live(plan, served, brought);
  const bool live_changed = plan.config.has_value() || !declared.empty();
  report.catalog_problems = std::move(plan.problems);
  report.problems.insert(report.problems.end(), report.catalog_problems.begin(),
                         report.catalog_problems.end());
  if (plan.is_other) {
    next.snapshot = std::make_shared<const zones::Snapshot>(std::move(served), live_.count());
  } else if (snapshot_changed) {
    next.snapshot =
        std::make_shared<const zones::Snapshot>(*before.snapshot, std::move(served), live_.count());
  } else {
    next.snapshot = before.snapshot;
  }
  auto includes = includes_;
  for (const zones::ServedZone* zone : plan.removed) includes.erase(zone->number);
  for (Brought& zone : brought) {
    includes.erase(plan.wanted[zone.at].number);
    if (!zone.loaded.includes.empty()) {
      includes[plan.wanted[zone.at].number] = std::move(zone.loaded.includes);
    }
  }
  for (const zones::ServedZone* zone : plan.removed) gone_.try_emplace(key(zone->zone->apex()), zone->number);

  if (plan.config && hooks_.accepted) hooks_.accepted(*plan.config);
  if (plan.is_other && !plan.config && hooks_.listed) hooks_.listed(plan.listed);
  if (!plan.membership.ended.empty() && hooks_.ended) hooks_.ended(plan.membership.ended);
  if (plan.is_other) {
    membership_ = std::move(plan.membership);
    if (hooks_.contested) hooks_.contested(membership_.contested);
  }
  if (plan.config) {
    configured_ = std::move(plan.configured);
    catalogs_ = std::move(plan.config->catalogs);
    monitors_ = std::move(plan.config->monitors);
    pools_ = std::move(plan.config->pools);
    live_zones_ = std::move(plan.live);
  }
  for (auto& [number, declarations] : declared) live_zones_[number].declared = std::move(declarations);
  includes_ = std::move(includes);
  stamps_ = std::move(stamps);
  publish(std::make_shared<const Deployed>(std::move(next)), live_changed, plan.is_other);
  try {
    if ((plan.is_other || live_changed) && hooks_.watch) hooks_.watch();
  } catch (const std::exception& error) {  // what was published is in service all the same
    report.problems.push_back(file_.string() +
                              ": not everything that is new is checked yet: " + error.what());
  }
  return report;
}

std::map<zones::ZoneNumber, std::vector<LiveDeclaration>> Deployment::declare_live(
    const Plan& plan, std::span<const zones::ServedZone> served, std::span<const Brought> brought) const {
  const auto& monitors = plan.config ? plan.config->monitors : monitors_;
  const auto& pools = plan.config ? plan.config->pools : pools_;
  std::map<zones::ZoneNumber, std::vector<LiveDeclaration>> declared;
  if (live_of(plan).empty()) return declared;
  auto read = brought.begin();
  for (std::uint32_t at = 0; at < served.size(); ++at) {
    while (read != brought.end() && read->at < at) ++read;
    const bool was_read = read != brought.end() && read->at == at;
    if (!plan.config && !was_read) continue;
    const auto found = live_of(plan).find(plan.wanted[at].number);
    if (found == live_of(plan).end()) continue;
    const LiveZone& live = found->second;
    std::vector<LiveDeclaration>& declarations = declared[found->first];
    if (was_read && read->loaded.zone == nullptr) {
      declarations = live.declared;
      follow_monitors(declarations, monitors);
      continue;
    }
    for (std::size_t i = 0; i < live.settings.size(); ++i) {
      declarations.push_back(
          declare(live.settings[i], *served[at].zone, live.names[i].index, monitors, pools));
    }
  }
  return declared;
}

void Deployment::publish(std::shared_ptr<const Deployed> next, bool live_changed, bool is_all) {
  // The answers first, so that a live name is never without one when its zone appears.
  if (live_changed) {
    std::vector<LiveDeclaration> live;
    for (const auto& [number, zone] : live_zones_) {
      live.insert(live.end(), zone.declared.begin(), zone.declared.end());
    }
    live_.apply(std::move(live));
  }
  const std::shared_ptr<const Deployed> before = deployed();
  if (hooks_.publishing && (is_all || next->snapshot != before->snapshot))
    hooks_.publishing(*next->snapshot, is_all);
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
