#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "config/nearest.h"
#include "server/live_names.h"
#include "server/narrow_past.h"
#include "server/subjects.h"

namespace holdfast::server {
namespace {

using zones::Family;
using zones::MemberState;

constexpr std::size_t kMaxListed = 10;  // names

std::string unknown(std::string_view wrong, const std::vector<std::string>& names) {
  const std::vector<std::string_view> words(names.begin(), names.end());
  if (const std::string_view near = config::nearest(wrong, words); !near.empty())
    return fmt::format("{} is no live name: its records are the zone's own, if it has any; did you mean {}?",
                       wrong, near);
  std::string text = fmt::format("{} is no live name: its records are the zone's own, if it has any", wrong);
  if (names.empty()) return text + "; there are no live names";
  for (std::size_t i = 0; i < std::min(names.size(), kMaxListed); ++i)
    text += (i == 0 ? "; live are " : ", ") + names[i];
  return names.size() > kMaxListed ? fmt::format("{} and {} more", text, names.size() - kMaxListed) : text;
}

/// Tells what of the members of a pool a choice gives whom, and what of those inside of them.
class Telling {
 public:
  Telling(const zones::Pool& pool, const zones::Geography& geography, Explanation& explanation)
      : pool_(pool), geography_(geography), explanation_(explanation) {
    if (!explanation.client) return;
    client_.emplace();
    client_->places = geography.places().get();
    client_->is_v6 = explanation.client->is_v6();
    if (client_->is_v6) {
      octets_ = explanation.client->to_v6().to_bytes();
      client_->address = octets_;
    } else {
      const auto v4 = explanation.client->to_v4().to_bytes();
      std::copy(v4.begin(), v4.end(), octets_.begin());
      client_->address = {octets_.data(), v4.size()};
    }
    const zones::Places::Found place = zones::place_of(*client_);
    if (place.region && *place.region < geography.regions().size())
      explanation.region = geography.regions()[*place.region].name;
  }
  Telling(const Telling&) = delete;
  Telling& operator=(const Telling&) = delete;

  /// @param share  of the clients that get so far
  /// @param is_given  whether the one that was named does
  /// @param may_count  whether it may be what that one gets
  zones::Choice::Manner tell(const zones::Selection& selection, double share, bool is_given, bool may_count) {
    const zones::Choice choice = zones::choice(pool_, selection, geography_, explanation_.parts);
    const std::vector<double> shares = choice.shares();
    std::set<std::size_t> given;
    bool is_passing = false;
    if (client_) {
      zones::Choice::Drawn drawn;
      const zones::Choice::Picked picked = choice.pick(*client_, drawn);
      if (may_count) explanation_.scope = std::max(explanation_.scope, picked.scope);
      is_passing = picked.is_passing;
      for (std::size_t i = 0; is_given && !picked.is_passing && i < picked.count;
           ++i)  // else it is not to be foreseen
        given.insert(picked.is_drawn ? drawn[i] : picked.first + i);
    }
    auto inside = selection.inside.begin();
    for (std::size_t i = 0; i < selection.members.size(); ++i) {
      const zones::MemberIndex member = selection.members[i];
      Explanation::Member& told = explanation_.members[pool_.place(member)];
      told.is_candidate = true;
      told.share += share * shares[i];
      told.is_given = told.is_given || given.contains(i);
      if (inside != selection.inside.end() && inside->first == member)
        tell(inside++->second, share * shares[i], given.contains(i),
             may_count && (is_passing || !is_given || given.contains(i)));
    }
    return choice.manner();
  }

