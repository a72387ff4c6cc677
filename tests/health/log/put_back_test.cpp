#include "health/log/put_back.h"

#include <random>

#include "health/log/thinning.h"
#include "tests/health/log/scratch.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

constexpr auto kInterval = 5s;
constexpr auto kLate = 18s;

/// A probe every 5 s, `.` passed, `x` refused, `o` a black hole that takes 3 s, ` ` not in the log.
std::vector<Seen> logged(std::string_view timeline) {
  std::vector<Seen> all;
  Seen::Time start = kNoon;
  for (const char c : timeline) {
    if (c != ' ') all.push_back({start, start + (c == 'o' ? 3000ms : 5ms), c == '.'});
    start += kInterval;
  }
  return all;
}

constexpr std::size_t kMost = 1000;

PutBack put_back(std::string_view timeline) {
  const Seen::Time end = kNoon + kInterval * static_cast<int>(timeline.size()) - 1s;
  return put_back(logged(timeline), kInterval, kPassInterval, kLate, end, kMost).value();
}

/// What there was: what is put back as `,`.
std::string whole(std::string_view timeline) {
  std::string text;
  for (const Seen& one : put_back(timeline).seen) {
    while (text.size() < static_cast<std::size_t>((one.started - kNoon + kInterval / 2) / kInterval))
      text += '?';
    text += one.is_put_back ? ',' : one.passed ? '.' : one.ended - one.started > 1s ? 'o' : 'x';
  }
  return text;
}

TEST(PutBack, FillsWhatThinningLeftOut) { EXPECT_EQ(whole("x.     .  x.  x"), "x.,,,,,.,,x.,,x"); }
TEST(PutBack, LeavesAloneWhatIsComplete) { EXPECT_EQ(whole("xxx.x.xx"), "xxx.x.xx"); }
TEST(PutBack, GoesOnUntilTheEnd) { EXPECT_EQ(whole("xx.    "), "xx.,,,,"); }
TEST(PutBack, GoesByWhenProbesBegan) { EXPECT_EQ(whole(".  o.  oo"), ".,,o.,,oo"); }

TEST(PutBack, KnowsThatOneAfterARetryIsInNoSlot) {
  std::vector<Seen> all = logged("x  .");
  all.insert(all.begin() + 1, {kNoon + 1s, kNoon + 1s, true});  // then come the slots of 5 and 10 s
  const auto seen = health::put_back(all, kInterval, kPassInterval, kLate, kNoon + 16s, kMost)->seen;
  ASSERT_EQ(seen.size(), 5U);
  EXPECT_EQ(seen[2].started, kNoon + 5s);
  EXPECT_EQ(seen[3].started, kNoon + 10s);
}

TEST(PutBack, PutsNothingWhereNobodyLooked) {
  const std::string nothing(20, ' ');
  EXPECT_EQ(put_back("." + nothing + ".").seen.size(), 2U);
  EXPECT_EQ(put_back("." + nothing + ".").silences,
            (std::vector<Silence>{{kNoon + 5ms, kNoon + 105s + 5ms}}));
  EXPECT_EQ(put_back("x     .").silences, (std::vector<Silence>{{kNoon + 5ms, kNoon + 30s + 5ms}}))
      << "what comes after a failure is never left out";
  EXPECT_TRUE(put_back(".           .").silences.empty());
  EXPECT_EQ(put_back(".                   ").silences.size(), 1U) << "and not until the end either";
}

TEST(PutBack, IsNotMoreThanIsWanted) {
  const auto all = logged("x.     .  x");
  for (const std::size_t most : {0U, 1U, 5U, 7U, 10U})
    EXPECT_FALSE(health::put_back(all, kInterval, kPassInterval, kLate, kNoon + 51s, most)) << most;
  EXPECT_EQ(health::put_back(all, kInterval, kPassInterval, kLate, kNoon + 51s, 11)->seen.size(), 11U);
  EXPECT_FALSE(health::put_back(logged("."), 1ms, kPassInterval, 1h, kNoon + 30min, 1'000'000));
}

/// All that a target can do, through the thinning of the log, is there again.
TEST(PutBack, UndoesThinning) {
  std::mt19937 chance(1);
  for (int round = 0; round < 300; ++round) {
    std::string timeline = ".";
    for (int i = 0; i < 200; ++i) {
      const bool stays = chance() % 100 < 85;
      timeline += stays ? timeline.back() : chance() % 2 == 0 ? '.' : 'x';
    }
    Thinning thinning{LogSettings{}};
    std::string kept;
    double time = 0;
    for (const char c : timeline) {
      kept += thinning.keeps(seen(1, time, c == '.' ? Outcome::passed : Outcome::refused)) ? c : ' ';
      time += 5;
    }
    std::string found = whole(kept);
    std::replace(found.begin(), found.end(), ',', '.');
    ASSERT_EQ(found, timeline) << kept;
  }
}

}  // namespace
}  // namespace holdfast::health
