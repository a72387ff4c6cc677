#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "zones/dns/rrset.h"

namespace holdfast::zones {

/// The data of a record in a message, as we keep it: names uncompressed, and in lower case where the canonical form wants that.
/// Null: it is not the data of that type, or a name is compressed where none may be (RFC 3597 4). Any data is that of a type
/// that we do not know.
///
/// @param message  from its first octet to the last one of the data
/// @param at       where the data begins
/// @param room     at least kMaxRdata octets, which the result may borrow from; else it borrows from the message
std::optional<Rdata> received_data(RrType type, std::span<const std::uint8_t> message, std::size_t at,
                                   std::span<std::uint8_t> room);

}  // namespace holdfast::zones
