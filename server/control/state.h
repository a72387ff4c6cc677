#pragma once

#include <functional>
#include <vector>

#include "server/listen/counters.h"
#include "server/listen/tcp.h"
#include "server/status.h"

namespace holdfast::server {

/// What the control door sees of the program, and the one thing that it can do to it. Every function may be called from
/// the control thread at any time; `reload` may take seconds.
struct ControlState {
  std::function<std::vector<ZoneStatus>()> zones;
  std::function<std::vector<LiveNameStatus>()> live_names;
  std::function<std::vector<health::TargetStatus>()> targets;
  std::function<ReloadReport()> reload;
  std::vector<const Counters*> counters;          ///< of every worker; they outlive the door
  std::vector<const TcpCounters*> connections;    ///< of every TCP worker
};

}  // namespace holdfast::server
