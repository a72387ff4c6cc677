#pragma once

#include <chrono>
#include <map>

#include "health/observation.h"
#include "health/settings.h"

namespace holdfast::health {

/// The shortest time between two passes of one target in the log, unless something failed in between.
inline constexpr std::chrono::seconds kPassInterval{60};
/// Octets that one observation takes in the log, with its part of the indexes.
inline constexpr std::uint64_t kObservationOctets = 80;

/// How often the passes of so many targets may be kept, so that they fill half of the log at most in the time that it
/// reaches back; at least kPassInterval.
//
//  targets   passes of each are kept, with the defaults of 7 days and 256 MiB
//      100   every minute
//    1,000   every 6 minutes
//   10,000   every hour
std::chrono::seconds pass_interval(std::size_t targets, const LogSettings& log) noexcept;

/// Says which observations go into the log: every failure, the first pass after one, the first of a target, and of
/// further passes one in a while. A state of its own, for one thread at a time; no clock but that of the observations.
class Thinning {
 public:
  explicit Thinning(LogSettings log) : log_(log) {}

  bool keeps(const Observation& seen);

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Seen {
    Time kept{};  // the last pass that was kept
    Time last{};
    bool failed = false;
  };

  void forget_the_gone(Time now);

  const LogSettings log_;
  std::map<TargetId, Seen> targets_;
  Time looked_{};
};

}  // namespace holdfast::health
