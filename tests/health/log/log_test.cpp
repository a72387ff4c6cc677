#include "health/log/log.h"

#include <fstream>
#include <thread>

#include "tests/health/log/scratch.h"

namespace holdfast::health {
namespace {

namespace fs = std::filesystem;

/// The entries of these tests are from some time ago.
constexpr LogSettings kForever{.keep = std::chrono::hours(24 * 3650), .size = std::uint64_t{1} << 40};

class LogTest : public testing::Test {
 protected:
  /// Waits until the writer has come so far.
  template <class Condition>
  static void wait_for(const Log& log, const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition(log.figures())) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::yield();
    }
  }
  std::size_t written() { return read_log(file, {.after = 0, .limit = kMostEntries}).entries.size(); }

  const Scratch scratch;
  const fs::path file = scratch.path() / "log.db";
};

TEST_F(LogTest, WritesWhatItIsToldBeforeItEnds) {
  {
    Log log(scratch.path(), kForever);
    for (int host = 0; host < 250; ++host) log.observed(seen(host, host));
    log.happened(went_down(1, 300));
  }
  EXPECT_EQ(written(), 251U);
}

TEST_F(LogTest, WritesEventsAtOnce) {
  Log log(scratch.path(), kForever);
  log.happened(went_down(1, 0, "first"));
  wait_for(log, [](const LogFigures& figures) { return figures.events_written == 1 && figures.size > 0; });
  const LogPage page = log.read({});
  ASSERT_EQ(page.entries.size(), 1U);
  EXPECT_EQ(page.entries[0].id, "first");
  EXPECT_FALSE(log.figures().failing);
}

TEST_F(LogTest, LeavesMostPassesOut) {
  {
    Log log(scratch.path(), kForever);
    for (int i = 0; i < 100; ++i) log.observed(seen(1, i));
  }
  EXPECT_EQ(written(), 2U);
}

TEST_F(LogTest, IsToldByManyThreads) {
  {
    Log log(scratch.path(), kForever);
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&log, thread] {
        for (int i = 0; i < 100; ++i) {
          log.observed(seen(thread, i, Outcome::refused));
          log.happened(went_down(thread, i));
        }
      });
    }
  }
  EXPECT_EQ(written(), 800U);
}

TEST_F(LogTest, BeginsAnewWhenTheFileIsDamaged) {
  std::ofstream(file) << std::string(10'000, 'x');
  {
    Log log(scratch.path(), kForever);
    log.happened(went_down(1, 0));
    wait_for(log, [](const LogFigures& figures) { return figures.events_written == 1; });
    EXPECT_EQ(log.figures().damaged, 1U);
    EXPECT_FALSE(log.figures().failing);
  }
  EXPECT_EQ(written(), 1U);
  int aside = 0;
  for (const auto& entry : fs::directory_iterator(scratch.path()))
    aside += entry.path().filename().string().starts_with("log.db.damaged-") ? 1 : 0;
  EXPECT_EQ(aside, 1);
}

TEST_F(LogTest, BeginsAnewWhenAReaderFindsDamage) {
  {
    Log log(scratch.path(), kForever);
    for (int host = 0; host < 250; ++host)
      for (int i = 0; i < 40; ++i) log.observed(seen(host, i, Outcome::refused, std::string(200, 'x')));
  }
  Log log(scratch.path(), kForever);
  wait_for(log, [](const LogFigures& figures) { return figures.size > 0; });
  {
    std::fstream octets(file, std::ios::in | std::ios::out | std::ios::binary);
    octets.seekp(0, std::ios::end);
    const auto size = octets.tellp();
    for (std::streamoff at = 8 * 4096; at < size; at += 4096) {  // all pages but the first few
      octets.seekp(at);
      octets << std::string(4096, '\xff');
    }
  }
  try {
    log.read({.after = 0, .limit = kMostEntries});
    FAIL() << "the test did no damage";
  } catch (const DatabaseError& error) {
    EXPECT_TRUE(error.is_damage()) << error.what();
  }
  log.happened(went_down(1, 0));
  wait_for(log, [](const LogFigures& figures) { return figures.events_written == 1; });
  EXPECT_EQ(log.figures().damaged, 1U);
  EXPECT_EQ(log.read({}).entries.size(), 1U);
}

TEST_F(LogTest, KeepsOnlyTheLastDamagedFiles) {
  std::vector<fs::path> aside;
  for (int i = 0; i < 4; ++i) {
    std::ofstream(file) << i;
    aside.push_back(move_aside(file, kNoon + std::chrono::seconds(i)));
  }
  EXPECT_FALSE(fs::exists(aside[0]));
  EXPECT_FALSE(fs::exists(aside[1]));
  EXPECT_TRUE(fs::exists(aside[2]));
  EXPECT_TRUE(fs::exists(aside[3]));
}

TEST_F(LogTest, DropsProbesBeforeEventsWhenItCannotWrite) {
  Log log(scratch.path() / "gone", kForever);
  wait_for(log, [](const LogFigures& figures) { return figures.failing; });
  for (std::size_t i = 0; i < kLogQueue; ++i) log.observed(seen(1, static_cast<double>(i), Outcome::refused));
  EXPECT_EQ(log.figures().probes_dropped, 0U);
  log.observed(seen(1, 1e6, Outcome::refused));
  EXPECT_EQ(log.figures().probes_dropped, 1U);
  for (std::size_t i = 0; i < kLogQueue; ++i) log.happened(went_down(1, 0));
  EXPECT_EQ(log.figures().probes_dropped, 1 + kLogQueue);
  EXPECT_EQ(log.figures().events_dropped, 0U);
  log.happened(went_down(1, 0));
  EXPECT_EQ(log.figures().events_dropped, 1U);
  EXPECT_GT(log.figures().failures, 0U);
  EXPECT_THROW(log.read({}), DatabaseError);
}

}  // namespace
}  // namespace holdfast::health
