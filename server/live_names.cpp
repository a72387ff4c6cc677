#include "server/live_names.h"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace holdfast::server {
namespace {

using zones::Family;
using zones::LiveIndex;
using zones::MemberState;
using zones::Selection;

/// The one place where a verdict of health becomes a state of zones,
MemberState state_of(health::Verdict verdict) {
  switch (verdict) {
    case health::Verdict::up: return MemberState::up;
    case health::Verdict::down: return MemberState::down;
    case health::Verdict::unknown: break;
  }
  return MemberState::unknown;
}

/// and an override.
MemberState state_of(health::Decision decision) {
  switch (decision) {
    case health::Decision::drain: return MemberState::drained;
    case health::Decision::force_up: return MemberState::up;
    case health::Decision::force_down: break;
  }
  return MemberState::down;
}

constexpr std::size_t kFewSubjects = 8;   // with more it is as quick to choose anew for all names
constexpr std::size_t kFewAnswers = 100;  // a table that lost so many is freed in no time

/// About whom something else is decided.
std::vector<health::Subject> difference(const health::OverrideSet& before, const health::OverrideSet& after) {
  std::vector<health::Subject> subjects;
  const auto add = [&](const health::OverrideSet& these, const health::OverrideSet& those) {
    for (const health::Override& one : these.all()) {
      const health::Override* const other = those.find(one.subject);
      if (other == nullptr || other->decision != one.decision || other->expires != one.expires)
        subjects.push_back(one.subject);
    }
  };
  add(before, after);
  add(after, before);
  return subjects;
}

/// By which users_ knows a member.
health::TargetId user_key(const LiveDeclaration& declaration, std::size_t member) {
  return {declaration.monitor_of(member), declaration.pool.members[member].address};
}

}  // namespace

const LiveNames::Side& LiveNames::Live::side(Family family) const {
  return *std::find_if(sides.begin(), sides.end(), [&](const Side& one) { return one.family == family; });
}

LiveIndex LiveNames::index_of(zones::NameView zone, zones::NameView name) {
  const std::lock_guard lock(mutex_);
  const auto next = static_cast<LiveIndex>(indexes_.size());
  return indexes_.try_emplace({zones::Name(zone), zones::Name(name)}, next).first->second;
}

std::size_t LiveNames::count() const {
  const std::lock_guard lock(mutex_);
  return indexes_.size();
}

void LiveNames::remember(const std::vector<health::KeptVerdict>& verdicts) {
  const std::lock_guard lock(mutex_);
  for (const health::KeptVerdict& one : verdicts) verdicts_[one.target] = one.verdict;
}

void LiveNames::apply(std::vector<LiveDeclaration> declarations) {
  const std::lock_guard lock(mutex_);
  std::map<Key, Live> before;
  before.swap(names_);
  users_.clear();
  alias_users_.clear();
  zones_.clear();
  for (LiveDeclaration& declaration : declarations) {
    const Key key = key_of(declaration);
    Live live;
    live.declaration = std::move(declaration);
    for (const Family family : live.declaration.families()) live.sides.push_back({family});
    if (!live.declaration.aliases.empty()) take(live, flatten(live.declaration));
    look_up_groups(live);
    put_back_good(live);
    if (const auto known = before.find(key); known != before.end()) {
      live.first_round = known->second.first_round;
      live.since = known->second.since;
      if (live.declaration.aliases.empty() && known->second.declaration.aliases.empty())
        live.ramp = known->second.ramp.carried(known->second.declaration.pool, live.declaration.pool);
      // With other members, what answers is published anew.
      if (known->second.declaration.pool == live.declaration.pool && known->second.flat == live.flat &&
          known->second.declaration.is_checked() == live.declaration.is_checked()) {
        live.is_published = known->second.is_published;
        live.sides = std::move(known->second.sides);
        live.parts = std::move(known->second.parts);
      }
      before.erase(known);
    }
    use(live);
    for (const zones::Name& name : live.declaration.names_to_know()) alias_users_[name].insert(key);
    zones_[live.declaration.zone].insert(key);
    names_.insert_or_assign(key, std::move(live));
  }
  // The answers of names that are gone stay in the table: the zones that workers still have may refer to them. Of those that
  // go on with other types, what these answer is put together anew.
  for (const auto& [key, gone] : before) {
    for (auto at = names_.lower_bound({key.first, {}}); at != names_.end() && at->first.first == key.first;
         ++at)
      at->second.is_published = false;
  }
  forget_unused_verdicts();
  forget_unused_good();
  std::erase_if(aliases_, [this](const auto& known) { return alias_users_.count(known.first.first) == 0; });
  refresh_all();
}

void LiveNames::use(const Live& live) {
  for (std::size_t i = 0; i < live.declaration.pool.members.size(); ++i)
    users_[user_key(live.declaration, i)].insert(key_of(live.declaration));
}

void LiveNames::let_go(const Live& live) {
  for (std::size_t i = 0; i < live.declaration.pool.members.size(); ++i) {
    const auto users = users_.find(user_key(live.declaration, i));
    if (users == users_.end()) continue;
    users->second.erase(key_of(live.declaration));
    if (users->second.empty()) users_.erase(users);
  }
}

