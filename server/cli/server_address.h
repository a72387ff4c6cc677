#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::server {

/// Another name server, as the command line says it.
struct ServerAddress {
  std::string host;                   ///< an address, or a name
  std::optional<std::uint16_t> port;  ///< not 0
  bool operator==(const ServerAddress&) const = default;
};

/// "@192.0.2.53", "@ns2.example.net:5353", "@2001:db8::53", "@[2001:db8::53]:5353". Null for what is no such thing.
std::optional<ServerAddress> parse_server(std::string_view text);

}  // namespace holdfast::server
