// What LiveNames tells people of what it has: status, who uses a target, what an override would do.

#include <fmt/format.h>

#include <algorithm>

#include "server/live_names.h"

namespace holdfast::server {
namespace {

using zones::Family;
using zones::MemberState;
using zones::Selection;

constexpr std::size_t kMaxAnswersTold = 5;  // live names

/// "www.example.com. A: 192.0.2.10 (alive), TTL 30 s"
std::string line_of(const LiveDeclaration& declaration, Family family, const Selection& selection,
                    const zones::Flattened& flat) {
  return fmt::format("{} {}: {} ({}), TTL {} s", declaration.name.text(), type_text(declaration, family),
                     list(declaration.pool, selection), why(declaration, selection, flat), selection.ttl);
}

health::Verdict verdict_of(MemberState state) {
  switch (state) {
    case MemberState::up: return health::Verdict::up;
    case MemberState::down: return health::Verdict::down;
    case MemberState::unknown:
    case MemberState::drained: break;
  }
  return health::Verdict::unknown;
}

}  // namespace

Effect LiveNames::effect(const health::OverrideSet& overrides, const health::Subject& subject) const {
  const std::lock_guard lock(mutex_);
  Effect effect;
  std::set<std::string> users;
  const health::Override* meant = overrides.find(subject);
  for (const Live* one : candidates(subject)) {
    const Live& live = *one;
    const LiveDeclaration& declaration = live.declaration;
    const zones::Pool& pool = declaration.pool;
    std::set<std::string> concerned;
    for (const zones::MemberIndex i : pool.all()) {
      const health::Member member = member_of(declaration, i);
      if (!is_about(subject, member, locations_)) continue;
      concerned.insert(member.pool);
      const health::Override* decided = overrides.find(member, locations_);
      if (meant != nullptr && decided != nullptr && decided != meant &&
          effect.overruled.size() < kMaxAnswersTold)
        effect.overruled.push_back(fmt::format("{}/{}: {}", member.pool, text(pool, i), report(*decided)));
    }
    if (concerned.empty()) continue;
    users.insert(concerned.begin(), concerned.end());
    const auto states = this->states(live, {verdicts_, overrides, locations_, live.first_round});
    for (const Side& side : live.sides) {
      const Selection then = select(pool, states, side.family, side.good);
      if (then.rule == zones::Rule::none) continue;
      const std::string line = line_of(declaration, side.family, then, live.flat_of(side.family));
      if (effect.answers.size() < kMaxAnswersTold) effect.answers.push_back(line);
      if (zones::text(then) == zones::text(side.selection)) continue;
      if (then.rule == zones::Rule::all_drained && effect.nobody.empty()) effect.nobody = line;
      const bool is_worse = !is_good(then.rule) || then.part != 0;
      if (is_worse && effect.doubtful.empty()) effect.doubtful = line;
    }
  }
  effect.used_by.assign(users.begin(), users.end());
  return effect;
}

std::vector<std::string> LiveNames::used_by(const health::TargetId& target) const {
  const std::lock_guard lock(mutex_);
  std::set<std::string> names;
  if (const auto users = users_.find(target); users != users_.end()) {
    for (const Key& key : users->second) {
      const LiveDeclaration& declaration = names_.at(key).declaration;
      for (std::size_t i = 0; i < declaration.pool.members.size(); ++i) {
        if (target_of(declaration, i) == target) names.insert(member_of(declaration, i).pool);
      }
    }
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> LiveNames::answers_with(const health::TargetId& target) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> lines;
  const auto users = users_.find(target);
  if (users == users_.end()) return lines;
  for (const Key& key : users->second) {
    const Live& live = names_.at(key);
    const Side& side = live.sides[live.sides.size() == 1 || target.address.is_v4() ? 0 : 1];
    if (lines.size() == kMaxAnswersTold) return lines;
    lines.push_back(line_of(live.declaration, side.family, side.selection, live.flat_of(side.family)));
  }
  return lines;
}

std::vector<health::Subject> LiveNames::manual(const health::TargetId& target) const {
  const std::lock_guard lock(mutex_);
  std::set<health::Subject> members;
  if (const auto users = users_.find(target); users != users_.end()) {
    for (const Key& key : users->second) {
      const LiveDeclaration& declaration = names_.at(key).declaration;
      for (std::size_t i = 0; i < declaration.pool.members.size(); ++i) {
        if (declaration.source_of(i).is_manual && target_of(declaration, i) == target)
          members.insert(
              {health::Subject::Kind::member_of_pool, member_of(declaration, i).pool, target.address});
      }
    }
  }
  return {members.begin(), members.end()};
}

std::vector<MemberStatus> LiveNames::members(const Live& live) const {
  const LiveDeclaration& declaration = live.declaration;
  const zones::Pool& pool = declaration.pool;
  std::set<zones::MemberIndex> answering;
  for (const Side& side : live.sides) {
    for (const zones::MemberIndex i : zones::all_of(side.selection)) answering.insert(i);
    answering.insert(side.selection.members.begin(), side.selection.members.end());
  }
  const zones::MemberStates whole = whole_states(pool, states(live, known_now(live)));
  std::vector<MemberStatus> all;
  for (const zones::MemberIndex i : pool.all()) {
    const health::Member member = member_of(declaration, i);
    const health::Override* decided = overrides_.find(member, locations_);
    const bool is_group = pool.group(i) != nullptr;
    const std::size_t part = pool.part_of(i);
    MemberStatus status{.depth = pool.depth(part),
                        .tier = pool.tier(i),
                        .verdict = health::Verdict::unknown,
                        .answering = answering.contains(i),
                        .location = pool.location(i),
                        .pool = member.pool,
                        .monitor = declaration.monitor_of(i),
                        .decided = decided == nullptr ? std::nullopt : std::optional(*decided)};
    if (is_group) {
      status.is_pool = !pool.group(i)->is_record();
      status.name = text(pool, i);
      status.verdict = verdict_of(whole[pool.place(i)]);
    } else {
      status.address = member.address;
      status.of = member.name;
      const auto target = target_of(declaration, i);
      const auto known = target ? verdicts_.find(*target) : verdicts_.end();
      if (known != verdicts_.end()) status.verdict = known->second;
    }
    all.push_back(std::move(status));
  }
  return all;
}

std::vector<LiveNameStatus> LiveNames::status() const {
  const std::lock_guard lock(mutex_);
  std::vector<LiveNameStatus> result;
  for (const auto& one : names_) {
    const Live& live = one.second;
    const LiveDeclaration& declaration = live.declaration;
    LiveNameStatus status;
    status.zone = declaration.zone.text();
    status.name = declaration.name.text();
    status.type = declaration.type;
    status.index = declaration.index;
    status.pool = declaration.sources.front().pool;
    status.monitor = declaration.sources.front().monitor.name;
    status.policy = declaration.pool.rules().policy;
    for (const zones::Name& alias : declaration.aliases) status.aliases.push_back(alias.text());
    status.members = members(live);
    const Side* shown = &live.sides.front();
    if (shown->selection.rule == zones::Rule::none) shown = &live.sides.back();
    const auto why_of = [&](const Side& side) {
      return why(declaration, side.selection, live.flat_of(side.family));
    };
    status.rule = why_of(*shown);
    const std::string other = why_of(live.sides.back());
    const bool has_both = std::none_of(live.sides.begin(), live.sides.end(), [](const Side& side) {
      return side.selection.rule == zones::Rule::none;
    });
    if ((has_both || !declaration.aliases.empty()) && other != status.rule)
      status.rule = "A " + why_of(live.sides.front()) + ", AAAA " + other;
    const zones::Flattened& flat = live.flat_of(shown->family);
    status.ttl = declaration.aliases.empty() ? shown->selection.ttl : ttl_now(shown->selection, flat);
    status.since = live.since;
    result.push_back(std::move(status));
  }
  return result;
}

}  // namespace holdfast::server
