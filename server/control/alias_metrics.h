#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "server/alias_report.h"

namespace holdfast::server {

/// @param series  targets that have series of their own: where there are more, only those that are stale or failed have,
///                and of these so many
std::vector<prometheus::MetricFamily> collect(const AliasReport& report, std::size_t series);

}  // namespace holdfast::server
