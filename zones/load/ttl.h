#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::zones {

inline constexpr std::uint32_t kMaxTtl = 0x7fffffff;  ///< seconds (RFC 2181 8)

/// Seconds from "3600" or "1h30m" (units w d h m s, in any case); null for anything else. What exceeds 64
/// bits comes back as the largest value.
std::optional<std::uint64_t> parse_ttl(std::string_view text);

}  // namespace holdfast::zones
