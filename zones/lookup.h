#pragma once

#include <variant>

#include "zones/dns/hashed_name.h"
#include "zones/live/table.h"
#include "zones/zone.h"

namespace holdfast::zones {

// What a lookup can meet, in the words of RFC 9499. All of it borrows from the zone and the live table.

struct Found {  ///< the RRset asked for, at the name or from a wildcard (RFC 4592)
  RRset rrset;
  LiveIndex live;  ///< kNotLive unless the records were decided by health
};
struct NoData {};    ///< the name exists, the type does not (RFC 2308 2.2)
struct NxDomain {};  ///< RFC 2308 2.1
struct Alias {       ///< a CNAME stands at the name; the caller follows it
  RRset cname;
};
struct Redirect {  ///< a DNAME stands above the name (RFC 6672)
  NameView owner;  ///< of the DNAME
  RRset dname;
};
struct Referral {  ///< at or below a zone cut
  NameView owner;  ///< of the NS RRset
  RRset ns;
};
using Lookup = std::variant<Found, NoData, NxDomain, Alias, Redirect, Referral>;

/// Looks `name`, at or below the zone's apex, up. ANY finds the first RRset there is.
Lookup lookup(const Zone& zone, const LiveTable& live, const HashedName& name, RrType type) noexcept;

/// The RRset of a node as of now: what health decided where it decides, else the zone's own.
Found rrset_now(const Zone& zone, Node node, const LiveTable& live, RrType type) noexcept;

}  // namespace holdfast::zones
