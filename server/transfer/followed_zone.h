#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/transfer/secondaries.h"

namespace holdfast::server {

/// A zone that we are secondary for, as the thread of Secondaries has it. What asks or transfers keeps it alive; when it comes
/// back the zone may not be followed any more.
struct FollowedZone {
  FollowedZone(const zones::Name& zone, std::vector<PrimaryAddress> addresses);

  /// Something went well; something went wrong, which the log is told once an hour.
  void succeeded(std::string what);
  void failed(std::string what);
  /// Brings `status` up to date.
  void describe(zones::BootTime now, std::chrono::system_clock::time_point wall_now);

  const zones::Name name;
  const std::vector<PrimaryAddress> primaries;
  std::vector<bool> no_edns;  ///< those primaries that do not know it
  zones::Refresh refresh;
  std::uint64_t round = 0;  ///< of questions to all; what earlier ones bring counts no more
  std::shared_ptr<Pull::Stop> stop = std::make_shared<Pull::Stop>();
  bool is_followed = true;
  bool is_queued = false;                  ///< its transfer waits for its turn
  std::optional<zones::BootTime> wakes{};  ///< when it is to be looked at
  SecondaryZone status{};
  std::map<std::string, std::chrono::steady_clock::time_point> said{};  ///< the failures that the log has
};

/// The data of the SOA of the version that was transferred; empty: it has none.
std::vector<std::uint8_t> soa_of(const zones::Received& received);

}  // namespace holdfast::server
