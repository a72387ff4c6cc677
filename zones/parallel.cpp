#include "zones/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace holdfast::zones {

unsigned threads_for(std::size_t items, std::size_t least) noexcept {
  constexpr std::size_t kMost = 8;
  if (items < 2 * least) return 1;
  static const std::size_t cores = std::thread::hardware_concurrency();
  return static_cast<unsigned>(std::clamp<std::size_t>(std::min(items / least, cores), 1, kMost));
}

void in_parallel(unsigned threads, std::size_t count, const std::function<void(std::size_t)>& work) {
  if (threads <= 1 || count <= 1) {
    for (std::size_t i = 0; i < count; ++i) work(i);
    return;
  }
  std::atomic<std::size_t> next = 0;
  std::exception_ptr thrown;
  std::mutex lock;  // of thrown
  const auto take = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) work(i);
    } catch (...) {
      next = count;
      const std::lock_guard guard(lock);
      if (!thrown) thrown = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    others.reserve(threads);
    try {
      while (others.size() + 1 < std::min<std::size_t>(threads, count)) others.emplace_back(take);
    } catch (const std::system_error&) {  // no more threads to be had: those there are do it
    }
    take();
  }
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace holdfast::zones
