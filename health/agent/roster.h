#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "health/agent/fold.h"
#include "health/agent/pace.h"
#include "health/agent/schedule.h"
#include "health/verdict/kept_state.h"
#include "health/verdict/verdict.h"

namespace holdfast::health {

/// Who is watched, when each is due, and what is believed of it.
///
/// No I/O, no clock, no lock: the caller says what time it is and what the probes saw.
class Roster {
 public:
  /// Names one probe in flight. Never used twice.
  using Ticket = std::uint64_t;

  struct Start {
    Ticket ticket = 0;
    Target target;
  };
  /// What there is to tell after a probe ended.
  struct Ended {
    Verdict before = Verdict::unknown;
    std::optional<TargetStatus> changed;  ///< null: the same verdict as before, and not the first probe
    std::optional<TargetStatus> doubted;  ///< else, where the verdict came into doubt or was settled
  };

  /// At most `probes_in_flight` at once, the parts of a combination counted; who has to wait is served in the order of being
  /// due. A combination of more parts than that is probed alone.
  explicit Roster(std::size_t probes_in_flight) : room_(probes_in_flight) {}

  /// What was believed before a restart, and nothing else: where the targets of the first watch() begin; later ones know
  /// nothing.
  void remember(const std::vector<KeptVerdict>& verdicts) {
    remembered_.clear();
    for (const KeptVerdict& one : verdicts) remembered_.insert_or_assign(one.target, one);
  }

  /// Watches these and no others (Agent::watch). Returns the probes in flight that are of no more use.
  std::vector<Ticket> watch(const std::vector<Target>& targets, Clock::time_point now,
                            std::chrono::system_clock::time_point wall_time);

  /// Takes those that are to be probed now, a hundred at most: next_due() is in the past when there are more. Each is in
  /// flight until ended() or not_run().
  std::vector<Start> take_due(Clock::time_point now);
  /// When to call take_due() next; null: not before a probe ends or watch() is called.
  std::optional<Clock::time_point> next_due() const;

  /// Null: the observation does not count, because nobody watches that target any more, or because it says more
  /// about us than about the target.
  std::optional<Ended> ended(Ticket ticket, const Observation& seen);
  /// The target that is to be tried again; null: nobody watches it any more.
  const Target* not_run(Ticket ticket, Clock::time_point now);

  std::vector<TargetStatus> status(Clock::time_point now) const;  ///< by target id
  std::optional<TargetStatus> status(const TargetId& id, Clock::time_point now) const;
  Pace pace(Clock::time_point now) const;

 private:
  struct Entry {
    TargetStatus status;
    Streak streak;
    Clock::time_point due;      ///< while not in flight
    Clock::time_point started;  ///< while in flight
    Clock::time_point seen;     ///< when the last probe ended that counted, or its settings were taken
    Ticket ticket = 0;          ///< 0: not in flight
    std::size_t places = 0;     ///< that it takes while in flight
  };

  static TargetStatus status(const Entry& entry, Clock::time_point now);
  void skip_missed(Clock::time_point now);
  void schedule(Entry& entry, Clock::time_point due);
  static void forget_verdict(Entry& entry, Clock::time_point now,
                             std::chrono::system_clock::time_point wall_time);
  void forget_probe(Entry& entry, std::vector<Ticket>& forgotten);
  bool has_room(std::size_t places) const noexcept;
  Entry* take(Ticket ticket);

  std::map<TargetId, Entry> entries_;                   // its nodes stay where they are
  std::set<std::pair<Clock::time_point, Entry*>> due_;  // all that are not in flight
  std::unordered_map<Ticket, Entry*> in_flight_;        // the others
  std::map<TargetId, KeptVerdict> remembered_;
  std::size_t room_;       // places
  std::size_t taken_ = 0;  // of them
  Ticket last_ticket_ = 0;
  Clock::time_point looked_{};  // when take_due() was called last
  Lag lag_;
  std::uint64_t not_run_ = 0;
};

}  // namespace holdfast::health
