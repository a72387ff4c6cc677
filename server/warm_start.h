#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <vector>

#include "health/verdict/kept_state.h"

namespace holdfast::server {

/// Verdicts that outlive the program: what it begins with, and what it keeps for the next time. Thread-safe.
class WarmStart {
 public:
  /// What was confirmed longer ago says nothing any more.
  static constexpr std::chrono::hours kFresh{1};
  /// What does not change is confirmed this often.
  static constexpr std::chrono::minutes kConfirmEvery{1};

  /// @param status  everything that is known now; not called but from the functions below
  WarmStart(const std::filesystem::path& state, std::function<std::vector<health::TargetStatus>()> status)
      : kept_(state), status_(std::move(status)) {}

  /// What is still fresh of what was kept when the program ended.
  std::vector<health::KeptVerdict> verdicts(std::chrono::system_clock::time_point now) const;

  /// The verdict of a target changed.
  void changed(const health::TargetStatus& status);
  /// Some probe ended: a good moment to confirm the rest, if it is time.
  void observed(const health::Observation& seen);
  /// What was kept and is not watched any more is forgotten.
  void started();
  /// Keeps all that is known now.
  void confirm();

  health::KeptState& state() noexcept { return kept_; }

 private:
  health::KeptState kept_;
  const std::function<std::vector<health::TargetStatus>()> status_;
  std::chrono::steady_clock::time_point confirmed_ = std::chrono::steady_clock::now();  // the agent's thread
};

}  // namespace holdfast::server
