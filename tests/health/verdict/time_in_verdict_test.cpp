#include "health/verdict/time_in_verdict.h"

#include <gtest/gtest.h>

#include "health/verdict/verdict.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

TEST(TimeInVerdict, AddsUpAndCountsWhatHolds) {
  const TimeInVerdict::Time begin{1h};
  TimeInVerdict time(begin);
  EXPECT_EQ(time.of(Verdict::unknown, Verdict::unknown, begin + 2s), 2s);
  time.change(Verdict::unknown, begin + 3s);
  time.change(Verdict::up, begin + 10s);
  time.change(Verdict::down, begin + 11s);
  const auto now = begin + 20s;
  EXPECT_EQ(time.of(Verdict::unknown, Verdict::up, now), 3s);
  EXPECT_EQ(time.of(Verdict::up, Verdict::up, now), 7s + 9s);
  EXPECT_EQ(time.of(Verdict::down, Verdict::up, now), 1s);
}

}  // namespace
}  // namespace holdfast::health
