#pragma once

#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "health/agent/roster.h"
#include "health/store/council.h"
#include "tests/simulator/etcd_model.h"
#include "zones/live/selection.h"

namespace holdfast::simulator {

/// A world of agents, servers, a store and targets, made from a seed: the real fold, schedule, assignment, ballots, session
/// with the store, quorum and selection, in one thread, with a time of its own. Faults come and go (faults.cpp); what must
/// never happen is looked for after every step (checks.cpp). The same seed does the same, octet for octet.
class World {
 public:
  explicit World(std::uint64_t seed);
  ~World();

  /// @return what must not happen and did; empty: nothing
  std::string run(Seconds duration);
  std::uint64_t faults() const noexcept { return faults_; }
  std::uint64_t probes() const noexcept { return probes_; }
  std::uint64_t transitions() const noexcept { return transitions_; }
  void set_verbose(bool verbose) { verbose_ = verbose; }

 private:
  struct Process;
  using Time = std::chrono::steady_clock::time_point;

  struct Happening {
    Seconds at;
    std::uint64_t order;
    std::function<void()> what;
    bool operator<(const Happening& other) const {  // the earliest is on top
      return at != other.at ? at > other.at : order > other.order;
    }
  };
  /// A configuration of servers.
  struct List {
    health::Watchlist watchlist;
    std::vector<zones::Pool> pools;
    std::vector<std::vector<health::TargetId>> members;  // of each pool
  };

  double chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  std::size_t any(std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
  }
  void at(Seconds when, std::function<void()> what) { queue_.push({when, ++order_, std::move(what)}); }
  Time time() const { return Time(std::chrono::nanoseconds(static_cast<std::int64_t>((now_ + 1000) * 1e9))); }
  std::chrono::system_clock::time_point wall_time() const {
    return std::chrono::system_clock::time_point(
        std::chrono::duration_cast<std::chrono::system_clock::duration>(
            std::chrono::duration<double>(1.8e9 + now_ + wall_step_)));
  }

  void make_list(std::size_t number, const std::vector<health::AgentSettings>& agents);
  const List& list_of(const Process& process) const;

  void start(Process& process);
  void stop(Process& process);
  void reload(Process& process);
  void wake(Process& process, Seconds when);
  void step(Process& process);
  void send(Process& process, const health::Session::Action& action);
  void open_watch(Process& process, const health::Session::Action& action);
  void end_watches();
  void deliver_events();
  void deliver(Process& process, const std::string& line, Seconds delay);
  void probe(Process& process, const health::Roster::Start& start);

  void plan_faults(Seconds end);
  void fault();
  void fault_of(Process& process);
  void fault_of_store();
  void fault_of_target(Process& process, const std::string& address);
  void end_faults();
  void accept_store();
  void say(const std::string& what);

  void check_transition(Process& process, const health::VerdictTable::Moved& moved);
  void check_answers(Process& process);
  void check_agreement();
  void check_end();
  void check_store(Process& process, std::uint64_t store);
  void check_spacing(Process& process, const health::Target& target);
  void wrong(const std::string& what);

  std::mt19937_64 random_;
  Seconds now_ = 0, wall_step_ = 0, calm_since_ = 0, agreement_checked_ = 0, faults_end_ = 0;
  std::uint64_t order_ = 0, faults_ = 0, probes_ = 0, transitions_ = 0;
  bool verbose_ = false, has_faults_ = true;
  std::string wrong_;
  std::priority_queue<Happening> queue_;

  EtcdModel etcd_;
  std::uint64_t store_ = 1;  // another one each time it goes back or is wiped
  bool has_store_ = true, store_is_up_ = true, store_loses_ = false, store_repeats_ = false;
  std::vector<List> lists_;
  std::vector<std::string> addresses_;
  std::map<std::string, bool> truth_;          // by address: up
  std::map<std::string, bool> is_black_hole_;  // how it fails
  std::vector<std::unique_ptr<Process>> processes_;
  std::map<std::pair<std::string, std::string>, Seconds> failed_;  // agent, address: its last failed probe
  std::map<std::pair<std::size_t, health::TargetId>, Seconds> disagree_since_;  // list, target
};

}  // namespace holdfast::simulator
