#include "zones/live/ramp.h"

namespace holdfast::zones {
namespace {

/// Nothing, where the whole weight comes at once.
std::chrono::seconds ramp_up(const Pool& pool, std::size_t place) {
  const std::size_t size = pool.members.size();
  const PoolRules& rules = pool.parts[pool.part_of(place < size ? place : kGroup + (place - size))].rules;
  return rules.policy == Policy::weighted ? rules.ramp_up : std::chrono::seconds(0);
}

/// Of each member, as states lie.
std::vector<std::string> names(const Pool& pool) {
  std::vector<std::string> names;
  for (const MemberSettings& member : pool.members) names.push_back(member.address.to_string());
  for (const Group& group : pool.groups) names.push_back(group.name);
  return names;
}

}  // namespace

void Ramp::saw(const Pool& pool, const MemberStates& states, Time now) {
  out_.resize(states.size());
  for (std::size_t i = 0; i < states.size(); ++i) {
    const bool is_out = states[i] == MemberState::down || states[i] == MemberState::drained;
    if (is_out) {
      since_.erase(i);
    } else if (out_[i] && ramp_up(pool, i).count() != 0) {
      since_[i] = now;
    }
    out_[i] = is_out;
  }
}

void Ramp::tick(const Pool& pool, Time now) {
  std::erase_if(since_, [&](const auto& one) { return now - one.second >= ramp_up(pool, one.first); });
}

Ramp Ramp::carried(const Pool& from, const Pool& to) const {
  const std::vector<std::string> before = names(from), after = names(to);
  std::map<std::string_view, std::size_t> known;
  for (std::size_t i = 0; i < out_.size(); ++i) known.try_emplace(before[i], i);
  Ramp ramp;
  ramp.out_.resize(after.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    const auto found = known.find(after[i]);
    if (found == known.end()) continue;
    ramp.out_[i] = out_[found->second];
    const auto since = since_.find(found->second);
    if (since != since_.end() && ramp_up(to, i).count() != 0) ramp.since_[i] = since->second;
  }
  return ramp;
}

std::vector<std::uint32_t> Ramp::parts(const Pool& pool, Time now) const {
  if (empty()) return {};
  std::vector<std::uint32_t> parts(pool.members.size() + pool.groups.size(), kWhole);
  for (const auto& [member, since] : since_) {
    const std::chrono::nanoseconds whole = ramp_up(pool, member), passed = now - since;
    if (passed >= whole) continue;
    const auto part = static_cast<std::uint32_t>(kWhole * passed.count() / whole.count());
    parts[member] = std::max<std::uint32_t>(part, 1);
  }
  return parts;
}

}  // namespace holdfast::zones
