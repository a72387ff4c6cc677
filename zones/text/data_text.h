#pragma once

#include <string>

#include "zones/dns/rrset.h"
#include "zones/dns/type.h"

namespace holdfast::zones {

/// Appends the data of a record in presentation format, on one line; names are absolute.
///
/// encode_rdata reads the same octets from it. What its type has no text for, or the octets are no data of, is written as
/// `\# length hex` (RFC 3597 5). Any octets may come.
void append_data(std::string& text, RrType type, Rdata data);
/// Always `\# length hex`.
void append_generic(std::string& text, Rdata data);

}  // namespace holdfast::zones
