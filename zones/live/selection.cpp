#include "zones/live/selection.h"

#include <algorithm>
#include <optional>

namespace holdfast::zones {
namespace {

using Members = std::vector<MemberIndex>;

/// The members of one family in one part of a pool.
struct Present {
  std::size_t part = 0;
  Members all;
  Members left;                   // not drained
  Members alive;                  // of these, not down
  bool is_somebody_left = false;  // in the other family
};

bool is_of(const Pool& pool, MemberIndex member, Family family) {
  const Group* const group = pool.group(member);
  if (group == nullptr)
    return pool.members[member].address.is_v4() == (family == Family::v4) && family != Family::record;
  if (group->is_record()) return family == Family::record;
  const Members inside = pool.of_part(group->part);
  return std::any_of(inside.begin(), inside.end(), [&](MemberIndex one) { return is_of(pool, one, family); });
}

Present present(const Pool& pool, std::size_t part, const MemberStates& states, Family family);
bool is_enough(const Pool& pool, const Present& present);

/// The addresses of a name: one that is alive is enough, and where none is known nobody knows better.
MemberState state_of_record(const Pool& pool, std::size_t part, const MemberStates& states) {
  const Members inside = pool.of_part(part);
  if (inside.empty()) return MemberState::unknown;
  const auto has = [&](MemberState state) {
    return std::any_of(inside.begin(), inside.end(), [&](MemberIndex one) { return states[one] == state; });
  };
  for (const MemberState state : {MemberState::up, MemberState::unknown, MemberState::down}) {
    if (has(state)) return state;
  }
  return MemberState::drained;
}

MemberState state_of(const Pool& pool, MemberIndex member, const MemberStates& states, Family family) {
  const MemberState own = states[pool.place(member)];
  const Group* const group = pool.group(member);
  if (group == nullptr || own == MemberState::drained) return own;
  MemberState inside;
  if (group->is_record()) {
    inside = state_of_record(pool, group->part, states);
  } else {
    const Present present = zones::present(pool, group->part, states, family);
    inside = present.left.empty()       ? MemberState::drained
             : is_enough(pool, present) ? MemberState::up
                                        : MemberState::down;
  }
  // Whatever somebody says of it, with nobody left in it there is nothing that it could answer with.
  return own == MemberState::unknown || inside == MemberState::drained ? inside : own;
}

Present present(const Pool& pool, std::size_t part, const MemberStates& states, Family family) {
  Present present;
  present.part = part;
  for (const MemberIndex member : pool.of_part(part)) {
    const Family other = family == Family::v4 ? Family::v6 : Family::v4;
    if (family != Family::record && is_of(pool, member, other))
      present.is_somebody_left =
          present.is_somebody_left || state_of(pool, member, states, other) != MemberState::drained;
    if (!is_of(pool, member, family)) continue;
    present.all.push_back(member);
    const MemberState state = state_of(pool, member, states, family);
    if (state == MemberState::drained) continue;
    present.left.push_back(member);
    if (state != MemberState::down) present.alive.push_back(member);
  }
  return present;
}

/// Those of the lowest tier of which enough are alive.
std::optional<std::uint16_t> first_tier(const Pool& pool, const Present& present, Minimum minimum) {
  std::vector<std::uint16_t> tiers;
  for (const MemberIndex i : present.left) tiers.push_back(pool.tier(i));
  std::sort(tiers.begin(), tiers.end());
  tiers.erase(std::unique(tiers.begin(), tiers.end()), tiers.end());
  for (const std::uint16_t tier : tiers) {
    const auto is_of_tier = [&](MemberIndex i) { return pool.tier(i) == tier; };
    const auto left = std::count_if(present.left.begin(), present.left.end(), is_of_tier);
    const auto alive = std::count_if(present.alive.begin(), present.alive.end(), is_of_tier);
    if (static_cast<std::size_t>(alive) >= minimum.of(static_cast<std::size_t>(left))) return tier;
  }
  return std::nullopt;
}

bool is_enough(const Pool& pool, const Present& present) {
  const PoolRules& rules = pool.parts[present.part].rules;
  if (present.left.empty()) return false;
  if (rules.policy == Policy::failover) return first_tier(pool, present, rules.min_alive).has_value();
  return present.alive.size() >= rules.min_alive.of(present.left.size());
}

void take(Selection& selection, Rule rule, Members members) {
  selection.rule = rule;
  selection.members = std::move(members);
}

/// What answers when enough are alive.
void take_alive(const Pool& pool, Present& present, Selection& selection) {
  const PoolRules& rules = pool.parts[present.part].rules;
  if (rules.policy != Policy::failover) return take(selection, Rule::alive, std::move(present.alive));
  const std::uint16_t tier = *first_tier(pool, present, rules.min_alive);
  std::erase_if(present.alive, [&](MemberIndex i) { return pool.tier(i) != tier; });
  take(selection, Rule::tier, std::move(present.alive));
  selection.tier = tier;
}

/// Who answers although too few are alive. Who weighs nothing only stands by; where nobody else is alive, it is better than
/// those that are down.
void take_anybody(const Pool& pool, Present& present, Selection& selection) {
  const PoolRules& rules = pool.parts[selection.part].rules;
  if (present.alive.empty()) return take(selection, Rule::all_down, std::move(present.left));
  const bool only_stands_by =
      rules.policy == Policy::weighted && std::all_of(present.alive.begin(), present.alive.end(),
                                                      [&](MemberIndex i) { return pool.weight(i) == 0; });
  take(selection, Rule::too_few, std::move(only_stands_by ? present.alive : present.left));
}

void use(const Pool& pool, const Present& present, Selection& selection) {
  selection.part = present.part;
  selection.policy = pool.parts[present.part].rules.policy;
}

/// What answers when in no part enough are alive. `parts`: those with members of the family, the pool's own first; what the
/// last of them says is done. `is_other_left`: somebody of the other family is not drained.
void take_when_down(const Pool& pool, std::vector<Present>& parts, bool is_other_left,
                    const Members& last_good, Selection& selection) {
  const auto use = [&](const Present& present) { zones::use(pool, present, selection); };
  const WhenDown when_down = pool.parts[parts.back().part].rules.when_down;
  const auto has_left = [](const Present& present) { return !present.left.empty(); };
  const bool is_family_left = std::any_of(parts.begin(), parts.end(), has_left);
  if (!is_family_left && is_other_left) return take(selection, Rule::drained, {});
  use(parts.back());
  if (when_down == WhenDown::nodata) return take(selection, Rule::nodata, {});
  if (when_down == WhenDown::servfail) return take(selection, Rule::servfail, {});
  if (!is_family_left) {
    use(parts.front());
    return take(selection, Rule::all_drained, std::move(parts.front().all));
  }
  for (const Present& present : parts) {
    if (when_down != WhenDown::last_good) break;
    Members good;
    std::set_intersection(last_good.begin(), last_good.end(), present.left.begin(), present.left.end(),
                          std::back_inserter(good));
    if (good.empty()) continue;
    use(present);
    return take(selection, Rule::last_good, std::move(good));
  }
  Present& somebody =
      has_left(parts.back()) ? parts.back() : *std::find_if(parts.begin(), parts.end(), has_left);
  use(somebody);
  take_anybody(pool, somebody, selection);
}

void limit(Selection& selection, std::uint32_t ttl, TtlRule rule) {
  if (selection.ttl <= ttl) return;
  selection.ttl = ttl;
  selection.ttl_rule = rule;
}

/// Settles how many of those that may answer one client gets; who weighs nothing is not one of them, unless all are so.
void settle_each(const Pool& pool, Selection& selection) {
  const PoolRules& rules = pool.parts[selection.part].rules;
  const auto weighs_nothing = [&](MemberIndex i) { return pool.weight(i) == 0; };
  Members& members = selection.members;
  if (rules.policy == Policy::weighted && !std::all_of(members.begin(), members.end(), weighs_nothing))
    std::erase_if(members, weighs_nothing);
  const std::size_t limit = rules.limit != 0 ? rules.limit : is_drawn(rules.policy) ? 1 : members.size();
  selection.each = std::min({limit, members.size(), rules.policy == Policy::nearest ? kMaxPicked : limit});
}

/// The FNV-1a of an address, or of a group's name: the same wherever it stands, and over versions of holdfast.
std::uint64_t identity(const Pool& pool, MemberIndex member) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  const auto add = [&](const auto& octets) {
    for (const auto octet : octets) hash = (hash ^ static_cast<std::uint8_t>(octet)) * 0x100000001b3ULL;
  };
  if (const Group* group = pool.group(member)) {
    add(group->name);
    return hash;
  }
  const boost::asio::ip::address& address = pool.members[member].address;
  if (address.is_v4()) {
    add(address.to_v4().to_bytes());
  } else {
    add(address.to_v6().to_bytes());
  }
  return hash;
}

Choice nearest(const Pool& pool, const Selection& selection, const Geography& geography) {
  const std::size_t size = selection.members.size();
  std::vector<std::optional<RegionIndex>> regions;
  for (const MemberIndex i : selection.members) regions.push_back(geography.find(pool.location(i)));
  std::vector<Choice::Group> groups;
  for (std::size_t from = 0; from <= geography.regions().size(); ++from) {
    constexpr unsigned kFarthest = 0x10000;  // above any rank
    const bool is_somewhere = from < geography.regions().size();
    const auto rank = [&](std::size_t i) -> unsigned {
      if (!is_somewhere) return 0;
      return regions[i] ? geography.rank(static_cast<RegionIndex>(from), *regions[i]) : kFarthest;
    };
    unsigned best = kFarthest;
    for (std::size_t i = 0; i < size; ++i) best = std::min(best, rank(i));
    Choice::Group& group = groups.emplace_back();
    for (std::size_t i = 0; i < size; ++i) {
      if (rank(i) == best) group.push_back(static_cast<std::uint16_t>(i));
    }
  }
  return Choice::nearest(size, groups, selection.each);
}

/// What answers of a pool that is a member, and was chosen.
Selection select_inside(const Pool& pool, std::size_t part, const MemberStates& states, Family family);

/// Settles what follows from who may answer.
void finish(const Pool& pool, const MemberStates& states, Family family, bool is_settled,
            Selection& selection) {
  settle_each(pool, selection);
  if (!is_settled) limit(selection, kDownTtl, TtlRule::down);
  for (const MemberIndex member : selection.members) {
    const Group* const group = pool.group(member);
    if (group == nullptr || group->is_record()) continue;
    Selection inside = select_inside(pool, group->part, states, family);
    limit(selection, inside.ttl, inside.ttl_rule);
    selection.inside.emplace_back(member, std::move(inside));
  }
}

Selection select_inside(const Pool& pool, std::size_t part, const MemberStates& states, Family family) {
  Selection selection;
  selection.ttl = pool.parts[part].rules.ttl;
  Present present = zones::present(pool, part, states, family);
  use(pool, present, selection);
  if (is_enough(pool, present)) {
    take_alive(pool, present, selection);
  } else if (!present.left.empty()) {
    take_anybody(pool, present, selection);
  } else {
    take(selection, Rule::all_drained, std::move(present.all));
  }
  finish(pool, states, family, is_good(selection.rule), selection);
  return selection;
}

}  // namespace

