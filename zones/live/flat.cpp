#include "zones/live/flat.h"

#include <algorithm>
#include <set>

namespace holdfast::zones {
namespace {

std::vector<MemberIndex> whom(const Pool& pool, const MemberStates& states, const Selection& selection) {
  if (selection.rule != Rule::servfail) return all_of(selection);
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
