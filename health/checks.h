#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "health/agent/pace.h"
#include "health/settings.h"
#include "health/store/council.h"

namespace holdfast::health {

/// How it stands with the store, as of one moment.
struct StoreStatus {
  Session::State state = Session::State::connecting;
  std::string problem{};  ///< empty: none
  std::optional<std::chrono::steady_clock::time_point> last_contact{};
  std::uint64_t revision = 0;  ///< of the store that is believed; 0: none yet
  std::size_t waiting_writes = 0;
  std::uint64_t malformed = 0;            ///< values that could not be read, since the start
  std::vector<std::string> unreadable{};  ///< keys of those that stand there now
  std::size_t servers = 0;                ///< others whose lists are there
};

inline constexpr std::string_view kStoreStates[] = {"connecting", "following",
                                                    "refused"};  ///< by Session::State
constexpr std::string_view text(Session::State state) {
  return kStoreStates[static_cast<std::size_t>(state)];
}

/// Who checks, as of one moment.
struct MeetingStatus {
  std::vector<AgentStatus> agents{};  ///< whose verdicts count, by name
  bool blind = false;                 ///< the agent of this process is
  std::size_t duties = 0;             ///< what it probes, references too
  std::size_t held = 0;               ///< verdicts that nothing supports now
  std::optional<StoreStatus> store{};
};

/// All health checking of this process: its agent probes what it is to probe, and a Council, on a thread of its own, makes
/// verdicts of what all agents say. With a store it meets the others in etcd, else it is alone.
///
/// Thread-safe.
class Checks {
 public:
  /// Must not block, and must not call watch().
  struct Listener {
    // On the threads of the agent:
    std::function<void(const Observation&)> observed{};  ///< each probe that ended
    std::function<void(Verdict before, const TargetStatus& now)>
        changed{};  ///< what it believes, as Agent tells it
    // On the council's thread:
    std::function<void(std::span<const VerdictTable::Moved>)> moved{};  ///< all at once that moved together
    std::function<void(const std::vector<Doubted>&)> doubted{};         ///< of targets that did not move
    std::function<void(const VerdictTable::AgentMoved&)> agent_moved{};
    /// The state of the store is another one, what is wrong with it, or what of it cannot be read.
    std::function<void(const StoreStatus& before, const StoreStatus& now)> store_moved{};
    /// What stands in the store at `override/ID`, or null where nothing does any more; before the store is followed, all.
    std::function<void(const std::string& id, const std::optional<std::string>& value)> override_heard{};
    std::function<void(std::chrono::steady_clock::time_point now)> tick{};  ///< about once a second
    /// Whether this server is, from now on, the one of those that watch the same that tells people. At first it is.
    std::function<void(bool)> speaks{};
  };
  struct Options {
    SelfSettings self{};
    std::optional<StoreSettings> store{};  ///< null: this process is alone
    Council::ReadList read_list{};         ///< needed with a store
    Session::Trust trust = Session::Trust::cautious;
    std::size_t probes_in_flight = 512;  ///< as Agent has it
    std::size_t probe_threads = 1;       ///< likewise
  };

  /// Throws std::runtime_error when the password of the store cannot be had: the text says why.
  Checks(Options options, Listener listener);
  /// No call to the listener after that. What others see of us goes when the lease ends.
  ~Checks();
  /// Nothing is told on the council's thread before start(), nor after stop().
  void start();
  void stop();
  Checks(const Checks&) = delete;
  Checks& operator=(const Checks&) = delete;

  /// What a server wants checked from now on, see Council::watch.
  /// @param published  the list as others are to read it
  /// @param kept  what was believed before a restart
  void watch(Watchlist own, std::string published, const std::vector<KeptVerdict>& kept = {});

  /// What is to stand in the store at `override/ID`; null: nothing. Nothing happens without a store.
  void put_override(const std::string& id, std::optional<std::string> value);

  /// The verdicts of a server, by target id, with what this process itself saw of each.
  std::vector<MergedStatus> targets() const;
  /// What the agent of this process probes and believes, whoever wants it.
  std::vector<TargetStatus> probed() const;
  Pace pace() const;
  MeetingStatus status() const;
  /// An operator says that the store is right. False: there is none, or nothing was refused.
  bool accept();

 private:
  class Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace holdfast::health
