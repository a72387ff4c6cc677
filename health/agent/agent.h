#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "health/agent/pace.h"
#include "health/verdict/kept_state.h"
#include "health/verdict/verdict.h"

namespace holdfast::health {

class Cycle;
class Watchdog;

/// Probes targets on threads of its own and says what it believes of them. A target is probed by always the same of them.
///
/// Thread-safe. Targets are probed always, each once per interval, starts spread over the interval.
class Agent {
 public:
  /// What the agent tells, on the thread that probed: of one target in order, of several at the same time where there are
  /// several threads. Must not block, must not call watch().
  struct Listener {
    std::function<void(const Observation&)> observed;  ///< each probe that ended
    /// The verdict changed, or the very first probe of a target ended.
    std::function<void(Verdict before, const TargetStatus& now)> changed;
    /// Else, where the verdict came into doubt, or was settled: see `now.doubt`.
    std::function<void(const TargetStatus& now)> doubted{};
  };

  /// @param probes_in_flight  at most so many at once, parts of combinations counted, each with up to two file descriptors;
  ///                          shared out evenly among the threads. A black hole holds its place for the whole timeout; a
  ///                          target that has to wait does not lose its turn.
  /// @param threads           at least 1
  explicit Agent(Listener listener, std::size_t probes_in_flight = 512, std::size_t threads = 1);
  /// Stops probing and joins the threads; no call to the listener after that.
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  /// What was believed before a restart. Before watch(): a target begins with it, and is not settled anew.
  void remember(const std::vector<KeptVerdict>& verdicts);

  /// From now on these and no others. A target whose id and settings did not change keeps its state and schedule; one
  /// that is checked more or less often keeps its verdict; of one that is checked otherwise nothing is known any more. A
  /// target that is gone is no longer probed, and its probe in flight is forgotten.
  void watch(const std::vector<Target>& targets);

  /// A copy of everything known, by target id. May be called from any thread at any time.
  std::vector<TargetStatus> status() const;
  /// Null: it is not watched.
  std::optional<TargetStatus> status(const TargetId& id) const;
  /// Whether the checks keep up: worked out by the caller, so that it is true when a thread of the agent hangs.
  Pace pace() const;

 private:
  /// A target stays with its thread, whatever else is watched: what is told of it comes in order.
  std::size_t place(const TargetId& id) const;

  const std::vector<std::unique_ptr<Cycle>> cycles_;
  const std::unique_ptr<Watchdog> watchdog_;  // the first to go: it looks at those
};

}  // namespace holdfast::health
