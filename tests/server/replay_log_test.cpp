#include "server/replay_log.h"

#include "health/log/log_file.h"
#include "health/log/read_log.h"
#include "health/log/thinning.h"
#include "server/live_names.h"
#include "tests/health/log/scratch.h"

namespace holdfast::server {
namespace {

using health::Event;
using health::kNoon;
using health::Outcome;
using health::TargetId;
using health::Verdict;
using namespace std::chrono_literals;

TargetId target(int host) {
  return {"web", boost::asio::ip::make_address("192.0.2." + std::to_string(host))};
}

/// www.example has 192.0.2.1 and 192.0.2.2 of the pool shop, both up; probed every 5 s, with a fall and a rise of 3.
class ReplayLog : public testing::Test {
 protected:
  ReplayLog() {
    LiveDeclaration www;
    www.zone = zones::Name::parse("example").value();
    www.name = zones::Name::parse("www.example").value();
    www.index = names.index_of(www.zone, www.name);
    www.sources.emplace_back().pool = "shop";
    www.sources.front().monitor.name = "web";
    www.pool = {{}, {{.address = target(1).address}, {.address = target(2).address}}};
    names.apply({www});
    for (const int host : {1, 2}) {
      health::MergedStatus status;
      status.target.id = target(host);
      status.target.monitor.interval = 5s;
      status.verdict = Verdict::up;
      status.since = kNoon - 1h;
      present.targets.push_back(status);
    }
    log.append(std::vector{health::seen(2, -3600)}, {});
  }

  /// What 192.0.2.1 did, every 5 s from noon on, as far as it is logged: `.` passed, `x` failed, ` ` nobody looked.
  void did(std::string_view timeline) {
    health::Thinning thinning{{}};
    for (std::size_t i = 0; i < timeline.size(); ++i) {
      const auto seen = health::seen(1, 5. * static_cast<double>(i),
                                     timeline[i] == 'x' ? Outcome::refused : Outcome::passed);
      if (timeline[i] != ' ' && thinning.keeps(seen)) log.append(std::vector{seen}, {});
    }
    end = kNoon + 5s * static_cast<int>(timeline.size()) - 1s;
  }
  std::variant<Replayed, std::string> read(ReplayWish wish) {
    wish.name = "www.example";
    if (wish.since == Past::Time()) wish.since = kNoon;
    const std::vector targets{target(1), target(2)};
    return read_replay(
        [this](const health::LogQuery& query) { return read_log(file, query); }, present, targets, wish,
        [&](const Past& past) { return names.course(wish.name, zones::RrType::A, past); }, end);
  }
  Replayed replay(ReplayWish wish) {
    auto replayed = read(std::move(wish));
    if (const auto* wrong = std::get_if<std::string>(&replayed)) ADD_FAILURE() << *wrong;
    return std::get<Replayed>(std::move(replayed));
  }
  /// "down 10 s, up ~40 s": those of 192.0.2.1.
  static std::string turns(const World& world) {
    std::string text;
    for (const health::Turn& turn : world.turns) {
      text += text.empty() ? "" : ", ";
      text += health::text(turn.after);
      text += (turn.is_about ? " ~" : " ") + std::to_string((turn.time - kNoon) / 1s) + " s";
    }
    return text;
  }

