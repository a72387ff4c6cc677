#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::health {

/// A program that was started, in a process group of its own. It has nothing of ours but an end of a pipe: its standard
/// output and error; its input is empty.
///
/// Belongs to the thread that runs the io_context. What was started is reaped there, also after everybody forgot it.
class Child {
 public:
  /// `words`: an absolute path, and arguments. Throws boost::system::system_error when it cannot be started.
  static std::shared_ptr<Child> start(boost::asio::io_context& io, std::vector<std::string> words,
                                      std::vector<std::string> environment);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// What it writes, up to the end when nobody has it open any more.
  boost::asio::posix::stream_descriptor& output() noexcept { return output_; }
  /// Waits until it has ended. Throws boost::system::system_error when it cannot be known how.
  boost::asio::awaitable<siginfo_t> ended();
  /// With all that it started, but for what left its group. Nothing happens once it has ended.
  void kill() noexcept;

 private:
  explicit Child(boost::asio::io_context& io);
  void reap();

  pid_t pid_ = 0;                                  // 0: not started
  boost::asio::posix::stream_descriptor process_;  // readable once it has ended (pidfd_open(2))
  boost::asio::posix::stream_descriptor output_;
  boost::asio::steady_timer end_;  // never expires; is cancelled at the end
  bool has_ended_ = false;
  int reap_error_ = 0;
  siginfo_t how_{};
};

}  // namespace holdfast::health
