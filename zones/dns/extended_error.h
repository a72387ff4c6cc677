#pragma once

#include <cstdint>

namespace holdfast::zones {

/// What a client is told beside an answer (RFC 8914), by its INFO-CODE.
enum class ExtendedError : std::uint16_t {
  other = 0,                    ///< 4.1
  stale_answer = 3,             ///< 4.4
  prohibited = 18,              ///< 4.19
  not_authoritative = 20,       ///< 4.21
  not_supported = 21,           ///< 4.22
  no_reachable_authority = 22,  ///< 4.23
  none = 0xffff,                ///< it is told nothing
};

}  // namespace holdfast::zones
