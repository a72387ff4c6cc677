#pragma once

#include <string_view>

#include "server/answer/resolve.h"
#include "server/answer/writer.h"
#include "zones/prebuilt.h"
#include "zones/replicate/serial.h"

namespace holdfast::server {

// A reply is the header, the question octet for octet, the sections, OPT (RFC 6891). The sections come from one of
// three: records as they are stored, an answer that was prebuilt when its zone was loaded, a Response. Each encode
// function returns the octets written.

/// What all replies to one query have in common.
struct Envelope {
  std::span<const std::uint8_t> octets;  ///< the query as received
  const Query& query;
  const Identity& identity;
  std::span<std::uint8_t> reply;
  std::size_t limit;       ///< of the reply, octets; at least 512 and at most reply.size()
  std::uint8_t scope = 0;  ///< bits of the client's address that it depends on (RFC 7871 7.2.1)
  /// Of the SOA that the reply has, if it does, behind everything else; nothing: that which is stored.
  std::optional<zones::Serial> serial{};
  zones::ExtendedError error = zones::ExtendedError::none;  ///< told where the query has EDNS
  std::string_view error_text{};                            ///< beside it, UTF-8
};

/// Answers with the records as they are stored, their owner being the name asked. No name in them is compressed: for
/// plain types (zones/dns/names_in_data.h), and a SOA that has room. 0: they do not fit.
std::size_t encode_stored(const Envelope& envelope, const zones::RRset& rrset) noexcept;

/// 0: it does not fit.
std::size_t encode_prebuilt(const Envelope& envelope, const zones::Prebuilt& prebuilt, zones::Rcode rcode,
                            bool authoritative) noexcept;

/// An RRset that does not fit sets TC, and nothing follows it; RRsets are whole or absent (RFC 2181 9), and what was
/// not required is left out without TC.
std::size_t encode(const Envelope& envelope, const Response& response) noexcept;

/// The number of records in each section.
struct Counts {
  std::size_t answers = 0, authorities = 0, additional = 0;
};
/// Writes the sections of a response. @return false: something required did not fit, nothing follows it
bool put_sections(const Response& response, Writer& writer, Counts& counts) noexcept;

}  // namespace holdfast::server