void LiveNames::forget_unused_verdicts() {
  const auto is_unused = [this](const auto& known) { return users_.count(known.first) == 0; };
  std::erase_if(verdicts_, is_unused);
  std::erase_if(doubts_, is_unused);
}

zones::LiveRecords LiveNames::records(const Live& live, Family family) const {
  const zones::Pool& pool = live.declaration.pool;
  zones::LiveRecords records = zones::records_of(pool, live.side(family).selection, *geography_, live.parts);
  if (live.declaration.aliases.empty()) return records;
  limit(records, live.flat_of(family), pool.rules().ttl);
  leave_out(live, records);
  return records;
}

std::shared_ptr<const zones::LiveAnswer> LiveNames::answer(LiveIndex index) const {
  const Live* addresses = nullptr;
  zones::LiveAnswer::Others others;
  for (auto at = names_.lower_bound({index, {}}); at != names_.end() && at->first.first == index; ++at) {
    const Live& live = at->second;
    if (!live.is_published) continue;
    if (live.declaration.type == zones::RrType::A) {
      addresses = &live;
    } else {
      others.emplace_back(live.declaration.type, records(live, Family::record));
    }
  }
  if (addresses == nullptr) return std::make_shared<zones::LiveAnswer>(others);
  return std::make_shared<zones::LiveAnswer>(records(*addresses, Family::v4), records(*addresses, Family::v6),
                                             others);
}

void LiveNames::refresh_all() {
  Changes changes;
  for (auto& [key, live] : names_) refresh(live, changes);
  publish(changes);
}

void LiveNames::publish(const Changes& changes) {
  if (!changes.answers.empty()) {
    auto before = table_.get();
    table_.publish(before->with(changes.answers));
    if (changes.answers.size() > kFewAnswers) retired_.add(std::move(before));
    tell_touched(changes);
  }
  for (const auto& [is_bad, line] : changes.lines)
    spdlog::log(is_bad ? spdlog::level::warn : spdlog::level::info, "{}", line);
}

void LiveNames::locate(std::shared_ptr<const zones::Geography> geography) {
  const std::lock_guard lock(mutex_);
  geography_ = std::move(geography);
  // Their answers go by the numbers of regions, and come into service together with the places that have these.
  Changes changes;
  for (auto& [key, live] : names_) {
    const zones::Pool& pool = live.declaration.pool;
    const bool is_near = std::any_of(pool.parts.begin(), pool.parts.end(), [](const auto& part) {
      return part.rules.policy == zones::Policy::nearest;
    });
    if (!live.is_published || !is_near) continue;
    changes.answers.emplace_back(key.first, answer(key.first));
  }
  table_.publish(table_.get()->with(changes.answers, geography_->places()));
}

void LiveNames::place(health::Locations locations) {
  const std::lock_guard lock(mutex_);
  locations_ = std::move(locations);
  refresh_all();
}

void LiveNames::decide(health::OverrideSet overrides) {
  const std::lock_guard lock(mutex_);
  const health::OverrideSet before = std::exchange(overrides_, std::move(overrides));
  const std::vector<health::Subject> subjects = difference(before, overrides_);
  Changes changes;
  for (auto& [key, live] : names_) {
    const bool has_more = live.flat.v4.networks != nullptr || live.flat.v6.networks != nullptr;
    if (live.is_published && has_more) changes.answers.emplace_back(key.first, answer(key.first));
  }
  std::set<Key> concerned;
  if (subjects.size() > kFewSubjects) {
    for (const auto& [key, live] : names_) concerned.insert(key);
  } else {
    for (const health::Subject& subject : subjects) {
      for (const Live* live : candidates(subject)) {
        if (is_concerned(live->declaration, subject)) concerned.insert(key_of(live->declaration));
      }
    }
  }
  for (const Key& key : concerned) refresh(names_.at(key), changes);
  publish(changes);
}

std::vector<const LiveNames::Live*> LiveNames::candidates(const health::Subject& subject) const {
  std::vector<const Live*> all;
  if (!subject.address) {
    for (const auto& [key, live] : names_) all.push_back(&live);
    return all;
  }
  std::set<Key> keys;
  for (auto at = users_.lower_bound({"", *subject.address});
       at != users_.end() && at->first.address == *subject.address; ++at)
    keys.insert(at->second.begin(), at->second.end());
  for (const Key& key : keys) all.push_back(&names_.at(key));
  return all;
}

bool LiveNames::is_concerned(const LiveDeclaration& declaration, const health::Subject& subject) const {
  const std::vector<zones::MemberIndex> all = declaration.pool.all();
  return std::any_of(all.begin(), all.end(), [&](zones::MemberIndex i) {
    return is_about(subject, member_of(declaration, i), locations_);
  });
}

bool LiveNames::has(const health::Subject& subject) const {
  const std::lock_guard lock(mutex_);
  const std::vector<const Live*> all = candidates(subject);
  return std::any_of(all.begin(), all.end(),
                     [&](const Live* live) { return is_concerned(live->declaration, subject); });
}

