#pragma once

#include <cstdint>
#include <vector>

#include "zones/replicate/incoming.h"

namespace holdfast::zones {

// What a secondary asks its primaries. With EDNS it asks for the EXPIRE option (RFC 7314), too.

/// For the SOA of a zone.
std::vector<std::uint8_t> soa_query(std::uint16_t id, NameView apex, bool edns);
/// AXFR, or IXFR from the version that we have (RFC 1995 3).
std::vector<std::uint8_t> transfer_query(const TransferQuestion& question, bool edns);

}  // namespace holdfast::zones
