#include "health/agent/agent.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "health/agent/cycle.h"
#include "health/agent/schedule.h"
#include "health/agent/watchdog.h"

namespace holdfast::health {

class Agent::Cycles {
 public:
  Cycles(const Listener& listener, std::size_t probes_in_flight, std::size_t threads)
      : cycles_(start(listener, std::max<std::size_t>(1, probes_in_flight / threads), threads)) {}

  void remember(const std::vector<KeptVerdict>& verdicts) {
    for (const auto& cycle : cycles_) cycle->remember(verdicts);
  }

  void watch(const std::vector<Target>& targets) {
    if (cycles_.size() == 1) return cycles_.front()->watch(targets);
    std::vector<std::vector<Target>> shares(cycles_.size());
    for (const Target& target : targets) shares[place(target.id)].push_back(target);
    for (std::size_t i = 0; i < cycles_.size(); ++i) cycles_[i]->watch(shares[i]);
  }

  std::vector<TargetStatus> status() const {
    std::vector<TargetStatus> all = cycles_.front()->status();
    for (std::size_t i = 1; i < cycles_.size(); ++i) {
      std::vector<TargetStatus> some = cycles_[i]->status();
      const auto middle = static_cast<std::ptrdiff_t>(all.size());
      all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
      std::inplace_merge(
          all.begin(), all.begin() + middle, all.end(),
          [](const TargetStatus& a, const TargetStatus& b) { return a.target.id < b.target.id; });
    }
    return all;
  }

  std::optional<TargetStatus> status(const TargetId& id) const { return cycles_[place(id)]->status(id); }

  Pace pace() const {
    Pace all;
    for (const auto& cycle : cycles_) all.add(cycle->pace());
    return all;
  }

 private:
  using All = std::vector<std::unique_ptr<Cycle>>;
  static All start(const Listener& listener, std::size_t probes_in_flight, std::size_t threads) {
    All all;
    for (std::size_t i = 0; i < threads; ++i)
      all.push_back(std::make_unique<Cycle>(listener, probes_in_flight));
    return all;
  }

  /// A target stays with its thread, whatever else is watched: what is told of it comes in order.
  std::size_t place(const TargetId& id) const { return cycles_.size() == 1 ? 0 : hash(id) % cycles_.size(); }

  const All cycles_;
  Watchdog watchdog_{[this] { return pace(); }};  // the first to go
};

Agent::Agent(Listener listener, std::size_t probes_in_flight, std::size_t threads)
    : cycles_(std::make_unique<Cycles>(std::move(listener), probes_in_flight, threads)) {}

Agent::~Agent() = default;

void Agent::remember(const std::vector<KeptVerdict>& verdicts) { cycles_->remember(verdicts); }

void Agent::watch(const std::vector<Target>& targets) { cycles_->watch(targets); }

std::vector<TargetStatus> Agent::status() const { return cycles_->status(); }

std::optional<TargetStatus> Agent::status(const TargetId& id) const { return cycles_->status(id); }

Pace Agent::pace() const { return cycles_->pace(); }

}  // namespace holdfast::health
