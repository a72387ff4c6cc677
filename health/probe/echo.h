#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace holdfast::health {

// ICMP and ICMPv6 echo messages (RFC 792, RFC 4443 4).

/// What comes back unchanged. By it a request knows its reply: the kernel's own sockets for echo set the identifier.
using EchoCookie = std::array<std::uint8_t, 16>;
inline constexpr std::size_t kEchoSize = 8 + sizeof(EchoCookie);  ///< octets of a message

/// A request as it is sent. The checksum of ICMPv6 is left to the kernel, which knows the addresses (RFC 3542 3.1).
std::array<std::uint8_t, kEchoSize> echo_request(const EchoCookie& cookie, bool v6);

/// Null: no reply. An IPv4 header in front, which raw sockets deliver, is skipped.
std::optional<EchoCookie> read_echo_reply(std::span<const std::uint8_t> octets, bool v6);

}  // namespace holdfast::health
