#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace holdfast::health {

/// An ICMP or ICMPv6 echo request or reply (RFC 792, RFC 4443 4): who asks, which one, and what comes back unchanged.
struct PingPacket {
  static constexpr std::size_t kSize = 24;  ///< octets: the header and the cookie
  std::uint16_t id = 0;
  std::array<std::uint8_t, 16> cookie{};

  bool operator==(const PingPacket&) const = default;

  /// The request as it is sent. The checksum of ICMPv6 is left to the kernel, which knows the addresses (RFC 3542 3.1).
  std::array<std::uint8_t, kSize> request(bool v6) const;
};

/// Reads an echo reply; null: it is something else. An IPv4 header in front, which raw sockets deliver, is skipped.
std::optional<PingPacket> read_echo_reply(std::span<const std::uint8_t> octets, bool v6);

}  // namespace holdfast::health
