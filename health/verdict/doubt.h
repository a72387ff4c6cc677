#pragma once

#include <chrono>
#include <optional>

#include "health/target.h"

namespace holdfast::health {

/// When a verdict that is in doubt could change at the soonest; null: it is settled.
///
///   seen       . . x x . . x x x . .   . passed, x failed, with fall = 3 and rise = 3
///   in doubt   . . d d . . d d . d d   settled again by what agrees, or by another verdict
using Doubt = std::optional<std::chrono::steady_clock::time_point>;

/// It is not known when: as soon as somebody else says something else.
inline constexpr std::chrono::steady_clock::time_point kAnyTime =
    std::chrono::steady_clock::time_point::min();

/// A verdict came into doubt, or was settled, and stayed what it is.
struct Doubted {
  TargetId target{};
  Doubt doubt{};
};

}  // namespace holdfast::health
