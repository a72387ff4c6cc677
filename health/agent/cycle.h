#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "health/agent/agent.h"
#include "health/agent/roster.h"
#include "health/probe/alarm.h"
#include "health/probe/probe.h"

namespace holdfast::health {

/// Probes its targets on a thread of its own: look who is due -> start probes -> hear what they saw -> tell -> look again.
///
/// Thread-safe. The listener is called on that thread, which ends in the destructor.
class Cycle {
 public:
  Cycle(Agent::Listener listener, std::size_t probes_in_flight);
  ~Cycle();
  Cycle(const Cycle&) = delete;
  Cycle& operator=(const Cycle&) = delete;

  // As Agent has them.
  void remember(const std::vector<KeptVerdict>& verdicts);
  void watch(const std::vector<Target>& targets);
  std::vector<TargetStatus> status() const;
  std::optional<TargetStatus> status(const TargetId& id) const;
  Pace pace() const;

 private:
  void run();
  void look();
  void plan();
  void ended(Roster::Ticket ticket, const Observation& seen);
  void not_run(Roster::Ticket ticket, const NotRun& result);

  const Agent::Listener listener_;
  mutable std::mutex mutex_;  // guards roster_; all below is the thread's own
  Roster roster_;

  boost::asio::io_context io_{1};
  const boost::asio::executor_work_guard<boost::asio::io_context::executor_type> stay_{io_.get_executor()};
  Clock::time_point looked_{};
  std::optional<Clock::time_point> planned_;  // when alarm_ rings
  Alarm alarm_{io_};
  Prober prober_{io_};
  std::unordered_map<Roster::Ticket, std::unique_ptr<Probe>> probes_;
  std::uint64_t not_run_ = 0;  // since the last report
  Clock::time_point not_run_report_{};

  std::thread thread_;
};

}  // namespace holdfast::health
