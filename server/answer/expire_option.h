#pragma once

#include <cstdint>
#include <span>

#include "server/answer/query.h"

namespace holdfast::server {

inline constexpr std::uint16_t kOptionExpire = 9;  ///< RFC 7314 6

/// Whether a query, which was read from these octets, asks for how long a zone is still good: only secondaries do, so nobody
/// else pays for looking.
bool asks_for_expire(std::span<const std::uint8_t> octets, const Query& query) noexcept;

}  // namespace holdfast::server
