#pragma once

#include <array>
#include <chrono>

#include "health/probe/finding.h"

namespace holdfast::health {

/// What a probe does one after the other, mostly in this order. A protocol has some of them.
enum class Phase : std::size_t {
  connect,  ///< TCP
  tls,      ///< the handshake
  header,   ///< until what is asked for begins: a header, a banner, a packet
  body,     ///< until what is asked for is there
};

/// When a probe came to which phase, and how long it may stay there.
class PhaseClock {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Starts now, in no phase yet. The settings must outlive the clock.
  explicit PhaseClock(const MonitorSettings& monitor) : monitor_(monitor) {}

  void enter(Phase phase);
  Phase phase() const noexcept { return phase_; }  ///< Phase::connect when none was entered
  Time started() const noexcept { return started_; }
  /// The end of the phase, or of the whole probe. TLS that comes right after TCP has the rest of its time.
  Time deadline() const noexcept { return limit().end; }
  /// The time that the one or the other may take.
  std::chrono::milliseconds allowed() const noexcept { return limit().allowed; }

  /// What was seen, with the times up to now.
  Observation observation(const TargetId& target, const Finding& finding) const;

 private:
  struct Limit {
    Time end;
    std::chrono::milliseconds allowed;
  };
  Limit limit() const noexcept;

  const MonitorSettings& monitor_;
  const Time started_ = std::chrono::steady_clock::now();
  Phase phase_ = Phase::connect;
  std::array<Time, 4> began_{};  // of each phase; the epoch: not reached
};

}  // namespace holdfast::health
