#include "zones/replicate/diff.h"

#include <algorithm>

namespace holdfast::zones {
namespace {

bool same(const RRset& a, const RRset& b) noexcept {
  if (a.type != b.type || a.count != b.count || a.ttl != b.ttl) return false;
  auto of_b = b.begin();
  for (const Rdata data : a) {
    if (!std::ranges::equal(data, *of_b++)) return false;
  }
  return true;
}

/// What of `a` is not in `b`, and of `b` not in `a`: two RRsets of one owner and type.
void compare(NameView owner, const RRset& a, const RRset& b, Delta& delta) {
  if (a.ttl != b.ttl) {
    delta.removed.add(owner, a);
    delta.added.add(owner, b);
    return;
  }
  auto before = a.begin();
  auto after = b.begin();
  while (before != a.end() || after != b.end()) {
    const auto order = before == a.end()  ? std::strong_ordering::greater
                       : after == b.end() ? std::strong_ordering::less
                                          : compare_data(*before, *after);
    if (order < 0) delta.removed.add({owner, a.type, a.ttl, *before});
    if (order > 0) delta.added.add({owner, b.type, b.ttl, *after});
    if (order <= 0) ++before;
    if (order >= 0) ++after;
  }
}

/// All RRsets of both, where one has what the other has not, or has otherwise.
void compare(Contents::Cursor before, Contents::Cursor after, std::size_t most, Delta& delta) {
  const std::size_t begun = delta.octets();
  while ((before || after) && delta.octets() - begun <= most) {
    auto order = !before  ? std::strong_ordering::greater
                 : !after ? std::strong_ordering::less
                 : before.owner() == after.owner()
                     ? before.rrset().type <=> after.rrset().type  // nearly always
                     : before.owner() <=> after.owner();
    if (order < 0) delta.removed.add(before.owner(), before.rrset());
    if (order > 0) delta.added.add(after.owner(), after.rrset());
    if (order == 0 && !same(before.rrset(), after.rrset()))
      compare(before.owner(), before.rrset(), after.rrset(), delta);
    if (order <= 0) before.next();
    if (order >= 0) after.next();
  }
}

/// The same for one owner.
void compare(NameView owner, OwnerRRsets before, OwnerRRsets after, Delta& delta) {
  while (before || after) {
    const auto order = !before  ? std::strong_ordering::greater
                       : !after ? std::strong_ordering::less
                                : before.rrset().type <=> after.rrset().type;
    if (order < 0) delta.removed.add(owner, before.rrset());
    if (order > 0) delta.added.add(owner, after.rrset());
    if (order == 0) compare(owner, before.rrset(), after.rrset(), delta);
    if (order <= 0) before.next();
    if (order >= 0) after.next();
  }
}

/// What a flat view has of one owner.
std::span<const FlatRRset> of_owner(std::span<const FlatRRset> flat, NameView owner) noexcept {
  const auto first =
      std::lower_bound(flat.begin(), flat.end(), owner,
                       [](const FlatRRset& one, NameView name) { return one.owner.view() < name; });
  const std::span<const FlatRRset> rest(first, flat.end());
  return rest.empty() || rest[0].owner.view() != owner ? rest.first(0) : first_owner(rest);
}

/// Of two zones where only these owners have other records.
void compare(const Contents& before, const Contents& after, std::vector<NameView> owners, Delta& delta) {
  for (const auto flat : {before.flat_rrsets(), after.flat_rrsets()}) {
    for (const FlatRRset& rrset : flat) owners.push_back(rrset.owner);
  }
  std::sort(owners.begin(), owners.end());
  owners.erase(std::unique(owners.begin(), owners.end()), owners.end());
  for (const NameView owner : owners) {
    const Node old = before.zone()->find(owner), now = after.zone()->find(owner);
    compare(owner, OwnerRRsets(*before.zone(), old, of_owner(before.flat_rrsets(), owner)),
            OwnerRRsets(*after.zone(), now, of_owner(after.flat_rrsets(), owner)), delta);
  }
}

/// Two flat views of one zone.
void compare(const Zone& zone, std::span<const FlatRRset> before, std::span<const FlatRRset> after,
             Delta& delta) {
  while (!before.empty() || !after.empty()) {
    const auto order = before.empty()  ? std::strong_ordering::greater
                       : after.empty() ? std::strong_ordering::less
                                       : before[0].owner <=> after[0].owner;
    const auto of_before = order <= 0 ? first_owner(before) : before.first(0);
    const auto of_after = order >= 0 ? first_owner(after) : after.first(0);
    if (!std::ranges::equal(of_before, of_after)) {
      const NameView owner = order <= 0 ? before[0].owner : after[0].owner;
      const Node node = zone.find(owner);
      compare(owner, OwnerRRsets(zone, node, of_before), OwnerRRsets(zone, node, of_after), delta);
    }
    before = before.subspan(of_before.size());
    after = after.subspan(of_after.size());
  }
}

bool same_soa(const Contents& before, const Contents& after) {
  return before.soa_ttl() == after.soa_ttl() &&
         std::ranges::equal(with_serial(before.soa(), after.serial()), after.soa());
}

/// Whether both zones have the same records, but for the serial.
bool same_records(const Contents& before, const Contents& after) {
  if (!same_soa(before, after) || before.zone()->records() != after.zone()->records()) return false;
  if (auto changed = after.zone()->changed_since(*before.zone())) {
    Delta delta;
    compare(Contents({}, before.zone(), nullptr), Contents({}, after.zone(), nullptr), *std::move(changed),
            delta);
    return delta.octets() == 0;
  }
  Contents::Cursor a(Contents({}, before.zone(), nullptr));
  Contents::Cursor b(Contents({}, after.zone(), nullptr));
  for (; a && b; a.next(), b.next()) {
    if (a.owner() != b.owner() || !same(a.rrset(), b.rrset())) return false;
  }
  return !a && !b;
}

}  // namespace

std::optional<Delta> difference(const Contents& before, const Contents& after, std::size_t most) {
  const bool same_zone = before.zone() == after.zone();
  if (same_zone && before.flat() == after.flat()) return std::nullopt;
  Delta delta;
  delta.removed.add({before.apex(), RrType::SOA, before.soa_ttl(), before.soa()});
  delta.added.add({after.apex(), RrType::SOA, after.soa_ttl(), after.soa()});
  if (same_zone) {
    compare(*after.zone(), before.flat_rrsets(), after.flat_rrsets(), delta);
  } else if (auto changed = after.zone()->changed_since(*before.zone())) {
    compare(before, after, *std::move(changed), delta);
  } else {
    compare(Contents::Cursor(before), Contents::Cursor(after), most, delta);
  }
  const bool is_same = delta.removed.size() + delta.added.size() == 2 && same_soa(before, after);
  const bool is_flat = !before.flat_rrsets().empty() || !after.flat_rrsets().empty();
  delta.is_live = same_zone || (is_flat ? same_records(before, after) : is_same);
  if (is_same && delta.is_live) return std::nullopt;
  return delta;
}

}  // namespace holdfast::zones
