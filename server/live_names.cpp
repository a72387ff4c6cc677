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

/// The pool, or the name itself where its own records are the members.
std::string user(const LiveDeclaration& declaration) {
  return declaration.pool_name.empty() ? declaration.name.text() : declaration.pool_name;
}

health::Member member_of(const LiveDeclaration& declaration, std::size_t member) {
  const zones::MemberSettings& settings = declaration.pool.members[member];
  return {user(declaration), settings.address, settings.location};
}

health::TargetId target_of(const LiveDeclaration& declaration, std::size_t member) {
  return {declaration.monitor.name, declaration.pool.members[member].address};
}

std::vector<std::uint8_t> addresses(const zones::Pool& pool, const Selection& selection) {
  std::vector<std::uint8_t> octets;
  for (const std::size_t i : selection.members) {
    const auto& address = pool.members[i].address;
    if (address.is_v4()) {
      const auto bytes = address.to_v4().to_bytes();
      octets.insert(octets.end(), bytes.begin(), bytes.end());
    } else {
      const auto bytes = address.to_v6().to_bytes();
      octets.insert(octets.end(), bytes.begin(), bytes.end());
    }
  }
  return octets;
}

constexpr std::size_t kMaxAnswersTold = 5;  // live names

std::string list(const zones::Pool& pool, const Selection& selection) {
  std::string text;
  for (const std::size_t i : selection.members) {
    text += (text.empty() ? "" : ", ") + pool.members[i].address.to_string();
  }
  return (text.empty() ? "nobody" : text) + " (" + zones::text(selection.rule, selection.tier) + ")";
}

/// "www.example.com. A: 192.0.2.10 (alive), TTL 30 s"
std::string answer(const LiveDeclaration& declaration, const char* type, const Selection& selection) {
  return fmt::format("{} {}: {}, TTL {} s", declaration.name.text(), type, list(declaration.pool, selection),
                     selection.ttl);
}

}  // namespace

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
  std::map<LiveIndex, Live> before;
  before.swap(names_);
  users_.clear();
  for (LiveDeclaration& declaration : declarations) {
    const LiveIndex index = declaration.index;
    Live live;
    live.declaration = std::move(declaration);
    if (const auto known = before.find(index); known != before.end()) {
      live.first_round = known->second.first_round;
      live.since = known->second.since;
      // With other members, what answers is published anew.
      if (known->second.declaration.pool == live.declaration.pool) {
        live.v4 = std::move(known->second.v4);
        live.v6 = std::move(known->second.v6);
      }
      before.erase(known);
    }
    for (std::size_t i = 0; i < live.declaration.pool.members.size(); ++i) {
      users_[target_of(live.declaration, i)].insert(index);
    }
    names_.insert_or_assign(index, std::move(live));
  }
  std::erase_if(verdicts_, [this](const auto& known) { return users_.count(known.first) == 0; });
  // The answers of names that are gone stay in the table: the zones that workers still have may refer to them.
  refresh_all();
}

void LiveNames::refresh_all() {
  for (auto& [index, live] : names_) refresh(live);
}

void LiveNames::place(health::Locations locations) {
  const std::lock_guard lock(mutex_);
  locations_ = std::move(locations);
  refresh_all();
}

void LiveNames::decide(health::OverrideSet overrides) {
  const std::lock_guard lock(mutex_);
  overrides_ = std::move(overrides);
  refresh_all();
}

std::vector<health::Target> LiveNames::targets() const {
  const std::lock_guard lock(mutex_);
  std::map<health::TargetId, std::string_view> locations;  // of the first member that has one
  for (const auto& [index, live] : names_) {
    const auto& members = live.declaration.pool.members;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (!members[i].location.empty())
        locations.try_emplace(target_of(live.declaration, i), members[i].location);
    }
  }
  std::vector<health::Target> targets;
  for (const auto& [id, users] : users_) {
    const auto location = locations.find(id);
    targets.push_back({id, names_.at(*users.begin()).declaration.monitor,
                       location != locations.end() ? std::string(location->second) : ""});
  }
  return targets;
}

void LiveNames::changed(const health::TargetId& target, health::Verdict verdict) {
  const std::lock_guard lock(mutex_);
  const auto users = users_.find(target);
  if (users == users_.end()) return;  // a reload took it away meanwhile
  verdicts_[target] = verdict;
  for (const LiveIndex index : users->second) refresh(names_.at(index));
}

std::vector<MemberState> LiveNames::states(const Live& live, const health::OverrideSet& overrides) const {
  std::vector<MemberState> states(live.declaration.pool.members.size(), MemberState::unknown);
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (const health::Override* decided = overrides.find(member_of(live.declaration, i), locations_)) {
      states[i] = state_of(decided->decision);
    } else if (!live.first_round) {
      const auto known = verdicts_.find(target_of(live.declaration, i));
      if (known != verdicts_.end()) states[i] = state_of(known->second);
    }
  }
  return states;
}

