#include "zones/lookup.h"

namespace holdfast::zones {
namespace {

using Met = Lookup::Met;

Lookup negative(const Zone& zone, Met met) noexcept {
  return {.met = met, .owner = zone.apex(), .rrset = zone.negative_soa()};
}

Lookup refer(const Zone& zone, Node below) noexcept {
  const Node cut = zone.cut(below);
  return {.met = Met::referral, .owner = cut.name(), .rrset = zone.rrset(cut, RrType::NS)};
}

/// What ANY is answered with, of the zone's own.
RRset any_rrset(const Zone& zone, Node node) noexcept {
  for (const RrType type : {RrType::CNAME, RrType::A, RrType::AAAA}) {
    if (const RRset rrset = zone.rrset(node, type); !rrset.empty()) return rrset;
  }
  return node.rrset_count() != 0 ? zone.rrset_at(node, 0) : RRset();
}

/// There is nothing of that type at a name where health decides.
Lookup nothing_live(const Zone& zone, const LiveAnswer& answer, LiveIndex live, RrType type,
                    LiveTime now) noexcept {
  const ExtendedError error = answer.error(type);
  if (answer.is_failed(type))
    return {.met = Met::failed, .owner = {}, .rrset = {}, .live = live, .error = error};
  Lookup lookup = negative(zone, Met::no_data);
  lookup.error = error;
  const std::uint32_t ttl = answer.negative_ttl(type, now);
  if (ttl != 0 && ttl < lookup.rrset.ttl) {
    lookup.rrset.ttl = ttl;
    lookup.rrset.prebuilt = nullptr;  // that has the zone's own TTL
  }
  return lookup;
}

/// A node that is not at or below a zone cut, as the answer for the name asked.
inline Lookup at_node(const Zone& zone, Node node, const LiveTable& live, RrType type) noexcept {
  if (node.live() != kNotLive) {
    const LiveAnswer* const answer = live.find(node.live());
    const bool is_covered = answer != nullptr && answer->covers(type);
    const RRset ready = is_covered ? answer->for_everybody(type) : RRset();
    if (!ready.empty()) return {.met = Met::found, .owner = {}, .rrset = ready, .live = node.live()};
    if (is_covered || (answer != nullptr && (answer->is_alias() || type == RrType::ANY)))
      return {.met = Met::live, .owner = {}, .rrset = {}, .live = node.live(), .node = node};
  }
  const RRset rrset = type == RrType::ANY ? any_rrset(zone, node) : zone.rrset(node, type);
  if (!rrset.empty()) return {.met = Met::found, .owner = {}, .rrset = rrset};
  // What may stand beside a CNAME (RFC 4035 2.5) was found already.
  const RRset cname = zone.rrset(node, RrType::CNAME);
  if (!cname.empty()) return {.met = Met::alias, .owner = {}, .rrset = cname};
  return negative(zone, Met::no_data);
}

}  // namespace

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
    if (encloser.has_dname()) {
      return {.met = Met::redirect, .owner = encloser.name(), .rrset = zone.rrset(encloser, RrType::DNAME)};
    }
    if (!encloser.has_wildcard()) break;
    // NS at a wildcard cuts nothing off from the names synthesised from it (RFC 4592 4.2).
    return at_node(zone, zone.wildcard(encloser), live, type);
  }
  return negative(zone, Met::nxdomain);
}

void settle_empty(const Zone& zone, Lookup& met, const LiveAnswer& answer, RrType type,
                  LiveTime now) noexcept {
  met = nothing_live(zone, answer, met.live, type, now);
}

void settle_alias(const Zone& zone, Lookup& met, LiveView& live) noexcept {
  const LiveAnswer& answer = *live.table().find(met.live);
  live.give(answer, met.live, RrType::CNAME, met.rrset);
  if (met.rrset.empty()) return settle_empty(zone, met, answer, RrType::CNAME, live.now());
  met.met = Met::alias;
  met.error = live.error();
}

void settle_any(const Zone& zone, Lookup& met, LiveView& live) noexcept {
  const LiveAnswer& answer = *live.table().find(met.live);
  std::optional<RrType> covered;
  const auto give = [&](RrType type) {
    if (!answer.covers(type)) return false;
    covered = covered.value_or(type);
    live.give(answer, met.live, type, met.rrset);
    met.error = live.error();
    return !met.rrset.empty();
  };
  met.met = Met::found;
  if (give(RrType::A) || give(RrType::AAAA)) return;
  for (std::size_t i = 0; i < answer.others(); ++i) {
    if (give(answer.other(i))) return;
  }
  met.error = ExtendedError::none;
  for (std::size_t i = 0; i < met.node.rrset_count(); ++i) {
    met.rrset = zone.rrset_at(met.node, i);
    if (!answer.covers(met.rrset.type)) return;
  }
  if (covered) return settle_empty(zone, met, answer, *covered, live.now());
  met = negative(zone, Met::no_data);
}

}  // namespace holdfast::zones
