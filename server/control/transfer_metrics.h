#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "server/transfer/report.h"

namespace holdfast::server {

/// @param most  series of single secondaries, at most; of more there are only the sums
std::vector<prometheus::MetricFamily> collect(const TransferReport& report, std::size_t most);

}  // namespace holdfast::server
