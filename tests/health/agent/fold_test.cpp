#include "health/agent/fold.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace holdfast::health {
namespace {

/// The verdict after each outcome of a timeline: '.' passed, 'x' failed; 'U' up, 'D' down, '?' unknown.
std::string verdicts(std::string_view timeline, Thresholds limits, Streak streak = {}) {
  std::string out;
  for (const char outcome : timeline) {
    streak = fold(streak, outcome == '.', limits);
    out += streak.verdict == Verdict::up ? 'U' : streak.verdict == Verdict::down ? 'D' : '?';
  }
  return out;
}

TEST(Fold, IgnoresShortDips) { EXPECT_EQ(verdicts("..x..xxx", {.rise = 2, .fall = 3}), "UUUUUUUD"); }
TEST(Fold, FirstPassIsEnoughToStartWith) { EXPECT_EQ(verdicts(".", {.rise = 3, .fall = 3}), "U"); }
TEST(Fold, StaysUnknownUntilFallFailures) { EXPECT_EQ(verdicts("xxx", {.rise = 3, .fall = 3}), "??D"); }
TEST(Fold, OnePassEndsUnknownAlsoAfterFailures) {
  EXPECT_EQ(verdicts("xx.xx", {.rise = 3, .fall = 3}), "??UUU");
}
TEST(Fold, RisesOnlyAfterRisePasses) { EXPECT_EQ(verdicts("xxx...", {.rise = 3, .fall = 3}), "??DDDU"); }
TEST(Fold, OneFailureStartsRisingAnew) { EXPECT_EQ(verdicts("x..x..", {.rise = 3, .fall = 1}), "DDDDDD"); }
TEST(Fold, OnePassStartsFallingAnew) {
  EXPECT_EQ(verdicts(".xx.xx.xxx", {.rise = 1, .fall = 3}), "UUUUUUUUUD");
}
TEST(Fold, ThresholdOfOneFollowsEachOutcome) { EXPECT_EQ(verdicts(".x.x", {.rise = 1, .fall = 1}), "UDUD"); }
TEST(Fold, ThresholdOfZeroMeansOne) { EXPECT_EQ(verdicts("x.x", {.rise = 0, .fall = 0}), "DUD"); }

TEST(Fold, FailingIsWhatWaitsForMoreFailures) {
  const Thresholds limits{.rise = 2, .fall = 2};
  EXPECT_TRUE(fold({Verdict::up, 0}, false, limits).is_failing());
  EXPECT_TRUE(fold({Verdict::unknown, 0}, false, limits).is_failing());
  EXPECT_FALSE(fold({Verdict::up, 1}, false, limits).is_failing()) << "settled: down";
  EXPECT_FALSE(fold({Verdict::down, 0}, true, limits).is_failing()) << "rising is not hurried";
}

}  // namespace
}  // namespace holdfast::health
