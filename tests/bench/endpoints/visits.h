#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::bench {

/// When which endpoint was checked, as the endpoints see it.
class Visits {
 public:
  using Clock = std::chrono::steady_clock;

  /// Of `count` consecutive addresses from `first` on, in host order; all others are not recorded.
  Visits(std::uint32_t first, std::uint32_t count) : first_(first), times_(count) {}

  void begin();  ///< forgets all that came before
  void add(std::uint32_t address, Clock::time_point now);

  /// The figures since begin(), as JSON: distances between two visits of one endpoint as parts of `interval`, visits
  /// that did not come, and the busiest second as a multiple of the mean.
  std::string report(std::chrono::duration<double> interval) const;

 private:
  std::uint32_t first_;
  std::vector<std::vector<Clock::time_point>> times_;  // by endpoint, in order
  Clock::time_point begun_ = Clock::now();
};

}  // namespace holdfast::bench
