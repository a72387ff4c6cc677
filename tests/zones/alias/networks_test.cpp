#include "zones/alias/networks.h"

#include <gtest/gtest.h>

namespace holdfast::zones {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::make_address;

const AliasTime kStart{1000h};
const ResolverSettings kSettings{};

ClientSubnet net(const char* address, std::uint8_t prefix = 24) { return {make_address(address), prefix}; }

Reply good(const char* address, std::uint8_t scope, std::uint32_t ttl = 100) {
  Reply reply{ReplyKind::addresses};
  reply.addresses = {make_address(address)};
  reply.scope = scope;
  reply.ttl = ttl;
  return reply;
}

/// "10.1.2.0/24: 192.0.2.1, ..."
std::string served(const Networks& networks) {
  std::string text;
  for (const NetworkRecords& one : networks.known()) {
    text += (text.empty() ? "" : ", ") + one.network.text() + ": " + one.addresses.front().to_string();
  }
  return text;
}

/// One of which it is known that it depends on who asks.
Networks depending() {
  Networks networks;
  networks.wish(net("10.1.2.0"), kStart);
  networks.replied(net("10.1.2.0"), good("192.0.2.1", 24), kStart, kSettings);
  return networks;
}

TEST(Networks, FirstAsksOnceWhetherItDependsOnWhoAsks) {
  Networks networks;
  EXPECT_EQ(networks.dependence(), Dependence::unknown);
  EXPECT_TRUE(networks.wish(net("10.1.2.0"), kStart));
  EXPECT_FALSE(networks.wish(net("10.1.2.0"), kStart));
  EXPECT_FALSE(networks.wish(net("10.1.3.0"), kStart));
}

TEST(Networks, ScopeZeroMeansTheSameForAllForAnHour) {
  Networks networks;
  networks.wish(net("10.1.2.0"), kStart);
  EXPECT_TRUE(networks.replied(net("10.1.2.0"), good("192.0.2.1", 0), kStart, kSettings));
  EXPECT_EQ(networks.dependence(), Dependence::no);
  EXPECT_EQ(served(networks), "");
  EXPECT_FALSE(networks.wish(net("10.1.3.0"), kStart + 59min));
  EXPECT_TRUE(networks.pass(kStart + 1h));
  EXPECT_TRUE(networks.wish(net("10.1.3.0"), kStart + 1h));
}

TEST(Networks, AnAnswerHoldsForAsManyBitsAsItsScope) {
  Networks networks;
  networks.wish(net("10.1.2.0"), kStart);
  EXPECT_TRUE(networks.replied(net("10.1.2.0"), good("192.0.2.1", 16), kStart, kSettings));
  EXPECT_EQ(networks.dependence(), Dependence::yes);
  EXPECT_EQ(served(networks), "10.1.0.0/16: 192.0.2.1");
  EXPECT_FALSE(networks.wish(net("10.1.3.0"), kStart)) << "known with the rest of the /16";
  EXPECT_TRUE(networks.wish(net("10.2.3.0"), kStart));
  networks.replied(net("10.2.3.0"), good("192.0.2.2", 32), kStart, kSettings);
  EXPECT_EQ(served(networks), "10.1.0.0/16: 192.0.2.1, 10.2.3.0/24: 192.0.2.2") << "never more than was told";
  EXPECT_TRUE(networks.wish(net("2001:db8:1::", 56), kStart));
  networks.replied(net("2001:db8:1::", 56), good("192.0.2.6", 48), kStart, kSettings);
  EXPECT_NE(served(networks).find("2001:db8:1::/48: 192.0.2.6"), std::string::npos);
}

TEST(Networks, AsksAnewAheadOfTheEndWhereSomebodyWishesIt) {
  Networks networks = depending();
  EXPECT_FALSE(networks.wish(net("10.1.2.0"), kStart + 79s));
  EXPECT_TRUE(networks.wish(net("10.1.2.0"), kStart + 80s));
  EXPECT_FALSE(networks.wish(net("10.1.2.0"), kStart + 81s)) << "on its way";
  networks.replied(net("10.1.2.0"), good("192.0.2.9", 24), kStart + 81s, kSettings);
  EXPECT_EQ(served(networks), "10.1.2.0/24: 192.0.2.9");
}

TEST(Networks, DropsWhatNobodyWishesAnyMore) {
  Networks networks = depending();
  EXPECT_FALSE(networks.pass(kStart + 130s));
  EXPECT_TRUE(networks.pass(kStart + 131s));
  EXPECT_EQ(served(networks), "");
}

TEST(Networks, AFailureIsNotRepeatedForHalfAMinute) {
  Networks networks = depending();
  networks.wish(net("10.1.9.0"), kStart);
  EXPECT_FALSE(networks.replied(net("10.1.9.0"), Reply{ReplyKind::silence}, kStart, kSettings));
  EXPECT_FALSE(networks.wish(net("10.1.9.0"), kStart + 29s));
  EXPECT_TRUE(networks.wish(net("10.1.9.0"), kStart + 30s));
}

TEST(Networks, OneMoreThanThereIsRoomForTakesThePlaceOfTheOneThatEndsFirst) {
  Networks networks = depending();
  const auto address = [](std::size_t i) {
    return net(("10." + std::to_string(10 + i / 256) + "." + std::to_string(i % 256) + ".0").c_str());
  };
  for (std::size_t i = 0; i < 3000; ++i) {
    ASSERT_TRUE(networks.wish(address(i), kStart + 1s));
    networks.replied(address(i), good("192.0.2.1", 24), kStart + 1s, kSettings);
  }
  EXPECT_EQ(networks.known().size(), kMaxNetworks);
  EXPECT_TRUE(networks.wish(net("10.1.2.0"), kStart + 1s)) << "the first one ended first";
}

TEST(Networks, ManyUnderOneThatIsWideAreNoMore) {
  Networks networks;
  networks.wish(net("10.1.2.0"), kStart);
  networks.replied(net("10.1.2.0"), good("192.0.2.1", 1), kStart, kSettings);
  for (std::size_t i = 0; i < 2 * kMaxNetworks; ++i) {
    const auto one = net(("10." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0").c_str());
    if (networks.wish(one, kStart + 80s))
      networks.replied(one, good("192.0.2.1", 24), kStart + 80s, kSettings);
  }
  EXPECT_LE(networks.known().size(), kMaxNetworks);
}

TEST(Networks, NoSuchRecordsForOneAreNoneForAll) {
  Networks networks;
  networks.wish(net("10.1.2.0"), kStart);
  EXPECT_TRUE(networks.replied(net("10.1.2.0"), Reply{ReplyKind::nodata}, kStart, kSettings));
  EXPECT_EQ(networks.dependence(), Dependence::no);
}

TEST(Networks, WhereNobodyAnswersItIsTriedEverMoreRarely) {
  Networks networks;
  AliasTime now = kStart;
  for (const auto wait : {30s, 60s, 120s, 240s}) {
    EXPECT_TRUE(networks.wish(net("10.1.2.0"), now));
    networks.replied(net("10.1.2.0"), Reply{ReplyKind::silence}, now, kSettings);
    EXPECT_FALSE(networks.wish(net("10.1.3.0"), now + wait - 1s)) << "for no other network either";
    now += wait;
  }
}

TEST(Networks, AnUpstreamThatKnowsNothingOfNetworksTellsNothingOfThem) {
  Networks networks = depending();
  networks.wish(net("10.1.9.0"), kStart);
  Reply reply = good("192.0.2.7", 0);
  reply.scope.reset();
  EXPECT_FALSE(networks.replied(net("10.1.9.0"), reply, kStart, kSettings));
  EXPECT_EQ(served(networks), "10.1.2.0/24: 192.0.2.1");
}

TEST(Networks, WhatWasAskedByOneBeforeIsNotHeard) {
  Networks networks;
  EXPECT_FALSE(networks.replied(net("10.1.2.0"), good("192.0.2.1", 24), kStart, kSettings));
  EXPECT_EQ(networks.dependence(), Dependence::unknown);
}

TEST(Networks, OnlySoManyAreAskedForAtATime) {
  Networks networks = depending();
  std::size_t asked = 0;
  for (int i = 0; i < 256; ++i)
    asked += networks.wish(net(("10.9." + std::to_string(i) + ".0").c_str()), kStart);
  EXPECT_EQ(asked, kMaxNetworksAsked);
}

}  // namespace
}  // namespace holdfast::zones
