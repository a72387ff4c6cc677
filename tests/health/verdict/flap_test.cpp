#include "health/verdict/flap.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

/// What is believed at each step, where `wanted` has what the votes say: u up, d down.
std::string verdicts(std::string_view wanted, std::chrono::seconds step) {
  FlapBrake brake;
  FlapBrake::Time now{1h};
  Verdict verdict = Verdict::up;
  std::string seen;
  for (const char c : wanted) {
    verdict = brake.pass(verdict, c == 'u' ? Verdict::up : Verdict::down, now);
    seen += verdict == Verdict::up ? 'u' : 'd';
    now += step;
  }
  return seen;
}

std::size_t changes(const std::string& verdicts) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < verdicts.size(); ++i) count += verdicts[i] != verdicts[i - 1];
  return count;
}

TEST(FlapBrake, LetsAFewTransitionsPassAtOnce) {
  EXPECT_EQ(verdicts("uddduuu", 10s), "uddduuu");
  EXPECT_EQ(verdicts("ud" + std::string(70, 'u') + "ud" + std::string(3, 'u'), 10s),
            "ud" + std::string(70, 'u') + "ud" + std::string(3, 'u'))
      << "the first was long ago";
}

TEST(FlapBrake, HoldsDownUntilSeenUpForHalfAMinute) {
  EXPECT_EQ(verdicts("ududuuuuu", 10s),
            "udud"
            "ddd"
            "uu");
}

TEST(FlapBrake, StartsAgainWhenTheTargetGoesDownMeanwhile) {
  EXPECT_EQ(verdicts("ududuuduuuuu", 10s),
            "ududddddd"
            "duu");
}

TEST(FlapBrake, HoldsLongerEachTime) {
  // Up 40 s, down 10 s: 30 s are survived once, 60 s never.
  std::string wanted;
  for (int i = 0; i < 12; ++i) wanted += "uuuud";
  const auto seen = verdicts(wanted, 10s);
  EXPECT_EQ(changes(seen), 5U) << seen;
}

TEST(FlapBrake, ChangesNoAnswerMoreThanFourTimesInTenMinutesAtFastFlaps) {
  std::string wanted;
  for (int i = 0; i < 150; ++i) wanted += "ud";
  EXPECT_LE(changes(verdicts(wanted, 2s)), 4U);
}

TEST(FlapBrake, ForgetsAfterTenQuietMinutes) {
  const std::string quiet(61, 'd');
  EXPECT_EQ(verdicts("udud" + quiet + "u", 10s), "udud" + quiet + "u");
}

TEST(FlapBrake, SaysWhenToAskAgain) {
  FlapBrake brake;
  const FlapBrake::Time start{1h};
  Verdict verdict = Verdict::up;
  for (const Verdict wanted : {Verdict::down, Verdict::up, Verdict::down})
    verdict = brake.pass(verdict, wanted, start);
  EXPECT_EQ(brake.due(), FlapBrake::Time::max());
  EXPECT_EQ(brake.pass(verdict, Verdict::up, start + 1s), Verdict::down);
  EXPECT_EQ(brake.due(), start + 31s);
  EXPECT_EQ(brake.pass(verdict, Verdict::up, start + 31s), Verdict::up);
  EXPECT_EQ(brake.due(), FlapBrake::Time::max());
}

}  // namespace
}  // namespace holdfast::health
