#include "server/control/probe_metrics.h"

#include <algorithm>
#include <set>

#include "server/control/family.h"

namespace holdfast::server {
namespace {

constexpr std::array kPhaseNames{"connect", "tls", "header", "body"};

}  // namespace

void ProbeMetrics::Histogram::add(std::chrono::microseconds duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  const auto bucket = std::lower_bound(kBuckets.begin(), kBuckets.end(), seconds);
  ++counts[static_cast<std::size_t>(bucket - kBuckets.begin())];
  sum += seconds;
}

void ProbeMetrics::observed(const health::Observation& observation) {
  const std::array durations{observation.connect, observation.tls, observation.header, observation.body};
  static_assert(durations.size() == kPhases && kPhaseNames.size() == kPhases);

  const std::lock_guard lock(mutex_);
  ++outcomes_[observation.target][static_cast<std::size_t>(observation.outcome)];
  auto& histograms = phases_[observation.target.monitor];
  for (std::size_t phase = 0; phase < kPhases; ++phase) {
    if (durations[phase].count() > 0) histograms[phase].add(durations[phase]);
  }
}

std::vector<prometheus::MetricFamily> ProbeMetrics::collect(const std::vector<health::TargetId>& current) {
  const std::set<health::TargetId> targets(current.begin(), current.end());
  std::set<std::string_view> monitors;
  for (const health::TargetId& target : targets) monitors.insert(target.monitor);

  Family probes = counter("holdfast_probes_total", "Probes that ended, by how.");
  Family seconds =
      histogram("holdfast_probe_phase_seconds", "How long the phases of probes took that reached them.");

  const std::lock_guard lock(mutex_);
  std::erase_if(outcomes_, [&](const auto& row) { return !targets.contains(row.first); });
  std::erase_if(phases_, [&](const auto& row) { return !monitors.contains(row.first); });

  for (const health::TargetId& target : targets) {
    const auto known = outcomes_.find(target);
    if (known == outcomes_.end()) continue;
    const auto& counts = known->second;
    const std::string address = target.address.to_string();
    for (std::size_t outcome = 0; outcome < counts.size(); ++outcome) {
      if (counts[outcome] == 0) continue;
      probes.add({{"monitor", target.monitor},
                  {"address", address},
                  {"outcome", std::string(text(static_cast<health::Outcome>(outcome)))}},
                 static_cast<double>(counts[outcome]));
    }
  }
  for (const auto& [monitor, histograms] : phases_) {
    for (std::size_t phase = 0; phase < kPhases; ++phase) {
      const Histogram& counted = histograms[phase];
      prometheus::ClientMetric::Histogram shown;
      for (std::size_t bucket = 0; bucket < kBuckets.size(); ++bucket) {
        shown.sample_count += counted.counts[bucket];
        shown.bucket.push_back({shown.sample_count, kBuckets[bucket]});
      }
      shown.sample_count += counted.counts.back();
      if (shown.sample_count == 0) continue;
      shown.sample_sum = counted.sum;
      seconds.add({{"monitor", monitor}, {"phase", kPhaseNames[phase]}}, std::move(shown));
    }
  }
  std::vector<prometheus::MetricFamily> families;
  probes.move_to(families);
  seconds.move_to(families);
  return families;
}

}  // namespace holdfast::server
