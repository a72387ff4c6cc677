#include "server/listen/counters.h"

#include <gtest/gtest.h>

using namespace holdfast;
using namespace holdfast::server;

namespace {

TEST(Counters, CountByTypeRcodeZoneAndLiveName) {
  Counters counters(Transport::udp);
  counters.zones.reserve(1);
  counters.live.reserve(1);
  counters.count({.size = 40, .rcode = zones::Rcode::nxdomain, .type = zones::RrType::A, .zone = 0});
  counters.count({.size = 40, .type = zones::RrType::A, .truncated = true, .zone = 0, .live = 0});
  EXPECT_EQ(counters.queries[1 * Counters::kRcodes + 3].read(), 1U);
  EXPECT_EQ(counters.queries[1 * Counters::kRcodes + 0].read(), 1U);
  EXPECT_EQ(counters.zones.at(0)->nxdomain.read(), 1U);
  EXPECT_EQ(counters.live.at(0)->read(), 1U);
  EXPECT_EQ(counters.truncated.read(), 1U);
}

TEST(Counters, PutWhatIsTooLargeIntoTheLast) {
  Counters counters(Transport::tcp);
  counters.count({.size = 40, .rcode = zones::Rcode{4095}, .type = zones::RrType{65535}});
  EXPECT_EQ(counters.queries[Counters::kTypes * Counters::kRcodes - 1].read(), 1U);
}

TEST(Counters, CountSilenceAsDropped) {
  Counters counters(Transport::udp);
  counters.count({});
  EXPECT_EQ(counters.dropped.read(), 1U);
}

TEST(CounterArray, HasRoomOnlyWhereItWasMade) {
  CounterArray<Counter> array;
  EXPECT_EQ(array.at(0), nullptr);
  array.reserve(513);
  ASSERT_NE(array.at(512), nullptr);
  EXPECT_EQ(array.at(512)->read(), 0U);
  EXPECT_EQ(array.at(513), nullptr);
  EXPECT_EQ(array.at(zones::kNoZone), nullptr);
  array.at(5)->add(3);
  array.reserve(5000);
  EXPECT_EQ(array.at(5)->read(), 3U) << "growing moves nothing";
  array.reserve(513);
  EXPECT_NE(array.at(4999), nullptr) << "there is never less room";
}

TEST(CounterArray, HasAnEnd) {
  CounterArray<Counter> array;
  array.reserve(CounterArray<Counter>::kMost + 1);
  array.at(CounterArray<Counter>::kMost - 1)->add();
  EXPECT_EQ(array.at(CounterArray<Counter>::kMost), nullptr);
}

}  // namespace
