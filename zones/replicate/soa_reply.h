#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "zones/dns/name.h"
#include "zones/replicate/serial.h"

namespace holdfast::zones {

/// What a primary says when it is asked for the SOA of a zone.
struct SoaReply {
  enum class Kind : std::uint8_t {
    mismatch,   ///< not the reply to that question: forged, or late
    truncated,  ///< to be asked again over TCP
    failed,     ///< `problem` says why: "says REFUSED"
    serial,
  } kind = Kind::mismatch;
  Serial serial{};
  std::optional<std::chrono::seconds> expire{};  ///< how long it has the version itself (RFC 7314)
  std::string problem{};
  bool no_edns_may_help = false;  ///< where there was an OPT record in the question (RFC 6891 7)
};

/// Pure; any octets may come.
SoaReply read_soa_reply(std::span<const std::uint8_t> message, std::uint16_t id, NameView apex);

}  // namespace holdfast::zones
