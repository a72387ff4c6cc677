#include "health/agent/pace.h"

#include <gtest/gtest.h>

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

TEST(Pace, OfTwoThreadsIsTheSumAndTheWorse) {
  Pace one{.in_flight = 1, .waiting = 2, .late = 3, .not_run = 4, .lag = {}, .longest = {{{"web", {}}, 7s}}};
  Pace other{
      .in_flight = 10, .waiting = 20, .late = 30, .not_run = 40, .lag = {}, .longest = {{{"mail", {}}, 8s}}};
  one.lag.add(15ms);
  other.lag.add(15ms);
  other.lag.add(1h);
  one.add(other);
  EXPECT_EQ(one.in_flight, 11u);
  EXPECT_EQ(one.waiting, 22u);
  EXPECT_EQ(one.late, 33u);
  EXPECT_EQ(one.not_run, 44u);
  EXPECT_EQ(one.lag.counts[1], 2u);
  EXPECT_EQ(one.lag.counts.back(), 1u);
  EXPECT_DOUBLE_EQ(one.lag.sum, 3600.03);
  EXPECT_EQ(one.longest->target.monitor, "mail");
  one.add(Pace{});
  EXPECT_EQ(one.longest->target.monitor, "mail");
}

}  // namespace
}  // namespace holdfast::health
