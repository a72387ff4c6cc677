#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <vector>

#include "zones/alias/settings.h"
#include "zones/dns/name.h"
#include "zones/dns/type.h"

namespace holdfast::zones {

/// What was known of one target's addresses of one type before a restart. A value.
struct Known {
  Name target{};
  RrType type = RrType::A;
  std::vector<boost::asio::ip::address> addresses{};  ///< empty: it had none of the type
  std::chrono::system_clock::time_point ends{};       ///< when the target's TTL ended, or ends

  bool operator==(const Known&) const = default;
};

/// Its addresses, as an answer may have them with these settings: of the type, sorted, each once, and no more than there may
/// be; such that clients can reach.
std::vector<boost::asio::ip::address> usable(const Known& known, const ResolverSettings& settings);

}  // namespace holdfast::zones
