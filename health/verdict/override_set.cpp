#include "health/verdict/override_set.h"

#include <algorithm>
#include <tuple>

namespace holdfast::health {

OverrideSet::Put OverrideSet::put(const Override& override_, Steady steady, Wall wall,
                                  std::optional<std::string>* replaced) {
  if (override_.expires && *override_.expires <= wall) return Put::over;
  const auto before = overrides_.find(override_.subject);
  if (before == overrides_.end()) {
    if (overrides_.size() >= kMaxOverrides) return Put::full;
  } else {
    const Override& known = before->second.override_;
    // Every server comes to the same, in whatever order it hears of them.
    if (std::tie(override_.created, override_.id) <= std::tie(known.created, known.id)) return Put::older;
    if (replaced != nullptr) *replaced = known.id;
  }
  Entry entry{override_, std::nullopt};
  if (override_.expires) {
    // A clock far in the past makes it last longer, but not for ever.
    entry.ends = steady + std::min<Wall::duration>(*override_.expires - wall, kLongestOverride);
  }
  overrides_.insert_or_assign(override_.subject, std::move(entry));
  return Put::done;
}

std::optional<Override> OverrideSet::remove(std::string_view id) {
  const auto found = std::find_if(overrides_.begin(), overrides_.end(),
                                  [&](const auto& one) { return one.second.override_.id == id; });
  if (found == overrides_.end()) return std::nullopt;
  Override removed = std::move(found->second.override_);
  overrides_.erase(found);
  return removed;
}

std::vector<Override> OverrideSet::take_expired(Steady now) {
  std::vector<Override> expired;
  for (auto at = overrides_.begin(); at != overrides_.end();) {
    if (at->second.ends && *at->second.ends <= now) {
      expired.push_back(std::move(at->second.override_));
      at = overrides_.erase(at);
    } else {
      ++at;
    }
  }
  return expired;
}

std::optional<OverrideSet::Steady> OverrideSet::next_expiry() const {
  std::optional<Steady> next;
  for (const auto& [subject, entry] : overrides_) {
    if (entry.ends && (!next || *entry.ends < *next)) next = entry.ends;
  }
  return next;
}

const Override* OverrideSet::find(const Member& member, const Locations& locations) const {
  if (overrides_.empty()) return nullptr;
  using Kind = Subject::Kind;
  std::vector<Subject> subjects;
  const bool has_address = !member.address.is_unspecified();
  if (has_address) subjects.push_back({Kind::member_of_pool, member.pool, member.address});
  if (!member.name.empty())
    subjects.push_back({Kind::member_of_pool, member.pool, std::nullopt, member.name});
  if (has_address) subjects.push_back({Kind::member, {}, member.address});
  subjects.push_back({Kind::pool, member.pool, std::nullopt});
  for (const Subject& subject : subjects) {
    if (const Override* found = find(subject)) return found;
  }
  const Override* innermost = nullptr;
  for (auto at = overrides_.lower_bound({Kind::location, {}, std::nullopt}); at != overrides_.end(); ++at) {
    if (!is_about(at->first, member, locations)) continue;
    if (innermost == nullptr || locations.is_in(at->first.name, innermost->subject.name))
      innermost = &at->second.override_;
  }
  return innermost;
}

const Override* OverrideSet::find(const Subject& subject) const {
  const auto found = overrides_.find(subject);
  return found == overrides_.end() ? nullptr : &found->second.override_;
}

std::optional<OverrideSet::Steady> OverrideSet::end(const Subject& subject) const {
  const auto found = overrides_.find(subject);
  return found == overrides_.end() ? std::nullopt : found->second.ends;
}

std::vector<Override> OverrideSet::all() const {
  std::vector<Override> all;
  all.reserve(overrides_.size());
  for (const auto& [subject, entry] : overrides_) all.push_back(entry.override_);
  return all;
}

bool is_about(const Subject& subject, const Member& member, const Locations& locations) {
  // A name or a pool has none.
  const bool is_at =
      subject.address && !member.address.is_unspecified() && *subject.address == member.address;
  switch (subject.kind) {
    case Subject::Kind::member_of_pool:
      if (subject.name != member.pool) return false;
      return subject.address ? is_at : subject.member == member.name;
    case Subject::Kind::member: return is_at;
    case Subject::Kind::pool: return subject.name == member.pool;
    case Subject::Kind::location:
      return !member.location.empty() && locations.is_in(member.location, subject.name);
  }
  return false;
}

}  // namespace holdfast::health
