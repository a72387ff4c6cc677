#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "zones/load/lines.h"

namespace holdfast::zones {

/// Appends SvcParams (RFC 9460 2.1, 2.2) to `wire`, sorted by key, from items like `alpn=h2,h3` and
/// `key65333=x`. ldns 1.8.3 implements a draft: it does not know the double escapes of appendix A.1 and
/// accepts much that is wrong.
///
/// @return what is wrong, or an empty string
std::string encode_svc_params(std::span<const Token> tokens, std::vector<std::uint8_t>& wire);

/// What is wrong with SvcParams in wire form: order, repeated keys, lengths, `mandatory` (RFC 9460 2.2, 7,
/// 8); or an empty string.
std::string check_svc_params(std::span<const std::uint8_t> params);

}  // namespace holdfast::zones
