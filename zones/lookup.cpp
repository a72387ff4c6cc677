#include "zones/lookup.h"

namespace holdfast::zones {
namespace {

/// A node that is not at or below a zone cut, as the answer for the name asked.
Lookup at_node(const Zone& zone, const Zone::Node& node, const LiveTable& live, RrType type) noexcept {
  const RRset cname = zone.rrset(node, RrType::CNAME);
  if (!cname.empty() && type != RrType::CNAME) {
    // Beside a CNAME stand only the records that prove it (RFC 4035 2.5); ANY gets the CNAME itself (RFC 8482 4.2).
    if (type == RrType::ANY) return Found{cname, kNotLive};
    if (const RRset proof = zone.rrset(node, type); !proof.empty()) return Found{proof, kNotLive};
    return Alias{cname};
  }
  if (type == RrType::ANY) {
    for (const RrType address : {RrType::A, RrType::AAAA}) {
      if (const Found found = rrset_now(zone, node, live, address); !found.rrset.empty()) return found;
    }
    if (node.rrset_count != 0) return Found{zone.rrset_at(node, 0), kNotLive};
    return NoData{};
  }
  const Found found = rrset_now(zone, node, live, type);
  if (found.rrset.empty()) return NoData{};
  return found;
}

Referral refer(const Zone& zone, const Zone::Node& below) noexcept {
  const Zone::Node& cut = zone.node(below.cut);
  return {zone.name(cut), zone.rrset(cut, RrType::NS)};
}

}  // namespace

Found rrset_now(const Zone& zone, const Zone::Node& node, const LiveTable& live, RrType type) noexcept {
  if (node.live != kNotLive && LiveAnswer::covers(type)) {
    if (const LiveAnswer* answer = live.find(node.live)) return {answer->rrset(type), node.live};
  }
  return {zone.rrset(node, type), kNotLive};
}

Lookup lookup(const Zone& zone, const LiveTable& live, const HashedName& name, RrType type) noexcept {
  if (const Zone::Node* node = zone.find(name.name(), name.hash())) {
    if (node->cut == Zone::kNone) return at_node(zone, *node, live, type);
    // At the cut itself the parent's side has the DS (RFC 4035 3.1.4.1); all else is the child's.
    const bool parents = type == RrType::DS && &zone.node(node->cut) == node;
    return parents ? at_node(zone, *node, live, type) : Lookup(refer(zone, *node));
  }
  // The apex exists, so this ends at the closest encloser at the latest there.
  for (std::size_t i = 1; i <= name.labels(); ++i) {
    const Zone::Node* encloser = zone.find(name.suffix(i), name.hash(i));
    if (encloser == nullptr) continue;
    if (encloser->cut != Zone::kNone) return refer(zone, *encloser);
    if (encloser->has_dname) return Redirect{zone.name(*encloser), zone.rrset(*encloser, RrType::DNAME)};
    if (encloser->wildcard == Zone::kNone) return NxDomain{};
    const Zone::Node& wildcard = zone.node(encloser->wildcard);
    // NS at a wildcard cuts nothing off from the names synthesised from it (RFC 4592 4.2).
    return at_node(zone, wildcard, live, type);
  }
  return NxDomain{};
}

}  // namespace holdfast::zones
