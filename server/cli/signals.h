#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <condition_variable>
#include <csignal>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace holdfast::server {

/// Signals are ours from its construction on, so that none is lost, and none kills, while zones are being loaded. They
/// are taken on a thread of its own, so that SIGTERM and SIGINT also end a load that takes long.
class Signals {
 public:
  Signals();
  ~Signals();

  /// Requested by SIGTERM or SIGINT.
  std::stop_token ended() const { return ended_.get_token(); }

  /// Returns when the program is to end; calls `hangup` at each SIGHUP until then. Several that come during a call are one.
  void wait(const std::function<void()>& hangup);

 private:
  void arm();

  std::stop_source ended_;
  std::mutex mutex_;
  std::condition_variable_any came_;
  bool hangup_ = false;
  boost::asio::io_context io_{1};
  boost::asio::signal_set signals_{io_, SIGHUP, SIGTERM, SIGINT};
  std::thread thread_;
};

}  // namespace holdfast::server
