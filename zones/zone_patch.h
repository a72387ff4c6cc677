#pragma once

#include <memory>
#include <span>

#include "zones/record_list.h"
#include "zones/zone.h"

namespace holdfast::zones {

struct PatchInput {
  const Zone& before;  ///< prebuilt
  std::span<const NameView>
      changed;                ///< the owners whose records are others, or are no more; the apex among them
  const RecordList& records;  ///< sorted and checked: all that these have now, and perhaps records of others
};

/// What a few changes make of a large zone, live where that is: for about what the changes cost, where Zone's constructor
/// costs what the zone does. Answers are those of a Zone built anew. To be prebuilt, which also takes no more than that.
///
/// Null: it is to be built anew. The zone is small; there is no more room beside it, as after many changes, or for many at
/// once; or they are such that much else depends on them, as on a DNAME.
std::shared_ptr<Zone> patch(const PatchInput& input);

/// Whether it may be worth a try.
bool can_be_patched(const Zone& zone) noexcept;

/// Nodes that have records. Only of a zone that was patched, or that a patch was made of.
std::size_t counted_names(const Zone& zone) noexcept;

}  // namespace holdfast::zones
