#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "zones/dns/name.h"
#include "zones/dns/type.h"
#include "zones/load/lines.h"

namespace holdfast::zones {

/// Writes the data of one record in wire form: from the text of its type, as ldns describes it, or from
/// `\# length hex` (RFC 3597 5), which any type may use and unknown ones must.
///
/// Names are relative to `origin`, and in lower case where the canonical form wants that (RFC 4034 6.2, RFC
/// 6840 5.1); in other types the case of the text is kept, because signatures cover it.
///
/// @param wire is overwritten; holds the data when the result is empty
/// @return what is wrong with the text, or an empty string
std::string encode_rdata(RrType type, std::span<const Token> fields, NameView origin,
                         std::vector<std::uint8_t>& wire);

}  // namespace holdfast::zones
