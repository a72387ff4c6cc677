#include "server/transfer/updates.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/health/log/scratch.h"
#include "tests/zones/replicate/updates.h"

namespace holdfast::server {
namespace {

using namespace zones::testing;
using zones::LoadedZone;
using zones::Rcode;

const std::string kZone = "www A 192.0.2.1\nmail A 192.0.2.25\n";

/// example.com. with its journal, and what serves it.
class UpdatesTest : public ::testing::Test {
 protected:
  UpdatesTest() { start(); }

  void start() {
    updates.reset();
    journal.reset();
    journal.emplace(scratch.path());
    updates.emplace(&*journal, [](const zones::Zone& of) { return zones::Serial(of.serial()); });
    updates->begin([this](const zones::Name&, const Deployment::Receive& receive) {
      const std::lock_guard lock(deploying);
      ++rounds;
      const LoadedZone loaded = receive(*served, live);
      if (is_stopping) return false;
      if (loaded.zone != nullptr) served = loaded.zone;
      return true;
    });
    load(kZone);
  }
  /// Reads the file, as a start does.
  std::vector<std::string> load(const std::string& text, bool is_served = false) {
    LoadedZone loaded =
        updates->upon(zones::testing::load("example.com",
                                           "$TTL 60\n@ SOA ns1 admin 1 2 3 4 5\n@ NS ns1\n" + text, {}, live),
                      live, is_served);
    if (loaded.zone != nullptr) served = std::move(loaded.zone);
    return lines(loaded.problems);
  }
  /// "NOERROR", or with why: "REFUSED: ..."; waits for it.
  std::string update(const Rows& rows, const Rows& prerequisites = {}) {
    return wait(submit(message_of({.prerequisites = prerequisites, .rows = rows})));
  }
  using Result = std::shared_ptr<std::optional<UpdateResult>>;
  Result submit(std::vector<std::uint8_t> message) {
    const auto result = std::make_shared<std::optional<UpdateResult>>();
    updates->submit({.zone = name("example.com"),
                     .message = std::move(message),
                     .rights = rights,
                     .sender = "ops at 192.0.2.99",
                     .done = [this, result](const UpdateResult& done) {
                       const std::lock_guard lock(mutex);
                       *result = done;
                       is_done.notify_all();
                     }});
    return result;
  }
  std::string wait(const Result& result) {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(is_done.wait_for(lock, std::chrono::seconds(60), [&] { return result->has_value(); }));
    if (!result->has_value()) return "nothing";
    return text((*result)->rcode) + ((*result)->text.empty() ? "" : ": " + (*result)->text);
  }
  std::vector<std::string> records() const {
    const std::lock_guard lock(deploying);
    return inner(zones::Contents(zones::Serial(served->serial()), served, nullptr));
  }

