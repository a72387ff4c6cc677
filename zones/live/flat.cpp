#include "zones/live/flat.h"

#include <algorithm>
#include <limits>
#include <set>

namespace holdfast::zones {
namespace {

/// Those of a selection that its part's `flat` has.
std::vector<MemberIndex> best(const Pool& pool, const Selection& selection) {
  std::vector<MemberIndex> members = selection.members;
  const Flat flat = pool.parts[selection.part].rules.flat;
  if (flat == Flat::all || !is_good(selection.rule)) return members;
  const auto rank = [&](MemberIndex i) { return flat == Flat::failover ? pool.tier(i) : -pool.weight(i); };
  int first = std::numeric_limits<int>::max();
  for (const MemberIndex i : members) first = std::min(first, rank(i));
  std::erase_if(members, [&](MemberIndex i) { return rank(i) != first; });
  return members;
}

/// The same, with what is inside of pools instead of these.
std::vector<MemberIndex> best_of(const Pool& pool, const Selection& selection) {
  std::vector<MemberIndex> all;
  for (const MemberIndex member : best(pool, selection)) {
    const auto inside = std::find_if(selection.inside.begin(), selection.inside.end(),
                                     [&](const auto& one) { return one.first == member; });
    if (inside == selection.inside.end()) {
      all.push_back(member);
      continue;
    }
    const std::vector<MemberIndex> more = best_of(pool, inside->second);
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

std::vector<MemberIndex> whom(const Pool& pool, const MemberStates& states, const Selection& selection) {
  if (selection.rule != Rule::servfail) return best_of(pool, selection);
  std::vector<MemberIndex> all = pool.all();
  std::vector<MemberIndex> left;
  std::copy_if(all.begin(), all.end(), std::back_inserter(left),
               [&](MemberIndex i) { return states[pool.place(i)] != MemberState::drained; });
  return left.empty() ? all : left;
}

/// The data of its record, where it has one of that type.
std::vector<std::uint8_t> data_of(const Pool& pool, MemberIndex member, RrType type) {
  const Group* const group = pool.group(member);
  const bool is_address = type == RrType::A || type == RrType::AAAA;
  if (group != nullptr) return is_address ? std::vector<std::uint8_t>() : group->data;
  const auto& address = pool.members[member].address;
  if (!is_address || address.is_v4() != (type == RrType::A)) return {};
  const auto octets = [](const auto& bytes) { return std::vector<std::uint8_t>(bytes.begin(), bytes.end()); };
  return address.is_v4() ? octets(address.to_v4().to_bytes()) : octets(address.to_v6().to_bytes());
}

}  // namespace

FlatRRset flat_rrset(NameView owner, RrType type, const Pool& pool, const MemberStates& states,
                     const Selection& selection) {
  FlatRRset flat{.owner = Name(owner), .type = type, .ttl = pool.rules().ttl};
  std::set<std::vector<std::uint8_t>> all;  // in the canonical order of records (RFC 4034 6.3)
  for (const MemberIndex member : whom(pool, states, selection)) {
    std::vector<std::uint8_t> data = data_of(pool, member, type);
    if (data.empty()) continue;
    all.insert(std::move(data));
    if (type == RrType::CNAME) break;  // there is one at most (RFC 2181 10.1)
  }
  for (const std::vector<std::uint8_t>& data : all) {
    flat.data.push_back(static_cast<std::uint8_t>(data.size() >> 8));
    flat.data.push_back(static_cast<std::uint8_t>(data.size()));
    flat.data.insert(flat.data.end(), data.begin(), data.end());
    ++flat.count;
  }
  return flat;
}

}  // namespace holdfast::zones
