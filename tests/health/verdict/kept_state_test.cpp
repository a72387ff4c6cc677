#include "health/verdict/kept_state.h"

#include <algorithm>
#include <fstream>
#include <thread>

#include "health/log/database.h"
#include "health/verdict/state_file.h"
#include "tests/health/log/scratch.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

KeptVerdict kept(int host, Verdict verdict, std::uint64_t transitions = 0) {
  return {seen(host, 0).target, verdict, kNoon, transitions, kNoon + 5s};
}

const KeptOverride kDrained{"o-1", "shop 192.0.2.1", "drain", "anna", "new disks; back at 3",
                            kNoon, kNoon + 1h};

class KeptStateTest : public testing::Test {
 protected:
  KeptAtStart restarted() { return KeptState(scratch.path()).at_start(); }

  const Scratch scratch;
  const fs::path file = scratch.path() / "state.db";
};

TEST_F(KeptStateTest, HasNothingAtFirst) {
  EXPECT_TRUE(restarted().verdicts.empty());
  EXPECT_TRUE(restarted().overrides.empty());
}

TEST_F(KeptStateTest, KeepsTheLastThatWasSaved) {
  {
    KeptState state(scratch.path());
    state.save({kept(1, Verdict::up), kept(2, Verdict::down, 3)});
    state.save({kept(1, Verdict::down, 1)});
    state.save(kDrained);
  }
  const KeptAtStart now = restarted();
  EXPECT_EQ(now.verdicts, (std::vector{kept(1, Verdict::down, 1), kept(2, Verdict::down, 3)}));
  EXPECT_EQ(now.overrides, std::vector{kDrained});
}

TEST_F(KeptStateTest, ForgetsWhatIsGone) {
  {
    KeptState state(scratch.path());
    state.save({kept(1, Verdict::up), kept(2, Verdict::up)});
    state.save(kDrained);
    state.forget({kept(1, Verdict::up).target});
  }
  EXPECT_EQ(restarted().verdicts, std::vector{kept(2, Verdict::up)});
  KeptState(scratch.path()).forget_override("o-1");
  EXPECT_TRUE(restarted().overrides.empty());
}

TEST_F(KeptStateTest, KeepsAnOverrideWithoutAnEnd) {
  KeptOverride forever = kDrained;
  forever.expires.reset();
  forever.author.clear();
  KeptState(scratch.path()).save(forever);
  EXPECT_EQ(restarted().overrides, std::vector{forever});
}

TEST_F(KeptStateTest, KeepsTheLastNoteOnEachSubject) {
  {
    KeptState state(scratch.path());
    state.save(KeptNote{"a", "1"});
    state.save(KeptNote{"b", "2"});
    state.save(KeptNote{"a", "3"});
    state.forget_note("b");
  }
  EXPECT_EQ(restarted().notes, (std::vector<KeptNote>{{"a", "3"}}));
}

TEST_F(KeptStateTest, LeavesOutANoteThatNobodyWroteForItsLength) {
  {
    KeptState state(scratch.path());
    state.save(KeptNote{"long", std::string(kMaxNoteOctets + 1, 'x')});
    state.save(KeptNote{"most", std::string(kMaxNoteOctets, 'x')});
  }
  const auto notes = restarted().notes;
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0].subject, "most");
}

TEST_F(KeptStateTest, GoesOnWithWhatAnOlderHoldfastWrote) {
  {
    KeptState state(scratch.path());
    state.save({kept(1, Verdict::up)});
    state.save(kDrained);
  }
  Database(file, Database::Mode::write).run("DROP TABLE note; PRAGMA user_version = 1");
  {
    KeptState state(scratch.path());
    EXPECT_EQ(state.at_start().verdicts, std::vector{kept(1, Verdict::up)});
    EXPECT_EQ(state.at_start().overrides, std::vector{kDrained});
    state.save(KeptNote{"a", "1"});
  }
  const KeptAtStart now = restarted();
  EXPECT_EQ(now.notes, (std::vector<KeptNote>{{"a", "1"}}));
  EXPECT_EQ(now.verdicts.size(), 1U);
  EXPECT_EQ(Database(file, Database::Mode::read).integer("PRAGMA user_version"), 2);
}

TEST_F(KeptStateTest, NeedsNoOrderlyEnd) {
  KeptState state(scratch.path());
  state.save(kDrained);
  state.save({kept(1, Verdict::up)});
  const auto rows = [&] {
    return Database(file, Database::Mode::read)
        .integer("SELECT (SELECT count(*) FROM verdict) + (SELECT count(*) FROM override)");
  };
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (rows() < 2) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::yield();
  }
  const Scratch killed;  // what kill -9 would leave behind now
  for (const char* part : {"", "-wal"}) {
    fs::copy_file(file.string() + part, killed.path() / ("state.db" + std::string(part)));
  }
  const KeptAtStart now = KeptState(killed.path()).at_start();
  EXPECT_EQ(now.overrides, std::vector{kDrained});
  EXPECT_EQ(now.verdicts, std::vector{kept(1, Verdict::up)});
}

TEST_F(KeptStateTest, MovesADamagedFileAside) {
  std::ofstream(file) << std::string(9000, 'x');
  {
    KeptState state(scratch.path());
    EXPECT_TRUE(state.at_start().verdicts.empty());
    state.save({kept(1, Verdict::up)});
    EXPECT_FALSE(state.failing());
  }
  EXPECT_EQ(restarted().verdicts.size(), 1U);
  int aside = 0;
  for (const auto& entry : fs::directory_iterator(scratch.path()))
    aside += entry.path().filename().string().starts_with("state.db.damaged-") ? 1 : 0;
  EXPECT_EQ(aside, 1);
}

TEST_F(KeptStateTest, StartsWithATornFile) {
  std::vector<KeptVerdict> many;
  for (int host = 0; host < 250; ++host) many.push_back(kept(host, Verdict::up));
  for (const std::uintmax_t size : {8192U, 5000U, 4096U, 1000U, 100U, 1U, 0U}) {
    KeptState(scratch.path()).save(many);
    fs::resize_file(file, size);
    {
      KeptState state(scratch.path());
      EXPECT_TRUE(state.at_start().verdicts.empty()) << size;
      EXPECT_FALSE(state.failing()) << size;
      state.save({kept(1, Verdict::down)});
    }
    const auto again = restarted().verdicts;
    EXPECT_EQ(std::count(again.begin(), again.end(), kept(1, Verdict::down)), 1) << size;
  }
}

TEST_F(KeptStateTest, RefusesWhatANewerHoldfastWrote) {
  restarted();
  Database(file, Database::Mode::write).run("PRAGMA user_version = 3");
  try {
    restarted();
    FAIL() << "it was opened";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("newer holdfast"), std::string::npos) << error.what();
  }
}

TEST_F(KeptStateTest, AFullDiskIsSeenAlsoWhenThereIsNothingToWrite) {
  StateFile state(file);
  state.write({});
  const NoRoom no_room;
  EXPECT_THROW(state.write({}), DatabaseError);
}

TEST_F(KeptStateTest, GoesOnWithoutADisk) {
  KeptState state(scratch.path() / "gone");
  EXPECT_TRUE(state.failing());
  EXPECT_GT(state.failures(), 0U);
  state.save({kept(1, Verdict::up)});
}

}  // namespace
}  // namespace holdfast::health
