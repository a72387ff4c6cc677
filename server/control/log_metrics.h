#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "health/log/log.h"

namespace holdfast::server {

/// What the log of probes and events counts.
void add_log(std::vector<prometheus::MetricFamily>& families, const health::LogFigures& log);

}  // namespace holdfast::server
