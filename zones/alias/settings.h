#pragma once

#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <cstdint>
#include <vector>

namespace holdfast::zones {

/// `[resolver]`: who is asked for ANAME targets, and how long what they say counts.
struct ResolverSettings {
  std::vector<boost::asio::ip::udp::endpoint> upstreams;
  std::chrono::milliseconds timeout{500};  ///< of one try
  std::uint16_t tries = 2;                 ///< at least 1; each asks another upstream where there is one
  std::uint32_t budget = 512;              ///< packets per second to each upstream; at least 1
  std::chrono::seconds min_ttl{5};         ///< a shorter TTL counts as this
  std::chrono::seconds max_ttl{300};       ///< a longer TTL counts as this
  std::chrono::seconds keep{3600};         ///< the last good answer is served that long after its expiry
  bool allow_private = false;              ///< private and loopback addresses are taken, too
  bool client_subnet = true;               ///< upstreams are told the networks of clients, where it counts
  /// Questions being asked at once; each has a socket. Not of the configuration.
  std::size_t in_flight = 256;

  bool operator==(const ResolverSettings&) const = default;
};

}  // namespace holdfast::zones
