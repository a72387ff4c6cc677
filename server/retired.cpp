#include "server/retired.h"

#include <malloc.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace holdfast::server {
namespace {

constexpr std::chrono::milliseconds kLook{
    100};                             // how often, while something waits; idle workers take up to 1 s
constexpr int kRetiredNiceness = 19;  // who answers queries goes first (setpriority(2))

}  // namespace

Retired::~Retired() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Retired::add(std::shared_ptr<const void> replaced) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(replaced));
  added_.notify_one();
  if (thread_.joinable()) return;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  ::pthread_setname_np(thread_.native_handle(), "hf-retired");
}

void Retired::run(const std::stop_token& stop) {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kRetiredNiceness);
  std::unique_lock lock(mutex_);
  while (added_.wait(lock, stop, [this] { return !waiting_.empty(); }) && !stop.stop_requested()) {
    // Who has none can get none: it is not published any more, so a count of one stays one.
    const auto free = std::partition(waiting_.begin(), waiting_.end(),
                                     [](const auto& replaced) { return replaced.use_count() > 1; });
    std::vector<std::shared_ptr<const void>> last(std::make_move_iterator(free),
                                                  std::make_move_iterator(waiting_.end()));
    waiting_.erase(free, waiting_.end());
    lock.unlock();
    if (!last.empty()) {
      last.clear();
      ::malloc_trim(0);
    }
    lock.lock();
    if (!waiting_.empty()) added_.wait_for(lock, stop, kLook, [] { return false; });
  }
}

}  // namespace holdfast::server
