#include "health/probe/echo.h"

#include <gtest/gtest.h>

#include <vector>

namespace holdfast::health {
namespace {

EchoCookie sample() {
  EchoCookie cookie;
  for (std::size_t i = 0; i < cookie.size(); ++i) cookie[i] = static_cast<std::uint8_t>(i * 16);
  return cookie;
}

std::vector<std::uint8_t> reply(bool v6) {
  const auto request = echo_request(sample(), v6);
  std::vector<std::uint8_t> octets(request.begin(), request.end());
  octets[0] = v6 ? 129 : 0;
  return octets;
}

TEST(Echo, SumsToNothing) {
  const auto octets = echo_request(sample(), false);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < octets.size(); i += 2) sum += octets[i] * 256U + octets[i + 1];
  EXPECT_EQ((sum & 0xffff) + (sum >> 16), 0xffffU);
}

TEST(Echo, ComesBack) {
  EXPECT_EQ(read_echo_reply(reply(false), false), sample());
  EXPECT_EQ(read_echo_reply(reply(true), true), sample());
}

TEST(Echo, ComesBackBehindAnIpv4Header) {
  for (const std::size_t size : {20U, 60U}) {
    std::vector<std::uint8_t> octets(size, 0);
    octets[0] = static_cast<std::uint8_t>(0x40 | size / 4);
    const auto rest = reply(false);
    octets.insert(octets.end(), rest.begin(), rest.end());
    EXPECT_EQ(read_echo_reply(octets, false), sample());
  }
}

TEST(Echo, IsNothingElse) {
  const auto request = echo_request(sample(), false);
  EXPECT_FALSE(read_echo_reply(request, false));  // our own, as loopback shows it to raw sockets
  EXPECT_FALSE(read_echo_reply(reply(true), false));
  EXPECT_FALSE(read_echo_reply(reply(false), true));
  auto longer = reply(false);
  longer.push_back(0);
  EXPECT_FALSE(read_echo_reply(longer, false));
  for (std::size_t size = 0; size < kEchoSize; ++size) {
    EXPECT_FALSE(read_echo_reply(std::span(longer).first(size), false)) << size;
  }
  EXPECT_FALSE(
      read_echo_reply(std::vector<std::uint8_t>{0x4f, 0, 0}, false));  // a header longer than all there is
}

}  // namespace
}  // namespace holdfast::health
