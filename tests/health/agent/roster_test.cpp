#include "health/agent/roster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

const std::chrono::system_clock::time_point kNoon{12h};

Target target(unsigned number, MonitorSettings monitor = {}) {
  monitor.name = "web";
  return {{"web", boost::asio::ip::address_v4(0x0a000000u + number)}, monitor};
}

std::vector<Target> targets(unsigned count) {
  std::vector<Target> all;
  for (unsigned i = 0; i < count; ++i) all.push_back(target(i));
  return all;
}

/// A roster in virtual time, with probes that end as `outcome` says.
class RosterTest : public testing::Test {
 protected:
  struct Flight {
    Roster::Ticket ticket;
    Target target;
    Clock::time_point started, ends;
    Outcome outcome;
  };
  struct Probed {
    Target target;
    Clock::time_point started;
  };

  /// Runs until `end`: starts what is due, ends what has run long enough.
  void run_until(Clock::time_point end) {
    for (;;) {
      for (auto& start : roster_.take_due(now_)) {
        probed_.push_back({start.target, now_});
        flights_.push_back(
            {start.ticket, start.target, now_, now_ + takes_(start.target), outcome_(start.target)});
      }
      auto next = roster_.next_due().value_or(end);
      for (const auto& flight : flights_) next = std::min(next, flight.ends);
      if (next >= end) break;
      now_ = std::max(now_, next);
      const auto over = std::partition(flights_.begin(), flights_.end(),
                                       [this](const Flight& flight) { return flight.ends > now_; });
      for (auto flight = over; flight != flights_.end(); ++flight) finish(*flight);
      flights_.erase(over, flights_.end());
    }
    now_ = end;
  }
  std::optional<Roster::Ended> finish(const Flight& flight) {
    Observation seen;
    seen.target = flight.target.id;
    seen.outcome = flight.outcome;
    seen.total = std::chrono::duration_cast<std::chrono::microseconds>(now_ - flight.started);
    seen.ended = now_;
    seen.wall_time = kNoon + std::chrono::duration_cast<std::chrono::seconds>(now_ - kBegin);
    return roster_.ended(flight.ticket, seen);
  }
  void watch(const std::vector<Target>& wanted) { forgotten_ = roster_.watch(wanted, now_, kNoon); }
  /// Verdicts by target, 'U', 'D' or '?'.
  std::string verdicts() const {
    std::string all;
    for (const auto& status : roster_.status(now_)) {
      all += status.verdict == Verdict::up ? 'U' : status.verdict == Verdict::down ? 'D' : '?';
    }
    return all;
  }

  static constexpr Clock::time_point kBegin{1h};
  Clock::time_point now_ = kBegin;
  Roster roster_{1000};
  std::function<Clock::duration(const Target&)> takes_ = [](const Target&) { return 1ms; };
  std::function<Outcome(const Target&)> outcome_ = [](const Target&) { return Outcome::passed; };
  std::vector<Flight> flights_;
  std::vector<Probed> probed_;
  std::vector<Roster::Ticket> forgotten_;
};

TEST_F(RosterTest, KnowsAllAfterTheFirstRound) {
  watch(targets(100));
  EXPECT_EQ(verdicts(), std::string(100, '?'));
  run_until(kBegin + kFirstRound + 10ms);
  EXPECT_EQ(verdicts(), std::string(100, 'U'));
  EXPECT_EQ(probed_.size(), 100u);
}

TEST_F(RosterTest, ProbesEachOncePerInterval) {
  watch(targets(100));
  run_until(kBegin + 10s);
  probed_.clear();
  run_until(kBegin + 70s);
  EXPECT_EQ(probed_.size(), 12u * 100);
}

