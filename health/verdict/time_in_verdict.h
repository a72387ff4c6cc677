#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace holdfast::health {

enum class Verdict : std::uint8_t;

/// How long each verdict of a target held, all in all, since it is watched. A value; on a clock that never steps.
class TimeInVerdict {
 public:
  using Time = std::chrono::steady_clock::time_point;

  TimeInVerdict() = default;
  explicit TimeInVerdict(Time begin) : since_(begin) {}

  /// `before` held until now, and another one begins.
  void change(Verdict before, Time now) noexcept {
    ended_[static_cast<std::size_t>(before)] += now - std::exchange(since_, now);
  }

  /// Never less than before, whenever `now` is.
  /// @param holds  the verdict that holds now
  std::chrono::steady_clock::duration of(Verdict which, Verdict holds, Time now) const noexcept {
    const auto ended = ended_[static_cast<std::size_t>(which)];
    return which == holds ? ended + std::max(now - since_, Time::duration::zero()) : ended;
  }

 private:
  std::array<std::chrono::steady_clock::duration, 3> ended_{};  // by Verdict
  Time since_{};
};

}  // namespace holdfast::health
