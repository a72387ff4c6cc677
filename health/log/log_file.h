#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "health/event.h"
#include "health/log/database.h"
#include "health/observation.h"
#include "health/settings.h"

namespace holdfast::health {

/// The database of the log, as its only writer sees it. For one thread. Everything throws DatabaseError.
///
/// An entry is called by a number, its cursor: the microseconds since the epoch at which it was made, or the next number
/// that is free. So entries are in the order of time without an index, and a cursor is never given twice.
class LogFile {
 public:
  /// Opens the file, or begins it. A file that a newer holdfast wrote is refused.
  /// @param agent, location  who we are, for observations
  LogFile(const std::filesystem::path& file, const LogSettings& settings, const std::string& agent,
          const std::string& location);

  /// All of it or, when it throws, nothing. What is oldest goes where there would be no room. When there is nothing, it
  /// throws all the same where nothing could be written.
  void append(std::span<const Observation> observations, std::span<const Event> events);

  /// Forgets some of what is older than `keep`, or more than `size` has room for: observations before events.
  ///
  /// A clock that is set far ahead makes all look old. So when it jumped, and where all that is there at the first call is
  /// older than `keep`, only `size` counts until `keep` has gone by.
  /// @return whether there is more to forget; a step takes milliseconds
  bool forget(std::chrono::system_clock::time_point now, std::chrono::steady_clock::time_point steady);

  /// Octets on the disk now.
  std::uint64_t size() const;

 private:
  struct Stamp {
    std::int64_t cursor;
    std::int64_t behind;  // the cursor less the time of the entry; 0 most of the time, which takes no room
  };

  Stamp stamp(std::chrono::system_clock::time_point time);
  std::int64_t target_row(const TargetId& target);
  void insert(const Observation& seen);
  void insert(const Event& event);
  std::int64_t pages_for(std::span<const Observation> observations, std::span<const Event> events) const;
  std::int64_t used();
  bool forget_oldest();
  bool trusts_age(std::chrono::system_clock::time_point now, std::chrono::steady_clock::time_point steady);

  const std::filesystem::path file_;
  const LogSettings settings_;
  std::int64_t page_size_ = 4096;
  std::int64_t room_ = 0;  // pages that may be in use
  Database database_;
  std::int64_t last_cursor_ = 0;
  std::int64_t newest_found_ = 0;                  // when it was opened
  std::optional<std::chrono::nanoseconds> ahead_;  // the wall clock of the steady one, at the last look
  std::chrono::steady_clock::time_point trusted_from_ =
      std::chrono::steady_clock::time_point::min();  // what the clock says of ages
  std::int64_t agent_row_ = 0;
  std::map<TargetId, std::int64_t> target_rows_;
  Statement insert_probe_;
  Statement insert_event_;
};

}  // namespace holdfast::health
