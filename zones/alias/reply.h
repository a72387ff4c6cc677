#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "zones/alias/question.h"

namespace holdfast::zones {

inline constexpr std::size_t kMaxChain = 8;       ///< CNAMEs followed from the name asked
inline constexpr std::size_t kMaxAddresses = 64;  ///< at the end of the chain

enum class ReplyKind : std::uint8_t {
  mismatch,    ///< not the reply to this query: forged, or late
  truncated,   ///< to be asked again over TCP
  bad_cookie,  ///< to be asked again with `server_cookie` (RFC 7873 5.3)
  addresses,
  nodata,
  nxdomain,
  failed,   ///< `problem` says why
  silence,  ///< nobody answered; never from judge()
};

constexpr bool is_failure(ReplyKind kind) { return kind == ReplyKind::failed || kind == ReplyKind::silence; }

struct Reply {
  ReplyKind kind = ReplyKind::failed;
  std::vector<boost::asio::ip::address> addresses{};  ///< sorted, each once
  std::uint32_t ttl = 0;  ///< seconds: the least of the chain; negative: RFC 2308 5
  /// Bits of the client subnet that it holds for (RFC 7871); null: nothing was said of that.
  std::optional<std::uint8_t> scope{};
  Rcode rcode = Rcode::noerror;
  std::vector<std::uint8_t> server_cookie{};  ///< empty: none was given
  std::string problem{};                      ///< also with addresses, when some were refused
  /// With nodata: the end of a chain of CNAMEs of which nothing is said, not even that there is nothing.
  std::optional<Name> leads_to{};
  bool is_own = false;  ///< of what we serve ourselves: for nothing asked anew at any time
};

/// Judges a message as the reply to `query`. Pure; any octets may come.
///
/// Only the CNAME chain from the name asked counts, and the addresses at its end; no other record is looked at, but the
/// SOA of a negative answer. Addresses that no client can reach are left out, and private ones unless `allow_private`;
/// an answer of nothing else has failed.
Reply judge(std::span<const std::uint8_t> message, const Query& query, bool allow_private);

}  // namespace holdfast::zones
