#pragma once

#include <string>
#include <vector>

#include "health/target.h"

namespace holdfast::health {

/// What a server wants to have probed, and who may do it: it publishes this for all agents. A value.
struct Watchlist {
  std::vector<Target> targets;  ///< by id, unique
  std::vector<LocationSettings> locations;
  std::vector<AgentSettings> agents;  ///< whose verdicts count; none: only those of the server's own agent
  std::string digest;                 ///< of all that: names it in ballots
  /// What else the server wants, and we cannot probe; by id. In ballots these have their places among the targets.
  std::vector<TargetId> left_out{};

  bool operator==(const Watchlist&) const = default;
};

}  // namespace holdfast::health
