#include "zones/alias/networks.h"

#include <algorithm>

namespace holdfast::zones {
namespace {

constexpr std::chrono::seconds kSweep{1};  // from one look at what is over to the next

/// The first bits of an address, as a prefix.
Prefix prefix_of(const ClientSubnet& network, unsigned bits) {
  const unsigned width = network.address.is_v4() ? 32 : 128;
  const unsigned mapped = network.address.is_v4() ? 96 : 0;
  return Prefix::of_bits(bits_of(network.address), std::min(bits, width) + mapped);
}

}  // namespace

const NetworkRecords* Networks::find(const ClientSubnet& network) const {
  const NetworkRecords* narrowest = nullptr;
  for (const NetworkRecords& one : known_) {
    if (!one.network.contains(network.address)) continue;
    if (narrowest == nullptr || one.network.length() > narrowest->network.length()) narrowest = &one;
  }
  return narrowest;
}

bool Networks::wish(const ClientSubnet& network, AliasTime now) {
  if (now >= passed_ + kSweep) pass(now);
  if (dependence_ == Dependence::no) return false;
  if (dependence_ == Dependence::unknown && (asked_ != 0 || now < unknown_until_)) return false;
  const NetworkRecords* known = find(network);
  if (known != nullptr && now < known->again) return false;
  if (asked_ >= kMaxNetworksAsked || not_before_.size() >= kMaxNetworks || not_before_.contains(network))
    return false;
  not_before_.emplace(network, AliasTime::max());
  asked_ += 1;
  return true;
}

bool Networks::replied(const ClientSubnet& network, const Reply& reply, AliasTime now,
                       const ResolverSettings& settings) {
  const auto asked = not_before_.find(network);
  if (asked == not_before_.end() || asked->second != AliasTime::max())
    return false;  // asked by one before us
  not_before_.erase(asked);
  asked_ -= 1;
  const bool is_less = pass(now);
  const bool is_empty = reply.kind == ReplyKind::nodata || reply.kind == ReplyKind::nxdomain;
  const bool is_same = reply.kind == ReplyKind::addresses && (!reply.scope || *reply.scope == 0);
  if (dependence_ == Dependence::unknown && (is_same || is_empty)) {
    dependence_ = Dependence::no;
    same_since_ = now;
    return true;
  }
  if (dependence_ == Dependence::unknown && reply.kind != ReplyKind::addresses) {
    unknown_until_ = now + unknown_retry_;
    unknown_retry_ = std::min<std::chrono::seconds>(unknown_retry_ * 2, kMaxUnknownRetry);
    return is_less;
  }
  // Without a scope it is what an upstream that knows nothing of networks gives to everybody.
  if (dependence_ == Dependence::no || reply.kind != ReplyKind::addresses || !reply.scope) {
    not_before_.emplace(network, now + kNetworkRetry);
    return is_less;
  }
  dependence_ = Dependence::yes;
  unknown_retry_ = kNetworkRetry;
  const auto counted =
      std::max(settings.min_ttl, std::min(settings.max_ttl, std::chrono::seconds(reply.ttl)));
  const unsigned bits = *reply.scope == 0 ? network.prefix : std::min(*reply.scope, network.prefix);
  keep({prefix_of(network, bits), reply.addresses, now + counted, now + counted * 4 / 5});
  return true;
}

void Networks::keep(NetworkRecords one) {
  const auto place = [&] {
    return std::lower_bound(known_.begin(), known_.end(), one.network,
                            [](const NetworkRecords& a, const Prefix& b) { return a.network < b; });
  };
  if (const auto same = place(); same != known_.end() && same->network == one.network) {
    *same = std::move(one);
    return;
  }
  if (known_.size() >= kMaxNetworks) {
    known_.erase(std::min_element(known_.begin(), known_.end(),
                                  [](const auto& a, const auto& b) { return a.until < b.until; }));
  }
  known_.insert(place(), std::move(one));
}

bool Networks::pass(AliasTime now) {
  passed_ = now;
  std::erase_if(not_before_, [&](const auto& entry) { return entry.second <= now; });
  const bool is_old = dependence_ == Dependence::no && now - same_since_ >= kSameForAll;
  if (is_old) dependence_ = Dependence::unknown;
  return std::erase_if(known_, [&](const auto& one) { return now > one.until + kNetworkGrace; }) != 0 ||
         is_old;
}

}  // namespace holdfast::zones
