#pragma once

#include "health/settings.h"
#include "health/verdict/verdict.h"

namespace holdfast::health {

struct Thresholds {
  unsigned rise = 3;  ///< passes in a row that make a target up again
  unsigned fall = 3;  ///< failures in a row that make a target down
};

/// How sure we are about one target. `dissent` counts the outcomes in a row that speak against the verdict.
struct Streak {
  Verdict verdict = Verdict::unknown;
  unsigned dissent = 0;

  bool operator==(const Streak&) const = default;

  /// Something failed that is believed alive: worth another look soon. Not so for a pass of what is down.
  bool is_failing() const noexcept { return dissent > 0 && verdict != Verdict::down; }
};

/// Folds one outcome into a streak.
//
//  verdict   outcome                      verdict after
//  unknown   the first pass               up: one round is enough to start with
//  unknown   `fall` failures in a row     down: one lost packet at a start takes nothing out of service
//  up        `fall` failures in a row     down
//  down      `rise` passes in a row       up
[[nodiscard]] Streak fold(Streak before, bool passed, Thresholds limits) noexcept;

}  // namespace holdfast::health
