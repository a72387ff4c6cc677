#include "server/versions/kept_zones.h"

#include "server/answer/prebuild.h"
#include "server/versions/kill_point.h"
#include "server/versions/zone_changes.h"
#include "server/versions/zone_image.h"

namespace holdfast::server {

using zones::Accepted;
using zones::Problem;

zones::LoadedZone KeptZones::read(zones::NameView zone, std::span<const zones::LiveName> live) {
  zones::LoadedZone loaded;
  if (state_.empty()) return loaded;
  const auto tell = [&](Problem::Severity severity, std::string what) {
    loaded.problems.push_back({"zone " + zone.text(), 0, severity, std::move(what)});
  };
  ZoneImage image = read_image(state_, zone, live);
  loaded.zone = std::move(image.zone);
  if (!image.problem.empty())
    tell(loaded.zone == nullptr ? Problem::Severity::error : Problem::Severity::warning,
         std::move(image.problem));
  if (loaded.zone == nullptr) return loaded;

  ZoneChanges changes = read_changes(state_, zone);
  if (!changes.problem.empty()) tell(Problem::Severity::warning, std::move(changes.problem));
  if (!changes.deltas.empty()) {
    Accepted accepted =
        zones::accept(zones::Changes{std::move(changes.deltas)},
                      {.apex = zone, .before = loaded.zone.get(), .live = live, .may_shrink = true});
    if (accepted.zone == nullptr) {
      tell(Problem::Severity::warning, "the changes beside its image do not fit it: " + accepted.problem);
      return loaded;  // the next version will be an image
    }
    prebuild(*accepted.zone);
    loaded.zone = std::move(accepted.zone);
    for (std::string& warning : accepted.warnings) tell(Problem::Severity::warning, std::move(warning));
  }
  if (changes.problem.empty()) now_on_disk(loaded.zone);
  return loaded;
}

Accepted KeptZones::accept(zones::Received received, zones::AcceptInput input, const Judge& judge) {
  zones::Changes changes;
  if (const auto* const some = std::get_if<zones::Changes>(&received)) changes = *some;
  input.may_patch = is_on_disk(input);
  Accepted accepted = zones::accept(std::move(received), input);
  if (accepted.zone == nullptr) return accepted;
  Judgement judgement;
  if (judge) judgement = judge(*accepted.zone);
  if (!judgement.problem.empty()) {
    accepted.problem = std::move(judgement.problem);
    accepted.zone = nullptr;
    return accepted;
  }
  kill_point("transfer-in.accepted");
  forget(input.apex);  // until this version is: after what throws below the next one is written as an image
  const bool may_append = judgement.ended.empty();  // else an image, which has a moment before it counts
  if (accepted.zone->is_patched() && !(may_append && append_changes(state_, input.apex, changes.deltas))) {
    input.may_patch = false;
    accepted = zones::accept(std::move(changes), input);
    if (accepted.zone == nullptr) return accepted;
  }
  prebuild(*accepted.zone);
  if (!accepted.zone->is_patched()) {
    write_image(state_, *accepted.zone, accepted.live, {}, [&] { remove(judgement.ended); });
    remove_changes(state_, input.apex);  // or they would count again for an image that is the same as before
  }
  now_on_disk(accepted.zone);
  return accepted;
}

void KeptZones::remove(std::span<const zones::Name> zones) {
  if (state_.empty() || zones.empty()) return;
  for (const zones::Name& zone : zones) {
    forget(zone);
    remove_changes(state_, zone);
  }
  remove_images(state_, zones);
}

bool KeptZones::is_on_disk(const zones::AcceptInput& input) const {
  const std::lock_guard lock(mutex_);
  const auto found = on_disk_.find(zones::Name(input.apex));
  return found != on_disk_.end() && found->second.lock().get() == input.before;
}

void KeptZones::forget(zones::NameView zone) {
  const std::lock_guard lock(mutex_);
  on_disk_.erase(zones::Name(zone));
}

void KeptZones::now_on_disk(const std::shared_ptr<const zones::Zone>& zone) {
  const std::lock_guard lock(mutex_);
  on_disk_[zones::Name(zone->apex())] = zone;
}

}  // namespace holdfast::server
