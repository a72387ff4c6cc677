#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "zones/record_list.h"
#include "zones/replicate/delta.h"
#include "zones/zone.h"

namespace holdfast::zones {

struct Applied {
  RecordList records{};   ///< sorted, for check_zone and Zone; borrows from the zone and from the deltas
  std::string problem{};  ///< why the deltas do not fit the zone; empty: they do
  std::vector<NameView>
      owners{};  ///< whose records are others or no more, in canonical order; the apex among them
};

/// What comes of a zone by an incremental transfer (RFC 1995 4). Strict: each record that a delta removes has to be there,
/// whatever its TTL, and none that it adds; and the first has to begin with the serial of the zone, each other where the one
/// before ends. Records outside the zone are left out, as they are from a whole transfer.
///
/// @param zone    available
/// @param deltas  at least one, as they came: their records in any order
Applied apply_deltas(const Zone& zone, std::span<const std::shared_ptr<const Delta>> deltas);

/// The same, but only the records of `owners`: for about what the deltas cost, not what the zone does.
Applied apply_to_owners(const Zone& zone, std::span<const std::shared_ptr<const Delta>> deltas);

}  // namespace holdfast::zones