 private:
  const zones::Pool& pool_;
  const zones::Geography& geography_;
  Explanation& explanation_;
  std::array<std::uint8_t, 16> octets_{};
  std::optional<zones::Client> client_;
};

/// In the order of people, from that of states.
void arrange(const zones::Pool& pool, Explanation& explanation) {
  std::vector<Explanation::Member> members;
  for (const zones::MemberIndex i : pool.all())
    members.push_back(std::move(explanation.members[pool.place(i)]));
  explanation.members = std::move(members);
}

}  // namespace

LiveNames::Look LiveNames::look(std::string_view name) const {
  const auto wanted = zones::Name::parse(name);
  Look look;
  const std::lock_guard lock(mutex_);
  look.overrides = overrides_;
  look.locations = locations_;
  look.geography = geography_;
  for (const auto& [key, live] : names_) {
    if (!wanted || *wanted != live.declaration.name) continue;
    look.names.push_back(live);
    for (std::size_t i = 0; i < live.declaration.pool.members.size(); ++i) {
      const auto target = target_of(live.declaration, i);
      const auto known = target ? verdicts_.find(*target) : verdicts_.end();
      if (known != verdicts_.end()) look.verdicts.insert(*known);
    }
    for (const zones::Name& target : live.declaration.names_to_know()) {
      for (const zones::RrType type : {zones::RrType::A, zones::RrType::AAAA}) {
        if (const auto known = aliases_.find({target, type}); known != aliases_.end())
          look.aliases.insert(*known);
      }
    }
  }
  return look;
}

std::variant<std::vector<Explanation>, std::string> LiveNames::explain(const ExplainWish& wish,
                                                                       const Past* past,
                                                                       const GoOn& go_on) const {
  const Look look = this->look(wish.name);
  Supposed supposed;
  if (!wish.if_down.empty()) {
    auto subject = find_subject(wish.if_down, status(), look.locations);
    if (const auto* wrong = std::get_if<std::string>(&subject)) return *wrong;
    supposed.down = std::get<health::Subject>(subject);
  }
  std::vector<Explanation> explanations;
  for (const Live& live : look.names) {
    std::optional<Past> then;
    if (past != nullptr && wish.at) {
      auto mine = narrow(*past, live.declaration, look.locations);
      if (const auto* wrong = std::get_if<std::string>(&mine))
        return *wrong + "; how far the log reaches back is said by [log] keep and size";
      then = std::get<Past>(std::move(mine));
    }
    for (const Family family : live.declaration.families()) {
      if (wish.type && text(*wish.type) != type_text(live.declaration, family)) continue;
      supposed.family = family;
      Explanation one = then ? explain_then(live, look, supposed, *then, *wish.at, go_on)
                             : explain_now(live, look, supposed);
      if (!wish.type && one.selection.rule == zones::Rule::none && one.aliases.empty()) continue;
      one.client = wish.client;
      one.manner = Telling(live.declaration.pool, *look.geography, one).tell(one.selection, 1, true, true);
      arrange(live.declaration.pool, one);
      explanations.push_back(std::move(one));
    }
  }
  if (!explanations.empty()) return explanations;
  if (!look.names.empty())
    return fmt::format("{} is live, but not for {}: such records are the zone's own, if it has any",
                       wish.name, text(*wish.type));
  std::vector<std::string> names;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, live] : names_) names.push_back(live.declaration.name.text());
  }
  return unknown(wish.name, names);
}

Explanation LiveNames::explain_now(const Live& live, const Look& look, const Supposed& supposed) const {
  const Side& side = live.side(supposed.family);
  Explanation explanation =
      explain(live, look, supposed, {look.verdicts, look.overrides, look.locations, live.first_round},
              side.good, live.doubts);
  explanation.is_served = explanation.selection == side.selection;
  if (explanation.is_served) explanation.since = live.since;
  explanation.parts = is_good(explanation.selection.rule) ? live.parts : std::vector<std::uint32_t>();
  for (std::size_t i = 0; i < explanation.parts.size(); ++i)
    explanation.members[i].whole = static_cast<double>(explanation.parts[i]) / zones::Ramp::kWhole;
  return explanation;
}

/// What happened is gone through from the beginning, since what answered before may count (`last-good`).
Explanation LiveNames::explain_then(const Live& live, const Look& look, const Supposed& supposed,
                                    const Past& past, Past::Time at, const GoOn& go_on) {
  PastWalk walk(past, go_on);
  const auto known_then = [&] { return Known{walk.verdicts(), walk.overrides(), look.locations}; };
  std::vector<zones::MemberIndex> good;
  const auto select_then = [&] {
    zones::Selection selection =
        select(live.declaration.pool, states(live, known_then()), supposed.family, good);
    if (is_good(selection.rule)) good = selection.members;
    return selection;
  };
  zones::Selection answered = select_then();
  std::optional<Past::Time> since, until;
  for (auto next = walk.next(); next && *next <= at; next = walk.next()) {
    walk.step();
    zones::Selection selection = select_then();
    if (selection == answered) continue;
    answered = std::move(selection);
    since = next;
  }
  Explanation explanation = explain(live, look, supposed, known_then(), good, {});
  for (auto next = walk.next(); next && !until; next = walk.next()) {
    walk.step();
    if (select_then() != answered) until = next;
  }
  for (std::size_t i = 0; i < live.declaration.pool.members.size(); ++i) {
    const auto target = target_of(live.declaration, i);
    if (!target) continue;
    const auto known = past.known.find(*target);
    explanation.members[i].then = known == past.known.end() ? Past::Known() : known->second;
  }
  explanation.at = at;
  explanation.is_served = explanation.selection == answered;
  if (explanation.is_served) {
    explanation.since = since;
    explanation.until = until;
  }
  explanation.reloads = past.reloads;
  explanation.last_reload = past.last_reload;
  explanation.silence = past.silence;
  return explanation;
}

