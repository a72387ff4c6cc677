#pragma once

#include <chrono>
#include <cstdint>

#include "health/agent/fold.h"
#include "health/target.h"
#include "health/verdict/doubt.h"

namespace holdfast::health {

// When probes start. Pure, and on the steady clock alone: no step of the wall clock moves a probe.
//
// A target has one slot per interval, at a phase that is a hash of its id: starts are spread evenly, a stall does not
// align them, and slots that were missed are missed. Between slots there are two more reasons to start: the first
// probe of a target comes within kFirstRound, and a failure that has not settled the verdict is followed by another
// probe `retry` after its end.
//
// Worst case with the defaults (interval 5 s, timeout 3 s, retry 1 s, fall 3, rise 3), the target dying just after
// the probe of 0 s passed:
//
//   refused      5.0 x  6.0 x  7.0 x                     down after 7 s
//   black hole   5.0 .. 8.0 x  9.0 .. 12.0 x  13.0 .. 16.0 x   down after 16 s
//
// and coming back just after the probe of 0 s failed:
//
//   back         5.0 .  10.0 .  15.0 .                   up after 15 s: rising is not hurried

using Clock = std::chrono::steady_clock;

/// Where a target is in its interval, and which thread probes it: evenly spread, always the same for the same target.
std::uint64_t hash(const TargetId& id) noexcept;
/// For tables by target that are looked into with every probe.
struct TargetHash {
  std::size_t operator()(const TargetId& id) const noexcept { return hash(id); }
};

/// A server that starts knows its targets after this, and one timeout.
inline constexpr std::chrono::milliseconds kFirstRound{1000};

/// The first probe of a target that is new, or whose settings changed.
Clock::time_point first_start(const Target& target, Clock::time_point now) noexcept;

/// The target's first slot later than `after`.
Clock::time_point next_slot(const Target& target, Clock::time_point after) noexcept;

/// After a probe that ran from `started` to `ended` and led to `streak`. Not before `ended`.
Clock::time_point next_start(const Target& target, Streak streak, Clock::time_point started,
                             Clock::time_point ended) noexcept;

/// When the verdict could change, if all probes from `due` on spoke against it and took no time; null while none has.
///
///   up     x at 5.0, due at 6.0     down at 7.0 at the soonest, with the defaults
///   down   . at 5.0, due at 10.0    up at 15.0
Doubt doubt(const Target& target, Streak streak, Clock::time_point due) noexcept;

/// Nothing was seen of the target for so long: somebody forgot it, or it cannot be probed.
inline constexpr int kLateIntervals = 3;
Clock::duration late_after(const Target& target) noexcept;
bool is_late(const Target& target, Clock::duration unseen) noexcept;

/// Soon again: after a probe that could not be run, or that says more about us than about the target.
Clock::time_point next_try(const Target& target, Clock::time_point ended) noexcept;

}  // namespace holdfast::health
