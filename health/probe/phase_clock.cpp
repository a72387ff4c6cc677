#include "health/probe/phase_clock.h"

#include <algorithm>

#include "health/probe/detail.h"

namespace holdfast::health {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::steady_clock;

PhaseClock::PhaseClock(const MonitorSettings& monitor) : monitor_(monitor) {
  began_.front() = steady_clock::now();
}

void PhaseClock::enter(Phase phase) {
  phase_ = phase;
  began_[static_cast<std::size_t>(phase)] = steady_clock::now();
}

PhaseClock::Limit PhaseClock::limit() const noexcept {
  const Phase whose = phase_ == Phase::tls ? Phase::connect : phase_;
  const auto own = whose == Phase::connect  ? monitor_.connect_timeout
                   : whose == Phase::header ? monitor_.header_timeout
                                            : monitor_.body_timeout;
  const Limit whole{started() + monitor_.timeout, monitor_.timeout};
  const Limit part{began_[static_cast<std::size_t>(whose)] + own, own};
  return own.count() == 0 || whole.end <= part.end ? whole : part;
}

Observation PhaseClock::observation(const TargetId& target, const Finding& finding) const {
  Observation seen;
  seen.target = target;
  seen.outcome = finding.outcome;
  seen.detail = printable(finding.detail);
  seen.ended = steady_clock::now();
  seen.wall_time = std::chrono::system_clock::now();
  seen.total = duration_cast<microseconds>(seen.ended - started());

  const std::array<microseconds*, 4> took{&seen.connect, &seen.tls, &seen.header, &seen.body};
  for (std::size_t phase = 0; phase < took.size(); ++phase) {
    if (began_[phase] == Time{}) continue;
    Time end = seen.ended;  // or where the next one began: TLS comes late where it is asked for (STARTTLS)
    for (const Time other : began_) {
      if (other > began_[phase]) end = std::min(end, other);
    }
    *took[phase] = duration_cast<microseconds>(end - began_[phase]);
  }
  return seen;
}

}  // namespace holdfast::health
