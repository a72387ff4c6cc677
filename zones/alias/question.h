#pragma once

#include <array>
#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "zones/dns/name.h"
#include "zones/dns/type.h"

namespace holdfast::zones {

inline constexpr std::uint16_t kSubnetOption = 8;   ///< RFC 7871 6
inline constexpr std::uint16_t kCookieOption = 10;  ///< RFC 7873 4

/// On whose behalf a question is asked (RFC 7871).
struct ClientSubnet {
  boost::asio::ip::address address;
  std::uint8_t prefix = 0;  ///< bits; more than the address has count as all

  bool operator<(const ClientSubnet& other) const {
    return std::tie(address, prefix) < std::tie(other.address, other.prefix);
  }
};

struct Question {
  Name name;
  RrType type = RrType::A;
  std::optional<ClientSubnet> subnet{};

  bool operator<(const Question& other) const {
    return std::tie(name, type, subnet) < std::tie(other.name, other.type, other.subnet);
  }
};

/// What we and one upstream know each other by (RFC 7873).
struct Cookie {
  std::array<std::uint8_t, 8> client{};
  std::vector<std::uint8_t> server{};  ///< 8 to 32 octets; empty until the upstream gave one
};

inline constexpr std::size_t kQueryRandom = 5;  ///< 64-bit words that one query uses up
using QueryRandom = std::array<std::uint64_t, kQueryRandom>;

/// A question as sent: what a reply has to show to be its reply.
struct Query {
  std::uint16_t id = 0;
  Question question;
  std::array<std::uint8_t, 8> client_cookie{};
  std::vector<std::uint8_t> asked;    ///< name in mixed case, type, class: octet for octet in the reply
  std::vector<std::uint8_t> message;  ///< the whole
};

/// Writes a query with RD and EDNS. `random` comes from a CSPRNG and is used once: an id, and the case of each letter.
Query write_query(const Question& question, const Cookie& cookie, const QueryRandom& random);

}  // namespace holdfast::zones
