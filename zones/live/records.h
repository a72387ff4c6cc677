#pragma once

#include <cstdint>
#include <vector>

#include "zones/geo/geography.h"
#include "zones/live/answer.h"
#include "zones/live/pool.h"
#include "zones/live/selection.h"

namespace holdfast::zones {

/// What a selection has to give. Pure. What everybody gets of pools in a pool is one list, without repetitions.
///
/// @param parts  as choice() takes them
LiveRecords records_of(const Pool& pool, const Selection& selection, const Geography& geography,
                       const std::vector<std::uint32_t>& parts);

}  // namespace holdfast::zones
