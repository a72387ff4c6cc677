#pragma once

#include <chrono>
#include <deque>

#include "health/verdict/verdict.h"

namespace holdfast::health {

/// Transitions within kFlapWindow after which a target is flapping.
inline constexpr std::size_t kFlapTransitions = 3;
inline constexpr std::chrono::minutes kFlapWindow{10};
/// How long a flapping target must be seen up without a break before it is believed; doubled each time it goes down again.
inline constexpr std::chrono::seconds kFirstHold{30};
inline constexpr std::chrono::seconds kLongestHold{300};

/// Keeps a target that goes up and down from changing answers each time: it stays down until it is steady.
///
///   wanted    up down up down up ............ down up .......................
///   verdict   up down up down .... 30 s .. up down ......... 60 s ......... up
///
/// A value; pure but for the time that is passed in, on a clock that never steps.
class FlapBrake {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// What the verdict becomes, where `wanted` is what the votes say now. To be asked again at due().
  Verdict pass(Verdict before, Verdict wanted, Time now);
  /// When a target that is held down may come up, if it is still wanted up; Time::max(): it is not held.
  Time due() const noexcept { return due_; }

 private:
  void changed(Time now);

  std::deque<Time> transitions_;  // within kFlapWindow
  std::chrono::seconds hold_{0};  // 0: not flapping
  Time due_ = Time::max();
};

}  // namespace holdfast::health
