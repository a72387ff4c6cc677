#include "health/probe/ping_packet.h"

#include <gtest/gtest.h>

#include <vector>

namespace holdfast::health {
namespace {

PingPacket sample() {
  PingPacket packet{0x1234, {}};
  for (std::size_t i = 0; i < packet.cookie.size(); ++i) packet.cookie[i] = static_cast<std::uint8_t>(i * 16);
  return packet;
}

std::vector<std::uint8_t> reply(bool v6) {
  const auto request = sample().request(v6);
  std::vector<std::uint8_t> octets(request.begin(), request.end());
  octets[0] = v6 ? 129 : 0;
  return octets;
}

TEST(PingPacket, SumsToNothing) {
  const auto octets = sample().request(false);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < octets.size(); i += 2) sum += octets[i] * 256U + octets[i + 1];
  EXPECT_EQ((sum & 0xffff) + (sum >> 16), 0xffffU);
}

TEST(PingPacket, ComesBack) {
  EXPECT_EQ(read_echo_reply(reply(false), false), sample());
  EXPECT_EQ(read_echo_reply(reply(true), true), sample());
}

TEST(PingPacket, ComesBackBehindAnIpv4Header) {
  for (const std::size_t size : {20U, 60U}) {
    std::vector<std::uint8_t> octets(size, 0);
    octets[0] = static_cast<std::uint8_t>(0x40 | size / 4);
    const auto rest = reply(false);
    octets.insert(octets.end(), rest.begin(), rest.end());
    EXPECT_EQ(read_echo_reply(octets, false), sample());
  }
}

TEST(PingPacket, IsNothingElse) {
  const auto request = sample().request(false);
  EXPECT_FALSE(read_echo_reply(request, false));  // our own, as loopback shows it to raw sockets
  EXPECT_FALSE(read_echo_reply(reply(true), false));
  EXPECT_FALSE(read_echo_reply(reply(false), true));
  auto longer = reply(false);
  longer.push_back(0);
  EXPECT_FALSE(read_echo_reply(longer, false));
  for (std::size_t size = 0; size < PingPacket::kSize; ++size) {
    EXPECT_FALSE(read_echo_reply(std::span(longer).first(size), false)) << size;
  }
  EXPECT_FALSE(
      read_echo_reply(std::vector<std::uint8_t>{0x4f, 0, 0}, false));  // a header longer than all there is
}

}  // namespace
}  // namespace holdfast::health
