#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/transfer/announcer.h"
#include "server/transfer/secondaries.h"

namespace holdfast::server {

/// How we stand with other name servers, as of one moment.
struct TransferReport {
  std::vector<SecondaryStatus> secondaries{};  ///< by zone and peer
  std::vector<SecondaryZone> zones_in{};       ///< that we are secondary for
  std::string problem{};  ///< why new versions cannot be kept, and so are not transferred; empty: they can

  // Of what others asked, since the program began.
  std::uint64_t whole = 0, changes = 0;  ///< transfers that were taken: of whole zones, of what changed
  std::uint64_t failed = 0;              ///< that were begun, and not taken
  std::uint64_t octets = 0;
  std::uint64_t running = 0, waiting = 0;  ///< now; those that wait do for others to end
  std::uint64_t closed_connections = 0;    ///< connections, since as many were open as may be
  std::uint64_t refused = 0;               ///< of those who may not
  std::uint64_t notifies = 0;              ///< NOTIFYs of primaries
  std::uint64_t refused_notifies = 0;      ///< of others
  std::uint64_t bad_signatures = 0;

  /// UPDATEs, since the program began; @see UpdateCounters
  struct Updated {
    std::uint64_t changed = 0, unchanged = 0, unmet = 0, refused = 0, failed = 0, full = 0;
    std::uint64_t records = 0;  ///< that they removed or added beside the files of zones
  } updates{};
};

}  // namespace holdfast::server
