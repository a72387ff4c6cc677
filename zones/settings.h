#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "zones/dns/name.h"

namespace holdfast::zones {

/// Which of the members that are alive answer.
enum class Policy : std::uint8_t {
  all,       ///< every one
  failover,  ///< those of the lowest tier that has one
};

inline constexpr std::string_view kPolicies[] = {"all", "failover"};  ///< by Policy
constexpr std::string_view text(Policy policy) { return kPolicies[static_cast<std::size_t>(policy)]; }

/// Why nobody could reach an endpoint at this address: "is a multicast address, ...". Empty: it can be one.
std::string_view unusable(const boost::asio::ip::address& address);

struct MemberSettings {
  boost::asio::ip::address address;
  std::uint16_t tier = 1;  ///< only looked at by `failover`; 1 is preferred
  std::string location{};  ///< names a [location.NAME]; empty: unknown

  bool operator==(const MemberSettings&) const = default;
};

/// `[pool.NAME]`
struct PoolSettings {
  std::string name;
  std::string monitor;  ///< names a [monitor.NAME]
  Policy policy = Policy::all;
  std::chrono::seconds ttl{30};
  std::vector<MemberSettings> members;
  std::vector<std::string>
      contacts{};  ///< names of [contact.NAME] who are told of its members; none: the usual ones
};

/// One row of `live = [...]`: an owner name whose addresses are decided while running.
/// Exactly one of `monitor` and `pool` is set.
struct LiveSettings {
  Name name;                            ///< absolute; "@" in the file is the apex
  std::string monitor;                  ///< the zone's own A and AAAA records at the name are the members
  std::string pool;                     ///< the members are those of the [pool.NAME]
  std::chrono::seconds ttl{30};         ///< with `monitor`: the longest TTL served; a pool has its own
  std::vector<std::string> contacts{};  ///< with `monitor`: as a pool has them

  bool operator==(const LiveSettings&) const = default;
};

/// `[[zone]]`
struct ZoneSettings {
  Name name;
  std::string file;  ///< absolute, or relative to the working directory
  std::vector<LiveSettings> live;
};

}  // namespace holdfast::zones
