#pragma once

#include <cstddef>
#include <optional>

#include "zones/dns/type.h"

namespace holdfast::zones {

/// The names in the data of a type that may be compressed: those of RFC 1035 (RFC 3597 4).
struct CompressedNames {
  std::size_t before = 0;  ///< octets in front of them
  unsigned count = 0;
};

constexpr CompressedNames compressed_names(RrType type) noexcept {
  switch (type) {
    case RrType::NS:
    case RrType::MD:
    case RrType::MF:
    case RrType::CNAME:
    case RrType::MB:
    case RrType::MG:
    case RrType::MR:
    case RrType::PTR: return {0, 1};
    case RrType::SOA:
    case RrType::MINFO: return {0, 2};
    case RrType::MX: return {2, 1};
    default: return {};
  }
}

/// Where the target's name begins in the data of a type whose target's addresses are worth adding to an answer.
constexpr std::optional<std::size_t> target_offset(RrType type) noexcept {
  switch (type) {
    case RrType::NS: return 0;
    case RrType::MX:
    case RrType::SVCB:
    case RrType::HTTPS: return 2;
    case RrType::SRV: return 6;
    default: return std::nullopt;
  }
}

/// Whether records of that type are all there is to answer with, octet for octet as they are stored.
constexpr bool is_plain(RrType type) noexcept {
  return compressed_names(type).count == 0 && !target_offset(type);
}

}  // namespace holdfast::zones
