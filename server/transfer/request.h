#pragma once

#include <optional>
#include <span>

#include "server/answer/query.h"
#include "zones/replicate/serial.h"

namespace holdfast::server {

/// What an IXFR request says that its sender has (RFC 1995 3): the serial of the SOA in its authority section. Nothing: it
/// does not say.
std::optional<zones::Serial> serial_held(std::span<const std::uint8_t> octets, const Query& query) noexcept;

/// What a NOTIFY says that there is (RFC 1996 3.7): the serial of the SOA in its answer section. Nothing: it does not say.
std::optional<zones::Serial> serial_told(std::span<const std::uint8_t> octets, const Query& query) noexcept;

}  // namespace holdfast::server
