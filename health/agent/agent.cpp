#include "health/agent/agent.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>

#include "health/agent/roster.h"
#include "health/agent/watchdog.h"
#include "health/probe/alarm.h"
#include "health/probe/detail.h"
#include "health/probe/probe.h"
#include "health/probe/url.h"

namespace holdfast::health {
namespace {

namespace asio = boost::asio;

/// Probes that could not be run are reported at most once per this time.
constexpr std::chrono::seconds kNotRunReport{10};
/// Who becomes due within this time starts together: to wake up for each would cost more than its probe.
constexpr std::chrono::milliseconds kGather{10};
/// Who answers queries goes first where they share a core; a quarter of it remains at least (setpriority(2), sched(7)).
constexpr int kNiceness = 5;

}  // namespace

/// Look who is due -> start probes -> hear what they saw -> tell -> look again.
class Agent::Cycle {
 public:
  Cycle(Listener listener, std::size_t probes_in_flight)
      : listener_(std::move(listener)), roster_(probes_in_flight), thread_([this] { run(); }) {}

  ~Cycle() {
    io_.stop();
    thread_.join();
  }

  void remember(const std::vector<KeptVerdict>& verdicts) {
    const std::lock_guard lock(mutex_);
    roster_.remember(verdicts);
  }

  void watch(const std::vector<Target>& targets) {
    std::vector<Roster::Ticket> forgotten;
    {
      const std::lock_guard lock(mutex_);
      forgotten = roster_.watch(targets, Clock::now(), std::chrono::system_clock::now());
    }
    asio::post(io_, [this, forgotten = std::move(forgotten)] {
      for (const auto ticket : forgotten) probes_.erase(ticket);
      look();
    });
  }

  std::vector<TargetStatus> status() const {
    const std::lock_guard lock(mutex_);
    return roster_.status(Clock::now());
  }

  std::optional<TargetStatus> status(const TargetId& id) const {
    const std::lock_guard lock(mutex_);
    return roster_.status(id, Clock::now());
  }

  Pace pace() const {
    const std::lock_guard lock(mutex_);
    return roster_.pace(Clock::now());
  }

 private:
  void run() {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
    io_.run();
  }

  void look() {
    std::vector<Roster::Start> starts;
    looked_ = Clock::now();
    {
      const std::lock_guard lock(mutex_);
      starts = roster_.take_due(looked_);
    }
    for (const auto& [ticket, target] : starts) {
      probes_[ticket] = prober_.start(target, [this, ticket = ticket](ProbeResult result) {
        probes_.erase(ticket);
        if (const auto* seen = std::get_if<Observation>(&result)) {
          ended(ticket, *seen);
        } else {
          not_run(ticket, std::get<NotRun>(result));
        }
        plan();
      });
    }
    plan();
  }

  /// To look again when the next is due.
  void plan() {
    std::optional<Clock::time_point> next;
    {
      const std::lock_guard lock(mutex_);
      next = roster_.next_due();
    }
    if (next) next = std::max(*next, looked_ + kGather);
    if (next == planned_) return;
    planned_ = next;
    if (!next) return alarm_.cancel();
    alarm_.set(*next, [this] {
      planned_.reset();
      look();
    });
  }

  void ended(Roster::Ticket ticket, const Observation& seen) {
    std::optional<Roster::Ended> ended;
    {
      const std::lock_guard lock(mutex_);
      ended = roster_.ended(ticket, seen);
    }
    if (!ended) return;
    if (listener_.observed) listener_.observed(seen);
    if (!ended->changed) return;
    if (listener_.changed) listener_.changed(ended->before, *ended->changed);
  }

  void not_run(Roster::Ticket ticket, const NotRun& result) {
    const auto now = Clock::now();
    std::string whose;
    {
      const std::lock_guard lock(mutex_);
      const Target* const target = roster_.not_run(ticket, now);
      ++not_run_;
      if (target == nullptr || now < not_run_report_) return;
      whose = target->id.monitor + ' ' + address_and_port(*target);
    }
    spdlog::error("{} probes could not be run, the verdicts stay as they are; the last one, {}: {}", not_run_,
                  whose, printable(result.why));
    not_run_ = 0;
    not_run_report_ = now + kNotRunReport;
  }

  const Listener listener_;
  mutable std::mutex mutex_;  // guards roster_; all below is the thread's own
  Roster roster_;

  asio::io_context io_{1};
  const asio::executor_work_guard<asio::io_context::executor_type> stay_{io_.get_executor()};
  Clock::time_point looked_{};
  std::optional<Clock::time_point> planned_;  // when alarm_ rings
  Alarm alarm_{io_};
  Prober prober_{io_};
  std::unordered_map<Roster::Ticket, std::unique_ptr<Probe>> probes_;
  std::uint64_t not_run_ = 0;  // since the last report
  Clock::time_point not_run_report_{};

  std::thread thread_;
  Watchdog watchdog_{[this] { return pace(); }};
};

Agent::Agent(Listener listener, std::size_t probes_in_flight)
    : cycle_(std::make_unique<Cycle>(std::move(listener), probes_in_flight)) {}

Agent::~Agent() = default;

void Agent::remember(const std::vector<KeptVerdict>& verdicts) { cycle_->remember(verdicts); }

void Agent::watch(const std::vector<Target>& targets) { cycle_->watch(targets); }

std::vector<TargetStatus> Agent::status() const { return cycle_->status(); }

std::optional<TargetStatus> Agent::status(const TargetId& id) const { return cycle_->status(id); }

Pace Agent::pace() const { return cycle_->pace(); }

}  // namespace holdfast::health
