#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "health/event.h"
#include "health/log/read_log.h"
#include "health/observation.h"
#include "health/settings.h"

namespace holdfast::health {

/// Entries that wait to be written, at most. Then observations are lost, and events only when no observation waits.
inline constexpr std::size_t kLogQueue = 20'000;
/// After a failure of the disk it is tried again so often.
inline constexpr std::chrono::seconds kLogRetry{5};

/// What the log counts, as of one moment.
struct LogFigures {
  std::uint64_t probes_written = 0, events_written = 0;
  std::uint64_t probes_dropped = 0, events_dropped = 0;  ///< the queue was full
  std::uint64_t failures = 0;                            ///< batches that could not be written, or not yet
  std::uint64_t damaged = 0;                             ///< files that were moved aside
  std::uint64_t size = 0;                                ///< octets on the disk
  bool failing = false;                                  ///< nothing is written at the moment
};

/// The log of probes and events: `log.db` in the state directory, written on a thread of its own.
///
/// Thread-safe. Nothing waits for the disk, and no failure of it goes beyond this class: it is told once in the program's
/// log, and in the figures, and what was queued is written when the disk is well again.
class Log {
 public:
  /// @param agent, location  who we are, for observations
  Log(const std::filesystem::path& directory, const LogSettings& settings, std::string agent = "local",
      std::string location = "");
  /// Writes what is queued.
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// A probe ended. Not every pass is kept, see thinning.h.
  void observed(const Observation& seen);
  /// On the disk in a moment.
  void happened(const Event& event);

  /// Takes up to kLongestRead. Throws DatabaseError.
  LogPage read(const LogQuery& query) const;

  LogFigures figures() const noexcept;

 private:
  class Writer;
  std::unique_ptr<Writer> writer_;
};

}  // namespace holdfast::health
