#pragma once

#include <map>
#include <memory>
#include <vector>

#include "server/status.h"
#include "server/zone_files.h"
#include "zones/snapshot.h"

namespace holdfast::server {

/// What one reload put into service, as it can be told of. Immutable once it is shared.
struct Deployed {
  /// What is to be said of the last attempt to load a zone; most zones have none.
  struct Trouble {
    std::vector<std::string> problems;
    bool refused = false;
  };

  std::shared_ptr<const zones::Snapshot> snapshot = std::make_shared<zones::Snapshot>();
  // Beside the zones of the snapshot, which are in the order of their names:
  std::shared_ptr<const ZoneFiles> files = std::make_shared<ZoneFiles>();
  std::vector<std::chrono::system_clock::time_point> loaded;

  std::map<zones::ZoneNumber, Trouble> troubles;
  ZoneTotals totals;

  /// Calls the visitor for each zone that is to be shown, by name; the status is valid during that call.
  void each_zone(const Shown& shown, const ZoneVisitor& visit) const;
};

}  // namespace holdfast::server
