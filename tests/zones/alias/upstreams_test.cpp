#include "zones/alias/upstreams.h"

#include <gtest/gtest.h>

namespace holdfast::zones {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::make_address;
using boost::asio::ip::udp;

const AliasTime kStart{1000h};
constexpr std::uint64_t kUsual = 1;     // no exploring
constexpr std::uint64_t kExplore = 16;  // another one

Upstreams two(std::uint32_t budget = 512) {
  return Upstreams(
      {udp::endpoint(make_address("192.0.2.1"), 53), udp::endpoint(make_address("192.0.2.2"), 53)}, budget);
}

TEST(Upstreams, AsksTheFastestAndNowAndThenAnother) {
  Upstreams all = two();
  all.answered(0, 20ms);
  all.answered(1, 10ms);
  EXPECT_EQ(all.pick(kStart, {}, kUsual), 1u);
  EXPECT_EQ(all.pick(kStart, {}, kExplore), 0u);
  EXPECT_EQ(all.pick(kStart, 1, kUsual), 0u);
}

TEST(Upstreams, SmoothesTheRtt) {
  Upstreams all = two();
  all.answered(0, 8ms);
  all.answered(0, 16ms);
  EXPECT_EQ(all.status(kStart)[0].srtt, 9ms);
}

TEST(Upstreams, BacksOff1sDoublingTo60s) {
  Upstreams all = two();
  AliasTime now = kStart;
  for (const auto wait : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    all.refused(0, now);
    EXPECT_EQ(all.status(now)[0].backed_off_until - now, wait);
    EXPECT_EQ(all.pick(now, {}, kUsual), 1u);
    now += wait;
  }
  all.answered(0, 1ms);
  all.answered(1, 5ms);
  EXPECT_EQ(all.pick(now, {}, kUsual), 0u);
  all.refused(0, now);
  EXPECT_EQ(all.status(now)[0].backed_off_until - now, 1s);
}

TEST(Upstreams, ManyTimeoutsAtOnceCountAsOne) {
  Upstreams all = two();
  for (int i = 0; i < 10; ++i) all.timed_out(0, kStart);
  EXPECT_EQ(all.status(kStart)[0].backed_off_until, kStart + 1s);
  EXPECT_EQ(all.status(kStart)[0].timeouts, 10u);
}

TEST(Upstreams, AsksTheOneThatIsBackFirstWhenAllAreBackedOff) {
  Upstreams all = two();
  all.refused(1, kStart);
  all.refused(0, kStart + 500ms);
  EXPECT_EQ(all.pick(kStart + 600ms, {}, kUsual), 1u);
}

TEST(Upstreams, KeepsToTheBudget) {
  Upstreams all = two(10);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(all.pick(kStart, {}, kUsual)) << i;
  EXPECT_FALSE(all.pick(kStart, {}, kUsual));
  EXPECT_EQ(all.wait(kStart), 100ms);
  EXPECT_EQ(all.status(kStart)[0].budget_used, 1.0);
  EXPECT_GT(all.status(kStart)[0].waited, 0u);
  EXPECT_TRUE(all.pick(kStart + 100ms, {}, kUsual));
  EXPECT_EQ(all.status(kStart + 10s)[0].budget_used, 0.0);
}

}  // namespace
}  // namespace holdfast::zones
