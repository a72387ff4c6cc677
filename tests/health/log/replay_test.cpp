#include "health/log/replay.h"

#include "tests/health/log/scratch.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

/// The verdict after each second of a timeline, one probe a second: `.` passed, `,` is put back, `x` failed. 'U' up, 'D' down,
/// '?' unknown; in lower case where it came about.
std::string verdicts(std::string_view timeline, Thresholds limits, Verdict verdict = Verdict::unknown) {
  std::vector<Seen> seen;
  for (const char c : timeline) {
    const Seen::Time time = kNoon + std::chrono::seconds(seen.size());
    seen.push_back({time, time, c != 'x', c == ','});
  }
  const auto turns = replay(seen, limits, verdict, kNoon + std::chrono::seconds(timeline.size()));
  std::string text;
  const auto letter = [](Verdict which, bool is_about) {
    return which == Verdict::up     ? (is_about ? 'u' : 'U')
           : which == Verdict::down ? (is_about ? 'd' : 'D')
                                    : '?';
  };
  char now = letter(verdict, false);
  auto turn = turns.begin();
  for (std::size_t i = 0; i < timeline.size(); ++i) {
    for (; turn != turns.end() && turn->time <= kNoon + std::chrono::seconds(i); ++turn)
      now = letter(turn->after, turn->is_about);
    text += now;
  }
  return text;
}

TEST(Replay, GoesByTheThresholds) {
  EXPECT_EQ(verdicts("..x..xxx", {.rise = 2, .fall = 3}), "UUUUUUUD");
  EXPECT_EQ(verdicts("..x..xxx", {.rise = 2, .fall = 2}), "UUUUUUDD");
  EXPECT_EQ(verdicts("..x..xxx", {.rise = 2, .fall = 1}), "UUDDUDDD");
  EXPECT_EQ(verdicts("xxx...", {.rise = 3, .fall = 2}), "?DDDDU");
  EXPECT_EQ(verdicts("xxx...", {.rise = 1, .fall = 2}), "?DDUUU");
}

TEST(Replay, BeginsWithWhatWasBelieved) {
  EXPECT_EQ(verdicts("..", {.rise = 3, .fall = 3}, Verdict::down), "DD");
  EXPECT_EQ(verdicts("xx", {.rise = 3, .fall = 3}, Verdict::up), "UU");
}

TEST(Replay, SaysWhatIsAbout) {
  EXPECT_EQ(verdicts("xx.,,x.,", {.rise = 3, .fall = 2}, Verdict::up), "UDDDuuuu");
  EXPECT_EQ(verdicts("xx.,,xxx", {.rise = 1, .fall = 2}, Verdict::up), "UDUUUUDD");
}

/// As FlapBrake has it: from the third transition in ten minutes on it comes up 30 s after it was seen up.
TEST(Replay, HoldsDownWhoFlaps) {
  const Thresholds limits{.rise = 1, .fall = 1};
  const std::string steady(40, '.');
  const std::string expected = "UDUD" + std::string(30, 'D');
  EXPECT_EQ(verdicts(".x.x" + steady, limits).substr(0, expected.size() + 1), expected + "U");
  EXPECT_EQ(verdicts(".x.x.", limits), "UDUDD");
}

TEST(Replay, LetsGoAlsoWhereNothingIsSeen) {
  std::vector<Seen> seen;
  for (const char c : std::string_view(".x.x.")) {
    const Seen::Time time = kNoon + std::chrono::seconds(seen.size());
    seen.push_back({time, time, c == '.'});
  }
  EXPECT_EQ(replay(seen, {.rise = 1, .fall = 1}, Verdict::up, kNoon + 33s).size(), 3U);
  const auto turns = replay(seen, {.rise = 1, .fall = 1}, Verdict::up, kNoon + 34s);
  ASSERT_EQ(turns.size(), 4U);
  EXPECT_EQ(turns.back(), (Turn{kNoon + 34s, Verdict::up, false}));
}

}  // namespace
}  // namespace holdfast::health
