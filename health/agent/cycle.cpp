#include "health/agent/cycle.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "health/probe/detail.h"
#include "health/probe/url.h"

namespace holdfast::health {
namespace {

/// Probes that could not be run are reported at most once per this time.
constexpr std::chrono::seconds kNotRunReport{10};
/// Who becomes due within this time starts together: to wake up for each would cost more than its probe.
constexpr std::chrono::milliseconds kGather{10};
/// Who answers queries goes first where they share a core; a quarter of it remains at least (setpriority(2), sched(7)).
constexpr int kNiceness = 5;
constexpr std::chrono::seconds kAfterError{1};

}  // namespace

Cycle::Cycle(Agent::Listener listener, std::size_t probes_in_flight)
    : listener_(std::move(listener)), roster_(probes_in_flight), thread_([this] { run(); }) {}

Cycle::~Cycle() {
  io_.stop();
  thread_.join();
}

void Cycle::remember(const std::vector<KeptVerdict>& verdicts) {
  const std::lock_guard lock(mutex_);
  roster_.remember(verdicts);
}

void Cycle::watch(const std::vector<Target>& targets) {
  std::vector<Roster::Ticket> forgotten;
  {
    const std::lock_guard lock(mutex_);
    forgotten = roster_.watch(targets, Clock::now(), std::chrono::system_clock::now());
  }
  boost::asio::post(io_, [this, forgotten = std::move(forgotten)] {
    for (const auto ticket : forgotten) probes_.erase(ticket);
    look();
  });
}

std::vector<TargetStatus> Cycle::status() const {
  const std::lock_guard lock(mutex_);
  return roster_.status(Clock::now());
}

std::optional<TargetStatus> Cycle::status(const TargetId& id) const {
  const std::lock_guard lock(mutex_);
  return roster_.status(id, Clock::now());
}

Pace Cycle::pace() const {
  const std::lock_guard lock(mutex_);
  return roster_.pace(Clock::now());
}

void Cycle::run() {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
  while (true) {
    try {
      io_.run();
      return;
    } catch (const std::exception& error) {  // of memory
      spdlog::error("probes: {}; going on", error.what());
      planned_.reset();
      alarm_.set(Clock::now() + kAfterError, [this] { look(); });
    }
  }
}

void Cycle::look() {
  std::vector<Roster::Start> starts;
  looked_ = Clock::now();
  {
    const std::lock_guard lock(mutex_);
    starts = roster_.take_due(looked_);
  }
  for (const auto& [ticket, target] : starts) {
    try {
      probes_[ticket] = prober_.start(target, [this, ticket = ticket](ProbeResult result) {
        probes_.erase(ticket);
        if (const auto* seen = std::get_if<Observation>(&result)) {
          ended(ticket, *seen);
        } else {
          not_run(ticket, std::get<NotRun>(result));
        }
        plan();
      });
    } catch (const std::exception& error) {  // or it would count as in flight for ever
      probes_.erase(ticket);
      not_run(ticket, {error.what()});
    }
  }
  plan();
}

/// To look again when the next is due.
void Cycle::plan() {
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

void Cycle::ended(Roster::Ticket ticket, const Observation& seen) {
  std::optional<Roster::Ended> ended;
  {
    const std::lock_guard lock(mutex_);
    ended = roster_.ended(ticket, seen);
  }
  if (!ended) return;
  if (listener_.observed) listener_.observed(seen);
  if (ended->changed && listener_.changed) listener_.changed(ended->before, *ended->changed);
  if (ended->doubted && listener_.doubted) listener_.doubted(*ended->doubted);
}

void Cycle::not_run(Roster::Ticket ticket, const NotRun& result) {
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

}  // namespace holdfast::health
