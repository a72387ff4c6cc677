#pragma once

#include "server/answer/resolve.h"

namespace holdfast::server {

/// Writes the reply to `query` into `reply`: header, the question octet for octet, the sections, OPT (RFC 6891).
///
/// An RRset that does not fit sets TC, and nothing follows it; RRsets are whole or absent (RFC 2181 9), and what was
/// not required is left out without TC.
/// @param octets  the query as received
/// @param limit   of the reply, octets; at least 512 and at most reply.size()
/// @return octets written
std::size_t encode(std::span<const std::uint8_t> octets, const Query& query, const Response& response,
                   const Identity& identity, std::span<std::uint8_t> reply, std::size_t limit) noexcept;

}  // namespace holdfast::server
