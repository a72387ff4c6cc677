#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace holdfast::server {

/// Threads for work that is done now and then: more than this gain little, and take from those who answer queries.
inline unsigned helpers() { return std::clamp(std::thread::hardware_concurrency(), 1U, 8U); }

/// Calls `work(i, state)` once for each i below `count`, on up to `threads` threads; each has a State of its own. No
/// further call is begun once stop was requested. What a call throws is thrown here, when all threads have ended.
template <class State, class Work>
void in_parallel(std::size_t count, unsigned threads, const std::stop_token& stop, const Work& work) {
  // Neighbours go to one thread, in portions small enough that none waits long for the last one.
  const std::size_t portion = std::clamp<std::size_t>(count / (16UL * threads), 1, 64);
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto run = [&] {
    try {
      State state;
      for (;;) {
        const std::size_t begin = next.fetch_add(portion, std::memory_order_relaxed);
        for (std::size_t i = begin; i < std::min(begin + portion, count); ++i) {
          if (stop.stop_requested() || failed.load(std::memory_order_relaxed)) return;
          work(i, state);
        }
        if (begin >= count) return;
      }
    } catch (...) {
      failed.store(true, std::memory_order_relaxed);
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < threads && i * portion < count; ++i) others.emplace_back(run);
    run();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace holdfast::server
