#pragma once

#include <ldns/ldns.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "zones/dns/name.h"
#include "zones/load/lines.h"

namespace holdfast::zones {

inline constexpr std::size_t kMaxRdata = 65535;  ///< octets of the data of one record (RFC 1035 3.2.1)

/// Writes the fields of a record's data, each from its text. Every function gives what is wrong, or an empty
/// string.
///
/// ldns would take "70000" for a 16-bit number and cut it, and half an octet of hex; so the plain fields are
/// read here.
class RdataWriter {
 public:
  explicit RdataWriter(std::vector<std::uint8_t>& wire) : wire_(wire) {}

  std::string number(std::string_view text, unsigned octets);
  std::string period(std::string_view text);  ///< seconds, with or without units
  std::string name(std::string_view text, NameView origin, bool keep_case);
  std::string address4(std::string_view text);
  std::string address6(std::string_view text);
  std::string character_string(std::string_view text);  ///< with its length octet (RFC 1035 3.3)
  std::string octets(std::string_view text);            ///< escapes read, no length
  std::string hex(std::span<const Token> tokens);       ///< as if the tokens were one
  std::string base64(std::span<const Token> tokens);    ///< as if the tokens were one
  std::string types(std::span<const Token> tokens);     ///< type bitmaps (RFC 4034 4.1.2)

  std::string by_ldns(ldns_rdf_type kind, std::string_view text);  ///< any kind of one field

  void put8(std::size_t value) { wire_.push_back(static_cast<std::uint8_t>(value)); }
  void put16(std::size_t value) {
    put8(value >> 8);
    put8(value & 0xff);
  }
  void put(std::span<const std::uint8_t> data) { wire_.insert(wire_.end(), data.begin(), data.end()); }
  std::vector<std::uint8_t>& wire() noexcept { return wire_; }

 private:
  std::vector<std::uint8_t>& wire_;
};

/// The decimal number that is all of `text`; null when it is none, or above `most`.
std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t most);

/// Reads the escapes `\X` and `\DDD` (RFC 1035 5.1); null when one is broken.
std::optional<std::vector<std::uint8_t>> unescape(std::string_view text);

}  // namespace holdfast::zones