Explanation LiveNames::explain(const Live& live, const Look& look, const Supposed& supposed,
                               const Known& basis, const std::vector<zones::MemberIndex>& last_good,
                               const std::vector<zones::Doubt>& doubts) {
  const Family family = supposed.family;
  const LiveDeclaration& declaration = live.declaration;
  const zones::Pool& pool = declaration.pool;
  Explanation explanation{.zone = declaration.zone.text(), .name = declaration.name.text(), .family = family};
  explanation.pool = declaration.sources.front().pool;
  explanation.is_first_round = basis.first_round;
  explanation.type = type_text(declaration, family);
  zones::MemberStates states = LiveNames::states(live, basis);
  const std::vector<zones::MemberIndex> all = pool.all();
  std::vector<bool> is_supposed(states.size());
  for (const zones::MemberIndex i : all) {
    const std::size_t place = pool.place(i);
    if (!supposed.down || !is_about(*supposed.down, member_of(declaration, i), basis.locations)) continue;
    is_supposed[place] = states[place] != MemberState::down && states[place] != MemberState::drained;
    if (is_supposed[place]) states[place] = MemberState::down;
  }
  const zones::MemberStates whole = whole_states(pool, states);
  explanation.members.resize(states.size());
  for (const zones::MemberIndex i : all) {
    const std::size_t place = pool.place(i);
    const health::Member subject = member_of(declaration, i);
    const bool is_group = pool.group(i) != nullptr;
    const std::size_t part = pool.part_of(i);
    Explanation::Member& member = explanation.members[place];
    member.address = subject.address;
    member.name = is_group ? subject.name : "";
    member.of = is_group ? "" : subject.name;
    if (const zones::Group* group = pool.group(i)) {
      member.is_pool = !group->is_record();
      member.inside = pool.of_part(group->part).size();
    }
    member.pool = subject.pool;
    member.depth = pool.depth(part);
    member.is_fallback = part != 0 && part < pool.chain;
    member.tier = pool.tier(i);
    member.weight = pool.weight(i);
    member.location = pool.location(i);
    member.state = whole[place];
    member.is_supposed = is_supposed[place];
    member.monitor = declaration.monitor_of(i);
    const health::Override* decided = basis.overrides.find(subject, basis.locations);
    if (decided != nullptr) member.decided = *decided;
  }
  std::vector<zones::Doubt> heeded = doubts;
  std::erase_if(heeded, [&](const zones::Doubt& one) { return is_supposed[pool.place(one.member)]; });
  explanation.selection = select(pool, states, family, last_good, std::move(heeded));
  if (explanation.selection.ttl_rule == zones::TtlRule::doubt) {
    const zones::MemberIndex doubtful = explanation.selection.doubtful;
    const MemberState state = whole[pool.place(doubtful)];
    const bool is_out = state == MemberState::down || state == MemberState::drained;
    explanation.doubt = fmt::format("{} may {} soon", text(pool, doubtful), is_out ? "be back" : "go down");
  }
  const zones::Flattened& flat = live.flat_of(family);
  explanation.ttl = explanation.selection.ttl;
  for (const zones::Name& target : declaration.aliases) {
    const auto known =
        look.aliases.find({target, family == Family::v6 ? zones::RrType::AAAA : zones::RrType::A});
    explanation.aliases.push_back(
        {target.text(), known == look.aliases.end() ? zones::Served() : known->second});
  }
  if (!declaration.aliases.empty()) {
    explanation.alias_rule = why(declaration, explanation.selection, flat);
    explanation.ttl = ttl_now(explanation.selection, flat);
  }
  explanation.policy = pool.parts[explanation.selection.part].rules.policy;
  return explanation;
}

}  // namespace holdfast::server
