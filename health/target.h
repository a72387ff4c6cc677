#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <compare>
#include <string>

#include "health/settings.h"

namespace holdfast::health {

/// Names a target: what one monitor watches, one address. However many pools use it, it is probed once.
struct TargetId {
  std::string monitor;
  boost::asio::ip::address address;

  std::strong_ordering operator<=>(const TargetId&) const = default;
  bool operator==(const TargetId&) const = default;
};

struct Target {
  TargetId id;
  MonitorSettings monitor;
  std::string location{};  ///< of the member, for the choice of agents near it; empty: none is known

  bool operator==(const Target&) const = default;
};

/// Whether both look for the same, however often and whoever must agree: what the one saw holds for the other.
bool is_same_check(MonitorSettings one, const MonitorSettings& other);

/// The name that the target's certificate must have, and that it is told (SNI), or its address where it has no name.
struct ServerName {
  std::string text;  ///< without a final dot
  bool is_address;
};
ServerName server_name(const Target& target);

/// Where a probe of the target connects to: its address, with the monitor's port or the protocol's own.
boost::asio::ip::tcp::endpoint endpoint(const Target& target);

}  // namespace holdfast::health