Effect LiveNames::effect(const health::OverrideSet& overrides, const health::Subject& subject) const {
  const std::lock_guard lock(mutex_);
  Effect effect;
  std::set<std::string> users;
  const health::Override* meant = overrides.find(subject);
  for (const auto& [index, live] : names_) {
    const LiveDeclaration& declaration = live.declaration;
    const zones::Pool& pool = declaration.pool;
    bool is_concerned = false;
    for (std::size_t i = 0; i < pool.members.size(); ++i) {
      const health::Member member = member_of(declaration, i);
      if (!is_about(subject, member, locations_)) continue;
      is_concerned = true;
      const health::Override* decided = overrides.find(member, locations_);
      if (meant != nullptr && decided != meant && effect.overruled.size() < kMaxAnswersTold) {
        effect.overruled.push_back(
            fmt::format("{}/{}: {}", member.pool, member.address.to_string(), report(*decided)));
      }
    }
    if (!is_concerned) continue;
    users.insert(user(declaration));
    const auto states = this->states(live, overrides);
    const Selection v4 = select(pool, states, Family::v4);
    const Selection v6 = select(pool, states, Family::v6);
    for (const auto& [type, now, then] :
         {std::tuple("A", &live.v4, &v4), std::tuple("AAAA", &live.v6, &v6)}) {
      if (then->rule == zones::Rule::none) continue;
      const std::string line = answer(declaration, type, *then);
      if (effect.answers.size() < kMaxAnswersTold) effect.answers.push_back(line);
      if (then->rule == now->rule) continue;
      if (then->rule == zones::Rule::all_drained && effect.nobody.empty()) effect.nobody = line;
      const bool is_worse = then->rule == zones::Rule::all_down || then->rule == zones::Rule::drained;
      if (is_worse && effect.doubtful.empty()) effect.doubtful = line;
    }
  }
  effect.used_by.assign(users.begin(), users.end());
  return effect;
}

void LiveNames::refresh(Live& live) {
  const LiveDeclaration& declaration = live.declaration;
  const zones::Pool& pool = declaration.pool;
  if (live.first_round) {
    live.first_round = false;
    for (std::size_t i = 0; i < pool.members.size(); ++i) {
      live.first_round = live.first_round || verdicts_.count(target_of(declaration, i)) == 0;
    }
  }
  const auto now = states(live, overrides_);
  Selection v4 = select(pool, now, Family::v4);
  Selection v6 = select(pool, now, Family::v6);
  const auto served = table_.get();
  if (served->find(declaration.index) != nullptr && v4 == live.v4 && v6 == live.v6) return;

  table_.publish(served->with(
      declaration.index,
      std::make_shared<zones::LiveAnswer>(addresses(pool, v4), v4.ttl, addresses(pool, v6), v6.ttl)));
  live.v4 = std::move(v4);
  live.v6 = std::move(v6);
  live.since = std::chrono::system_clock::now();
  for (const auto& [type, selection] : {std::pair("A", &live.v4), std::pair("AAAA", &live.v6)}) {
    if (selection->rule == zones::Rule::none) continue;
    const bool is_guess =
        selection->rule == zones::Rule::all_down || selection->rule == zones::Rule::all_drained;
    spdlog::log(is_guess ? spdlog::level::warn : spdlog::level::info, "{} {}: now answers {}, TTL {} s",
                declaration.name.text(), type, list(pool, *selection), selection->ttl);
  }
}

std::vector<std::string> LiveNames::used_by(const health::TargetId& target) const {
  const std::lock_guard lock(mutex_);
  std::set<std::string> names;
  if (const auto users = users_.find(target); users != users_.end()) {
    for (const LiveIndex index : users->second) {
      names.insert(user(names_.at(index).declaration));
    }
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> LiveNames::answers_with(const health::TargetId& target) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> lines;
  const auto users = users_.find(target);
  if (users == users_.end()) return lines;
  for (const LiveIndex index : users->second) {
    const Live& live = names_.at(index);
    const bool is_v4 = target.address.is_v4();
    if (lines.size() == kMaxAnswersTold) return lines;
    lines.push_back(answer(live.declaration, is_v4 ? "A" : "AAAA", is_v4 ? live.v4 : live.v6));
  }
  return lines;
}

std::vector<LiveNameStatus> LiveNames::status() const {
  const std::lock_guard lock(mutex_);
  std::vector<LiveNameStatus> result;
  for (const auto& [index, live] : names_) {
    const LiveDeclaration& declaration = live.declaration;
    LiveNameStatus status;
    status.zone = declaration.zone.text();
    status.name = declaration.name.text();
    status.index = index;
    status.pool = declaration.pool_name;
    status.monitor = declaration.monitor.name;
    status.policy = declaration.pool.policy;
    const auto& members = declaration.pool.members;
    for (std::size_t i = 0; i < members.size(); ++i) {
      const Selection& selection = members[i].address.is_v4() ? live.v4 : live.v6;
      const auto known = verdicts_.find(target_of(declaration, i));
      const health::Override* decided = overrides_.find(member_of(declaration, i), locations_);
      status.members.push_back(
          {.address = members[i].address,
           .tier = members[i].tier,
           .verdict = known == verdicts_.end() ? health::Verdict::unknown : known->second,
           .answering = std::count(selection.members.begin(), selection.members.end(), i) != 0,
           .location = members[i].location,
           .decided = decided == nullptr ? std::nullopt : std::optional(*decided)});
    }
    const Selection& shown = live.v4.rule != zones::Rule::none ? live.v4 : live.v6;
    status.rule = zones::text(shown.rule, shown.tier);
    if (live.v4.rule != zones::Rule::none && live.v6.rule != zones::Rule::none &&
        (live.v6.rule != live.v4.rule || live.v6.tier != live.v4.tier)) {
      status.rule = "A " + status.rule + ", AAAA " + zones::text(live.v6.rule, live.v6.tier);
    }
    status.ttl = shown.ttl;
    status.since = live.since;
    result.push_back(std::move(status));
  }
  return result;
}

}  // namespace holdfast::server
