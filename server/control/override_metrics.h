#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "server/overrides.h"

namespace holdfast::server {

/// The overrides in force, and what became of others.
std::vector<prometheus::MetricFamily> collect(const Overrides& overrides);

}  // namespace holdfast::server
