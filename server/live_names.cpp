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
std::string user(const LiveDeclaration& declaration, const LiveDeclaration::Source& source) {
  return source.pool.empty() ? declaration.name.text() : source.pool;
}

zones::LiveRecords records(const zones::Pool& pool, const Selection& selection,
                           const zones::Geography& geography, const std::vector<std::uint32_t>& parts) {
  zones::LiveRecords records;
  records.choice = zones::choice(pool, selection, geography, parts);
  for (const std::size_t i : selection.members) records.addresses.push_back(pool.members[i].address);
  records.ttl = selection.ttl;
  // That there are none may change as soon as any answer of the pool.
  const bool is_passing = selection.rule == zones::Rule::nodata || selection.rule == zones::Rule::drained;
  records.negative_ttl = is_passing ? selection.ttl : 0;
  records.is_failed = selection.rule == zones::Rule::servfail;
  return records;
}

constexpr std::size_t kMaxAnswersTold = 5;  // live names
constexpr std::size_t kFewSubjects = 8;     // with more it is as quick to choose anew for all names
constexpr std::size_t kFewAnswers = 100;    // a table that lost so many is freed in no time

/// "www.example.com. A: 192.0.2.10 (alive), TTL 30 s"
std::string line_of(const LiveDeclaration& declaration, const char* type, const Selection& selection,
                    const zones::Flattened& flat) {
  return fmt::format("{} {}: {} ({}), TTL {} s", declaration.name.text(), type,
                     list(declaration.pool, selection), why(declaration, selection, flat), selection.ttl);
}

/// About whom something else is decided.
std::vector<health::Subject> difference(const health::OverrideSet& before, const health::OverrideSet& after) {
  std::vector<health::Subject> subjects;
  const auto add = [&](const health::OverrideSet& these, const health::OverrideSet& those) {
    for (const health::Override& one : these.all()) {
      const health::Override* const other = those.find(one.subject);
      if (other == nullptr || other->decision != one.decision) subjects.push_back(one.subject);
    }
  };
  add(before, after);
  add(after, before);
  return subjects;
}

}  // namespace

std::string list(const zones::Pool& pool, const Selection& selection) {
  std::string text;
  for (const std::size_t i : selection.members) {
    text += (text.empty() ? "" : ", ") + pool.members[i].address.to_string();
  }
  if (selection.each < selection.members.size()) {
    text.insert(0, fmt::format("{} of ", selection.each));
    if (is_drawn(selection.policy)) text += fmt::format(" ({})", zones::text(selection.policy));
  }
  return text.empty() ? "nobody" : text;
}

health::Member member_of(const LiveDeclaration& declaration, std::size_t member) {
  const zones::MemberSettings& settings = declaration.pool.members[member];
  return {user(declaration, declaration.source_of(member)), settings.address, settings.location};
}

std::optional<health::TargetId> target_of(const LiveDeclaration& declaration, std::size_t member) {
  const std::string& monitor = declaration.source_of(member).monitor.name;
  if (monitor.empty()) return std::nullopt;
  return health::TargetId{monitor, declaration.pool.members[member].address};
}

std::string why(const LiveDeclaration& declaration, const Selection& selection,
                const zones::Flattened& flat) {
  if (declaration.aliases.empty()) return zones::text(selection);
  const std::string known = zones::text(flat.state);
  const bool is_chosen = selection.rule != zones::Rule::none && declaration.is_checked();
  return is_chosen ? known + ", " + zones::text(selection) : known;
}

