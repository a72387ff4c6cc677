#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "health/agent/roster.h"
#include "health/store/council.h"
#include "tests/simulator/world.h"

namespace holdfast::simulator {

/// A program that runs, or does not, and what is around it.
struct World::Process {
  std::string name, location;
  bool is_server = false;
  std::size_t list = 0;  // of a server: the one in its configuration
  // as it runs
  std::uint64_t life = 0;  // another one after each start; 0: not running
  std::unique_ptr<health::Council> council;
  std::unique_ptr<health::Roster> roster;
  Seconds paused_until = 0, wakes_at = 0;
  std::uint64_t watch = 0;  // id of the session's watch; 0: none
  std::map<std::string, std::string> overrides;
  std::string problem;
  // the world around it
  bool store_link = true, world_link = true, lies = false, sees = true;
  std::set<std::string> unreachable;  // addresses
  // what it keeps on disk
  std::map<health::TargetId, health::KeptVerdict> kept;
  // for the checks
  Seconds wrote_at = -10;
  std::uint64_t revision = 0;
  std::uint64_t store = 0;  // which of them it believed last, World::store_; 0: none yet
  std::map<health::TargetId, std::pair<Seconds, int>> started;  // last start; how many there were undisturbed
  std::map<health::TargetId, std::deque<Seconds>> changes;
};

}  // namespace holdfast::simulator
