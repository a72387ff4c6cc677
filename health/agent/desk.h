#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "health/agent/schedule.h"
#include "health/store/view.h"

namespace holdfast::health {

/// The monitor of reference targets: what should always be there, and tells an agent that it is blind when it is not.
inline constexpr std::string_view kReference = "(reference)";
/// How often a reference is looked at. A target must be seen failing before a reference was seen well, to be down.
inline constexpr std::chrono::seconds kReferenceInterval{1};

/// What one agent has to probe, and what it says to the others. No I/O, no clock, no lock.
///
/// A verdict of its own that turns to down is only told once a reference target has been reached after the first of the
/// failures; while none of them can be reached at all, the agent is blind, and tells no verdicts.
class Desk {
 public:
  using Time = View::Time;

  /// @param incarnation  another one at each start of the program
  /// @param references  TCP endpoints; none: the agent is never blind
  Desk(std::string self, std::string incarnation,
       std::vector<boost::asio::ip::tcp::endpoint> references = {});

  /// Looks at who wants what, and who else is there. `own`: the list of the server in the same process, null where there
  /// is none; it may be in the view as well. True: duties() changed.
  bool look(const View& view, const Watchlist* own, Time now);
  /// What to probe, by id: the targets assigned to this agent, and its references.
  const std::vector<Target>& duties() const noexcept { return duties_; }

  /// The agent's own verdict changed, or a target was probed for the first time. True: there is something new to tell.
  bool vote(const TargetStatus& status);
  /// Every probe that ended: keeps opinions from growing old. True: there is something new to tell.
  bool observed(const Observation& seen);
  bool is_blind() const noexcept { return blind_; }
  /// Whether it is among the duties.
  bool probes(const TargetId& id) const { return duty(id) != nullptr; }

  /// What this agent says now; another sequence number each time.
  Ballot ballot(Time now);
  /// The same of one target; unknown for what is not among the duties. An opinion that no probe supported for 3 intervals
  /// and a timeout is none: this process was stopped, or is starved.
  Verdict said(const TargetId& id, Time now) const;

 private:
  struct Opinion {
    Verdict verdict = Verdict::unknown;
    Evidence evidence{};
    Time doubted{};      ///< the first of the failures that led to down
    Time seen{};         ///< the end of the last probe
    bool waits = false;  ///< down, but no reference was reached since
    std::uint64_t order = 0;
    Time::duration lifetime{};
  };
  Verdict said(const Opinion& opinion, Time now) const;
  const Target* duty(const TargetId& id) const;
  bool reference(const Observation& seen);

  const std::string self_, incarnation_;
  std::vector<Target> references_;
  std::uint64_t sequence_ = 0, order_ = 0;

  std::set<std::string> present_;  // agents, when looked at last
  std::set<std::string> digests_;  // of the lists
  std::vector<Target> duties_;
  /// By the digest of each list: what we think of its targets; null: not assigned to this agent.
  std::map<std::string, std::vector<const Opinion*>> lists_;
  std::unordered_map<TargetId, Opinion, TargetHash> opinions_;  // of our duties but references

  std::map<boost::asio::ip::tcp::endpoint, bool> reached_;
  std::optional<Time> reference_passed_;  // when a reference was reached last
  bool blind_ = false;
};

}  // namespace holdfast::health
