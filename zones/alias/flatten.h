#pragma once

#include <span>

#include "zones/alias/freshness.h"
#include "zones/live/answer.h"

namespace holdfast::zones {

/// What the targets of one live name come to together, for addresses of one type. A value.
struct Flattened {
  std::vector<boost::asio::ip::address> addresses{};  ///< sorted, each once
  AliasState state = AliasState::unknown;
  AliasTime expires{};  ///< the moment at which the first TTL of what counted ends
  // Of a single target; of several, everybody gets the same.
  Dependence dependence = Dependence::no;
  std::shared_ptr<const ClientNetworks> networks{};

  bool operator==(const Flattened&) const = default;
};

///  of the targets                       state              addresses
///  some are fresh or stale              stale if one is    those of all of these
///  else some have no such addresses     nodata             none
///  else some were asked                 failed             none
///  none was answered yet                unknown            none
Flattened flatten(std::span<const Served> targets);

/// Takes what is chosen among the addresses for what it is: an answer of the targets', which ends as these say.
///
///  fresh            no TTL reaches beyond `expires`
///  stale            a TTL of at most kStaleTtl, and the extended error "Stale Answer"
///  nodata           there are none, for `ttl` or as long as it lasts
///  failed, unknown  SERVFAIL
/// Clients of networks for which it has something else get that, whatever the state.
void limit(LiveRecords& records, const Flattened& flat, std::uint32_t ttl);

}  // namespace holdfast::zones
