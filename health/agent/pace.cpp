#include "health/agent/pace.h"

#include <algorithm>

namespace holdfast::health {

void Lag::add(std::chrono::steady_clock::duration lag) noexcept {
  const double seconds = std::chrono::duration<double>(lag).count();
  ++counts[static_cast<std::size_t>(std::lower_bound(kBounds.begin(), kBounds.end(), seconds) -
                                    kBounds.begin())];
  sum += seconds;
}

void Lag::add(const Lag& other) noexcept {
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  sum += other.sum;
}

void Pace::add(const Pace& other) {
  in_flight += other.in_flight;
  waiting += other.waiting;
  late += other.late;
  not_run += other.not_run;
  lag.add(other.lag);
  if (other.longest && (!longest || longest->time < other.longest->time)) longest = other.longest;
}

}  // namespace holdfast::health
