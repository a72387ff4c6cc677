#pragma once

#include "server/answer/response.h"
#include "zones/live/view.h"

namespace holdfast::server {

/// Who we are, where a query may ask for it. Empty: that is not told.
struct Identity {
  std::string nsid;                ///< NSID (RFC 5001), and id.server CH TXT (RFC 4892)
  std::string version;             ///< version.bind and version.server CH TXT
  std::uint16_t edns_size = 1232;  ///< largest UDP answer, octets
};

/// Works out what a query that parsed without error is answered with.
/// @param shows_private  what is private is answered, too, and not refused
void resolve(const Query& query, const zones::Snapshot& zones, zones::LiveView& live,
             const Identity& identity, Response& response, bool shows_private = false) noexcept;

/// The same for any name at or below a zone cut, but for the DS that stands there.
void refer(const zones::Zone& zone, zones::Node cut, zones::LiveView& live, Response& response) noexcept;

}  // namespace holdfast::server
