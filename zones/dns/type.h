#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::zones {

/// A record type. Any 16-bit value is one; these are those that the code names.
// clang-format off
enum class RrType : std::uint16_t {
  A = 1, NS = 2, MD = 3, MF = 4, CNAME = 5, SOA = 6, MB = 7, MG = 8, MR = 9, PTR = 12, HINFO = 13,
  MINFO = 14, MX = 15, TXT = 16, AAAA = 28, SRV = 33, DNAME = 39, OPT = 41, DS = 43, RRSIG = 46,
  NSEC = 47, NSEC3 = 50, SVCB = 64, HTTPS = 65, TKEY = 249, TSIG = 250, IXFR = 251, AXFR = 252, MAILB = 253,
  MAILA = 254, ANY = 255,
};
// clang-format on

enum class RrClass : std::uint16_t { IN = 1, CH = 3, NONE = 254, ANY = 255 };

enum class Opcode : std::uint8_t { query = 0, notify = 4, update = 5 };

/// With the extended codes of EDNS (RFC 6891 6.1.3), hence 12 bits.
enum class Rcode : std::uint16_t {
  noerror = 0,
  formerr = 1,
  servfail = 2,
  nxdomain = 3,
  notimp = 4,
  refused = 5,
  yxdomain = 6,
  yxrrset = 7,
  nxrrset = 8,
  notauth = 9,
  notzone = 10,
  badvers = 16,
};

/// Whether records of that type can be in a zone: not OPT, not a question or meta type (RFC 6895 3.1).
constexpr bool is_data_type(RrType type) noexcept {
  const auto number = static_cast<std::uint16_t>(type);
  return number != 0 && type != RrType::OPT && (number < 128 || number > 255);
}

/// "A", "HTTPS", "TYPE65280" (RFC 3597 5).
std::string text(RrType type);
/// "NOERROR", "NXDOMAIN", "RCODE11".
std::string text(Rcode rcode);
/// In any case; null for what is no type.
std::optional<RrType> parse_type(std::string_view text);

}  // namespace holdfast::zones
