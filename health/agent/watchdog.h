#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "health/agent/pace.h"

namespace holdfast::health {

/// What is to be told when targets begin to be late, and when none is any more. Null: nothing changed.
std::optional<std::string> lateness(bool was_late, const Pace& now);

/// Tells in the log when checks do not keep up, and when they do again. Looks from a thread of its own, so that it also
/// notices when the agent's does nothing.
class Watchdog {
 public:
  /// @param look  called once per `period`, until the end
  explicit Watchdog(std::function<Pace()> look, std::chrono::milliseconds period = std::chrono::seconds(1));

 private:
  void run(const std::stop_token& ended, std::chrono::milliseconds period);

  const std::function<Pace()> look_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // the first to go
};

}  // namespace holdfast::health
