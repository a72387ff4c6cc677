#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "zones/replicate/message.h"

namespace holdfast::zones {

/// What a primary tells in its OPT record (RFC 6891).
struct Edns {
  std::uint8_t rcode_high = 0;                   ///< the upper eight bits of the RCODE
  std::optional<std::chrono::seconds> expire{};  ///< of the zone, as the primary itself has it (RFC 7314)
};

/// Reads an OPT record; null where it is broken, or not where it has to be.
std::optional<Edns> read_edns(const MessageRecord& opt);

/// Appends an OPT record that asks for the EXPIRE option. The caller counts it.
void add_edns(std::vector<std::uint8_t>& message);

}  // namespace holdfast::zones
