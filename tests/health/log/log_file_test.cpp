#include "health/log/log_file.h"

#include <sys/stat.h>

#include <fstream>

#include "health/log/read_log.h"
#include "health/log/thinning.h"
#include "tests/health/log/scratch.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::chrono::steady_clock::time_point kSteady{1h};
constexpr LogSettings kSmall{.keep = 24h, .size = 4U << 20};

class LogFileTest : public testing::Test {
 protected:
  LogFile open(LogSettings settings = {}) { return LogFile(file, settings, "local", "cork"); }
  LogPage all() { return read_log(file, {.after = 0, .limit = kMostEntries}); }

  const Scratch scratch;
  const fs::path file = scratch.path() / "log.db";
};

TEST_F(LogFileTest, KeepsAllOfAnObservation) {
  Observation written = seen(1, 1.5, Outcome::bad_status, "503 Service Unavailable");
  written.tls = 1us, written.header = 2us, written.body = 3us;
  open().append(std::vector{written}, {});
  const LogPage page = all();
  ASSERT_EQ(page.entries.size(), 1U);
  const LogEntry& entry = page.entries[0];
  EXPECT_EQ(entry.time, written.wall_time);
  EXPECT_EQ(entry.kind, "probe");
  EXPECT_EQ(entry.target, written.target);
  EXPECT_EQ(entry.outcome, "bad_status");
  EXPECT_EQ(entry.detail, written.detail);
  EXPECT_EQ(entry.agent, "local");
  EXPECT_EQ(entry.location, "cork");
  EXPECT_EQ(std::tuple(entry.connect, entry.tls, entry.header, entry.body, entry.total),
            std::tuple(1500us, 1us, 2us, 3us, 3000us));
}

TEST_F(LogFileTest, KeepsAllOfAnEvent) {
  const Event written = went_down(1, 2);
  open().append({}, std::vector{written});
  const LogPage page = all();
  ASSERT_EQ(page.entries.size(), 1U);
  const LogEntry& entry = page.entries[0];
  EXPECT_EQ(entry.id, "an-id");
  EXPECT_EQ(entry.time, written.time);
  EXPECT_EQ(entry.kind, "transition");
  EXPECT_EQ(entry.target, written.target);
  EXPECT_EQ(entry.used_by, written.used_by);
  EXPECT_EQ(entry.before, "up");
  EXPECT_EQ(entry.after, "down");
  EXPECT_EQ(entry.outcome, "refused");
  EXPECT_EQ(entry.detail, "Connection refused");
  EXPECT_EQ(entry.command, written.command);
  EXPECT_EQ(entry.text, written.text);
  EXPECT_EQ(entry.agent, "cork-1");
  EXPECT_EQ(entry.location, "eu");
}

TEST_F(LogFileTest, HasEventsWithoutATarget) {
  open().append(
      {}, std::vector{Event{.id = "b", .time = kNoon, .kind = EventKind::configuration, .text = "reloaded"}});
  const LogPage page = all();
  ASSERT_EQ(page.entries.size(), 1U);
  EXPECT_EQ(page.entries[0].target, std::nullopt);
  EXPECT_EQ(page.entries[0].kind, "configuration");
  EXPECT_EQ(page.entries[0].before + page.entries[0].after + page.entries[0].outcome, "");
}

TEST_F(LogFileTest, KeepsTheOrderWhenTheClockIsSetBack) {
  open().append(std::vector{seen(1, 100), seen(2, 100), seen(3, 40)}, {});
  open().append(std::vector{seen(4, 50)}, {});
  const LogPage page = all();
  ASSERT_EQ(page.entries.size(), 4U);
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(page.entries[static_cast<std::size_t>(i)].target, seen(i + 1, 0).target) << i;
  EXPECT_EQ(page.entries[1].time, kNoon + 100s);
  EXPECT_EQ(page.entries[2].time, kNoon + 40s);
  EXPECT_EQ(page.entries[3].time, kNoon + 50s);
}

TEST_F(LogFileTest, StaysBelowItsSizeAndForgetsTheOldestProbesFirst) {
  LogFile log = open(kSmall);
  log.append({}, std::vector{went_down(1, 0)});
  std::vector<Observation> batch;
  for (int round = 0; round < 60; ++round) {
    batch.clear();
    for (int i = 0; i < 1000; ++i)
      batch.push_back(
          seen(i % 250, round * 100 + i * 0.1, Outcome::refused, "Connection refused, said somebody"));
    log.append(batch, {});
    log.forget(kNoon, kSteady);
    ASSERT_LE(log.size(), kSmall.size + (64U << 10)) << "the index of the write-ahead log is beside it";
  }
  EXPECT_GE(log.size(), kSmall.size / 3);
  const LogPage newest = read_log(file, {.limit = 1});
  ASSERT_EQ(newest.entries.size(), 1U);
  EXPECT_EQ(newest.entries[0].time, batch.back().wall_time);
  const LogPage oldest = all();
  ASSERT_EQ(oldest.entries.size(), kMostEntries);
  EXPECT_EQ(oldest.entries[0].kind, "transition");
  EXPECT_GT(oldest.entries[1].time, kNoon + 500s);
}

