#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "health/verdict/kept_state.h"

namespace holdfast::server {

/// Appends the figures of what is kept over a restart.
void add_kept(std::vector<prometheus::MetricFamily>& families, const health::KeptState& state);

}  // namespace holdfast::server
