#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "server/status.h"

namespace holdfast::server {

/// Counts reloads, whoever asked for them. Thread-safe.
class ReloadMetrics {
 public:
  void reloaded(const ReloadReport& report, std::chrono::system_clock::time_point now) noexcept {
    if (report.ok()) {
      accepted_.fetch_add(1, std::memory_order_relaxed);
      last_success_.store(now, std::memory_order_relaxed);
    } else {
      refused_.fetch_add(1, std::memory_order_relaxed);
    }
    last_ok_.store(report.ok(), std::memory_order_relaxed);
  }

  std::uint64_t accepted() const noexcept { return accepted_.load(std::memory_order_relaxed); }
  /// Reloads of which something was refused: the configuration or a zone.
  std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }
  /// Of the last one; true before the first.
  bool last_ok() const noexcept { return last_ok_.load(std::memory_order_relaxed); }
  /// The epoch before the first.
  std::chrono::system_clock::time_point last_success() const noexcept {
    return last_success_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> accepted_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<bool> last_ok_{true};
  std::atomic<std::chrono::system_clock::time_point> last_success_{};
};

}  // namespace holdfast::server