  const health::Scratch scratch;
  std::vector<zones::UpdateSettings> rights{{.peer = "ops"}};
  std::vector<zones::LiveName> live;
  std::shared_ptr<const zones::Zone> served;
  std::atomic<bool> is_stopping{false};
  std::atomic<int> rounds{0};
  mutable std::mutex deploying;
  std::mutex mutex;
  std::condition_variable is_done;
  std::optional<Journal> journal;
  std::optional<Updates> updates;
};

using Lines = std::vector<std::string>;

TEST_F(UpdatesTest, ChangesTheZone) {
  EXPECT_EQ(update({"add new 60 A 192.0.2.9", "delete www"}), "NOERROR");
  EXPECT_EQ(records(), (Lines{"mail.example.com. 60 IN A 192.0.2.25", "new.example.com. 60 IN A 192.0.2.9"}));
  EXPECT_EQ(updates->counters().changed, 1U);
  EXPECT_EQ(updates->records(), 2U);
}

TEST_F(UpdatesTest, WhatWasAcknowledgedIsThereAfterARestart) {
  EXPECT_EQ(update({"add new 60 A 192.0.2.9"}), "NOERROR");
  EXPECT_EQ(update({"delete www"}), "NOERROR");
  const Lines before = records();
  start();
  EXPECT_EQ(records(), before);
}

TEST_F(UpdatesTest, WhatIsSoAlreadyIsNoChange) {
  EXPECT_EQ(update({"add new 60 A 192.0.2.9"}), "NOERROR");
  const auto before = served;
  EXPECT_EQ(update({"add new 60 A 192.0.2.9"}), "NOERROR");
  EXPECT_EQ(served, before);
  EXPECT_EQ(updates->counters().unchanged, 1U);
}

TEST_F(UpdatesTest, WhatIsRequiredDecides) {
  EXPECT_EQ(update({"add new 60 A 192.0.2.9"}, {"nxdomain www"}), "YXDOMAIN");
  EXPECT_EQ(records().size(), 2U);
  EXPECT_EQ(updates->counters().unmet, 1U);
}

TEST_F(UpdatesTest, WhoMayNotLearnsNothingByWhatItRequires) {
  rights = {{.peer = "ops", .names = {name("mail.example.com")}}};
  EXPECT_EQ(update({"add www 60 A 192.0.2.9"}, {"nxdomain www"}),
            "REFUSED: www.example.com. A is not among what this peer may update");
  EXPECT_EQ(updates->counters().refused, 1U);
}

TEST_F(UpdatesTest, RefusesWhatIsLive) {
  live = {{.name = name("www.example.com"), .index = 0}};
  EXPECT_EQ(update({"add www 60 A 192.0.2.9"}),
            "REFUSED: www.example.com. A is live; change it in the configuration or in the zone's file");
}

TEST_F(UpdatesTest, RefusesWhatLeavesALiveNameNoPlace) {
  live = {{.name = name("a.sub.example.com"), .index = 0}};
  EXPECT_NE(update({"add sub 60 NS ns.example.net."}).find("REFUSED: "), std::string::npos);
  EXPECT_EQ(records().size(), 2U);
}

TEST_F(UpdatesTest, RefusesWhatWouldBeNoZone) {
  EXPECT_NE(update({"add d 60 DNAME x.example.", "add below.d 60 A 192.0.2.9"}).find("REFUSED: "),
            std::string::npos);
  EXPECT_EQ(records().size(), 2U);
}

TEST_F(UpdatesTest, RefusesASignedZone) {
  load("@ RRSIG SOA 13 2 60 20300101000000 20200101000000 1 example.com. AAAA\n");
  EXPECT_EQ(update({"add new 60 A 192.0.2.9"}),
            "REFUSED: the zone is signed, and what an update adds would not be");
}

TEST_F(UpdatesTest, MayTakeAwayNearlyEverything) {
  std::string many;
  Rows rows;
  for (int i = 0; i < 200; ++i) {
    many += "h" + std::to_string(i) + " A 192.0.2.1\n";
    rows.emplace_back("delete h" + std::to_string(i));
  }
  load(many);
  EXPECT_EQ(update(rows), "NOERROR");
  EXPECT_EQ(records().size(), 0U);
}

TEST_F(UpdatesTest, AnswersWhatIsBroken) {
  const auto whole = message_of({.prerequisites = {"yxdomain www"}, .rows = {"add new 60 A 192.0.2.9"}});
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(wait(submit({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)})), "FORMERR")
        << size;
  EXPECT_EQ(records().size(), 2U);
}

TEST_F(UpdatesTest, ThatWaitTogetherAreOneVersion) {
  std::vector<Result> results;
  {
    const std::lock_guard lock(deploying);
    for (int i = 0; i < 20; ++i)
      results.push_back(submit(message_of({.rows = {"add h" + std::to_string(i) + " 60 A 192.0.2.9"}})));
  }
  for (const Result& result : results) EXPECT_EQ(wait(result), "NOERROR");
  EXPECT_EQ(records().size(), 22U);
  EXPECT_LE(rounds, 2);  // the first one may not have waited
  EXPECT_EQ(updates->counters().changed, 20U);
}

TEST_F(UpdatesTest, TooManyAreNotTaken) {
  std::vector<Result> results;
  {
    const std::lock_guard lock(deploying);  // nothing goes on
    for (std::size_t i = 0; i < kMaxUpdatesWaiting + 2 * kMaxUpdatesWaiting; ++i)
      results.push_back(submit(message_of({.rows = {"add new 60 A 192.0.2.9"}})));
    EXPECT_TRUE(updates->is_full());
  }
  std::size_t done = 0, full = 0;
  for (const Result& result : results) ++(wait(result) == "NOERROR" ? done : full);
  EXPECT_GE(done, kMaxUpdatesWaiting);
  EXPECT_GE(full, kMaxUpdatesWaiting);
  EXPECT_EQ(updates->counters().full, full);
}

TEST_F(UpdatesTest, WhatCannotBeKeptIsNotAnsweredAsDone) {
  const auto before = records();
  {
    const health::NoRoom no_room;
    EXPECT_EQ(update({"add new 60 A 192.0.2.9"}), "SERVFAIL");
  }
  EXPECT_EQ(records(), before);
  EXPECT_EQ(updates->counters().failed, 1U);
  EXPECT_EQ(update({"add new 60 A 192.0.2.9"}), "NOERROR");
}

TEST_F(UpdatesTest, WhatDoesNotComeIntoServiceIsForgotten) {
  is_stopping = true;
  EXPECT_EQ(update({"add new 60 A 192.0.2.9"}), "SERVFAIL");
  is_stopping = false;
  start();
  EXPECT_EQ(records().size(), 2U);
}

TEST_F(UpdatesTest, AFileThatHasThemAllLeavesNothingBesideIt) {
  EXPECT_EQ(update({"add new 60 A 192.0.2.9"}), "NOERROR");
  load(kZone + "new 60 A 192.0.2.9\n");
  EXPECT_EQ(updates->records(), 0U);
  start();  // with the file before
  EXPECT_EQ(records().size(), 2U);
}

TEST_F(UpdatesTest, AFileThatDoesNotGoWithThemIsRefusedWhereThereIsAVersion) {
  EXPECT_EQ(update({"add new 60 A 192.0.2.9"}), "NOERROR");
  const auto before = records();
  EXPECT_NE(::testing::PrintToString(load(kZone + "new CNAME www\n", true)).find("does not go with"),
            std::string::npos);
  EXPECT_EQ(records(), before);
}

TEST_F(UpdatesTest, AFileThatDoesNotGoWithThemIsServedAloneWhereThereIsNone) {
  EXPECT_EQ(update({"add new 60 A 192.0.2.9"}), "NOERROR");
  EXPECT_NE(::testing::PrintToString(load(kZone + "new CNAME www\n")).find("the file alone is served"),
            std::string::npos);
  EXPECT_EQ(records().size(), 3U);
  EXPECT_EQ(update({"delete new"}),
            "REFUSED: earlier updates do not go with the zone's file; its operator has to settle that first");
  load(kZone);
  EXPECT_EQ(records().size(), 3U);  // it was not lost
  EXPECT_EQ(update({"delete new"}), "NOERROR");
}

TEST_F(UpdatesTest, RefusesWhatIsMoreThanIsKept) {
  const std::string octets(250, 'x');
  std::string result = "NOERROR";
  for (int i = 0; i < 100 && result == "NOERROR"; ++i) {
    Rows rows;
    for (int j = 0; j < 200; ++j)
      rows.emplace_back("add h" + std::to_string(i * 200 + j) + " 60 TXT \"" + octets + "\"");
    result = update(rows);
  }
  EXPECT_EQ(result,
            "REFUSED: more than 4 MiB beside the zone's file; its operator has to bring that up to date");
  EXPECT_GT(updates->records(), 10'000U);
  EXPECT_EQ(update({"delete h0"}), "NOERROR");
}

}  // namespace
}  // namespace holdfast::server
