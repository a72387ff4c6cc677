#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "health/target.h"

namespace holdfast::health {

/// How long after they were due probes started, as counts.
struct Lag {
  static constexpr std::array kBounds{0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0};  ///< s

  std::array<std::uint64_t, kBounds.size() + 1>
      counts{};    ///< up to each bound, without those below; then the rest
  double sum = 0;  ///< s

  void add(std::chrono::steady_clock::duration lag) noexcept;
  void add(const Lag& other) noexcept;
};

/// Whether the checks keep up, as of one moment. A value.
struct Pace {
  std::size_t in_flight = 0;  ///< probes, each part of a combination counted
  std::size_t waiting =
      0;                 ///< targets that are due, without a probe: for want of room, or because nobody looks
  std::size_t late = 0;  ///< targets of which nothing was seen for too long (TargetStatus::late)
  std::uint64_t not_run = 0;  ///< probes that could not be run, since the start
  Lag lag;                    ///< of all that started

  struct Unseen {
    TargetId target;
    std::chrono::steady_clock::duration time{};
  };
  std::optional<Unseen> longest;  ///< of those that are late, who has not been seen for the longest time

  /// The two together.
  void add(const Pace& other);
};

}  // namespace holdfast::health
