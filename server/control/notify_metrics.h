#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "health/notify/delivery.h"

namespace holdfast::server {

/// The figures of notifications, by contact.
std::vector<prometheus::MetricFamily> collect(const health::NotifyStatus& status);

}  // namespace holdfast::server
