#include "health/probe/phase_clock.h"

#include <algorithm>

#include "health/probe/detail.h"

namespace holdfast::health {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::steady_clock;

void PhaseClock::enter(Phase phase) {
  phase_ = phase;
  Time& began = began_[static_cast<std::size_t>(phase)];
  if (began == Time{}) began = steady_clock::now();  // to go on with it does not begin it anew
}

PhaseClock::Limit PhaseClock::limit() const noexcept {
  const Limit whole{started_ + monitor_.timeout, monitor_.timeout};
  const auto began = [this](Phase phase) { return began_[static_cast<std::size_t>(phase)]; };
  const bool follows_tcp = phase_ == Phase::tls && began(Phase::header) == Time{};
  const auto own = phase_ == Phase::header ? monitor_.header_timeout
                   : phase_ == Phase::body ? monitor_.body_timeout
                                           : monitor_.connect_timeout;
  const Time begin = began(follows_tcp ? Phase::connect : phase_);
  if (own.count() == 0 || begin == Time{} || whole.end <= begin + own) return whole;
  return {begin + own, own};
}

Observation PhaseClock::observation(const TargetId& target, const Finding& finding) const {
  Observation seen;
  seen.target = target;
  seen.outcome = finding.outcome;
  seen.detail = printable(finding.detail);
  seen.ended = steady_clock::now();
  seen.wall_time = std::chrono::system_clock::now();
  seen.total = duration_cast<microseconds>(seen.ended - started_);

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
