#include "zones/live/doubt.h"

#include <algorithm>
#include <utility>

namespace holdfast::zones {

Selection select(const Pool& pool, const MemberStates& states, Family family,
                 const std::vector<MemberIndex>& last_good, std::vector<Doubt> doubts) {
  Selection selection = select(pool, states, family, last_good);
  if (doubts.empty()) return selection;
  const auto& good = is_good(selection.rule) ? selection.members : last_good;
  const std::vector<MemberIndex> answering = all_of(selection);
  const auto differs = [&](const MemberStates& then) {
    return all_of(select(pool, then, family, good)) != answering;
  };
  std::stable_sort(doubts.begin(), doubts.end(),
                   [](const Doubt& one, const Doubt& other) { return one.left < other.left; });
  MemberStates together = states;
  for (const Doubt& one : doubts) {
    const auto left = std::max<std::int64_t>(one.left.count(), kFloorTtl);
    if (left >= selection.ttl) break;
    MemberStates alone = states;
    const std::size_t place = pool.place(one.member);
    alone[place] = together[place] = one.then;
    if (!differs(alone) && !differs(together)) continue;
    selection.ttl = static_cast<std::uint32_t>(left);
    selection.ttl_rule = TtlRule::doubt;
    selection.doubtful = one.member;
    break;
  }
  return selection;
}

bool is_same_but_for_ttl(Selection one, const Selection& other) {
  one.ttl = other.ttl;
  one.ttl_rule = other.ttl_rule;
  one.doubtful = other.doubtful;
  return one == other;
}

}  // namespace holdfast::zones
