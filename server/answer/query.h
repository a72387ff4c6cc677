#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "zones/dns/hashed_name.h"
#include "zones/dns/type.h"

namespace holdfast::server {

inline constexpr std::size_t kHeader = 12;  ///< octets (RFC 1035 4.1.1)

/// Bits of the second 16 of a header.
inline constexpr std::uint16_t kFlagQr = 0x8000, kFlagAa = 0x0400, kFlagTc = 0x0200, kFlagRd = 0x0100,
                               kFlagCd = 0x0010;

/// In the TTL of OPT (RFC 3225 3); an option's code (RFC 5001 2.3).
inline constexpr std::uint32_t kDnssecOk = 0x8000;
inline constexpr std::uint16_t kOptionNsid = 3;
inline constexpr std::uint16_t kOptionSubnet = 8;  ///< RFC 7871 6
inline constexpr std::uint16_t kOptionError = 15;  ///< RFC 8914 2

/// The network of a resolver's client (RFC 7871 6). Borrows from the query.
struct ClientSubnet {
  std::span<const std::uint8_t> option;   ///< all of its data: family, lengths, address
  std::span<const std::uint8_t> address;  ///< as many octets as `bits` fill
  std::uint8_t bits = 0;                  ///< SOURCE PREFIX-LENGTH; 0: the client does not want to be told of
  bool is_v6 = false;
};

/// What the OPT record of a query said (RFC 6891 6.1).
struct Edns {
  std::uint16_t size = 512;  ///< largest UDP answer the client takes, octets; at least 512
  std::uint8_t version = 0;
  bool dnssec_ok = false;
  bool nsid = false;  ///< asks who answers (RFC 5001)
  std::optional<ClientSubnet> subnet{};
};

/// A query as read from its octets.
struct Query {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;
  zones::Opcode opcode = zones::Opcode::query;
  zones::HashedName name;
  zones::RrType type{};
  zones::RrClass rr_class{};
  std::size_t question_size = 0;  ///< octets after the header; 0: the question could not be read
  std::optional<Edns> edns;
  bool is_signed = false;                      ///< has a TSIG record, right or wrong
  zones::Rcode rcode = zones::Rcode::noerror;  ///< else it is answered with just that
};

/// Reads the header, the question and OPT. Whatever else a query carries is stepped over, within its bounds.
/// @return false for what must not be answered at all: shorter than a header, or itself a response.
bool parse(std::span<const std::uint8_t> octets, Query& query) noexcept;
/// The same for a message of any opcode that has one question as a query has it (NOTIFY, UPDATE); what the opcode is for is not
/// judged.
bool parse_any(std::span<const std::uint8_t> octets, Query& query) noexcept;

}  // namespace holdfast::server
