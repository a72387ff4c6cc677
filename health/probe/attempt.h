#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "health/probe/alarm.h"
#include "health/probe/phase_clock.h"
#include "health/probe/probe.h"

namespace holdfast::health {

/// One probe as a coroutine, from its start to its end, whichever way it ends.
///
/// A conversation talks to the target, step by step, and gives back what it found. Its steps may throw: Over, or what Asio
/// throws when a connection breaks. When the time is over, or the probe is destroyed, what it waits for is cancelled.
///
/// Belongs to the thread that runs the io_context.
class Attempt {
 public:
  using Conversation = std::function<boost::asio::awaitable<Finding>(Attempt&)>;

  /// Thrown by a step after which there is nothing more to do.
  struct Over {
    std::variant<Finding, NotRun> result;
  };

  static std::unique_ptr<Probe> start(boost::asio::io_context& io, const Target& target, ProbeDone done,
                                      Conversation conversation);

  Attempt(boost::asio::io_context& io, Target target, ProbeDone done, Conversation conversation);

  const Target& target() const noexcept { return target_; }
  const MonitorSettings& monitor() const noexcept { return target_.monitor; }
  boost::asio::io_context& io() noexcept { return io_; }

  /// A conversation begins with this.
  /// @param late  what is found when the phase does not end in time; to a failure that time is added
  void enter(Phase phase, Finding late);
  /// Stands in front of all details from now on: "over TCP: ".
  void note(std::string where) { where_ = std::move(where); }

 private:
  class Handle;

  boost::asio::awaitable<Finding> run();
  void out_of_time();
  void ended(const std::exception_ptr& failure, const Finding& finding);
  void abandon();
  ProbeResult judge(const std::exception_ptr& failure, const Finding& finding) const;
  ProbeResult judge(const boost::system::system_error& error) const;
  Observation observe(const Finding& finding) const {
    return clock_.observation(target_.id, {finding.outcome, where_ + finding.detail});
  }

  boost::asio::io_context& io_;
  const Target target_;
  ProbeDone done_;
  const Conversation conversation_;
  PhaseClock clock_;
  Finding late_{Outcome::connect_timeout, "not begun"};
  std::string where_;
  bool is_late_ = false;
  bool is_over_ = false;
  Alarm alarm_;
  boost::asio::cancellation_signal stop_;
};

}  // namespace holdfast::health
