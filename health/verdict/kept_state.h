#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "health/target.h"
#include "health/verdict/verdict.h"

namespace holdfast::health {

/// What was known of one target, for the next start.
struct KeptVerdict {
  TargetId target{};
  Verdict verdict = Verdict::unknown;
  std::chrono::system_clock::time_point since{};
  std::uint64_t transitions = 0;
  std::chrono::system_clock::time_point confirmed{};  ///< when a probe last agreed: how old it is

  bool operator==(const KeptVerdict&) const = default;
};

/// An operator's decision, for the next start. All texts are the caller's own.
struct KeptOverride {
  std::string id{};
  std::string subject{};   ///< what it is about
  std::string decision{};  ///< what is to be done with it
  std::string author{};
  std::string reason{};
  std::chrono::system_clock::time_point created{};
  std::optional<std::chrono::system_clock::time_point> expires{};

  bool operator==(const KeptOverride&) const = default;
};

/// Anything else that somebody wants to know at the next start. Both texts are the caller's own, to be read with care then.
struct KeptNote {
  std::string subject{};  ///< what it is about: there is one of each
  std::string text{};     ///< not empty

  bool operator==(const KeptNote&) const = default;
};

inline constexpr std::size_t kMaxNotes = 250'000;         ///< that are read at the start
inline constexpr std::size_t kMaxNoteOctets = 64 * 1024;  ///< of the text of one; longer ones are not read

/// What there was at the start.
struct KeptAtStart {
  std::vector<KeptVerdict> verdicts{};    ///< by target
  std::vector<KeptOverride> overrides{};  ///< by id
  std::vector<KeptNote> notes{};          ///< by subject
};

/// Verdicts, overrides and notes that outlive the program, kill -9 and a damaged log: `state.db` in the state directory,
/// written on a thread of its own.
///
/// Thread-safe. Nothing waits for the disk: what is saved is written within a second, overrides at once; of several states
/// of one target, override or note that wait only the last is written, so no more wait than there are. While the disk fails
/// it is tried again every kStateRetry.
class KeptState {
 public:
  /// Reads what is there; a damaged file is moved aside, and told of, as is one that cannot be read at the moment.
  /// Throws std::runtime_error for a file that a newer holdfast wrote: it would be lost.
  explicit KeptState(const std::filesystem::path& directory);
  /// Writes what waits.
  ~KeptState();
  KeptState(const KeptState&) = delete;
  KeptState& operator=(const KeptState&) = delete;

  KeptAtStart at_start() const;

  void save(const std::vector<KeptVerdict>& changed);
  /// Targets that nobody watches any more.
  void forget(const std::vector<TargetId>& gone);
  void save(const KeptOverride& override_);
  void forget_override(const std::string& id);
  void save(const KeptNote& note);
  void forget_note(const std::string& subject);

  /// Attempts to write that failed.
  std::uint64_t failures() const noexcept;
  /// Nothing is written at the moment.
  bool failing() const noexcept;

 private:
  class Writer;
  std::unique_ptr<Writer> writer_;
};

inline constexpr std::chrono::seconds kStateRetry{5};

}  // namespace holdfast::health
