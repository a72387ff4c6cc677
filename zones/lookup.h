#pragma once

#include "zones/dns/hashed_name.h"
#include "zones/live/view.h"
#include "zones/zone.h"

namespace holdfast::zones {

/// What a lookup met, in the words of RFC 9499. Borrows from the zone and the live table.
struct Lookup {
  enum class Met : std::uint8_t {
    found,     ///< the RRset asked for, at the name or from a wildcard (RFC 4592)
    no_data,   ///< the name exists, the type does not (RFC 2308 2.2)
    nxdomain,  ///< RFC 2308 2.1
    alias,     ///< a CNAME stands at the name, or is what a live name has; the caller follows it
    redirect,  ///< a DNAME stands above the name (RFC 6672)
    referral,  ///< the name is at or below a zone cut
    failed,    ///< a live name that has nothing to say: SERVFAIL
    live,      ///< health decides, and not the same for everybody: settle() says what that comes to
  };
  Met met;
  NameView owner;             ///< of the DNAME, the NS, the SOA; else unused
  RRset rrset;                ///< what was found, the CNAME, the DNAME, the NS of the cut; negative: the SOA
  LiveIndex live = kNotLive;  ///< the live name whose records were found
  Node node{};                ///< with `live`: where that stands; else unused
  ExtendedError error = ExtendedError::none;  ///< what is told beside it
};

/// Looks `name`, at or below the zone's apex, up. ANY finds one RRset, if there is any: which one tells no more than that
/// but for a CNAME.
Lookup lookup(const Zone& zone, const LiveTable& live, const HashedName& name, RrType type) noexcept;

// Parts of settle() that are rare.
[[gnu::noinline]] void settle_alias(const Zone& zone, Lookup& met, LiveView& live) noexcept;
[[gnu::noinline]] void settle_any(const Zone& zone, Lookup& met, LiveView& live) noexcept;
[[gnu::noinline]] void settle_empty(const Zone& zone, Lookup& met, const LiveAnswer& answer, RrType type,
                                    LiveTime now) noexcept;

/// Makes of a lookup that met `live` what that comes to for one client. Apart from it, since most queries meet no live name,
/// and need not pay for who asks.
inline void settle(const Zone& zone, Lookup& met, LiveView& live, RrType type) noexcept {
  if (type == RrType::ANY) return settle_any(zone, met, live);
  const LiveAnswer& answer = *live.table().find(met.live);
  if (!answer.covers(type)) return settle_alias(zone, met, live);
  live.give(answer, met.live, type, met.rrset);
  if (met.rrset.empty()) return settle_empty(zone, met, answer, type, live.now());
  met.met = Lookup::Met::found;
  met.error = live.error();
}

/// The RRset of a node as of now: what health decided where it decides, else the zone's own.
inline RRset rrset_now(const Zone& zone, Node node, LiveView& live, RrType type) noexcept {
  const LiveAnswer* const answer = live.find(node, type);
  if (answer == nullptr) return zone.rrset(node, type);
  RRset rrset;
  live.give(*answer, node.live(), type, rrset);
  return rrset;
}

}  // namespace holdfast::zones
