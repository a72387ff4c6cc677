#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "health/agent/pace.h"

namespace holdfast::server {

/// Whether the checks keep up.
std::vector<prometheus::MetricFamily> collect(const health::Pace& pace);

}  // namespace holdfast::server
