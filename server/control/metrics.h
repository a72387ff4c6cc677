#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "server/control/door_counters.h"
#include "server/control/state.h"

namespace holdfast::server {

/// All figures of the program as Prometheus wants them, summed up now. What is gone (a zone, a target) has no series.
std::vector<prometheus::MetricFamily> collect(const ControlState& state, const DoorCounters& door);

}  // namespace holdfast::server
