#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "health/store/view.h"
#include "health/verdict/doubt.h"
#include "health/verdict/flap.h"
#include "health/verdict/kept_state.h"
#include "health/verdict/quorum.h"

namespace holdfast::health {

/// While only one location is believed, at most this part of all targets goes down within kBrakeTime, but kBrakeLeast in any
/// case: a server whose own network dies takes little away before somebody can look.
inline constexpr double kBrakeShare = 0.2;
inline constexpr std::size_t kBrakeLeast = 5;
inline constexpr std::chrono::seconds kBrakeTime{10};

/// An agent that says down of so many targets that other locations see up, and of half of all that both look at, is left
/// out. By what is said now alone, so that all servers leave out the same.
inline constexpr std::size_t kSuspectLeast = 4;

/// How an agent counts.
enum class Standing : std::uint8_t {
  absent,   ///< never heard, gone, or silent for longer than kFresh
  blind,    ///< says itself that it cannot see
  suspect,  ///< left out: it sees down what others see up
  counted,
};
inline constexpr std::string_view kStandings[] = {"absent", "blind", "suspect", "counted"};  ///< by Standing
constexpr std::string_view text(Standing standing) { return kStandings[static_cast<std::size_t>(standing)]; }

struct AgentStatus {
  std::string name;
  std::string location;
  Standing standing = Standing::absent;
  std::optional<std::chrono::steady_clock::time_point> heard{};
  std::size_t targets = 0;                            ///< of ours that it has an opinion of
  std::vector<boost::asio::ip::address> addresses{};  ///< as configured
};

/// What one agent says of a target, for people.
struct VoteStatus {
  std::string agent;
  std::string location;
  Verdict verdict = Verdict::unknown;
  bool counts = false;
  std::optional<Evidence> evidence{};
};

/// A target with the verdict that all agents together came to.
struct MergedStatus {
  Target target;
  Verdict verdict = Verdict::unknown;
  Basis basis = Basis::nobody;
  bool held_down = false;  ///< it flaps: votes say up, and it is still down
  std::chrono::system_clock::time_point since{};
  std::uint64_t transitions = 0;
  TimeInVerdict time{};
  bool observed = false;  ///< some agent had a verdict, now or before a restart
  Doubt doubt{};
  std::vector<VoteStatus> votes{};
  std::optional<TargetStatus>
      own{};  ///< what the agent of this process saw; null: it does not probe it, or is not asked
};

/// The verdicts of a server on all of its targets, made of what the agents say. No I/O, no lock, time passed in.
class VerdictTable {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using WallTime = std::chrono::system_clock::time_point;

  /// A target that anything happened to: its verdict changed, or it had one for the first time.
  struct Moved {
    Verdict before = Verdict::unknown;
    MergedStatus now;
  };
  struct AgentMoved {
    Standing before = Standing::absent;
    AgentStatus now;
  };
  struct Moves {
    std::vector<Moved> targets;
    std::vector<AgentMoved> agents;
    std::vector<Doubted> doubts;  ///< of targets that are not among those
  };

  /// `self`: the agent in the same process, for lists that name no agents.
  explicit VerdictTable(std::string self) : self_(std::move(self)) {}

  /// What is watched from now on. What is known of a target stays while its id does.
  /// @param kept  verdicts from before a restart, for targets of which nothing is known yet
  Moves watch(const Watchlist& list, const std::vector<KeptVerdict>& kept, Time now, WallTime wall_time);

  /// Takes what is known of the agents. A ballot refers to lists by digest: this one's, or one of the last few.
  Moves look(const View& view, Time now, WallTime wall_time);
  /// What the own agent believes of a target, before it says so; for the next look() or tick(). That it does not probe a
  /// target any more is told with `unknown`.
  void believe(const TargetId& target, Verdict verdict, Doubt doubt);
  /// Time passed: what was held or waited may not any more.
  Moves tick(Time now, WallTime wall_time);

  std::vector<MergedStatus> status() const;
  std::vector<AgentStatus> agents() const;
  std::optional<MergedStatus> status(const TargetId& id) const;
  /// Verdicts that nothing supports now.
  std::size_t held() const noexcept;

 private:
  struct Agent {
    AgentSettings settings;
    std::size_t location = 0;  // a number for each
    Standing standing = Standing::absent;
    std::optional<Time> heard;  // null: never, or it is gone
    bool blind = false;
    std::optional<std::string>
        list;  // that its last ballot is of, by digest; empty: none of ours; null: to be seen
    std::vector<Verdict> said;  // in it, of the targets of that list
    /// Targets on which others have an opinion as well, and of these those that it sees down against them.
    std::size_t both = 0, against = 0;
  };
  /// What one agent's vote on a target says of the agent.
  enum class Mark : std::uint8_t { none, both, against };
  struct Vote {
    Verdict verdict = Verdict::unknown;
    std::optional<Evidence> evidence;
  };
  struct Entry {
    Target target;
    std::vector<Vote> votes;  // beside agents_
    std::vector<Mark> marks;  // beside agents_
    Verdict verdict = Verdict::unknown;
    Basis basis = Basis::nobody;
    bool held_down = false;
    bool observed = false;
    WallTime since{};
    std::uint64_t transitions = 0;
    TimeInVerdict time;
    Doubt doubt;
    Verdict believed = Verdict::unknown;  // by the own agent
    Doubt own_doubt;                      // likewise
    FlapBrake flap;
    std::optional<Time> alone_since;  // only one location says something
    Time due = Time::max();           // to be judged again then
  };

  struct ById {
    bool operator()(const Entry* a, const Entry* b) const { return a->target.id < b->target.id; }
  };
  using Touched = std::set<Entry*, ById>;
  /// A list that ballots may refer to.
  struct List {
    std::string digest;
    std::vector<TargetId> ids;
    std::vector<Entry*> entries;  // beside ids; null: it is not watched any more
  };
  void take(std::size_t agent, const Ballot& ballot, Touched& touched);
  void set_vote(Entry& entry, std::size_t agent, Verdict verdict, Touched& touched);
  /// How each agent counts now; what they say is judged anew where that changed.
  void judge_agents(Time now, Moves& moves, Touched& touched);
  Moves judge(Touched touched, Time now, WallTime wall_time);
  void judge(Entry& entry, Time now, WallTime wall_time, Moves& moves);
  /// In what doubt the verdict is that `entry` has.
  ///
  ///   said by all together                           could change
  ///   another one, which is put off                  when that ends: a flap, a lone location, the brake
  ///   the same, but it hangs on one location         at any time
  ///   the same, and our own agent counts, but it
  ///     sees against its verdict                     as soon as that verdict could
  ///     has another one, which it has not said yet   at any time
  ///   the same                                       it is settled
  Doubt doubt(const Entry& entry, Verdict said) const;
  bool may_go_down(Time now);
  void mark(Entry& entry);
  void count(const Entry& entry, std::vector<LocationVote>& tally, Standing least) const;
  MergedStatus status_of(const Entry& entry) const;
  AgentStatus status_of(const Agent& agent) const;

  const std::string self_;
  std::deque<List> lists_;     // the newest first: that is the present one
  std::vector<Agent> agents_;  // those of the list, by name
  std::size_t locations_ = 0;
  std::map<TargetId, Entry> entries_;
  std::deque<Time> downs_;  // within kBrakeTime, on the word of one location
  std::vector<LocationVote> tally_;
  Touched believed_;  // something else, by the own agent, since the last look or tick
};

}  // namespace holdfast::health
