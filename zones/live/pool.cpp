#include "zones/live/pool.h"

#include <algorithm>

namespace holdfast::zones {

std::string text(Rule rule, std::uint16_t tier) {
  switch (rule) {
    case Rule::alive: return "alive";
    case Rule::tier: return "tier " + std::to_string(tier);
    case Rule::all_down: return "all down: every member";
    case Rule::all_drained: return "all drained: every member";
    case Rule::drained: return "drained";
    case Rule::none: return "no member";
  }
  return {};
}

Selection select(const Pool& pool, const std::vector<MemberState>& states, Family family) {
  Selection selection;
  std::vector<std::size_t> all;
  std::vector<std::size_t> left;  // not drained
  std::vector<std::size_t> alive;
  for (std::size_t i = 0; i < pool.members.size(); ++i) {
    if (pool.members[i].address.is_v4() != (family == Family::v4)) continue;
    all.push_back(i);
    if (states[i] == MemberState::drained) continue;
    left.push_back(i);
    if (states[i] != MemberState::down) alive.push_back(i);
  }
  selection.ttl = pool.ttl;
  if (all.empty()) return selection;
  if (left.empty()) {
    const bool is_somebody_left = std::any_of(
        states.begin(), states.end(), [](MemberState state) { return state != MemberState::drained; });
    selection.rule = is_somebody_left ? Rule::drained : Rule::all_drained;
    if (is_somebody_left) return selection;
    left = std::move(all);
  }
  if (alive.empty()) {
    selection.members = std::move(left);
    selection.ttl = std::min(pool.ttl, kAllDownTtl);
    if (selection.rule == Rule::none) selection.rule = Rule::all_down;
    return selection;
  }
  selection.rule = Rule::alive;
  if (pool.policy == Policy::failover) {
    const auto tier_of = [&](std::size_t i) { return pool.members[i].tier; };
    selection.rule = Rule::tier;
    selection.tier = tier_of(*std::min_element(
        alive.begin(), alive.end(), [&](std::size_t a, std::size_t b) { return tier_of(a) < tier_of(b); }));
    std::erase_if(alive, [&](std::size_t i) { return tier_of(i) != selection.tier; });
  }
  selection.members = std::move(alive);
  return selection;
}

}  // namespace holdfast::zones