std::vector<health::Target> LiveNames::targets() const {
  const std::lock_guard lock(mutex_);
  std::map<health::TargetId, health::Target> targets;
  for (const auto& [index, live] : names_) {
    const auto& members = live.declaration.pool.members;
    for (std::size_t i = 0; i < members.size(); ++i) {
      const auto id = target_of(live.declaration, i);
      if (!id) continue;
      const auto target =
          targets.try_emplace(*id, health::Target{*id, live.declaration.source_of(i).monitor, ""}).first;
      if (target->second.location.empty()) target->second.location = members[i].location;
    }
  }
  std::vector<health::Target> all;
  all.reserve(targets.size());
  for (auto& [id, target] : targets) all.push_back(std::move(target));
  return all;
}

void LiveNames::changed(std::span<const MovedTarget> moved) {
  const std::lock_guard lock(mutex_);
  std::set<Key> concerned;
  for (const MovedTarget& one : moved) {
    const auto users = users_.find(one.target);
    if (users == users_.end()) continue;  // a reload took it away meanwhile
    verdicts_[one.target] = one.verdict;
    note_doubt(one.target, one.doubt);
    concerned.insert(users->second.begin(), users->second.end());
  }
  Changes changes;
  for (const Key& key : concerned) refresh(names_.at(key), changes);
  publish(changes);
}

void LiveNames::tick() {
  const std::lock_guard lock(mutex_);
  Changes changes;
  std::erase_if(growing_, [&](const Key& key) {
    const auto found = names_.find(key);
    if (found == names_.end()) return true;  // a reload took it away meanwhile
    Live& live = found->second;
    live.ramp.tick(live.declaration.pool, now_());
    std::vector<std::uint32_t> parts = live.ramp.parts(live.declaration.pool, now_());
    if (live.is_published && parts != live.parts) {
      live.parts = std::move(parts);
      changes.answers.emplace_back(key.first, answer(key.first));
    }
    return live.ramp.empty();
  });
  shrink(changes);
  publish(changes);
}

zones::MemberStates LiveNames::states(const Live& live, const Known& known) {
  const zones::Pool& pool = live.declaration.pool;
  zones::MemberStates states(pool.members.size() + pool.groups.size(), MemberState::unknown);
  for (const zones::MemberIndex i : pool.all()) {
    MemberState& state = states[pool.place(i)];
    const health::Override* decided = known.overrides.find(member_of(live.declaration, i), known.locations);
    if (decided != nullptr) {
      state = state_of(decided->decision);
    } else if (i >= zones::kGroup) {
      if (live.missing[i - zones::kGroup]) state = MemberState::down;
    } else if (const auto target = target_of(live.declaration, i); target && !known.first_round) {
      const auto verdict = known.verdicts.find(*target);
      if (verdict != known.verdicts.end()) state = state_of(verdict->second);
    }
  }
  return states;
}

void LiveNames::refresh(Live& live, Changes& changes, std::optional<Family> only) {
  const LiveDeclaration& declaration = live.declaration;
  const zones::Pool& pool = declaration.pool;
  if (live.first_round) {
    live.first_round = false;
    for (std::size_t i = 0; i < pool.members.size(); ++i) {
      const auto target = target_of(declaration, i);
      live.first_round = live.first_round || (target && verdicts_.count(*target) == 0);
    }
  }
  const auto now = states(live, known_now(live));
  live.ramp.saw(pool, whole_states(pool, now), now_());
  if (!live.ramp.empty()) growing_.insert(key_of(declaration));
  look_at_doubts(live);
  // How long it may be kept is no other answer: nobody need be told.
  bool is_same = live.is_published, is_told = !live.is_published;
  for (Side& side : live.sides) {
    Selection selection = select(pool, now, side.family, side.good, live.doubts);
    if (is_good(selection.rule)) take_good(live, side, selection);
    is_same = is_same && selection == side.selection;
    is_told = is_told || !is_same_but_for_ttl(selection, side.selection);
    side.selection = std::move(selection);
  }
  if (is_same) return;

  live.is_published = true;
  live.parts = live.ramp.parts(pool, now_());
  if (is_told) live.since = std::chrono::system_clock::now();
  changes.answers.emplace_back(declaration.index, answer(declaration.index));
  if (!is_told) return;
  for (const Side& side : live.sides) {
    if (only && *only != side.family) continue;
    const Selection& selection = side.selection;
    const zones::Flattened& flat = live.flat_of(side.family);
    const bool is_known = selection.rule != zones::Rule::none;
    if (!is_known && flat.state == zones::AliasState::unknown) continue;
    const bool is_bad = (is_known && !is_good(selection.rule) && selection.rule != zones::Rule::drained) ||
                        flat.state == zones::AliasState::stale || flat.state == zones::AliasState::failed;
    changes.lines.emplace_back(is_bad,
                               fmt::format("{} {}: now answers {} ({}), TTL {} s", declaration.name.text(),
                                           type_text(declaration, side.family), list(pool, selection),
                                           why(declaration, selection, flat), selection.ttl));
  }
}

}  // namespace holdfast::server
