#pragma once

#include <prometheus/metric_family.h>

#include <array>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "health/agent/schedule.h"
#include "health/observation.h"

namespace holdfast::server {

/// Counts what probes saw, and how long their phases took. Thread-safe.
class ProbeMetrics {
 public:
  /// One probe ended.
  void observed(const health::Observation& observation);

  /// The figures of these targets. All others are forgotten, so that a target that is gone leaves no series behind.
  std::vector<prometheus::MetricFamily> collect(const std::vector<health::TargetId>& current);

 private:
  static constexpr std::array kBuckets{0.001, 0.002, 0.005, 0.01, 0.02, 0.05,
                                       0.1,   0.2,   0.5,   1.0,  2.0,  5.0};  // s
  static constexpr std::size_t kPhases = 4;

  struct Histogram {
    std::array<std::uint64_t, kBuckets.size() + 1> counts{};  // the last: longer than all
    double sum = 0;                                           // s
    void add(std::chrono::microseconds duration);
  };

  std::mutex mutex_;
  std::unordered_map<health::TargetId, std::array<std::uint64_t, health::kOutcomes>, health::TargetHash>
      outcomes_;
  std::map<std::string, std::array<Histogram, kPhases>, std::less<>> phases_;  // by monitor
};

}  // namespace holdfast::server
