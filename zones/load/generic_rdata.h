#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "zones/dns/type.h"
#include "zones/load/lines.h"

namespace holdfast::zones {

/// Writes data given as `\# length hex` (RFC 3597 5). That of a type we know has to be right in this form too, since we
/// look into it later; its names are in lower case where the canonical form wants that.
///
/// @param tokens what follows `\#`
/// @return what is wrong, or an empty string
std::string encode_generic(RrType type, std::span<const Token> tokens, std::vector<std::uint8_t>& wire);

/// Are the names of this type in lower case in canonical form (RFC 4034 6.2 as of RFC 6840 5.1)?
bool has_canonical_names(RrType type) noexcept;

}  // namespace holdfast::zones