  const health::Scratch scratch;
  const std::filesystem::path file = scratch.path() / "log.db";
  health::LogFile log{file, {}, "local", ""};
  zones::Published<zones::LiveTable> table{std::make_shared<zones::LiveTable>()};
  LiveNames names{table};
  Present present;
  Past::Time end{};
};

TEST_F(ReplayLog, RunsTheProbesThroughBothThresholds) {
  did("...xxxxx......");
  const Replayed replayed = replay({.fall = 2, .rise = 5});
  const ReplayedTarget& one = replayed.targets.at(0);
  EXPECT_EQ(turns(one.configured), "down 25 s, up ~50 s");
  EXPECT_EQ(turns(one.other), "down 20 s, up ~60 s");
  EXPECT_EQ(one.logged, 7U);
  EXPECT_EQ(one.put_back, 7U);
  EXPECT_TRUE(replayed.targets.at(1).configured.turns.empty());
}

TEST_F(ReplayLog, TellsWhatWouldHaveBeenAnswered) {
  did("...xxxxx......");
  const Replayed replayed = replay({.fall = 2});
  ASSERT_EQ(replayed.answers.size(), 1U);
  EXPECT_EQ(replayed.answers[0].differences,
            (std::vector<Difference>{
                {kNoon + 20s, kNoon + 25s, "192.0.2.1, 192.0.2.2 (alive)", "192.0.2.2 (alive)"}}));
}

TEST_F(ReplayLog, KnowsTheOverridesOfThen) {
  did("...xxxxx......");
  log.append({}, std::vector{Event{.id = "a",
                                   .time = kNoon - 1min,
                                   .kind = health::EventKind::override_,
                                   .text = "drain of shop/192.0.2.1 by alice: kernel update"}});
  EXPECT_TRUE(replay({.fall = 2}).answers.at(0).differences.empty()) << "it did not answer in any case";
}

TEST_F(ReplayLog, BeginsWithWhatWasBelieved) {
  did("..........");
  Event event = health::went_down(1, -1800);
  log.append({}, std::vector{event});
  const ReplayedTarget one = replay({.rise = 1}).targets.at(0);
  EXPECT_EQ(one.first, Verdict::down);
  EXPECT_EQ(turns(one.configured), "up ~10 s");
  EXPECT_EQ(turns(one.other), "up 0 s");
}

TEST_F(ReplayLog, CountsWhatTheLogSaysOfItself) {
  did("...xxxxx......");
  log.append({}, std::vector{health::went_down(1, 60)});
  EXPECT_EQ(replay({.fall = 2}).targets.at(0).transitions, 1U);
}

TEST_F(ReplayLog, SaysWhereNobodyLooked) {
  did(".." + std::string(40, ' ') + "..");
  EXPECT_EQ(replay({.fall = 2}).targets.at(0).silences.size(), 1U);
}

TEST_F(ReplayLog, ReachesBackAsFarAsTheLog) {
  did("...");
  const Replayed replayed = replay({.fall = 2, .since = kNoon - 24h});
  EXPECT_TRUE(replayed.is_cut);
  EXPECT_EQ(replayed.from, kNoon - 1h);
  EXPECT_FALSE(replay({.fall = 2}).is_cut);
}

TEST_F(ReplayLog, SaysThatTheLogBeginsAheadOfTheClock) {
  for (const auto ahead : {0s, 10s}) {
    end = kNoon - 1h - ahead;
    EXPECT_EQ(std::get<std::string>(read({.fall = 2, .since = end - 1h})).substr(0, 52),
              "the log begins at 2026-03-01T11:00:00.000Z, which is");
  }
}

TEST_F(ReplayLog, TakesADurationThatCannotBeForNone) {
  for (const auto total : {-1us, std::chrono::microseconds::max(), std::chrono::microseconds::min()}) {
    health::Observation seen = health::seen(1, 0);
    seen.total = total;
    log.append(std::vector{seen}, {});
  }
  end = kNoon + 10s;
  EXPECT_EQ(replay({.fall = 2}).targets.at(0).logged, 3U);
}

TEST_F(ReplayLog, RefusesWhatIsTooMuchToPutBack) {
  present.targets[0].target.monitor.interval = 1ms;
  did(std::string(12 * 60, '.'));
  EXPECT_EQ(std::get<std::string>(read({.fall = 2})),
            "more than 3000000 probes were made since 2026-03-01T12:00:00.000Z; say a later --since");
}

TEST_F(ReplayLog, DoesNotGoThroughOverridesThatWereOver) {
  did("...xxxxx......");
  std::vector<Past> pasts;
  const auto told = [&](std::string id, double seconds, std::string text) {
    log.append({}, std::vector{Event{.id = std::move(id),
                                     .time = health::seen(1, seconds).wall_time,
                                     .kind = health::EventKind::override_,
                                     .text = std::move(text)}});
  };
  told("a", -3000, "drain of shop/192.0.2.1 by alice: kernel update");
  told("a-end", -2000, "drain of shop/192.0.2.1 by alice (kernel update) ended: released by bob");
  told("b", -10, "drain of shop/192.0.2.1 by alice: kernel update");
  const std::vector targets{target(1), target(2)};
  const auto replayed = read_replay([this](const health::LogQuery& query) { return read_log(file, query); },
                                    present, targets, {.name = "www.example", .fall = 2, .since = kNoon},
                                    [&](const Past& past) {
                                      pasts.push_back(past);
                                      return std::vector<Course>();
                                    },
                                    end);
  ASSERT_EQ(replayed.index(), 0U);
  ASSERT_EQ(pasts.size(), 2U);
  ASSERT_EQ(pasts[0].decisions.size(), 1U);
  EXPECT_EQ(pasts[0].decisions[0].override_.id, "b");
}

TEST_F(ReplayLog, SaysWhatToDoWhereTheNameCannotBeGoneThrough) {
  did("...xxxxx......");
  const std::vector targets{target(1), target(2)};
  const auto replayed = read_replay([this](const health::LogQuery& query) { return read_log(file, query); },
                                    present, targets, {.name = "www.example", .fall = 2, .since = kNoon},
                                    [](const Past&) { return "too much"; }, end);
  EXPECT_EQ(std::get<std::string>(replayed), "too much; say a later --since");
}

}  // namespace
}  // namespace holdfast::server
