#include "zones/lookup.h"

namespace holdfast::zones {
namespace {

/// A node that is not at or below a zone cut, as the answer for the name asked.
Lookup at_node(const Zone& zone, Node node, const LiveTable& live, RrType type) noexcept {
  const Found found = rrset_now(zone, node, live, type);
  if (!found.rrset.empty()) return found;
  const RRset cname = zone.rrset(node, RrType::CNAME);
  if (!cname.empty()) {
    // Of what may stand beside it (RFC 4035 2.5) nothing has the type. ANY gets the CNAME itself (RFC 8482 4.2).
    return type == RrType::ANY ? Lookup(Found{cname, kNotLive}) : Alias{cname};
  }
  if (type != RrType::ANY) return NoData{};
  for (const RrType address : {RrType::A, RrType::AAAA}) {
    if (const Found any = rrset_now(zone, node, live, address); !any.rrset.empty()) return any;
  }
  if (node.rrset_count() != 0) return Found{zone.rrset_at(node, 0), kNotLive};
  return NoData{};
}

Referral refer(const Zone& zone, Node below) noexcept {
  const Node cut = zone.cut(below);
  return {cut.name(), zone.rrset(cut, RrType::NS)};
}

}  // namespace

Found rrset_now(const Zone& zone, Node node, const LiveTable& live, RrType type) noexcept {
  if (node.live() != kNotLive && LiveAnswer::covers(type)) {
    if (const LiveAnswer* answer = live.find(node.live())) return {answer->rrset(type), node.live()};
  }
  return {zone.rrset(node, type), kNotLive};
}

Lookup lookup(const Zone& zone, const LiveTable& live, const HashedName& name, RrType type) noexcept {
  if (const Node node = zone.find(name.name(), name.hash())) {
    // At the cut itself the parent's side has the DS (RFC 4035 3.1.4.1); all else is the child's.
    if (node.is_authoritative() || (type == RrType::DS && node.is_cut()))
      return at_node(zone, node, live, type);
    return refer(zone, node);
  }
  // The apex exists, so this ends at the closest encloser at the latest there.
  for (std::size_t i = 1; i <= name.labels(); ++i) {
    const Node encloser = zone.find(name.suffix(i), name.hash(i));
    if (!encloser) continue;
    if (!encloser.is_authoritative()) return refer(zone, encloser);
    if (encloser.has_dname()) return Redirect{encloser.name(), zone.rrset(encloser, RrType::DNAME)};
    if (!encloser.has_wildcard()) return NxDomain{};
    // NS at a wildcard cuts nothing off from the names synthesised from it (RFC 4592 4.2).
    return at_node(zone, zone.wildcard(encloser), live, type);
  }
  return NxDomain{};
}

}  // namespace holdfast::zones
