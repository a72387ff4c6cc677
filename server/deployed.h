#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "server/status.h"
#include "server/zone_files.h"
#include "zones/load/file_stamp.h"
#include "zones/shared_list.h"
#include "zones/snapshot.h"

namespace holdfast::server {

/// What one reload put into service, as it can be told of. Immutable once it is shared.
struct Deployed {
  /// What the last attempt to load a zone found.
  struct Findings {
    std::vector<std::string> problems{};
    std::vector<std::string> includes{};  ///< files that the zone has beside its own
    bool is_refused = false;              ///< what is served is of before, or nothing
  };

  /// How one zone was read.
  struct Reading {
    std::chrono::system_clock::time_point loaded{};  ///< the version that is served
    zones::FileStamp stamp = zones::kNoStamp;        ///< of its file and what that includes
    std::shared_ptr<const Findings> findings{};      ///< null: there are none, as of most

    bool is_refused() const { return findings != nullptr && findings->is_refused; }
  };

  std::shared_ptr<const zones::Snapshot> snapshot = std::make_shared<zones::Snapshot>();
  // Beside the zones of the snapshot, which are in the order of their names:
  std::shared_ptr<const ZoneFiles> files = std::make_shared<ZoneFiles>();
  zones::SharedList<Reading> readings;

  ZoneTotals totals;

  /// Calls the visitor for each zone that is to be shown, by name; the status is valid during that call.
  void each_zone(const Shown& shown, const ZoneVisitor& visit) const;
};

}  // namespace holdfast::server
