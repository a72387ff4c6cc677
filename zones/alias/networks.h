#pragma once

#include <map>
#include <vector>

#include "zones/alias/reply.h"
#include "zones/alias/settings.h"
#include "zones/alias/upstreams.h"
#include "zones/geo/prefix.h"
#include "zones/live/client.h"

namespace holdfast::zones {

inline constexpr std::size_t kMaxNetworks = 1000;      ///< of one target and type: others get the general answer
inline constexpr std::size_t kMaxNetworksAsked = 64;   ///< of one target and type, at a time
inline constexpr std::chrono::hours kSameForAll{1};    ///< how long it is believed that it is the same for all clients
inline constexpr std::chrono::seconds kNetworkRetry{30};  ///< after a question without a usable answer

/// The addresses that clients of one network get.
struct NetworkServed {
  Prefix network;
  std::vector<boost::asio::ip::address> addresses{};  ///< sorted; at least one
  AliasTime expires{};                                ///< the moment at which their TTL ends
  AliasTime again{};                                  ///< from when on they should be asked for anew

  bool operator==(const NetworkServed&) const = default;
};

/// What one target has for clients of single networks, by EDNS client subnet (RFC 7871): asked for only when somebody from
/// there asked us. Time is passed in.
///
///  it depends on who asks   a wish is asked                            an answer with scope 0       with another scope
///  unknown                  one at a time                              then it does not             then it does
///  no                       never; after kSameForAll it is unknown
///  yes                      where nothing is known of its network,     is that network's            is of so many bits
///                           or 80 % of the TTL are over                                             of the network
///
/// What nobody wished anew is dropped kNetworkGrace behind its TTL.
class Networks {
 public:
  /// @return whether to ask for it now; then replied() is to be called
  bool wish(const ClientSubnet& network, AliasTime now);
  /// @return whether what is served became other
  bool replied(const ClientSubnet& network, const Reply& reply, AliasTime now, const ResolverSettings& settings);
  /// What the passing of time alone does. As replied().
  bool pass(AliasTime now);

  Dependence dependence() const noexcept { return dependence_; }
  const std::vector<NetworkServed>& served() const noexcept { return served_; }  ///< by network
  std::uint64_t left_out() const noexcept { return left_out_; }  ///< wishes for which there was no room

 private:
  const NetworkServed* find(const ClientSubnet& network) const;

  Dependence dependence_ = Dependence::unknown;
  AliasTime same_since_{};
  std::vector<NetworkServed> served_;
  std::map<ClientSubnet, AliasTime> not_before_;  // networks that are asked for, or failed: until then no more
  std::size_t asked_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace holdfast::zones