TEST_F(RosterTest, NoSecondHasMoreThanItsShare) {
  watch(targets(10'000));
  run_until(kBegin + 10s);
  probed_.clear();
  run_until(kBegin + 70s);
  std::vector<unsigned> per_second(60);
  for (const auto& probe : probed_)
    ++per_second[static_cast<std::size_t>((probe.started - kBegin - 10s) / 1s)];
  EXPECT_LT(*std::max_element(per_second.begin(), per_second.end()), 2000 * 1.2);
}

TEST_F(RosterTest, ChangeTellsTheVerdictAndSinceWhen) {
  watch({target(1)});
  run_until(kBegin + 20s);
  outcome_ = [](const Target&) { return Outcome::refused; };
  run_until(kBegin + 60s);
  const auto status = roster_.status(now_).front();
  EXPECT_EQ(status.verdict, Verdict::down);
  EXPECT_EQ(status.transitions, 1u);
  EXPECT_GE(status.since, kNoon + 22s);
  EXPECT_LE(status.since, kNoon + 27s);
  EXPECT_GT(status.last->wall_time, status.since) << "`since` does not move with each probe";
}

TEST_F(RosterTest, TellsTheFirstProbeAndEachChangeOnce) {
  watch({target(1, {.fall = 2})});
  std::string told;  // per failed probe: 'f' first, 'c' changed, '-' nothing
  for (int i = 0; i < 4; ++i) {
    now_ = *roster_.next_due();
    const auto start = roster_.take_due(now_).front();
    const auto ended = finish({start.ticket, start.target, now_, now_, Outcome::refused});
    ASSERT_TRUE(ended);
    told += !ended->changed ? '-' : ended->changed->verdict == ended->before ? 'f' : 'c';
  }
  EXPECT_EQ(told, "fc--");
}

TEST_F(RosterTest, BeginsWithWhatWasBelievedBeforeARestart) {
  const auto down = [](unsigned i) { return KeptVerdict{target(i).id, Verdict::down, kNoon, 1, kNoon}; };
  roster_.remember({down(0)});
  watch(targets(2));
  EXPECT_EQ(verdicts(), "D?");
}

// A server that started with nothing to check, and was given its targets by a reload long after.
TEST_F(RosterTest, BelievesNothingOfBeforeOnceOtherTargetsAreToComeFirst) {
  roster_.remember({KeptVerdict{target(0).id, Verdict::down, kNoon, 1, kNoon}});
  roster_.remember({});
  watch(targets(1));
  EXPECT_EQ(verdicts(), "?");
  run_until(kBegin + kFirstRound + 10ms);
  EXPECT_EQ(verdicts(), "U");
}

TEST_F(RosterTest, EqualTargetsKeepStateAndSchedule) {
  watch(targets(3));
  run_until(kBegin + 20s);
  const auto due = roster_.next_due();
  watch(targets(3));
  EXPECT_EQ(roster_.next_due(), due);
  EXPECT_EQ(verdicts(), "UUU");
}

TEST_F(RosterTest, TargetThatIsCheckedMoreOftenKeepsItsVerdict) {
  watch({target(1)});
  run_until(kBegin + 20s);
  watch({target(1, {.interval = 2s})});
  EXPECT_EQ(verdicts(), "U");
}

// It would take three failures more, and so long longer, each time that somebody changes how often it is checked.
TEST_F(RosterTest, WhatWasSeenAgainstAVerdictCountsAlsoWhenItIsCheckedMoreOften) {
  watch({target(1)});
  run_until(kBegin + 20s);
  outcome_ = [](const Target&) { return Outcome::refused; };
  const auto seen = probed_.size();
  while (probed_.size() < seen + 2) run_until(now_ + 100ms);
  EXPECT_EQ(verdicts(), "U") << "two of three";
  watch({target(1, {.interval = 2s})});
  while (probed_.size() < seen + 3) run_until(now_ + 100ms);
  run_until(now_ + 10ms);
  EXPECT_EQ(verdicts(), "D");
}

TEST_F(RosterTest, OfATargetThatIsCheckedOtherwiseNothingIsKnownAndItIsProbedAnew) {
  watch({target(1)});
  run_until(kBegin + 20s);
  watch({target(1, {.path = "/new"})});
  EXPECT_EQ(verdicts(), "?");
  EXPECT_FALSE(roster_.status(now_).front().observed());
  probed_.clear();
  run_until(now_ + kFirstRound);
  ASSERT_EQ(probed_.size(), 1u);
  EXPECT_EQ(probed_.front().target.monitor.path, "/new");
}

TEST_F(RosterTest, ProbeOfOldSettingsDoesNotCount) {
  watch({target(1)});
  now_ = *roster_.next_due();
  const auto start = roster_.take_due(now_).front();
  watch({target(1, {.path = "/new"})});
  EXPECT_EQ(forgotten_, std::vector{start.ticket});
  EXPECT_FALSE(finish({start.ticket, start.target, now_, now_, Outcome::refused}));
  EXPECT_FALSE(roster_.status(now_).front().observed());
}

TEST_F(RosterTest, TargetThatIsGoneIsForgottenInFlightOrNot) {
  watch(targets(2));
  now_ = *roster_.next_due();
  const auto start = roster_.take_due(now_).front();
  watch({});
  EXPECT_EQ(forgotten_, std::vector{start.ticket});
  EXPECT_FALSE(roster_.next_due());
  EXPECT_TRUE(roster_.status(now_).empty());
  EXPECT_FALSE(finish({start.ticket, start.target, now_, now_, Outcome::refused}));
}

TEST_F(RosterTest, NoMoreInFlightThanThereIsRoom) {
  roster_ = Roster(3);
  watch(targets(10));
  now_ += 2s;
  const auto first = roster_.take_due(now_);
  EXPECT_EQ(first.size(), 3u);
  EXPECT_FALSE(roster_.next_due()) << "nothing to wake up for before one has ended";
  EXPECT_TRUE(roster_.take_due(now_).empty());
  finish({first[1].ticket, first[1].target, now_, now_, Outcome::passed});
  EXPECT_EQ(roster_.take_due(now_).size(), 1u);
}

TEST_F(RosterTest, ACombinationTakesAPlaceForEachPart) {
  roster_ = Roster(20);
  MonitorSettings eight{.type = Protocol::all, .parts = std::vector<MonitorSettings>(8)};
  watch({target(1, eight), target(2, eight), target(3, eight)});
  now_ += 2s;
  const auto first = roster_.take_due(now_);
  EXPECT_EQ(first.size(), 2u) << "16 of 20; a third does not fit";
  EXPECT_EQ(roster_.pace(now_).in_flight, 16u);
  EXPECT_FALSE(roster_.next_due());
  finish({first[0].ticket, first[0].target, now_, now_, Outcome::passed});
  EXPECT_LE(roster_.next_due(), now_);
  EXPECT_EQ(roster_.take_due(now_).size(), 1u);
}

TEST_F(RosterTest, ACombinationOfMoreThanThereIsRoomForIsProbedAlone) {
  roster_ = Roster(3);
  takes_ = [](const Target&) { return 1s; };
  watch({target(1, {.type = Protocol::all, .parts = std::vector<MonitorSettings>(8)}), target(2)});
  run_until(kBegin + 30s);
  EXPECT_EQ(verdicts(), "UU");
}

TEST_F(RosterTest, StartsAHundredAtOnce) {
  watch(targets(250));
  now_ += 2s;
  EXPECT_EQ(roster_.take_due(now_).size(), 100u);
  EXPECT_LE(roster_.next_due(), now_) << "the others are not forgotten";
  EXPECT_EQ(roster_.pace(now_).waiting, 150u);
  EXPECT_EQ(roster_.take_due(now_).size(), 100u);
  EXPECT_EQ(roster_.take_due(now_ + 20s).size(), 50u) << "who was due at the last look keeps its turn";
}

TEST_F(RosterTest, WhoWaitsForRoomKeepsItsTurn) {
  roster_ = Roster(10);  // 100 black holes of 3 s would need 60
  takes_ = [](const Target& t) { return t.monitor.timeout; };
  outcome_ = [](const Target&) { return Outcome::connect_timeout; };
  watch(targets(100));
  run_until(kBegin + 300s);
  std::map<TargetId, unsigned> times;
  for (const auto& probe : probed_) ++times[probe.target.id];
  ASSERT_EQ(times.size(), 100u);
  for (const auto& [id, count] : times) {
    EXPECT_GE(count, 9u) << id.address;  // 10 places, 300 s, 3 s each: 1000 probes
    EXPECT_LE(count, 11u) << id.address;
  }
}

TEST_F(RosterTest, BlackHolesDoNotDelayTheOthers) {
  const auto is_hole = [](const Target& t) { return t.id.address.to_v4().to_uint() % 10 < 3; };
  takes_ = [&](const Target& t) { return is_hole(t) ? Clock::duration(t.monitor.timeout) : 2ms; };
  outcome_ = [&](const Target& t) { return is_hole(t) ? Outcome::connect_timeout : Outcome::passed; };
  roster_ = Roster(512);
  watch(targets(500));
  run_until(kBegin + 60s);
  std::map<TargetId, Clock::time_point> last;
  for (const auto& probe : probed_) {
    if (const auto place = last.find(probe.target.id); place != last.end()) {
      EXPECT_LE(probe.started - place->second, 5s) << probe.target.id.address;
    }
    last[probe.target.id] = probe.started;
  }
}

TEST_F(RosterTest, StopOfAMinuteMakesNoBurst) {
  watch(targets(1000));
  run_until(kBegin + 20s);
  now_ += 60s;  // SIGSTOP
  probed_.clear();
  run_until(now_ + 5s);
  std::vector<unsigned> per_second(6);
  const auto woken = now_ - 5s;
  for (const auto& probe : probed_) ++per_second[static_cast<std::size_t>((probe.started - woken) / 1s)];
  EXPECT_LT(*std::max_element(per_second.begin(), per_second.end()), 200 * 1.2);
  EXPECT_EQ(probed_.size(), 1000u) << "each at its own slot";
}

TEST_F(RosterTest, FailureAfterAStopIsOurs) {
  watch({target(1, {.fall = 1})});
  run_until(kBegin + 20s);
  now_ = *roster_.next_due();
  const auto start = roster_.take_due(now_).front();
  const auto started = now_;
  now_ += 60s;
  EXPECT_FALSE(finish({start.ticket, start.target, started, now_, Outcome::connect_timeout}));
  EXPECT_EQ(verdicts(), "U");
  EXPECT_LE(*roster_.next_due(), now_ + 1s);
}

TEST_F(RosterTest, ProbeThatWasNotRunIsNeitherPassNorFailure) {
  watch({target(1, {.fall = 1})});
  now_ = *roster_.next_due();
  const auto start = roster_.take_due(now_).front();
  EXPECT_FALSE(roster_.next_due());
  roster_.not_run(start.ticket, now_);
  EXPECT_EQ(verdicts(), "?");
  EXPECT_FALSE(roster_.status(now_).front().observed());
  EXPECT_GT(*roster_.next_due(), now_);
  EXPECT_LE(*roster_.next_due(), now_ + 1s);
}

TEST_F(RosterTest, TargetThatIsForgottenIsLate) {
  watch({target(1), target(2, {.interval = 60s})});
  run_until(kBegin + 60s);
  EXPECT_EQ(roster_.pace(now_).late, 0u);
  const auto seen = now_ - roster_.status(now_)[0].unseen;
  EXPECT_FALSE(roster_.status(seen + 3 * 5s + 3s)[0].late);
  const auto then = seen + 3 * 5s + 3s + 1ms;  // nobody looked
  EXPECT_TRUE(roster_.status(then)[0].late);
  EXPECT_FALSE(roster_.status(then)[1].late) << "it has a longer interval";
  const auto pace = roster_.pace(then);
  EXPECT_EQ(pace.late, 1u);
  ASSERT_TRUE(pace.longest);
  EXPECT_EQ(pace.longest->target, target(1).id);
  EXPECT_EQ(pace.longest->time, then - seen);
  EXPECT_EQ(pace.waiting, 1u) << "its start has been due since the next slot";
}

TEST_F(RosterTest, TargetWhoseProbesCannotBeRunIsLate) {
  watch({target(1)});
  for (int i = 0; i < 100; ++i) {
    now_ = *roster_.next_due();
    roster_.not_run(roster_.take_due(now_).front().ticket, now_);
  }
  EXPECT_EQ(roster_.pace(now_).late, 1u);
  EXPECT_EQ(roster_.pace(now_).not_run, 100u);
  run_until(now_ + 5s);
  EXPECT_EQ(roster_.pace(now_).late, 0u) << "one that ran ends it";
}

TEST_F(RosterTest, ProbeThatNeverEndsIsLate) {
  watch({target(1)});
  run_until(kBegin + 20s);
  const auto seen = now_ - roster_.status(now_).front().unseen;
  now_ = *roster_.next_due();
  roster_.take_due(now_);
  EXPECT_EQ(roster_.pace(seen + 18s).late, 0u);
  EXPECT_EQ(roster_.pace(seen + 18s + 1ms).late, 1u);
  EXPECT_EQ(roster_.pace(seen + 18s + 1ms).in_flight, 1u);
}

TEST_F(RosterTest, CountsHowLateProbesStart) {
  watch(targets(100));
  run_until(kBegin + 60s);
  const auto punctual = roster_.pace(now_).lag;
  EXPECT_EQ(punctual.counts.front(), probed_.size());
  EXPECT_EQ(punctual.sum, 0);
  now_ = *roster_.next_due() + 30ms;
  const auto started = roster_.take_due(now_).size();
  ASSERT_GT(started, 0u);
  const auto lag = roster_.pace(now_).lag;
  EXPECT_GT(lag.counts[2], 0u) << "20 to 50 ms";
  EXPECT_GE(lag.sum, 0.029);
}

/// What there is after each outcome of a timeline ('.' passed, 'x' failed): D in doubt, - settled; small when the listener
/// hears of that.
class RosterDoubtTest : public RosterTest {
 protected:
  std::string doubts(std::string_view timeline, Clock::duration takes = 0s) {
    watch({target(1)});
    std::string letters;
    for (const char outcome : timeline) {
      now_ = roster_.next_due().value();
      const auto start = roster_.take_due(now_).at(0);
      now_ += takes;
      const auto ended = finish(
          {start.ticket, start.target, now_, now_, outcome == '.' ? Outcome::passed : Outcome::refused});
      const Doubt doubt = roster_.status(now_)[0].doubt;
      const auto& told = ended->changed ? ended->changed : ended->doubted;
      EXPECT_EQ(told ? told->doubt : doubt, doubt);
      EXPECT_FALSE(ended->changed && ended->doubted) << "it is told once";
      letters += told ? (doubt ? 'd' : '_') : (doubt ? 'D' : '-');
    }
    return letters;
  }
};

TEST_F(RosterDoubtTest, BeginsWithTheFirstFailureAndIsToldOnce) {
  EXPECT_EQ(doubts("..x..xxx"),
            "_-d_-"
            "dD_");
}
TEST_F(RosterDoubtTest, IsThereBeforeTheFirstVerdict) { EXPECT_EQ(doubts("xxx"), "dD_"); }
TEST_F(RosterDoubtTest, IsAboutRisingToo) { EXPECT_EQ(doubts("xxx.x..."), "dD_d_dD_"); }
TEST_F(RosterDoubtTest, SaysWhenTheVerdictCouldChangeAtTheSoonest) {
  doubts("..x");
  const Doubt first = roster_.status(now_)[0].doubt;
  EXPECT_EQ(first, now_ + 2s);
  doubts("x", 500ms);
  EXPECT_EQ(roster_.status(now_)[0].doubt, first) << "it is not put off";
}
TEST_F(RosterDoubtTest, EndsWithWhatIsCheckedOtherwise) {
  doubts("..x");
  watch({target(1, {.path = "/other"})});
  EXPECT_FALSE(roster_.status(now_)[0].doubt);
}

}  // namespace
}  // namespace holdfast::health
