#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <mutex>
#include <set>
#include <vector>

#include "health/verdict/kept_state.h"
#include "health/verdict/table.h"

namespace holdfast::server {

/// Verdicts that outlive the program: what it begins with, and what it keeps for the next time. Thread-safe.
///
/// What is kept and not watched any more is forgotten at the start, and with what is confirmed.
class WarmStart {
 public:
  /// What was confirmed longer ago says nothing any more.
  static constexpr std::chrono::hours kFresh{1};
  /// What does not change is confirmed this often.
  static constexpr std::chrono::minutes kConfirmEvery{1};

  /// @param status  everything that is known now; not called but from the functions below
  WarmStart(const std::filesystem::path& state, std::function<std::vector<health::MergedStatus>()> status);

  /// What is still fresh of what was kept when the program ended.
  std::vector<health::KeptVerdict> verdicts(std::chrono::system_clock::time_point now) const;

  /// The verdict of a target changed.
  void changed(const health::MergedStatus& status);
  /// Time passed: what did not change is confirmed, if it is time. Always from one thread.
  void tick(std::chrono::steady_clock::time_point now);
  /// All targets are watched.
  void started();
  /// Keeps all that is known now.
  void confirm();

  health::KeptState& state() noexcept { return kept_; }

 private:
  void forget_others(const std::vector<health::MergedStatus>& watched);

  health::KeptState kept_;
  const std::function<std::vector<health::MergedStatus>()> status_;
  std::mutex mutex_;  // so that nothing newer is overtaken by what confirm() looked at before; guards known_
  std::set<health::TargetId> known_;                                                    // all that kept_ has
  std::chrono::steady_clock::time_point confirmed_ = std::chrono::steady_clock::now();  // of tick()
};

}  // namespace holdfast::server
