#pragma once

#include <boost/asio/ip/address.hpp>
#include <vector>

#include "zones/geo/places.h"
#include "zones/geo/prefix.h"
#include "zones/live/client.h"

namespace holdfast::zones {

/// What the clients of one network get instead of what everybody gets. A value.
struct NetworkRecords {
  Prefix network;
  std::vector<boost::asio::ip::address> addresses{};  ///< of one family, at least one
  LiveTime until{};                                   ///< the moment at which their TTL ends
  LiveTime again{};                                   ///< from then on it should be found out anew

  bool operator==(const NetworkRecords&) const = default;
};

/// What clients of some networks get, each of its own; of networks in one another the narrowest decides. Immutable, so that any
/// thread may read it, and many live names may share it.
class ClientNetworks {
 public:
  /// More than a table has numbers for are left out.
  explicit ClientNetworks(std::vector<NetworkRecords> all);

  /// Ready to copy, as RRset wants it.
  struct Answer {
    std::vector<std::uint8_t> octets;
    std::uint16_t count;
    LiveTime until, again;
  };
  struct Found {
    const Answer* answer;  ///< null: nothing is known of that network
    std::uint8_t length;   ///< of the widest prefix around the client for which that is so
  };
  Found find(const Client& client) const noexcept;

  const std::vector<NetworkRecords>& all() const noexcept { return all_; }

 private:
  std::vector<NetworkRecords> all_;
  std::vector<Answer> answers_;  // beside them
  Places places_;                // to their numbers
};

}  // namespace holdfast::zones
