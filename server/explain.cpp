#include <fmt/format.h>

#include <algorithm>

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

/// Tells what of its members a choice gives whom.
void tell_choice(const zones::Choice& choice, const zones::Geography& geography, Explanation& explanation) {
  const auto& candidates = explanation.selection.members;
  explanation.manner = choice.manner();
  const std::vector<double> shares = choice.shares();
  for (std::size_t i = 0; i < candidates.size(); ++i) explanation.members[candidates[i]].share = shares[i];
  if (!explanation.client) return;
  zones::Client client;
  client.places = geography.places().get();
  const auto pick = [&](const auto& octets) {
    client.address = octets;
    const zones::Places::Found place = zones::place_of(client);
    if (place.region && *place.region < geography.regions().size())
      explanation.region = geography.regions()[*place.region].name;
    zones::Choice::Drawn drawn;
    const zones::Choice::Picked picked = choice.pick(client, drawn);
    explanation.scope = picked.scope;
    if (picked.is_passing) return;  // not to be foreseen
    for (std::size_t i = 0; i < picked.count; ++i)
      explanation.members[candidates[picked.is_drawn ? drawn[i] : picked.first + i]].is_given = true;
  };
  client.is_v6 = explanation.client->is_v6();
  if (client.is_v6) {
    pick(explanation.client->to_v6().to_bytes());
  } else {
    pick(explanation.client->to_v4().to_bytes());
  }
}

}  // namespace

LiveNames::Look LiveNames::look(std::string_view name) const {
  const auto wanted = zones::Name::parse(name);
  Look look;
  const std::lock_guard lock(mutex_);
  look.overrides = overrides_;
  look.locations = locations_;
  look.geography = geography_;
  for (const auto& [index, live] : names_) {
    if (!wanted || *wanted != live.declaration.name) continue;
    look.names.push_back(live);
    for (std::size_t i = 0; i < live.declaration.pool.members.size(); ++i) {
      const auto target = target_of(live.declaration, i);
      const auto known = target ? verdicts_.find(*target) : verdicts_.end();
      if (known != verdicts_.end()) look.verdicts.insert(*known);
    }
    for (const zones::Name& target : live.declaration.aliases) {
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
    for (const Family family : {Family::v4, Family::v6}) {
      if (wish.family && *wish.family != family) continue;
      supposed.family = family;
      Explanation one = then ? explain_then(live, look, supposed, *then, *wish.at, go_on)
                             : explain_now(live, look, supposed);
      if (!wish.family && one.selection.rule == zones::Rule::none && one.aliases.empty()) continue;
      one.client = wish.client;
      tell_choice(zones::choice(live.declaration.pool, one.selection, *look.geography, one.parts),
                  *look.geography, one);
      explanations.push_back(std::move(one));
    }
  }
  if (!explanations.empty()) return explanations;
  std::vector<std::string> names;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [index, live] : names_) names.push_back(live.declaration.name.text());
  }
  return unknown(wish.name, names);
}

Explanation LiveNames::explain_now(const Live& live, const Look& look, const Supposed& supposed) const {
  const bool is_v4 = supposed.family == Family::v4;
  Explanation explanation =
      explain(live, look, supposed, {look.verdicts, look.overrides, look.locations, live.first_round},
              is_v4 ? live.good_v4 : live.good_v6);
  explanation.is_served = explanation.selection == (is_v4 ? live.v4 : live.v6);
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
  std::vector<std::size_t> good;
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
  Explanation explanation = explain(live, look, supposed, known_then(), good);
  for (auto next = walk.next(); next && !until; next = walk.next()) {
    walk.step();
    if (select_then() != answered) until = next;
  }
  for (std::size_t i = 0; i < explanation.members.size(); ++i) {
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
                               const Known& basis, const std::vector<std::size_t>& last_good) {
  const Family family = supposed.family;
  const LiveDeclaration& declaration = live.declaration;
  const zones::Pool& pool = declaration.pool;
  Explanation explanation{.zone = declaration.zone.text(), .name = declaration.name.text(), .family = family};
  explanation.pool = declaration.sources.front().pool;
  explanation.is_first_round = basis.first_round;
  std::vector<MemberState> states = LiveNames::states(live, basis);
  for (std::size_t i = 0; i < states.size(); ++i) {
    const zones::MemberSettings& settings = pool.members[i];
    const health::Member subject = member_of(declaration, i);
    Explanation::Member member{.address = settings.address, .pool = subject.pool};
    if (supposed.down && is_about(*supposed.down, subject, basis.locations)) {
      member.is_supposed = states[i] != MemberState::down && states[i] != MemberState::drained;
      if (member.is_supposed) states[i] = MemberState::down;
    }
    member.is_fallback = pool.part_of(i) != 0;
    member.tier = settings.tier;
    member.weight = settings.weight;
    member.location = settings.location;
    member.state = states[i];
    member.monitor = declaration.source_of(i).monitor.name;
    const health::Override* decided = basis.overrides.find(subject, basis.locations);
    if (decided != nullptr) member.decided = *decided;
    explanation.members.push_back(std::move(member));
  }
  const bool is_v4 = family == Family::v4;
  explanation.selection = select(pool, states, family, last_good);
  const zones::Flattened& flat = is_v4 ? live.flat.v4 : live.flat.v6;
  explanation.ttl = explanation.selection.ttl;
  for (const zones::Name& target : declaration.aliases) {
    const auto known = look.aliases.find({target, is_v4 ? zones::RrType::A : zones::RrType::AAAA});
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
