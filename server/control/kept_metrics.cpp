#include "server/control/kept_metrics.h"

#include "server/control/family.h"

namespace holdfast::server {

void add_kept(std::vector<prometheus::MetricFamily>& families, const health::KeptState& state) {
  counter("holdfast_state_failures_total",
          "Attempts to write verdicts and overrides for the next start that failed; they are made again.")
      .add({}, static_cast<double>(state.failures()))
      .move_to(families);
  gauge("holdfast_state_failing", "1 when what is kept over a restart cannot be written at the moment.")
      .add({}, state.failing())
      .move_to(families);
}

}  // namespace holdfast::server
