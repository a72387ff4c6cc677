#pragma once

#include <time.h>

#include <random>

#include "server/answer/answer.h"
#include "server/listen/counters.h"
#include "zones/published.h"

namespace holdfast::server {

class Privileged;

/// What all workers answer from. Outlives them.
struct Source {
  zones::Published<zones::Snapshot> zones{std::make_shared<zones::Snapshot>()};
  zones::Published<zones::LiveTable> live{std::make_shared<zones::LiveTable>()};
  zones::Published<zones::SerialTable> serials{std::make_shared<zones::SerialTable>()};
  Identity identity;  ///< set before the first worker starts
  Privileged* privileged =
      nullptr;  ///< likewise; outlives the workers; null: nobody may have what is privileged
};

/// As steady_clock has it, some milliseconds late: a quarter of what that takes to ask.
inline zones::LiveTime coarse_now() noexcept {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return zones::LiveTime(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

/// One worker's own view of the source, and its counters.
class WorkerView {
 public:
  WorkerView(const Source& source, Transport transport)
      : counters(std::make_unique<Counters>(transport)),
        source_(source),
        zones_(source.zones),
        live_(source.live),
        serials_(source.serials),
        seed_(std::uint64_t{std::random_device()()} << 32 | std::random_device()()) {}

  /// What to answer from now; asked once per batch. Valid until the next call.
  Serving latest() {
    const zones::Snapshot& zones = zones_.latest();
    if (&zones != known_) {
      known_ = &zones;
      counters->zones.reserve(zones.zone_numbers());
      counters->live.reserve(zones.live_names());
    }
    return {zones,        live_.latest(), source_.identity,  random(),
            coarse_now(), wishes.get(),   &serials_.latest()};
  }

  Privileged* privileged() const noexcept { return source_.privileged; }

  /// What a batch, or a query that is answered by itself, draws by.
  std::uint64_t random() noexcept { return zones::mixed(++seed_); }

  std::unique_ptr<Counters> counters;
  const std::shared_ptr<zones::Wishes> wishes = std::make_shared<zones::Wishes>();

 private:
  const Source& source_;
  zones::Published<zones::Snapshot>::Reader zones_;
  zones::Published<zones::LiveTable>::Reader live_;
  zones::Published<zones::SerialTable>::Reader serials_;
  const zones::Snapshot* known_ = nullptr;
  std::uint64_t seed_;
};

}  // namespace holdfast::server
