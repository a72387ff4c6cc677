#include "server/control/pace_metrics.h"

#include "server/control/family.h"

namespace holdfast::server {

std::vector<prometheus::MetricFamily> collect(const health::Pace& pace) {
  std::vector<prometheus::MetricFamily> families;
  gauge("holdfast_targets_late",
        "Targets of which nothing was seen for 3 intervals and a timeout; their verdicts are old.")
      .add({}, static_cast<double>(pace.late))
      .move_to(families);
  gauge("holdfast_probes_in_flight", "Probes that have begun and not ended.")
      .add({}, static_cast<double>(pace.in_flight))
      .move_to(families);
  gauge("holdfast_probes_waiting", "Targets that are due, but whose probes have not begun.")
      .add({}, static_cast<double>(pace.waiting))
      .move_to(families);
  counter("holdfast_probes_not_run_total",
          "Probes that could not be run, for a reason of ours; none is a failure.")
      .add({}, static_cast<double>(pace.not_run))
      .move_to(families);

  prometheus::ClientMetric::Histogram lag;
  for (std::size_t bound = 0; bound < pace.lag.counts.size(); ++bound) {
    lag.sample_count += pace.lag.counts[bound];
    if (bound < health::Lag::kBounds.size())
      lag.bucket.push_back({lag.sample_count, health::Lag::kBounds[bound]});
  }
  lag.sample_sum = pace.lag.sum;
  histogram("holdfast_probe_lag_seconds", "How long after they were due probes began.")
      .add({}, std::move(lag))
      .move_to(families);
  return families;
}

}  // namespace holdfast::server
