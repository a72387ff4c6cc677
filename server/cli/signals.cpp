#include "server/cli/signals.h"

namespace holdfast::server {

Signals::Signals() {
  arm();
  thread_ = std::thread([this] { io_.run(); });
}

Signals::~Signals() {
  io_.stop();
  thread_.join();
}

void Signals::wait(const std::function<void()>& hangup) {
  std::unique_lock lock(mutex_);
  while (came_.wait(lock, ended(), [this] { return hangup_; })) {
    hangup_ = false;
    lock.unlock();
    hangup();
    lock.lock();
  }
}

void Signals::arm() {
  signals_.async_wait([this](boost::system::error_code error, int signal) {
    if (error) return;
    if (signal != SIGHUP) {
      ended_.request_stop();
      return;
    }
    {
      const std::lock_guard lock(mutex_);
      hangup_ = true;
    }
    came_.notify_one();
    arm();
  });
}

}  // namespace holdfast::server