std::uint32_t ttl_now(const Selection& selection, const zones::Flattened& flat) {
  zones::LiveRecords records{.choice = {}, .addresses = {}, .ttl = selection.ttl};
  zones::limit(records, flat, selection.ttl);
  const bool is_empty = flat.state == zones::AliasState::nodata;
  return zones::ttl_at(is_empty ? records.negative_ttl : records.ttl, records.until,
                       zones::AliasClock::now());
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
  std::map<LiveIndex, Live> before;
  before.swap(names_);
  users_.clear();
  alias_users_.clear();
  for (LiveDeclaration& declaration : declarations) {
    const LiveIndex index = declaration.index;
    Live live;
    live.declaration = std::move(declaration);
    if (!live.declaration.aliases.empty()) take(live, flatten(live.declaration));
    if (const auto known = before.find(index); known != before.end()) {
      live.first_round = known->second.first_round;
      live.since = known->second.since;
      if (live.declaration.aliases.empty() && known->second.declaration.aliases.empty())
        live.ramp = known->second.ramp.carried(known->second.declaration.pool, live.declaration.pool);
      // With other members, what answers is published anew.
      if (known->second.declaration.pool == live.declaration.pool && known->second.flat == live.flat &&
          known->second.declaration.is_checked() == live.declaration.is_checked()) {
        live.is_published = known->second.is_published;
        live.v4 = std::move(known->second.v4);
        live.v6 = std::move(known->second.v6);
        live.good_v4 = std::move(known->second.good_v4);
        live.good_v6 = std::move(known->second.good_v6);
        live.parts = std::move(known->second.parts);
      }
      before.erase(known);
    }
    use(live);
    for (const zones::Name& alias : live.declaration.aliases) alias_users_[alias].insert(index);
    names_.insert_or_assign(index, std::move(live));
  }
  forget_unused_verdicts();
  std::erase_if(aliases_, [this](const auto& known) { return alias_users_.count(known.first.first) == 0; });
  // The answers of names that are gone stay in the table: the zones that workers still have may refer to them.
  refresh_all();
}

void LiveNames::use(const Live& live) {
  for (std::size_t i = 0; i < live.declaration.pool.members.size(); ++i) {
    if (const auto target = target_of(live.declaration, i)) users_[*target].insert(live.declaration.index);
  }
}

void LiveNames::let_go(const Live& live) {
  for (std::size_t i = 0; i < live.declaration.pool.members.size(); ++i) {
    const auto target = target_of(live.declaration, i);
    const auto users = target ? users_.find(*target) : users_.end();
    if (users == users_.end()) continue;
    users->second.erase(live.declaration.index);
    if (users->second.empty()) users_.erase(users);
  }
}

void LiveNames::forget_unused_verdicts() {
  std::erase_if(verdicts_, [this](const auto& known) { return users_.count(known.first) == 0; });
}

std::shared_ptr<const zones::LiveAnswer> LiveNames::answer(const Live& live) const {
  const zones::Pool& pool = live.declaration.pool;
  zones::LiveRecords v4 = records(pool, live.v4, *geography_, live.parts),
                     v6 = records(pool, live.v6, *geography_, live.parts);
  if (!live.declaration.aliases.empty()) {
    limit(v4, live.flat.v4, pool.rules().ttl);
    limit(v6, live.flat.v6, pool.rules().ttl);
    leave_out(live, v4);
    leave_out(live, v6);
  }
  return std::make_shared<zones::LiveAnswer>(v4, v6);
}

void LiveNames::refresh_all() {
  Changes changes;
  for (auto& [index, live] : names_) refresh(live, changes);
  publish(changes);
}

void LiveNames::publish(const Changes& changes) {
  if (!changes.answers.empty()) {
    auto before = table_.get();
    table_.publish(before->with(changes.answers));
    if (changes.answers.size() > kFewAnswers) retired_.add(std::move(before));
  }
  for (const auto& [is_bad, line] : changes.lines)
    spdlog::log(is_bad ? spdlog::level::warn : spdlog::level::info, "{}", line);
}

