#pragma once

#include <chrono>
#include <map>
#include <string>

#include "health/store/ballot.h"
#include "health/store/watchlist.h"

namespace holdfast::health {

/// An agent of which nothing new was heard for longer does not count.
inline constexpr std::chrono::seconds kFresh{15};
/// An agent says something at least this often, also when it has nothing new to say.
inline constexpr std::chrono::seconds kHeartbeat{3};

/// What is known of everybody else, as last heard. By our own clock alone: those of two machines are never compared.
class View {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Heard {
    Ballot ballot;
    Time at;
    bool is_fresh(Time now) const noexcept { return now - at <= kFresh; }
  };

  /// A server's list, from now on. Empty lists are lists.
  void set_list(const std::string& server, Watchlist list) {
    lists_.insert_or_assign(server, std::move(list));
  }
  void drop_list(const std::string& server) { lists_.erase(server); }

  /// A ballot that was found in the store. It counts when its agent was seen to live: when a later one of the same
  /// incarnation comes within kFresh, so that what a backup or a repeated event brings back is not believed, nor what was
  /// left there while we were away. False: nothing changed.
  bool hear(Ballot ballot, Time now);
  /// A ballot of the agent in this process: it counts at once.
  void hear_own(Ballot ballot, Time now);
  /// The agent left, or its lease ended.
  void forget(const std::string& agent) {
    agents_.erase(agent);
    unproven_.erase(agent);
  }

  const std::map<std::string, Watchlist>& lists() const noexcept { return lists_; }  ///< by server
  const std::map<std::string, Heard>& agents() const noexcept { return agents_; }    ///< by name

 private:
  std::map<std::string, Watchlist> lists_;
  std::map<std::string, Heard> agents_;
  struct Sighting {
    std::string incarnation;
    std::uint64_t sequence = 0;
    Time at;
  };
  std::map<std::string, Sighting> unproven_;  // by name
};

}  // namespace holdfast::health
