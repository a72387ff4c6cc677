#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "health/target.h"

namespace holdfast::health {

/// The kind of an entry about a probe; those about events have the words of kEventKinds.
inline constexpr std::string_view kProbeKind = "probe";

/// The first number that an entry of this time may have as its cursor, see LogFile.
inline std::int64_t cursor_of(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

/// One thing that stands in the log. A value. What an entry does not have is empty.
struct LogEntry {
  std::int64_t cursor = 0;  ///< its place in the log, see LogFile
  std::chrono::system_clock::time_point time{};
  std::string kind{};                ///< kProbeKind or one of kEventKinds
  std::optional<TargetId> target{};  ///< always of a probe and of a transition
  std::string outcome{};             ///< always of a probe
  std::string detail{};              ///< what the probe saw, or the one that decided
  std::string agent{}, location{};   ///< who saw it, or whom it is about

  // Of a probe, see Observation.
  std::chrono::microseconds connect{}, tls{}, header{}, body{}, total{};

  // Of an event, see Event.
  std::string id{};
  std::string text{};
  std::vector<std::string> used_by{};  ///< as of then; of a probe empty
  std::string before{}, after{};
  std::string command{};
};

/// The most entries of one page.
inline constexpr std::size_t kMostEntries = 1000;

/// Which entries are wanted; what is null or empty does not matter.
struct LogQuery {
  std::vector<std::string> kinds{};
  std::string monitor{};
  std::optional<boost::asio::ip::address> address{};
  std::optional<std::vector<TargetId>> targets{};  ///< one of these
  std::string agent{};
  std::string outcome{};  ///< "failed": any but passed
  std::optional<std::chrono::system_clock::time_point> since{}, until{};
  std::optional<std::int64_t> after{};  ///< behind this cursor, from there on; null: the newest
  std::size_t limit = 100;              ///< 1 to kMostEntries
};

struct LogPage {
  std::vector<LogEntry> entries;  ///< the oldest first
  bool more = false;      ///< there are more behind `last`, or before the first where `after` was null
  std::int64_t last = 0;  ///< what to ask for next, `after` this
};

}  // namespace holdfast::health
