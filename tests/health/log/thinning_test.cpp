#include "health/log/thinning.h"

#include "tests/health/log/scratch.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

/// One outcome each 10 s, `.` passed and `x` failed: what is kept of them.
std::string kept(std::string_view outcomes) {
  Thinning thinning{LogSettings{}};
  std::string result;
  double time = 0;
  for (const char c : outcomes) {
    const bool keeps = thinning.keeps(seen(1, time, c == '.' ? Outcome::passed : Outcome::refused));
    result += keeps ? c : ' ';
    time += 10;
  }
  return result;
}

TEST(Thinning, KeepsOnePassAMinute) { EXPECT_EQ(kept("............."), ".     .     ."); }
TEST(Thinning, KeepsEveryFailure) { EXPECT_EQ(kept("..xxxx"), ". xxxx"); }
TEST(Thinning, KeepsTheFirstPassAfterAFailure) { EXPECT_EQ(kept("..x..x......."), ". x. x.     ."); }

TEST(Thinning, TakesEachTargetByItself) {
  Thinning thinning{LogSettings{}};
  EXPECT_TRUE(thinning.keeps(seen(1, 0)));
  EXPECT_TRUE(thinning.keeps(seen(2, 1)));
  EXPECT_FALSE(thinning.keeps(seen(1, 2)));
}

TEST(Thinning, ForgetsTargetsThatAreGone) {
  Thinning thinning{LogSettings{}};
  EXPECT_TRUE(thinning.keeps(seen(1, 0, Outcome::refused)));
  EXPECT_TRUE(thinning.keeps(seen(2, 3 * 3600)));
  EXPECT_TRUE(thinning.keeps(seen(1, 3 * 3600 + 1)));
  EXPECT_FALSE(thinning.keeps(seen(1, 3 * 3600 + 2)));
}

TEST(PassInterval, GrowsSoThatTheLogLasts) {
  const LogSettings log;
  EXPECT_EQ(pass_interval(1, log), 60s);
  EXPECT_EQ(pass_interval(100, log), 60s);
  EXPECT_EQ(pass_interval(1'000, log) / 1min, 6);
  EXPECT_EQ(pass_interval(10'000, log) / 1min, 60);
  for (const std::size_t targets : {1'000U, 10'000U, 100'000U}) {
    const auto rows = targets * static_cast<std::size_t>(log.keep / pass_interval(targets, log));
    EXPECT_LE(rows * kObservationOctets, log.size * 51 / 100) << targets;
  }
}

}  // namespace
}  // namespace holdfast::health
