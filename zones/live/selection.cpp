#include "zones/live/selection.h"

#include <algorithm>
#include <optional>

namespace holdfast::zones {
namespace {

using Members = std::vector<std::size_t>;

/// The members of one family in one part of a pool.
struct Present {
  std::size_t part = 0;
  Members all;
  Members left;                   // not drained
  Members alive;                  // of these, not down
  bool is_somebody_left = false;  // in the other family
};

Present present(const Pool& pool, std::size_t part, std::size_t first, std::size_t end,
                const std::vector<MemberState>& states, Family family) {
  Present present;
  present.part = part;
  for (std::size_t i = first; i < end; ++i) {
    const bool is_left = states[i] != MemberState::drained;
    if (pool.members[i].address.is_v4() != (family == Family::v4)) {
      present.is_somebody_left = present.is_somebody_left || is_left;
      continue;
    }
    present.all.push_back(i);
    if (!is_left) continue;
    present.left.push_back(i);
    if (states[i] != MemberState::down) present.alive.push_back(i);
  }
  return present;
}

/// Those of the lowest tier of which enough are alive.
std::optional<std::uint16_t> first_tier(const Pool& pool, const Present& present, Minimum minimum) {
  std::vector<std::uint16_t> tiers;
  for (const std::size_t i : present.left) tiers.push_back(pool.members[i].tier);
  std::sort(tiers.begin(), tiers.end());
  tiers.erase(std::unique(tiers.begin(), tiers.end()), tiers.end());
  for (const std::uint16_t tier : tiers) {
    const auto is_of_tier = [&](std::size_t i) { return pool.members[i].tier == tier; };
    const auto left = std::count_if(present.left.begin(), present.left.end(), is_of_tier);
    const auto alive = std::count_if(present.alive.begin(), present.alive.end(), is_of_tier);
    if (static_cast<std::size_t>(alive) >= minimum.of(static_cast<std::size_t>(left))) return tier;
  }
  return std::nullopt;
}

void take(Selection& selection, Rule rule, Members members) {
  selection.rule = rule;
  selection.members = std::move(members);
}

/// What answers when enough are alive. @return false: too few are
bool take_alive(const Pool& pool, const PoolRules& rules, Present& present, Selection& selection) {
  if (rules.policy != Policy::failover) {
    if (present.alive.size() < rules.min_alive.of(present.left.size())) return false;
    take(selection, Rule::alive, std::move(present.alive));
    return true;
  }
  const auto tier = first_tier(pool, present, rules.min_alive);
  if (!tier) return false;
  std::erase_if(present.alive, [&](std::size_t i) { return pool.members[i].tier != *tier; });
  take(selection, Rule::tier, std::move(present.alive));
  selection.tier = *tier;
  return true;
}

/// Who answers although too few are alive. Who weighs nothing only stands by; where nobody else is alive, it is better than
/// those that are down.
void take_anybody(const Pool& pool, Present& present, Selection& selection) {
  const PoolRules& rules = pool.parts[selection.part].rules;
  if (present.alive.empty()) return take(selection, Rule::all_down, std::move(present.left));
  const bool only_stands_by = rules.policy == Policy::weighted &&
                              std::all_of(present.alive.begin(), present.alive.end(),
                                          [&](std::size_t i) { return pool.members[i].weight == 0; });
  take(selection, Rule::too_few, std::move(only_stands_by ? present.alive : present.left));
}

/// What answers when in no part enough are alive. `parts`: those with members of the family, the pool's own first; what the
/// last of them says is done. `is_other_left`: somebody of the other family is not drained.
void take_when_down(const Pool& pool, std::vector<Present>& parts, bool is_other_left,
                    const Members& last_good, Selection& selection) {
  const auto use = [&](const Present& present) {
    selection.part = present.part;
    selection.policy = pool.parts[present.part].rules.policy;
  };
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

/// Settles how many of those that may answer one client gets; who weighs nothing is not one of them, unless all are so.
void settle_each(const Pool& pool, Selection& selection) {
  const PoolRules& rules = pool.parts[selection.part].rules;
  const auto weighs_nothing = [&](std::size_t i) { return pool.members[i].weight == 0; };
  Members& members = selection.members;
  if (rules.policy == Policy::weighted && !std::all_of(members.begin(), members.end(), weighs_nothing))
    std::erase_if(members, weighs_nothing);
  const std::size_t limit = rules.limit != 0 ? rules.limit : is_drawn(rules.policy) ? 1 : members.size();
  selection.each = std::min({limit, members.size(), rules.policy == Policy::nearest ? kMaxPicked : limit});
}

/// The FNV-1a of an address: the same wherever it stands, and over versions of holdfast.
std::uint64_t identity(const boost::asio::ip::address& address) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  const auto add = [&](const auto& octets) {
    for (const std::uint8_t octet : octets) hash = (hash ^ octet) * 0x100000001b3ULL;
  };
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
  for (const std::size_t i : selection.members) regions.push_back(geography.find(pool.members[i].location));
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

}  // namespace

Selection select(const Pool& pool, const std::vector<MemberState>& states, Family family,
                 const std::vector<std::size_t>& last_good) {
  Selection selection;
  selection.ttl = pool.rules().ttl;
  std::vector<Present> parts;
  bool is_other_left = false;
  std::size_t first = 0;
  for (std::size_t part = 0; part < pool.parts.size(); ++part) {
    const std::size_t end = first + pool.parts[part].size;
    Present present = zones::present(pool, part, first, end, states, family);
    first = end;
    is_other_left = is_other_left || present.is_somebody_left;
    // Without any of its own it has none of this family: to fall back would make one up.
    if (present.all.empty() && part == 0) return selection;
    if (!present.all.empty()) parts.push_back(std::move(present));
  }
  const auto enough = std::find_if(parts.begin(), parts.end(), [&](Present& present) {
    return !present.left.empty() && take_alive(pool, pool.parts[present.part].rules, present, selection);
  });
  if (enough == parts.end()) {
    take_when_down(pool, parts, is_other_left, last_good, selection);
  } else {
    selection.part = enough->part;
    selection.policy = pool.parts[enough->part].rules.policy;
  }
  settle_each(pool, selection);
  const bool is_settled = selection.rule == Rule::drained || (is_good(selection.rule) && selection.part == 0);
  if (!is_settled && selection.ttl > kDownTtl) {
    selection.ttl = kDownTtl;
    selection.ttl_rule = TtlRule::down;
  }
  return selection;
}

Choice choice(const Pool& pool, const Selection& selection, const Geography& geography,
              const std::vector<std::uint32_t>& parts) {
  const std::size_t size = selection.members.size();
  if (selection.policy == Policy::weighted) {
    std::vector<std::uint32_t> weights;
    const bool is_whole = parts.empty() || !is_good(selection.rule);
    for (const std::size_t i : selection.members)
      weights.push_back(pool.members[i].weight * (is_whole ? 1 : parts[i]));
    return Choice::weighted(weights, selection.each);
  }
  if (selection.policy == Policy::hashed) {
    std::vector<std::uint64_t> identities;
    for (const std::size_t i : selection.members) identities.push_back(identity(pool.members[i].address));
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
  return rule == TtlRule::pool ? "the pool's" : "no more, since too few are alive";
}

}  // namespace holdfast::zones