void LiveNames::locate(std::shared_ptr<const zones::Geography> geography) {
  const std::lock_guard lock(mutex_);
  geography_ = std::move(geography);
  // Their answers go by the numbers of regions, and come into service together with the places that have these.
  Changes changes;
  for (auto& [index, live] : names_) {
    const zones::Pool& pool = live.declaration.pool;
    const bool is_near = std::any_of(pool.parts.begin(), pool.parts.end(), [](const auto& part) {
      return part.rules.policy == zones::Policy::nearest;
    });
    if (!live.is_published || !is_near) continue;
    changes.answers.emplace_back(index, answer(live));
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
  for (auto& [index, live] : names_) {
    const bool has_more = live.flat.v4.networks != nullptr || live.flat.v6.networks != nullptr;
    if (live.is_published && has_more) changes.answers.emplace_back(index, answer(live));
    if (subjects.size() > kFewSubjects || is_concerned(live.declaration, subjects)) refresh(live, changes);
  }
  publish(changes);
}

bool LiveNames::is_concerned(const LiveDeclaration& declaration,
                             const std::vector<health::Subject>& subjects) const {
  if (subjects.empty()) return false;
  for (std::size_t i = 0; i < declaration.pool.members.size(); ++i) {
    const health::Member member = member_of(declaration, i);
    if (std::any_of(subjects.begin(), subjects.end(),
                    [&](const health::Subject& one) { return is_about(one, member, locations_); }))
      return true;
  }
  return false;
}

bool LiveNames::has(const health::Subject& subject) const {
  const std::lock_guard lock(mutex_);
  const std::vector subjects{subject};
  return std::any_of(names_.begin(), names_.end(),
                     [&](const auto& one) { return is_concerned(one.second.declaration, subjects); });
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

void LiveNames::changed(const health::TargetId& target, health::Verdict verdict) {
  const std::lock_guard lock(mutex_);
  const auto users = users_.find(target);
  if (users == users_.end()) return;  // a reload took it away meanwhile
  verdicts_[target] = verdict;
  Changes changes;
  for (const LiveIndex index : users->second) refresh(names_.at(index), changes);
  publish(changes);
}

void LiveNames::tick() {
  const std::lock_guard lock(mutex_);
  Changes changes;
  std::erase_if(growing_, [&](LiveIndex index) {
    const auto found = names_.find(index);
    if (found == names_.end()) return true;  // a reload took it away meanwhile
    Live& live = found->second;
    live.ramp.tick(live.declaration.pool, now_());
    std::vector<std::uint32_t> parts = live.ramp.parts(live.declaration.pool, now_());
    if (live.is_published && parts != live.parts) {
      live.parts = std::move(parts);
      changes.answers.emplace_back(index, answer(live));
    }
    return live.ramp.empty();
  });
  publish(changes);
}

std::vector<MemberState> LiveNames::states(const Live& live, const Known& known) {
  std::vector<MemberState> states(live.declaration.pool.members.size(), MemberState::unknown);
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (const health::Override* decided =
            known.overrides.find(member_of(live.declaration, i), known.locations)) {
      states[i] = state_of(decided->decision);
    } else if (const auto target = target_of(live.declaration, i); target && !known.first_round) {
      const auto verdict = known.verdicts.find(*target);
      if (verdict != known.verdicts.end()) states[i] = state_of(verdict->second);
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
    std::set<std::string> concerned;
    for (std::size_t i = 0; i < pool.members.size(); ++i) {
      const health::Member member = member_of(declaration, i);
      if (!is_about(subject, member, locations_)) continue;
      concerned.insert(member.pool);
      const health::Override* decided = overrides.find(member, locations_);
      if (meant != nullptr && decided != meant && effect.overruled.size() < kMaxAnswersTold) {
        effect.overruled.push_back(
            fmt::format("{}/{}: {}", member.pool, member.address.to_string(), report(*decided)));
      }
    }
    if (concerned.empty()) continue;
    users.insert(concerned.begin(), concerned.end());
    const auto states = this->states(live, {verdicts_, overrides, locations_, live.first_round});
    const Selection v4 = select(pool, states, Family::v4, live.good_v4);
    const Selection v6 = select(pool, states, Family::v6, live.good_v6);
    for (const auto& [type, now, then] :
         {std::tuple("A", &live.v4, &v4), std::tuple("AAAA", &live.v6, &v6)}) {
      if (then->rule == zones::Rule::none) continue;
      const bool is_v4 = then == &v4;
      const std::string line = line_of(declaration, type, *then, is_v4 ? live.flat.v4 : live.flat.v6);
      if (effect.answers.size() < kMaxAnswersTold) effect.answers.push_back(line);
      if (zones::text(*then) == zones::text(*now)) continue;
      if (then->rule == zones::Rule::all_drained && effect.nobody.empty()) effect.nobody = line;
      const bool is_worse = !is_good(then->rule) || then->part != 0;
      if (is_worse && effect.doubtful.empty()) effect.doubtful = line;
    }
  }
  effect.used_by.assign(users.begin(), users.end());
  return effect;
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
  live.ramp.saw(pool, now, now_());
  if (!live.ramp.empty()) growing_.insert(declaration.index);
  Selection v4 = select(pool, now, Family::v4, live.good_v4);
  Selection v6 = select(pool, now, Family::v6, live.good_v6);
  if (is_good(v4.rule)) live.good_v4 = v4.members;
  if (is_good(v6.rule)) live.good_v6 = v6.members;
  if (live.is_published && v4 == live.v4 && v6 == live.v6) return;

  live.is_published = true;
  live.parts = live.ramp.parts(pool, now_());
  live.v4 = std::move(v4);
  live.v6 = std::move(v6);
  live.since = std::chrono::system_clock::now();
  changes.answers.emplace_back(declaration.index, answer(live));
  for (const Family family : {Family::v4, Family::v6}) {
    if (only && *only != family) continue;
    const bool is_v4 = family == Family::v4;
    const Selection* const selection = is_v4 ? &live.v4 : &live.v6;
    const zones::Flattened* const flat = is_v4 ? &live.flat.v4 : &live.flat.v6;
    const bool is_known = selection->rule != zones::Rule::none;
    if (!is_known && flat->state == zones::AliasState::unknown) continue;
    const bool is_bad = (is_known && !is_good(selection->rule) && selection->rule != zones::Rule::drained) ||
                        flat->state == zones::AliasState::stale || flat->state == zones::AliasState::failed;
    changes.lines.emplace_back(
        is_bad,
        fmt::format("{} {}: now answers {} ({}), TTL {} s", declaration.name.text(), is_v4 ? "A" : "AAAA",
                    list(pool, *selection), why(declaration, *selection, *flat), selection->ttl));
  }
}

std::vector<std::string> LiveNames::used_by(const health::TargetId& target) const {
  const std::lock_guard lock(mutex_);
  std::set<std::string> names;
  if (const auto users = users_.find(target); users != users_.end()) {
    for (const LiveIndex index : users->second) {
      const LiveDeclaration& declaration = names_.at(index).declaration;
      for (std::size_t i = 0; i < declaration.pool.members.size(); ++i) {
        if (target_of(declaration, i) == target) names.insert(user(declaration, declaration.source_of(i)));
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
  for (const LiveIndex index : users->second) {
    const Live& live = names_.at(index);
    const bool is_v4 = target.address.is_v4();
    if (lines.size() == kMaxAnswersTold) return lines;
    lines.push_back(line_of(live.declaration, is_v4 ? "A" : "AAAA", is_v4 ? live.v4 : live.v6,
                            is_v4 ? live.flat.v4 : live.flat.v6));
  }
  return lines;
}

std::vector<health::Subject> LiveNames::manual(const health::TargetId& target) const {
  const std::lock_guard lock(mutex_);
  std::set<health::Subject> members;
  if (const auto users = users_.find(target); users != users_.end()) {
    for (const LiveIndex index : users->second) {
      for (const LiveDeclaration::Source& source : names_.at(index).declaration.sources) {
        if (source.is_manual && source.monitor.name == target.monitor)
          members.insert({health::Subject::Kind::member_of_pool, source.pool, target.address});
      }
    }
  }
  return {members.begin(), members.end()};
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
    status.pool = declaration.sources.front().pool;
    status.monitor = declaration.sources.front().monitor.name;
    status.policy = declaration.pool.rules().policy;
    for (const zones::Name& alias : declaration.aliases) status.aliases.push_back(alias.text());
    const auto& members = declaration.pool.members;
    for (std::size_t i = 0; i < members.size(); ++i) {
      const Selection& selection = members[i].address.is_v4() ? live.v4 : live.v6;
      const auto target = target_of(declaration, i);
      const auto known = target ? verdicts_.find(*target) : verdicts_.end();
      const health::Override* decided = overrides_.find(member_of(declaration, i), locations_);
      status.members.push_back(
          {.address = members[i].address,
           .tier = members[i].tier,
           .verdict = known == verdicts_.end() ? health::Verdict::unknown : known->second,
           .answering = std::count(selection.members.begin(), selection.members.end(), i) != 0,
           .location = members[i].location,
           .fallback = declaration.pool.part_of(i) == 0 ? "" : declaration.source_of(i).pool,
           .decided = decided == nullptr ? std::nullopt : std::optional(*decided)});
    }
    const Selection& shown = live.v4.rule != zones::Rule::none ? live.v4 : live.v6;
    const zones::Flattened& flat = &shown == &live.v4 ? live.flat.v4 : live.flat.v6;
    status.rule = why(declaration, shown, flat);
    const std::string other = why(declaration, live.v6, live.flat.v6);
    const bool has_both = live.v4.rule != zones::Rule::none && live.v6.rule != zones::Rule::none;
    if ((has_both || !declaration.aliases.empty()) && other != status.rule) {
      status.rule = "A " + why(declaration, live.v4, live.flat.v4) + ", AAAA " + other;
    }
    status.ttl = declaration.aliases.empty() ? shown.ttl : ttl_now(shown, flat);
    status.since = live.since;
    result.push_back(std::move(status));
  }
  return result;
}

}  // namespace holdfast::server
