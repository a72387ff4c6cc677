#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "health/agent/desk.h"
#include "health/store/session.h"
#include "health/store/view.h"
#include "health/verdict/table.h"

namespace holdfast::health {

/// One process among those that check together: what its agent says goes to all, what all say becomes its verdicts.
///
///   own agent -> desk -> ballot -> store -> view -> verdict table       (of a server)
///                  \------ at once, while there is no store -----/
///   lists of servers -> store -> view -> desk -> duties -> own agent
///
/// No I/O, no lock, no clock: who drives it sends what the session says, and passes on what came.
class Council {
 public:
  using Time = View::Time;
  using WallTime = VerdictTable::WallTime;
  /// Null: that is no list.
  using ReadList = std::function<std::optional<Watchlist>(std::string_view)>;

  struct Options {
    std::string self;         ///< the agent's name, and the server's
    std::string incarnation;  ///< another one at each start
    std::vector<boost::asio::ip::tcp::endpoint> references{};
    std::optional<Session::Options> store{};  ///< null: this process is alone
    ReadList read_list{};                     ///< needed with a store
  };
  /// What happens so soon after something else is told together with what comes next.
  static constexpr std::chrono::milliseconds kBallotEvery{50};
  /// What the servers of one store know of an operator's decision; the meaning is the caller's. Null: it was dropped.
  struct Override {
    std::string id;
    std::optional<std::string> json;
  };

  Council(Options options, Time now);

  /// A server has these targets from now on. @param published  the list as others are to read it
  void watch(Watchlist own, std::string published, const std::vector<KeptVerdict>& kept, Time now,
             WallTime wall_time);
  /// The own agent's verdict changed, or a target was probed for the first time.
  void voted(const TargetStatus& status);
  /// Its verdict came into doubt, or was settled, and is the same.
  void doubted(const TargetStatus& status);
  /// Each probe that the own agent made.
  void observed(const Observation& seen);
  /// Whether the own agent's probing works, as of now. While it does not, nothing it says is renewed.
  void set_alive(bool alive);

  /// Only with a store. For all servers that share it, until one of them drops it; an id is one path element at most 255
  /// octets long. What came of it is told by take_overrides() once it stands in the store, here as there.
  void put_override(const std::string& id, std::string json);
  void drop_override(const std::string& id);

  /// Everything that is due. What came of it is taken with the functions below.
  void tick(Time now, WallTime wall_time);
  /// When to call tick() next, if nothing comes before.
  Time due(Time now) const;

  /// What to send to the store.
  std::vector<Session::Action> take_actions() { return std::exchange(actions_, {}); }
  Session* session() noexcept { return session_ ? &*session_ : nullptr; }
  const Session* session() const noexcept { return session_ ? &*session_ : nullptr; }
  /// What the own agent is to probe, when that changed since the last call.
  std::optional<std::vector<Target>> take_duties();
  /// What happened to targets and agents since the last call.
  VerdictTable::Moves take_moves() { return std::exchange(moves_, {}); }

  /// What became of overrides since the last call, whoever put or dropped them: at first, all that there are. Neither ids
  /// nor texts are looked at here: they are those of anybody who can write into the store.
  std::vector<Override> take_overrides() { return std::exchange(overrides_, {}); }
  /// Whether this server is the one, of those that watch the same and live, that tells people. All are while they do not
  /// hear of each other.
  bool speaks(Time now) const;

  const VerdictTable& table() const noexcept { return table_; }
  const View& view() const noexcept { return view_; }
  bool is_blind() const noexcept { return desk_.is_blind(); }
  /// Values in the store that were no lists or ballots, since the start.
  std::uint64_t malformed() const noexcept { return malformed_; }
  /// The keys of those that stand there now: of a newer holdfast, larger than we take, or anything.
  const std::set<std::string>& unreadable() const noexcept { return unreadable_; }

 private:
  void take(const std::vector<Session::Change>& changes, Time now);
  Time ballot_due() const;
  void add(VerdictTable::Moves moves);
  void believe(const TargetStatus& status);
  void forget_beliefs();
  void note(const std::string& key, bool is_readable);

  const Options options_;
  View view_;
  Desk desk_;
  VerdictTable table_;
  std::optional<Session> session_;
  std::optional<Watchlist> own_;

  bool alive_ = true;
  bool has_news_ = true;  // of the own agent
  Time said_at_;
  Time told_at_;  // when something new was said last
  Time looked_at_;
  bool looks_ = true;         // something in the view changed
  bool has_beliefs_ = false;  // of the own agent, that the table has not looked at
  Time believed_at_;          // when it did so last
  bool duties_changed_ = false;
  std::uint64_t malformed_ = 0;
  std::set<std::string> unreadable_;
  std::vector<Session::Action> actions_;
  VerdictTable::Moves moves_;
  std::vector<Override> overrides_;
};

}  // namespace holdfast::health
