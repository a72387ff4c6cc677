#include "server/replay.h"

#include <gtest/gtest.h>

#include "tests/server/control/sample_state.h"

namespace holdfast::server {
namespace {

using health::Turn;
using health::Verdict;
using namespace std::chrono_literals;

/// The transitions of a timeline of verdicts, one a second: "UUDDU".
std::vector<Turn> turns(std::string_view timeline) {
  std::vector<Turn> all;
  for (std::size_t i = 1; i < timeline.size(); ++i) {
    if (timeline[i] != timeline[i - 1])
      all.push_back({at(static_cast<double>(i)), timeline[i] == 'U' ? Verdict::up : Verdict::down});
  }
  return all;
}

/// "down 4/2, up 8/-".
std::string pairs(std::string_view configured, std::string_view other) {
  std::string text;
  const auto second = [](const std::optional<Turn>& turn) {
    return turn ? std::to_string((turn->time - at(0)) / 1s) : "-";
  };
  for (const TurnPair& pair : pair_up(turns(configured), turns(other))) {
    text += text.empty() ? "" : ", ";
    text += health::text((pair.configured ? pair.configured : pair.other)->after);
    text += " " + second(pair.configured) + "/" + second(pair.other);
  }
  return text;
}

TEST(PairUp, FindsWhatIsTheSame) {
  EXPECT_EQ(pairs("UUUUDDDDUUUUUUUUUU", "UUDDDDUUUUUUDDUUUU"), "down 4/2, up 8/6, down -/12, up -/14");
  EXPECT_EQ(pairs("UUDDDDUUUUUUDDUUUU", "UUUUDDDDUUUUUUUUUU"), "down 2/4, up 6/8, down 12/-, up 14/-");
}
TEST(PairUp, DoesNotTakeADipForALaterFailure) {
  EXPECT_EQ(pairs("UUUUUUDDD", "UDUUUDDDD"), "down -/1, up -/2, down 6/5");
  EXPECT_EQ(pairs("UDUUUDDDD", "UUUUUUDDD"), "down 1/-, up 2/-, down 5/6");
}
TEST(PairUp, HasWhatOneOfThemNeverDid) {
  EXPECT_EQ(pairs("UUUU", "UDDD"), "down -/1");
  EXPECT_EQ(pairs("UUUDDDUUU", "UUUDDDDDD"), "down 3/3, up 6/-");
  EXPECT_EQ(pairs("UUU", "UUU"), "");
}

TEST(TimeDown, IsThatOfTheWindow) {
  EXPECT_EQ(time_down(Verdict::up, turns("UUDDU"), at(0), at(9)), 2s);
  EXPECT_EQ(time_down(Verdict::up, turns("UUDDUUD"), at(3), at(9)), 4s);
  EXPECT_EQ(time_down(Verdict::down, {}, at(0), at(9)), 9s);
  EXPECT_EQ(time_down(Verdict::down, turns("DDUUU"), at(3), at(9)), 0s);
}
TEST(TimeDown, IsNoneInAWindowThatEndsBeforeItBegins) {
  EXPECT_EQ(time_down(Verdict::down, turns("UUDDU"), at(9), at(0)), 0s);
  EXPECT_EQ(time_down(Verdict::down, turns("UUDDU"), at(3), at(3)), 0s);
}

/// Answers of one letter a second.
std::vector<Course::Answer> answers(std::string_view timeline) {
  std::vector<Course::Answer> all;
  for (std::size_t i = 0; i < timeline.size(); ++i) {
    if (i == 0 || timeline[i] != timeline[i - 1])
      all.push_back({at(static_cast<double>(i)), std::string(1, timeline[i])});
  }
  all.front().from = {};
  return all;
}

TEST(Differences, AreTheTimesOfOtherAnswers) {
  EXPECT_EQ(differences(answers("aabbbbaa"), answers("aaaabbba"), at(0), at(8)),
            (std::vector<Difference>{{at(2), at(4), "b", "a"}, {at(6), at(7), "a", "b"}}));
  EXPECT_EQ(differences(answers("aabbb"), answers("aaccb"), at(0), at(8)),
            (std::vector<Difference>{{at(2), at(4), "b", "c"}}));
  EXPECT_TRUE(differences(answers("aab"), answers("aab"), at(0), at(8)).empty());
}

TEST(Differences, AreThoseOfTheWindow) {
  EXPECT_EQ(differences(answers("aabb"), answers("aaaa"), at(3), at(8)),
            (std::vector<Difference>{{at(3), at(8), "b", "a"}}));
  EXPECT_TRUE(differences(answers("aabb"), answers("aaaa"), at(0), at(2)).empty());
}

}  // namespace
}  // namespace holdfast::server
