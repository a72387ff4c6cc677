#pragma once

#include <prometheus/metric_family.h>

#include <chrono>
#include <vector>

#include "health/checks.h"

namespace holdfast::server {

/// Figures of agents, of what they say of each target, and of the store.
std::vector<prometheus::MetricFamily> collect(const health::MeetingStatus& status,
                                              const std::vector<health::MergedStatus>& targets,
                                              std::chrono::steady_clock::time_point now);

}  // namespace holdfast::server
