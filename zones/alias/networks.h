#pragma once

#include <map>
#include <memory>
#include <vector>

#include "zones/alias/reply.h"
#include "zones/alias/settings.h"
#include "zones/alias/upstreams.h"
#include "zones/live/client_networks.h"

namespace holdfast::zones {

inline constexpr std::size_t kMaxNetworks =
    1000;  ///< of one target and type: one more takes the place of another
inline constexpr std::size_t kMaxNetworksAsked = 64;  ///< of one target and type, at a time
inline constexpr std::chrono::hours kSameForAll{
    1};  ///< how long it is believed that it is the same for all clients
inline constexpr std::chrono::seconds kNetworkRetry{30};  ///< after a question without a usable answer
inline constexpr std::chrono::hours kMaxUnknownRetry{
    1};  ///< to which that doubles while nothing is known at all

/// What one target has for clients of single networks, by EDNS client subnet (RFC 7871): asked for only when somebody from
/// there asked us. Time is passed in.
///
///  it depends on who asks   a wish is asked                        what scope 0, or no such records, mean   other scopes
///  unknown                  one at a time                          that it does not                         that it does
///  no                       never; after kSameForAll: unknown
///  yes                      where nothing is known of its network, that it is so for that network           so many bits
///                           or 80 % of the TTL are over                                                     of the network
///
/// What nobody wished anew is dropped kNetworkGrace behind its TTL.
class Networks {
 public:
  /// @return whether to ask for it now; then replied() is to be called
  bool wish(const ClientSubnet& network, AliasTime now);
  /// @return whether what is served became other
  bool replied(const ClientSubnet& network, const Reply& reply, AliasTime now,
               const ResolverSettings& settings);
  /// What the passing of time alone does. As replied().
  bool pass(AliasTime now);

  Dependence dependence() const noexcept { return dependence_; }
  const std::vector<NetworkRecords>& known() const noexcept { return known_; }  ///< by network

 private:
  const NetworkRecords* find(const ClientSubnet& network) const;
  void keep(NetworkRecords one);

  Dependence dependence_ = Dependence::unknown;
  AliasTime same_since_{};
  std::chrono::seconds unknown_retry_ = kNetworkRetry;
  AliasTime unknown_until_{};
  AliasTime passed_{};
  std::vector<NetworkRecords> known_;
  // Networks that are asked for, until for ever, or for which that failed: until then no more.
  std::map<ClientSubnet, AliasTime> not_before_;
  std::size_t asked_ = 0;
};

}  // namespace holdfast::zones
