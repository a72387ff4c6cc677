#include "health/agent/agent.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "health/agent/cycle.h"
#include "health/agent/schedule.h"
#include "health/agent/watchdog.h"

namespace holdfast::health {
namespace {

std::vector<std::unique_ptr<Cycle>> start(const Agent::Listener& listener, std::size_t probes_in_flight,
                                          std::size_t threads) {
  std::vector<std::unique_ptr<Cycle>> all;
  for (std::size_t i = 0; i < threads; ++i)
    all.push_back(std::make_unique<Cycle>(listener, std::max<std::size_t>(1, probes_in_flight / threads)));
  return all;
}

}  // namespace

Agent::Agent(Listener listener, std::size_t probes_in_flight, std::size_t threads)
    : cycles_(start(listener, probes_in_flight, threads)),
      watchdog_(std::make_unique<Watchdog>([this] { return pace(); })) {}

Agent::~Agent() = default;

void Agent::remember(const std::vector<KeptVerdict>& verdicts) {
  for (const auto& cycle : cycles_) cycle->remember(verdicts);
}

void Agent::watch(const std::vector<Target>& targets) {
  std::vector<std::vector<Target>> shares(cycles_.size());
  for (const Target& target : targets) shares[place(target.id)].push_back(target);
  for (std::size_t i = 0; i < cycles_.size(); ++i) cycles_[i]->watch(shares[i]);
}

std::vector<TargetStatus> Agent::status() const {
  std::vector<TargetStatus> all;
  for (const auto& cycle : cycles_) {
    std::vector<TargetStatus> some = cycle->status();
    const auto middle = static_cast<std::ptrdiff_t>(all.size());
    all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
    std::inplace_merge(
        all.begin(), all.begin() + middle, all.end(),
        [](const TargetStatus& a, const TargetStatus& b) { return a.target.id < b.target.id; });
  }
  return all;
}

std::optional<TargetStatus> Agent::status(const TargetId& id) const { return cycles_[place(id)]->status(id); }

Pace Agent::pace() const {
  Pace all;
  for (const auto& cycle : cycles_) all.add(cycle->pace());
  return all;
}

std::size_t Agent::place(const TargetId& id) const { return hash(id) % cycles_.size(); }

}  // namespace holdfast::health
