#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>

#include "health/probe/alarm.h"
#include "health/probe/phase_clock.h"
#include "health/probe/probe.h"

namespace holdfast::health {

/// One probe as a coroutine, from its start to its end, whichever way it ends.
///
/// A protocol is a function that talks to the target, step by step, and gives back what it found. It may throw: Over, or
/// what Asio throws when a connection breaks, which is told by the phase that it broke in. When the time is over, or the
/// probe is destroyed, what the coroutine waits for is cancelled.
class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  using Protocol = std::function<boost::asio::awaitable<Finding>(Attempt&)>;

  /// Thrown by a step after which there is nothing more to do.
  struct Over {
    std::variant<Finding, NotRun> result;
  };

  static std::unique_ptr<Probe> start(boost::asio::io_context& io, const Target& target, ProbeDone done,
                                      Protocol protocol);

  Attempt(boost::asio::io_context& io, Target target, ProbeDone done, Protocol protocol);

  const Target& target() const noexcept { return target_; }
  const MonitorSettings& monitor() const noexcept { return target_.monitor; }
  boost::asio::io_context& io() noexcept { return io_; }

  /// @param late  what is found when the phase does not end in time; how long that is gets added
  void enter(Phase phase, Finding late);

 private:
  class Handle;

  boost::asio::awaitable<Finding> run();
  void out_of_time();
  void ended(const std::exception_ptr& failure, const Finding& finding);
  void abandon();
  ProbeResult judge(const std::exception_ptr& failure, const Finding& finding) const;
  ProbeResult judge(const boost::system::system_error& error) const;
  Observation observe(const Finding& finding) const { return clock_.observation(target_.id, finding); }

  boost::asio::io_context& io_;
  const Target target_;
  ProbeDone done_;
  const Protocol protocol_;
  PhaseClock clock_;
  Finding late_;
  bool is_late_ = false;
  bool is_over_ = false;
  Alarm alarm_;
  boost::asio::cancellation_signal stop_;
};

}  // namespace holdfast::health