std::vector<MemberIndex> all_of(const Selection& selection) {
  std::vector<MemberIndex> all;
  auto inside = selection.inside.begin();
  for (const MemberIndex member : selection.members) {
    if (inside == selection.inside.end() || inside->first != member) {
      all.push_back(member);
      continue;
    }
    const std::vector<MemberIndex> more = all_of(inside++->second);
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

MemberStates whole_states(const Pool& pool, const MemberStates& states) {
  constexpr MemberState kBestFirst[] = {MemberState::up, MemberState::unknown, MemberState::down,
                                        MemberState::drained};
  MemberStates whole = states;
  for (std::size_t i = 0; i < pool.groups.size(); ++i) {
    const MemberIndex member = kGroup + i;
    MemberStates of_each;
    for (const Family family : {Family::v4, Family::v6, Family::record}) {
      if (is_of(pool, member, family)) of_each.push_back(state_of(pool, member, states, family));
    }
    const auto* const best =
        std::find_first_of(std::begin(kBestFirst), std::end(kBestFirst), of_each.begin(), of_each.end());
    if (best != std::end(kBestFirst)) whole[pool.place(member)] = *best;
  }
  return whole;
}

Selection select(const Pool& pool, const MemberStates& states, Family family,
                 const std::vector<MemberIndex>& last_good) {
  Selection selection;
  selection.ttl = pool.rules().ttl;
  std::vector<Present> parts;
  bool is_other_left = false;
  for (std::size_t part = 0; part < pool.chain; ++part) {
    Present present = zones::present(pool, part, states, family);
    is_other_left = is_other_left || present.is_somebody_left;
    // Without any of its own it has none of this family: to fall back would make one up.
    if (present.all.empty() && part == 0) return selection;
    if (!present.all.empty()) parts.push_back(std::move(present));
  }
  const auto enough = std::find_if(parts.begin(), parts.end(),
                                   [&](const Present& present) { return is_enough(pool, present); });
  if (enough == parts.end()) {
    take_when_down(pool, parts, is_other_left, last_good, selection);
  } else {
    use(pool, *enough, selection);
    take_alive(pool, *enough, selection);
  }
  const bool is_settled = selection.rule == Rule::drained || (is_good(selection.rule) && selection.part == 0);
  finish(pool, states, family, is_settled, selection);
  return selection;
}

Choice choice(const Pool& pool, const Selection& selection, const Geography& geography,
              const std::vector<std::uint32_t>& parts) {
  const std::size_t size = selection.members.size();
  if (selection.policy == Policy::weighted) {
    std::vector<std::uint32_t> weights;
    const bool is_whole = parts.empty() || !is_good(selection.rule);
    for (const MemberIndex i : selection.members)
      weights.push_back(pool.weight(i) * (is_whole ? 1 : parts[pool.place(i)]));
    return Choice::weighted(weights, selection.each);
  }
  if (selection.policy == Policy::hashed) {
    std::vector<std::uint64_t> identities;
    for (const MemberIndex i : selection.members) identities.push_back(identity(pool, i));
    return Choice::hashed(std::move(identities), selection.each);
  }
  if (selection.policy == Policy::nearest && size != 0) return nearest(pool, selection, geography);
  return Choice::rotated(size, selection.each);
}

std::string text(const Selection& selection) {
  const std::string part = selection.part == 0 ? "" : "fallback " + std::to_string(selection.part) + ": ";
  switch (selection.rule) {
    case Rule::alive: return part + "alive";
    case Rule::tier: return part + "tier " + std::to_string(selection.tier);
    case Rule::all_down: return part + "all down: every member";
    case Rule::too_few: return part + "too few alive: every member";
    case Rule::last_good: return part + "too few alive: those of before";
    case Rule::all_drained: return part + "all drained: every member";
    case Rule::drained: return part + "drained";
    case Rule::nodata: return part + "too few alive: no records";
    case Rule::servfail: return part + "too few alive: SERVFAIL";
    case Rule::none: return "no member";
  }
  return {};
}

std::string text(TtlRule rule) {
  switch (rule) {
    case TtlRule::pool: return "the pool's";
    case TtlRule::down: return "no more, since too few are alive";
    case TtlRule::doubt: return "no more, since that may change soon";
  }
  return {};
}

}  // namespace holdfast::zones
