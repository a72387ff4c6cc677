#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "zones/dns/name.h"
#include "zones/dns/type.h"
#include "zones/replicate/contents.h"

namespace holdfast::server {

/// NOTIFY for a version (RFC 1996 3): with its SOA, and without a signature.
std::vector<std::uint8_t> notify_message(std::uint16_t id, const zones::Contents& version);

/// What a secondary replied to either. Any octets may come.
struct SecondaryReply {
  std::uint16_t id = 0;
  zones::Opcode opcode{};
  zones::Rcode rcode{};
  std::optional<zones::Serial> serial{};  ///< of the SOA in its answer; nothing: there is none
  bool is_authoritative = false;
};
/// Nothing: that is no reply about this zone.
std::optional<SecondaryReply> read_reply(std::span<const std::uint8_t> octets, zones::NameView zone) noexcept;

}  // namespace holdfast::server
