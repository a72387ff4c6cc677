#include "zones/alias/networks.h"

#include <algorithm>

namespace holdfast::zones {
namespace {

/// The first bits of an address, as a prefix.
Prefix prefix_of(const ClientSubnet& network, unsigned bits) {
  const unsigned width = network.address.is_v4() ? 32 : 128;
  const unsigned mapped = network.address.is_v4() ? 96 : 0;
  return Prefix::of_bits(bits_of(network.address), std::min(bits, width) + mapped);
}

}  // namespace

const NetworkServed* Networks::find(const ClientSubnet& network) const {
  const NetworkServed* narrowest = nullptr;
  for (const NetworkServed& one : served_) {
    if (!one.network.contains(network.address)) continue;
    if (narrowest == nullptr || one.network.length() > narrowest->network.length()) narrowest = &one;
  }
  return narrowest;
}

bool Networks::wish(const ClientSubnet& network, AliasTime now) {
  pass(now);
  if (dependence_ == Dependence::no || (dependence_ == Dependence::unknown && asked_ != 0)) return false;
  const NetworkServed* known = find(network);
  if (known != nullptr && now < known->again) return false;
  if (not_before_.contains(network)) return false;
  if (asked_ >= kMaxNetworksAsked || (known == nullptr && served_.size() >= kMaxNetworks) ||
      not_before_.size() >= kMaxNetworks) {
    left_out_ += 1;
    return false;
  }
  not_before_.emplace(network, AliasTime::max());
  asked_ += 1;
  return true;
}

bool Networks::replied(const ClientSubnet& network, const Reply& reply, AliasTime now,
                       const ResolverSettings& settings) {
  asked_ -= 1;
  not_before_.erase(network);
  bool is_other = pass(now);
  if (reply.kind != ReplyKind::addresses) {
    not_before_.emplace(network, now + kNetworkRetry);
    return is_other;
  }
  if (reply.scope == 0 && dependence_ == Dependence::unknown) {
    dependence_ = Dependence::no;
    same_since_ = now;
    return true;
  }
  if (dependence_ == Dependence::no) return is_other;
  is_other = is_other || dependence_ != Dependence::yes;
  dependence_ = Dependence::yes;
  const auto counted =
      std::max(settings.min_ttl, std::min(settings.max_ttl, std::chrono::seconds(reply.ttl)));
  const unsigned bits = reply.scope == 0 ? network.prefix : std::min(reply.scope, network.prefix);
  NetworkServed one{prefix_of(network, bits), reply.addresses, now + counted, now + counted * 4 / 5};
  const auto place = std::lower_bound(served_.begin(), served_.end(), one.network,
                                      [](const NetworkServed& a, const Prefix& b) { return a.network < b; });
  if (place != served_.end() && place->network == one.network) {
    *place = std::move(one);
  } else {
    served_.insert(place, std::move(one));
  }
  return true;
}

bool Networks::pass(AliasTime now) {
  std::erase_if(not_before_, [&](const auto& entry) { return entry.second <= now; });
  const bool is_old = dependence_ == Dependence::no && now - same_since_ >= kSameForAll;
  if (is_old) dependence_ = Dependence::unknown;
  return std::erase_if(served_, [&](const auto& one) { return now > one.expires + kNetworkGrace; }) != 0 || is_old;
}

}  // namespace holdfast::zones
