#include "health/log/read_log.h"

#include "health/log/log_file.h"
#include "tests/health/log/scratch.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

/// Ten probes, one a second, of targets 1 and 2 in turn, of which the fourth and the eighth failed; at 3.5 s target 2 goes
/// down, at 9.5 s a reload.
class ReadLogTest : public testing::Test {
 protected:
  ReadLogTest() {
    LogFile log(file, {}, "local", "");
    for (int i = 0; i < 10; ++i) {
      log.append(std::vector{seen(1 + i % 2, i, i % 4 == 3 ? Outcome::refused : Outcome::passed)}, {});
      if (i == 3) log.append({}, std::vector{went_down(2, 3.5)});
      if (i == 9) {
        log.append(
            {},
            std::vector{Event{
                .id = "r", .time = kNoon + 9500ms, .kind = EventKind::configuration, .text = "reloaded"}});
      }
    }
  }

  /// Times of the entries: seconds after noon, of events with "e".
  static std::string times(const LogPage& page) {
    std::string text;
    for (const LogEntry& entry : page.entries) {
      text += (text.empty() ? "" : " ") + std::to_string((entry.time - kNoon) / 1s);
      if (entry.kind != kProbeKind) text += 'e';
    }
    return text;
  }
  std::string read(const LogQuery& query) { return times(read_log(file, query)); }

  const Scratch scratch;
  const std::filesystem::path file = scratch.path() / "log.db";
};

TEST_F(ReadLogTest, GivesTheNewestInTheirOrder) {
  EXPECT_EQ(read({.limit = 4}), "7 8 9 9e");
  EXPECT_EQ(read({}), "0 1 2 3 3e 4 5 6 7 8 9 9e");
}

TEST_F(ReadLogTest, GoesOnWhereAPageEnded) {
  LogQuery query{.after = 0, .limit = 5};
  LogPage page = read_log(file, query);
  EXPECT_EQ(times(page), "0 1 2 3 3e");
  EXPECT_TRUE(page.more);
  query.after = page.last;
  page = read_log(file, query);
  EXPECT_EQ(times(page), "4 5 6 7 8");
  query.after = page.last;
  page = read_log(file, query);
  EXPECT_EQ(times(page), "9 9e");
  EXPECT_FALSE(page.more);
  query.after = page.last;
  EXPECT_EQ(read(query), "");
  LogFile(file, {}, "local", "").append(std::vector{seen(1, 12)}, {});
  EXPECT_EQ(read(query), "12");
}

TEST_F(ReadLogTest, SaysWhereToGoOnAlsoWhenNothingWasWanted) {
  LogQuery query{.monitor = "nobody", .after = 0};
  const LogPage page = read_log(file, query);
  EXPECT_EQ(times(page), "");
  EXPECT_EQ(page.last, read_log(file, {}).last);
}

TEST_F(ReadLogTest, FindsByTime) {
  EXPECT_EQ(read({.since = kNoon + 8s}), "8 9 9e");
  EXPECT_EQ(read({.since = kNoon + 2s, .until = kNoon + 4s}), "2 3 3e 4");
  EXPECT_EQ(read({.until = kNoon + 1s, .after = 0}), "0 1");
}

TEST_F(ReadLogTest, FindsByTarget) {
  EXPECT_EQ(read({.monitor = "web", .limit = 3}), "7 8 9");
  EXPECT_EQ(read({.address = seen(2, 0).target.address}), "1 3 3e 5 7 9");
  EXPECT_EQ(read({.monitor = "other", .address = seen(2, 0).target.address}), "");
  EXPECT_EQ(read({.targets = std::vector{seen(2, 0).target}, .limit = 3}), "5 7 9");
  EXPECT_EQ(read({.targets = std::vector{seen(1, 0).target, seen(2, 0).target}, .limit = 3}), "7 8 9");
  EXPECT_EQ(read({.targets = std::vector<TargetId>()}), "");
}

TEST_F(ReadLogTest, FindsAmongManyTargets) {
  std::vector<TargetId> many;
  for (int host = 1; host < 200; ++host) many.push_back(seen(host, 0).target);
  LogFile log(file, {}, "local", "");
  std::vector<Observation> batch;
  for (int host = 1; host < 200; ++host) batch.push_back(seen(host, 20 + host));
  log.append(batch, {});
  EXPECT_EQ(read({.targets = many, .limit = 2}), "218 219");
  EXPECT_EQ(read({.targets = many, .after = 0, .limit = 2}), "0 1");
}

TEST_F(ReadLogTest, FindsByOutcome) {
  EXPECT_EQ(read({.outcome = "failed"}), "3 3e 7");
  EXPECT_EQ(read({.outcome = "refused"}), "3 3e 7");
  EXPECT_EQ(read({.outcome = "reset"}), "");
  EXPECT_EQ(read({.outcome = "passed", .limit = 2}), "8 9");
}

TEST_F(ReadLogTest, FindsByKindAndAgent) {
  EXPECT_EQ(read({.kinds = {"transition"}}), "3e");
  EXPECT_EQ(read({.kinds = {"transition", "configuration"}}), "3e 9e");
  EXPECT_EQ(read({.kinds = {"probe"}, .limit = 1}), "9");
  EXPECT_EQ(read({.agent = "cork-1"}), "3e");
  EXPECT_EQ(read({.agent = "local", .limit = 1}), "9");
}

TEST_F(ReadLogTest, SaysThatThereIsNoLog) {
  EXPECT_THROW(read_log(scratch.path() / "none.db", {}), DatabaseError);
}

}  // namespace
}  // namespace holdfast::health
