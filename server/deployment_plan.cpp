#include "server/deployment_plan.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "server/answer/prebuild.h"
#include "server/catalogs.h"
#include "server/declare.h"
#include "server/in_parallel.h"
#include "zones/load/load.h"
#include "zones/replicate/with_live_names.h"

// What a deployment makes of a configuration: which zones there are to be, and what is read of them.
namespace holdfast::server {
namespace {

using zones::combine;
using zones::FileStamp;
using zones::FileStamps;
using zones::kNoStamp;
using zones::NameView;
using zones::stamp_of;

constexpr std::size_t kMostClashes = 20;  // of catalogs, that one report names

bool same(std::span<const zones::LiveName> a, std::span<const zones::LiveName> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace

Deployment::Plan Deployment::same_plan() const {
  Plan plan;
  plan.before = deployed_;
  plan.files = deployed_->files;
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
  plan.occasion = Occasion::all;
  plan.files = std::make_shared<ZoneFiles>(zones);
  plan.wanted.reserve(zones.size());
  const auto& served = deployed_->snapshot->zones();
  std::size_t before = 0;  // a place; both are in the order of their names
  for (const zones::ZoneSettings& settings : zones) {
    for (; before < served.size() && served[before].zone->apex() < NameView(settings.name); ++before)
      plan.removed.push_back(before);
    Wanted wanted{.before = nullptr, .settings = &settings};
    if (before < served.size() && served[before].zone->apex() == NameView(settings.name)) {
      wanted.place_before = before++;
      wanted.before = &served[wanted.place_before];
      wanted.number = wanted.before->number;
      const auto& ended = plan.membership.ended;
      wanted.begins_anew = settings.origin == zones::Origin::member &&
                           std::binary_search(ended.begin(), ended.end(), settings.name);
      if (wanted.begins_anew) {
        plan.removed.push_back(wanted.place_before);
        wanted.before = nullptr;
      }
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
  for (; before < served.size(); ++before) plan.removed.push_back(before);
  const auto& clashes = plan.membership.clashes;
  for (std::size_t i = 0; i < std::min(clashes.size(), kMostClashes); ++i)
    plan.problems.push_back("zone " + clashes[i]);
  if (clashes.size() > kMostClashes)
    plan.problems.push_back("and " + std::to_string(clashes.size() - kMostClashes) +
                            " more zones are listed by catalogs, too");
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
  const Wanted wanted = plan[at];
  if (wanted.before == nullptr || plan.files->is_made(at)) return false;
  const bool is_same = wanted.settings == nullptr ||
                       (plan.files->path(at) == plan.before->files->path(wanted.place_before) &&
                        same(names_in(plan.live, wanted.number), names_in(live_zones_, wanted.number)));
  if (plan.files->is_transferred(at)) return is_same;
  FileStamp stamp = stamps.of(plan.files->directory(at), plan.files->leaf(at), now);
  const Deployed::Reading& reading = plan.before->readings[wanted.place_before];
  if (reading.findings != nullptr) {
    for (const std::string& file : reading.findings->includes) stamp = combine(stamp, stamp_of(file, now));
  }
  return is_same && stamp != kNoStamp && stamp == reading.stamp;
}

zones::LoadedZone Deployment::load(const Plan& plan, std::uint32_t at, Time now) const {
  const Wanted wanted = plan[at];
  const auto live = names_in(live_of(plan), wanted.number);
  const zones::ServedZone* const before = wanted.before;
  const bool is_served = before != nullptr && before->zone->is_available();
  zones::LoadedZone loaded;
  if (wanted.begins_anew) return loaded;
  if (plan.files->is_made(at)) {
    if (!plan.config) return loaded;  // of the zones that it lists none is another one
    loaded.zone = make_catalog(*wanted.settings, plan.zones());
    if (loaded.zone != nullptr) prebuild(*loaded.zone);
    return loaded;
  }
  if (!plan.files->is_transferred(at)) {
    if (hooks_.load) {
      loaded = hooks_.load(wanted.apex(), plan.files->path(at), live, is_served, now);
    } else {
      loaded = zones::load_zone(wanted.apex(), plan.files->path(at), {live.begin(), live.end()}, now);
      if (loaded.zone != nullptr) prebuild(*loaded.zone);
    }
    if (loaded.zone != nullptr && hooks_.updated) loaded = hooks_.updated(std::move(loaded), live, is_served);
    return loaded;
  }
  if (!is_served) return hooks_.kept ? hooks_.kept(wanted.apex(), live) : zones::LoadedZone();
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

}  // namespace holdfast::server
