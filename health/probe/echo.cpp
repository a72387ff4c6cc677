#include "health/probe/echo.h"

#include <algorithm>

namespace holdfast::health {
namespace {

constexpr std::uint8_t kRequest = 8, kReply = 0, kRequestV6 = 128, kReplyV6 = 129;
constexpr std::size_t kHeader = 8;

/// RFC 1071.
std::uint16_t checksum(std::span<const std::uint8_t> octets) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < octets.size(); i += 2)
    sum += static_cast<std::uint32_t>(octets[i] << 8 | octets[i + 1]);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

}  // namespace

std::array<std::uint8_t, kEchoSize> echo_request(const EchoCookie& cookie, bool v6) {
  std::array<std::uint8_t, kEchoSize> octets{};
  octets[0] = v6 ? kRequestV6 : kRequest;
  std::copy(cookie.begin(), cookie.end(), octets.begin() + kHeader);
  if (!v6) {
    const std::uint16_t sum = checksum(octets);
    octets[2] = static_cast<std::uint8_t>(sum >> 8);
    octets[3] = static_cast<std::uint8_t>(sum);
  }
  return octets;
}

std::optional<EchoCookie> read_echo_reply(std::span<const std::uint8_t> octets, bool v6) {
  constexpr std::uint8_t kVersion4 = 0x40;
  if (!v6 && !octets.empty() && (octets[0] & 0xf0) == kVersion4) {
    const std::size_t header = (octets[0] & 0x0fU) * 4U;
    if (header > octets.size()) return std::nullopt;
    octets = octets.subspan(header);
  }
  const std::uint8_t type = v6 ? kReplyV6 : kReply;
  if (octets.size() != kEchoSize || octets[0] != type || octets[1] != 0) return std::nullopt;
  EchoCookie cookie;
  std::copy_n(octets.begin() + kHeader, cookie.size(), cookie.begin());
  return cookie;
}

}  // namespace holdfast::health