TEST_F(LogFileTest, ForgetsEventsWhenTheyAreAllThereIs) {
  LogFile log = open(kSmall);
  Event event = went_down(1, 0);
  event.text = std::string(5000, 'x');
  for (int i = 0; i < 40; ++i) {
    event.time += 1s;
    log.append({}, std::vector<Event>(100, event));
    log.forget(kNoon, kSteady);
  }
  EXPECT_LE(log.size(), kSmall.size + (64U << 10));
  const LogPage page = all();
  ASSERT_FALSE(page.entries.empty());
  EXPECT_LT(page.entries[0].text.size(), 5000U);
}

TEST_F(LogFileTest, GivesRoomBackWhenItsSizeIsLowered) {
  constexpr LogSettings kLarge{.keep = 24h, .size = 16U << 20};
  std::vector<Observation> batch;
  for (int i = 0; i < 100'000; ++i) batch.push_back(seen(i % 250, i * 0.1));
  open(kLarge).append(batch, {});
  ASSERT_GT(fs::file_size(file), kSmall.size);
  LogFile log = open(kSmall);
  int steps = 0;
  while (log.forget(kNoon, kSteady)) ASSERT_LT(++steps, 1000);
  EXPECT_LE(fs::file_size(file), kSmall.size);
}

TEST_F(LogFileTest, ForgetsWhatIsTooOld) {
  LogFile log = open(kSmall);
  log.append(std::vector{seen(1, 0)}, std::vector{went_down(1, 1)});
  log.append(std::vector{seen(2, 10)}, std::vector{went_down(2, 11)});
  log.forget(kNoon + 24h + 5s, kSteady);
  const LogPage page = all();
  ASSERT_EQ(page.entries.size(), 2U);
  for (const LogEntry& entry : page.entries) EXPECT_GE(entry.time, kNoon + 10s);
}

TEST_F(LogFileTest, AClockThatJumpsEmptiesNothing) {
  LogFile log = open(kSmall);
  log.append(std::vector{seen(1, 0)}, {});
  while (log.forget(kNoon, kSteady)) {
  }
  const auto years = kNoon + 24h * 3650;
  while (log.forget(years, kSteady + 1s)) {
  }
  EXPECT_EQ(all().entries.size(), 1U);
  while (log.forget(years + 23h, kSteady + 23h)) {
  }
  EXPECT_EQ(all().entries.size(), 1U);
  log.forget(years + 25h, kSteady + 25h);
  EXPECT_TRUE(all().entries.empty()) << "it is as old as that now";
}

TEST_F(LogFileTest, AStartWithAClockFarAheadEmptiesNothing) {
  open(kSmall).append(std::vector{seen(1, 0)}, {});
  LogFile log = open(kSmall);
  const auto years = kNoon + 24h * 3650;
  Observation later = seen(2, 0);
  later.wall_time = years;
  log.append(std::vector{later}, {});
  log.forget(years, kSteady);
  EXPECT_EQ(all().entries.size(), 2U);
  log.forget(years + 24h, kSteady + 24h);
  EXPECT_EQ(all().entries.size(), 1U);
}

TEST_F(LogFileTest, SaysThatTheDiskIsFullAlsoWhenThereIsNothingToWrite) {
  LogFile log = open();
  log.append({}, {});
  const NoRoom no_room;
  EXPECT_THROW(log.append({}, {}), DatabaseError);
}

TEST_F(LogFileTest, TakesNoMoreRoomForAPassThanIsReckonedWith) {
  std::vector<Observation> batch;
  for (int i = 0; i < 50'000; ++i) batch.push_back(seen(i % 250, i * 0.5, Outcome::passed, "200"));
  open().append(batch, {});
  EXPECT_LE(fs::file_size(file), batch.size() * kObservationOctets);
  EXPECT_GE(fs::file_size(file), batch.size() * kObservationOctets / 2);
}

TEST_F(LogFileTest, IsReadableByItsOwnerAlone) {
  LogFile log = open();
  log.append(std::vector{seen(1, 0)}, {});
  int files = 0;
  for (const auto& entry : fs::directory_iterator(scratch.path())) {
    struct stat status {};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 3);
}

TEST_F(LogFileTest, FollowsNoSymbolicLink) {
  std::ofstream(scratch.path() / "elsewhere") << "precious";
  fs::create_symlink(scratch.path() / "elsewhere", file);
  EXPECT_THROW(open(), DatabaseError);
  EXPECT_EQ(fs::file_size(scratch.path() / "elsewhere"), 8U);
}

TEST_F(LogFileTest, RefusesTheTablesOfANewerHoldfast) {
  open();
  Database(file, Database::Mode::write).run("PRAGMA user_version = 2");
  try {
    open();
    FAIL() << "it was opened";
  } catch (const DatabaseError& error) {
    EXPECT_FALSE(error.is_damage());
    EXPECT_NE(std::string(error.what()).find("newer holdfast"), std::string::npos) << error.what();
  }
}

TEST_F(LogFileTest, TellsDamageFromOtherFailures) {
  std::ofstream(file) << std::string(8192, 'x');
  try {
    open();
    FAIL() << "it was opened";
  } catch (const DatabaseError& error) {
    EXPECT_TRUE(error.is_damage()) << error.what();
  }
}

}  // namespace
}  // namespace holdfast::health
