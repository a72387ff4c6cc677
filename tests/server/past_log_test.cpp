#include "server/past_log.h"

#include "health/log/log_file.h"
#include "health/log/read_log.h"
#include "tests/health/log/scratch.h"

namespace holdfast::server {
namespace {

using health::Event;
using health::EventKind;
using health::kNoon;
using health::TargetId;
using health::Verdict;
using namespace std::chrono_literals;

TargetId target(int host) {
  return {"web", boost::asio::ip::make_address("192.0.2." + std::to_string(host))};
}

/// A log that begins at noon. Seconds are those after it.
class PastLog : public testing::Test {
 protected:
  PastLog() { log.append(std::vector{health::seen(1, 0)}, {}); }

  void went(int host, double seconds, Verdict before, Verdict after) {
    Event event = health::went_down(host, seconds);
    event.before = before;
    event.after = after;
    log.append({}, std::vector{event});
  }
  void happened(EventKind kind, double seconds, std::string text) {
    log.append(
        {},
        std::vector{Event{
            .id = "id", .time = health::seen(1, seconds).wall_time, .kind = kind, .text = std::move(text)}});
  }
  /// Of the targets 1 and 2.
  std::variant<Past, std::string> read(std::chrono::milliseconds after_noon) {
    return read_past([this](const health::LogQuery& query) { return read_log(file, query); }, present,
                     std::vector{target(1), target(2)}, kNoon + after_noon);
  }
  Past past(std::chrono::milliseconds after_noon) {
    auto past = read(after_noon);
    EXPECT_EQ(past.index(), 0U);
    return std::get<Past>(std::move(past));
  }
  /// What was believed at each second from noon on: "?uddu".
  std::string verdicts(int host, int seconds) {
    std::string text;
    for (int i = 0; i < seconds; ++i)
      text += "?ud"[static_cast<int>(past(i * 1s).known.at(target(host)).verdict)];
    return text;
  }
  void now(int host, Verdict verdict, double since) {
    health::MergedStatus status;
    status.target.id = target(host);
    status.verdict = verdict;
    status.since = health::seen(host, since).wall_time;
    present.targets.push_back(status);
  }

  const health::Scratch scratch;
  const std::filesystem::path file = scratch.path() / "log.db";
  health::LogFile log{file, {}, "local", ""};
  Present present;
};

TEST_F(PastLog, KnowsTheVerdictOfEveryMoment) {
  went(1, 1, Verdict::unknown, Verdict::up);
  went(1, 3, Verdict::up, Verdict::down);
  went(2, 3.5, Verdict::up, Verdict::down);
  went(1, 5, Verdict::down, Verdict::up);
  EXPECT_EQ(verdicts(1, 7), "?uudduu");
  EXPECT_EQ(verdicts(2, 7), "uuuuddd") << "what was before is known by what came";
}

TEST_F(PastLog, KnowsWhatDidNotChange) {
  now(1, Verdict::up, -3600);
  now(2, Verdict::down, 2.5);
  EXPECT_EQ(past(1s).known.at(target(1)).verdict, Verdict::up);
  EXPECT_EQ(past(1s).known.at(target(1)).since, kNoon - 1h);
  EXPECT_EQ(past(1s).known.at(target(2)).verdict, Verdict::unknown)
      << "it was watched later, or the log lost it";
  EXPECT_EQ(past(3s).known.at(target(2)).verdict, Verdict::down);
}

TEST_F(PastLog, TellsWhatDecided) {
  went(1, 3, Verdict::up, Verdict::down);
  const Past::Known known = past(10s).known.at(target(1));
  EXPECT_EQ(known.since, kNoon + 3s);
  EXPECT_EQ(known.outcome, "refused");
  EXPECT_EQ(known.detail, "Connection refused");
  EXPECT_EQ(known.agent, "cork-1");
}

TEST_F(PastLog, HasManyChangesAndNotAllOfThem) {
  went(2, 0.5, Verdict::up, Verdict::down);
  for (int i = 0; i < 1200; ++i)
    went(1, 1 + i, i % 2 == 0 ? Verdict::up : Verdict::down, i % 2 == 0 ? Verdict::down : Verdict::up);
  const Past all = past(1h);
  EXPECT_EQ(all.changes.size(), health::kMostEntries);
  EXPECT_EQ(all.first.at(target(1)), Verdict::up);
  EXPECT_EQ(all.known.at(target(1)).verdict, Verdict::up);
  EXPECT_EQ(all.known.at(target(2)).verdict, Verdict::down) << "that is longer ago";
  EXPECT_EQ(all.first.at(target(2)), Verdict::down);
}

TEST_F(PastLog, FindsWhatCameBehindMuchOfOthers) {
  for (int i = 0; i < 1200; ++i)
    went(1, 1 + i, i % 2 == 0 ? Verdict::up : Verdict::down, i % 2 == 0 ? Verdict::down : Verdict::up);
  went(2, 2000, Verdict::down, Verdict::up);
  EXPECT_EQ(past(0s).known.at(target(2)).verdict, Verdict::down);
}

TEST_F(PastLog, SaysHowFarItReachesBack) {
  EXPECT_EQ(
      std::get<std::string>(read(-1s)),
      "the log says nothing of 2026-03-01T11:59:59.000Z: it begins at 2026-03-01T12:00:00.000Z; how far it "
      "reaches back is said by [log] keep and size");
}

TEST_F(PastLog, CountsReloadsSince) {
  happened(EventKind::configuration, 10, "reloaded: 0 zones changed");
  happened(EventKind::configuration, 20, "reloaded: 1 zones changed");
  EXPECT_EQ(past(5s).reloads, 2U);
  EXPECT_EQ(past(5s).last_reload, kNoon + 20s);
  EXPECT_EQ(past(20s).reloads, 0U);
}

TEST_F(PastLog, HasTheOverrides) {
  happened(EventKind::override_, 10, "drain of shop/192.0.2.1 by alice: kernel update");
  const Past all = past(5s);
  ASSERT_EQ(all.decisions.size(), 1U);
  EXPECT_EQ(all.decisions[0].begin, kNoon + 10s);
  EXPECT_EQ(text(all.decisions[0].override_.subject), "shop/192.0.2.1");
}

TEST_F(PastLog, NoticesThatNobodyLooked) {
  now(1, Verdict::up, -60);
  log.append(std::vector{health::seen(1, 60), health::seen(1, 600)}, {});
  EXPECT_FALSE(past(30s).silence);
  EXPECT_EQ(past(300s).silence, std::pair(kNoon + 60s, kNoon + 600s));
}

}  // namespace
}  // namespace holdfast::server
