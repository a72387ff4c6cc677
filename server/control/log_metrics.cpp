#include "server/control/log_metrics.h"

#include "server/control/family.h"

namespace holdfast::server {

void add_log(std::vector<prometheus::MetricFamily>& families, const health::LogFigures& log) {
  const auto by_kind = [&](std::string name, std::string help, std::uint64_t probes, std::uint64_t events) {
    counter(std::move(name), std::move(help))
        .add({{"kind", "probe"}}, static_cast<double>(probes))
        .add({{"kind", "event"}}, static_cast<double>(events))
        .move_to(families);
  };
  by_kind("holdfast_log_written_total", "Probes and events written to the log.", log.probes_written,
          log.events_written);
  by_kind("holdfast_log_dropped_total",
          "Probes and events lost: more waited for the disk than the queue has room for.", log.probes_dropped,
          log.events_dropped);
  counter("holdfast_log_failures_total", "Attempts to write to the log that failed; they are made again.")
      .add({}, static_cast<double>(log.failures))
      .move_to(families);
  counter("holdfast_log_damaged_total", "Files of the log that were damaged, and moved aside.")
      .add({}, static_cast<double>(log.damaged))
      .move_to(families);
  gauge("holdfast_log_failing", "1 when the log cannot be written at the moment.")
      .add({}, log.failing)
      .move_to(families);
  gauge("holdfast_log_size_bytes", "Octets of the log on the disk.")
      .add({}, static_cast<double>(log.size))
      .move_to(families);
}

}  // namespace holdfast::server
