#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace holdfast::server {

/// Frees what was replaced when nobody else has it any more, and gives the memory back to the system: on a thread of its
/// own, because a worker that lets go last would make queries wait meanwhile. Thread-safe.
class Retired {
 public:
  Retired() = default;
  /// Does not wait for others to let go.
  ~Retired();
  Retired(const Retired&) = delete;
  Retired& operator=(const Retired&) = delete;

  void add(std::shared_ptr<const void> replaced);

 private:
  void run(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any added_;
  std::vector<std::shared_ptr<const void>> waiting_;
  std::jthread thread_;  // from the first on
};

}  // namespace holdfast::server
