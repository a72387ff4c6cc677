#include "zones/alias/flatten.h"

#include <algorithm>

namespace holdfast::zones {
namespace {

/// The lower, the more it tells; those of one rank count together.
int rank(AliasState state) {
  switch (state) {
    case AliasState::fresh:
    case AliasState::stale: return 0;
    case AliasState::nodata: return 1;
    case AliasState::failed: return 2;
    case AliasState::unknown: break;
  }
  return 3;
}

}  // namespace

Flattened flatten(std::span<const Served> targets) {
  Flattened whole;
  for (const Served& target : targets) {
    const int better = rank(whole.state) - rank(target.state);
    if (better < 0) continue;
    if (better > 0) whole = {.addresses = {}, .state = target.state, .expires = target.expires};
    if (target.state == AliasState::stale) whole.state = AliasState::stale;
    whole.expires = std::min(whole.expires, target.expires);
    whole.addresses.insert(whole.addresses.end(), target.addresses.begin(), target.addresses.end());
  }
  if (targets.size() == 1) {
    whole.dependence = targets.front().dependence;
    whole.networks = targets.front().networks;
  }
  std::sort(whole.addresses.begin(), whole.addresses.end());
  whole.addresses.erase(std::unique(whole.addresses.begin(), whole.addresses.end()), whole.addresses.end());
  return whole;
}

void limit(LiveRecords& records, const Flattened& flat, std::uint32_t ttl) {
  records.dependence = flat.dependence;
  records.networks = flat.networks;
  switch (flat.state) {
    case AliasState::fresh: records.until = flat.expires; break;
    case AliasState::stale:
      records.ttl = std::min<std::uint32_t>(records.ttl, kStaleTtl.count());
      records.error = ExtendedError::stale_answer;
      break;
    case AliasState::nodata:
      records.negative_ttl = ttl;
      records.until = flat.expires;
      break;
    case AliasState::failed:
    case AliasState::unknown:
      records.is_failed = true;
      records.error = ExtendedError::no_reachable_authority;
      break;
  }
}

}  // namespace holdfast::zones
