#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>

namespace holdfast::health {

/// A timer that can be set anew, cancelled or destroyed at any moment on the thread of its io_context.
///
/// Asio's own timer may still call a handler whose time had come before cancel(); this one never does.
class Alarm {
 public:
  explicit Alarm(boost::asio::io_context& io);
  ~Alarm();
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  /// Rings once, at `when` or as soon as possible after it, and not for what was set before.
  void set(std::chrono::steady_clock::time_point when, std::function<void()> ring);
  void cancel();

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the handlers that Asio still holds
};

}  // namespace holdfast::health
