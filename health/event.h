#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "health/observation.h"
#include "health/verdict/verdict.h"

namespace holdfast::health {

/// What people are told of, beside single probes: a fixed list, the same in log, API, metrics and notifications.
enum class EventKind : std::uint8_t {
  transition,     ///< a verdict changed
  override_,      ///< an operator decided something about a member, or that ended
  configuration,  ///< a reload was accepted or refused
  agent,          ///< an agent joined, left, is blind, or was left out
  store,          ///< where agents and servers meet was lost, found again, or refused
};
inline constexpr std::string_view kEventKinds[] = {"transition", "override", "configuration", "agent",
                                                   "store"};  ///< by EventKind
constexpr std::string_view text(EventKind kind) { return kEventKinds[static_cast<std::size_t>(kind)]; }

/// Something that happened. A value.
struct Event {
  std::string id{};  ///< the same wherever this is told; sorts by time
  std::chrono::system_clock::time_point time{};
  EventKind kind = EventKind::transition;
  std::string text{};   ///< one line for people: what, where, why; not escaped
  bool is_bad = false;  ///< beside a transition to down: something is wrong since then

  // A transition has these too.
  std::optional<TargetId> target{};
  std::vector<std::string> used_by{};  ///< pools, and live names whose own records are watched
  Verdict before = Verdict::unknown;
  Verdict after = Verdict::unknown;
  std::optional<Outcome> outcome{};  ///< of the probe that decided; null: no probe did
  std::string detail{};              ///< what that probe saw
  std::string command{};             ///< repeats the check by hand
  std::vector<std::string>
      answers{};  ///< what the names that use it answer now, a line each; not all if they are many

  std::string agent{};  ///< who saw it, or whom it is about; empty: neither
  std::string location{};
};

/// An id that nobody else gives out: milliseconds since the epoch, then chance.
std::string make_event_id(std::chrono::system_clock::time_point time);

}  // namespace holdfast::health
