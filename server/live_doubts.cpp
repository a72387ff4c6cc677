// What LiveNames does about doubts: they make TTLs shorter.

#include <algorithm>

#include "server/live_names.h"

namespace holdfast::server {
namespace {

/// What is published now is given until the next tick, with the same TTL.
constexpr std::chrono::seconds kTick{1};

}  // namespace

void LiveNames::note_doubt(const health::TargetId& target, health::Doubt doubt) {
  if (doubt) {
    doubts_.insert_or_assign(target, *doubt);
  } else {
    doubts_.erase(target);
  }
}

void LiveNames::doubted(const std::vector<health::Doubted>& doubts) {
  const std::lock_guard lock(mutex_);
  std::set<Key> concerned;
  for (const health::Doubted& one : doubts) {
    const auto users = users_.find(one.target);
    if (users == users_.end()) continue;  // a reload took it away meanwhile
    note_doubt(one.target, one.doubt);
    concerned.insert(users->second.begin(), users->second.end());
  }
  Changes changes;
  for (const Key& key : concerned) refresh(names_.at(key), changes);
  publish(changes);
}

void LiveNames::look_at_doubts(Live& live) {
  const LiveDeclaration& declaration = live.declaration;
  const zones::Ramp::Time now = now_();
  const std::chrono::seconds longest{declaration.pool.rules().ttl}, floor{zones::kFloorTtl};
  live.doubts.clear();
  std::optional<zones::Ramp::Time> shrinks;
  for (const zones::MemberIndex i : declaration.pool.all()) {
    const bool is_group = i >= zones::kGroup;  // of which what is in it may be in doubt
    const auto target = is_group ? std::nullopt : target_of(declaration, i);
    const auto known = target ? verdicts_.find(*target) : verdicts_.end();
    const bool is_down = known != verdicts_.end() && known->second == health::Verdict::down;
    zones::Doubt doubt{.member = i};
    zones::Ramp::Time soonest;
    if (const health::Override* decided = overrides_.find(member_of(declaration, i), locations_)) {
      const auto end = overrides_.end(decided->subject);
      if (!end) continue;
      soonest = *end;
      const bool is_missing = is_group && live.missing[i - zones::kGroup];
      doubt.then = is_missing ? zones::MemberState::down
                   : is_group ? zones::MemberState::unknown
                   : is_down  ? zones::MemberState::down
                              : zones::MemberState::up;
    } else {
      const auto doubted = target ? doubts_.find(*target) : doubts_.end();
      if (doubted == doubts_.end()) continue;
      soonest = doubted->second;
      doubt.then = is_down ? zones::MemberState::up : zones::MemberState::down;
    }
    if (soonest > now + kTick) doubt.left = std::chrono::floor<std::chrono::seconds>(soonest - now - kTick);
    if (doubt.left > floor) shrinks = std::min(shrinks.value_or(zones::Ramp::Time::max()), soonest - longest);
    live.doubts.push_back(doubt);
  }
  if (shrinks) {
    shrinking_.insert_or_assign(key_of(declaration), *shrinks);
  } else {
    shrinking_.erase(key_of(declaration));
  }
}

void LiveNames::shrink(Changes& changes) {
  const zones::Ramp::Time now = now_();
  std::vector<Key> due;
  for (const auto& [key, from] : shrinking_) {
    if (from <= now + kTick) due.push_back(key);
  }
  for (const Key& key : due) {
    if (const auto found = names_.find(key); found != names_.end()) {
      refresh(found->second, changes);
    } else {
      shrinking_.erase(key);  // a reload took it away meanwhile
    }
  }
}

}  // namespace holdfast::server
