#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "zones/dns/name.h"

namespace holdfast::server {

/// What the error field of TSIG says (RFC 8945 3). Any 16-bit value may come.
enum class TsigError : std::uint16_t { none = 0, badsig = 16, badkey = 17, badtime = 18, badtrunc = 22 };

/// "BADKEY"; "NOERROR"; "error 4711".
std::string text(TsigError error);

/// A TSIG record (RFC 8945 4.2). Borrows its MAC and other data.
struct TsigRecord {
  zones::Name name;
  zones::Name algorithm;
  std::uint64_t time = 0;   ///< seconds since 1970; 48 bits
  std::uint16_t fudge = 0;  ///< seconds
  std::span<const std::uint8_t> mac{};
  std::uint16_t original_id = 0;
  TsigError error = TsigError::none;
  std::span<const std::uint8_t> other{};

  /// Octets that it has in a message.
  std::size_t size() const noexcept;
};

enum class TsigPresence : std::uint8_t {
  absent,
  malformed,  ///< the message is broken, or longer than its records, or TSIG is broken or not the last one
  present,
};

/// Finds TSIG in a message. @param at  becomes where it begins. Any octets may come.
TsigPresence find_tsig(std::span<const std::uint8_t> message, TsigRecord& record, std::size_t& at) noexcept;

/// Puts it at the end of a message and counts it there.
/// @param buffer  begins with the message, of `size` octets
/// @return octets of the message then; 0: no room
std::size_t append_tsig(std::span<std::uint8_t> buffer, std::size_t size, const TsigRecord& record) noexcept;

/// The message without TSIG, which is at `at`: ARCOUNT is one less.
std::span<std::uint8_t> cut_tsig(std::span<std::uint8_t> message, std::size_t at) noexcept;

/// Whole seconds since 1970, 48 bits of them.
std::uint64_t tsig_time(std::chrono::system_clock::time_point time) noexcept;

}  // namespace holdfast::server
