#include "health/agent/schedule.h"

#include <algorithm>
#include <cstdint>

namespace holdfast::health {
namespace {

using std::chrono::nanoseconds;

/// A place in [0, span), always the same for the same target.
nanoseconds place(const Target& target, nanoseconds span) noexcept {
  return nanoseconds{hash(target.id) % static_cast<std::uint64_t>(span.count())};
}

nanoseconds interval(const Target& target) noexcept {
  return std::max(target.monitor.interval, std::chrono::milliseconds{1});
}

}  // namespace

// FNV-1a with a final mix: names that differ only in their last octet still land far apart.
std::uint64_t hash(const TargetId& id) noexcept {
  std::uint64_t h = 0xcbf29ce484222325;
  const auto add = [&h](unsigned char octet) { h = (h ^ octet) * 0x100000001b3; };
  for (const char c : id.monitor) add(static_cast<unsigned char>(c));
  add(0);
  if (id.address.is_v4()) {
    for (const auto octet : id.address.to_v4().to_bytes()) add(octet);
  } else {
    for (const auto octet : id.address.to_v6().to_bytes()) add(octet);
  }
  h = (h ^ (h >> 33)) * 0xff51afd7ed558ccd;
  return h ^ (h >> 33);
}

Clock::time_point first_start(const Target& target, Clock::time_point now) noexcept {
  return now + place(target, std::min<nanoseconds>(interval(target), kFirstRound));
}

Clock::time_point next_slot(const Target& target, Clock::time_point after) noexcept {
  const auto step = interval(target);
  const Clock::time_point first{place(target, step)};
  return after < first ? first : first + ((after - first) / step + 1) * step;
}

Clock::time_point next_start(const Target& target, Streak streak, Clock::time_point started,
                             Clock::time_point ended) noexcept {
  if (streak.is_failing()) return next_try(target, ended);
  // A slot that came while a retry was running is not lost: waiting for the next one could take two intervals.
  return std::max(next_slot(target, started), ended);
}

Doubt doubt(const Target& target, Streak streak, Clock::time_point due) noexcept {
  if (streak.dissent == 0) return std::nullopt;
  const unsigned needed = streak.verdict == Verdict::down ? target.monitor.rise : target.monitor.fall;
  while (++streak.dissent < needed) due = next_start(target, streak, due, due);
  return due;
}

Clock::duration late_after(const Target& target) noexcept {
  return kLateIntervals * interval(target) + target.monitor.timeout;
}

bool is_late(const Target& target, Clock::duration unseen) noexcept { return unseen > late_after(target); }

Clock::time_point next_try(const Target& target, Clock::time_point ended) noexcept {
  return std::min(ended + target.monitor.retry, next_slot(target, ended));
}

}  // namespace holdfast::health
