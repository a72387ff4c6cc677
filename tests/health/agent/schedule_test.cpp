#include "health/agent/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

const Clock::time_point kStart{1h};

Target target(unsigned number, MonitorSettings monitor = {}) {
  monitor.name = "web";
  return {{"web", boost::asio::ip::address_v4(0x0a000000u + number)}, monitor};
}

/// A target of virtual time, probed as the schedule says from its first slot after kStart on.
class Timeline {
 public:
  explicit Timeline(const Target& target) : target_(target), next_(next_slot(target, kStart)) {}

  /// Probes until the verdict is `wanted`; returns when that was. `run` gives how a probe that starts at the given
  /// moment ends, and how long it takes.
  struct Result {
    bool passed;
    nanoseconds takes;
  };
  Clock::time_point probe_until(Verdict wanted, const std::function<Result(Clock::time_point)>& run) {
    while (streak_.verdict != wanted) probe(run);
    return ended_;
  }
  void probe(const std::function<Result(Clock::time_point)>& run) {
    started_ = next_;
    const auto result = run(started_);
    ended_ = started_ + result.takes;
    streak_ = fold(streak_, result.passed, {target_.monitor.rise, target_.monitor.fall});
    next_ = next_start(target_, streak_, started_, ended_);
  }
  Clock::time_point started() const { return started_; }
  Clock::time_point next() const { return next_; }

 private:
  Target target_;
  Clock::time_point next_, started_, ended_;
  Streak streak_;
};

const auto kPass = [](Clock::time_point) { return Timeline::Result{true, 1ms}; };

TEST(Schedule, SlotsAreOneIntervalApart) {
  const auto slot = next_slot(target(1), kStart);
  EXPECT_GT(slot, kStart);
  EXPECT_LE(slot, kStart + 5s);
  EXPECT_EQ(next_slot(target(1), slot), slot + 5s);
  EXPECT_EQ(next_slot(target(1), slot - 1ns), slot);
  EXPECT_EQ(next_slot(target(1), slot + 60s + 1ms), slot + 65s) << "slots that were missed are missed";
}

TEST(Schedule, DoesNotDriftWhenProbesStartLate) {
  const auto slot = next_slot(target(1), kStart);
  EXPECT_EQ(next_start(target(1), {Verdict::up, 0}, slot + 30ms, slot + 700ms), slot + 5s);
}

TEST(Schedule, SpreadsStartsOverTheInterval) {
  std::array<int, 50> tenths{};
  for (unsigned i = 0; i < 10'000; ++i) {
    ++tenths[static_cast<std::size_t>((next_slot(target(i), kStart) - kStart - 1ns) / 100ms)];
  }
  EXPECT_GT(*std::min_element(tenths.begin(), tenths.end()), 100) << "of 200";
  EXPECT_LT(*std::max_element(tenths.begin(), tenths.end()), 300) << "of 200";
}

TEST(Schedule, FirstRoundComesWithinASecond) {
  std::array<int, 10> tenths{};
  for (unsigned i = 0; i < 1'000; ++i) {
    const auto wait = first_start(target(i), kStart) - kStart;
    ASSERT_GE(wait, 0s);
    ASSERT_LT(wait, kFirstRound);
    ++tenths[static_cast<std::size_t>(wait / 100ms)];
  }
  EXPECT_GT(*std::min_element(tenths.begin(), tenths.end()), 50) << "of 100";
}

TEST(Schedule, FirstRoundOfAShortIntervalIsThatShort) {
  for (unsigned i = 0; i < 100; ++i) {
    EXPECT_LT(first_start(target(i, {.interval = 50ms}), kStart), kStart + 50ms);
  }
}

TEST(Schedule, FailureIsLookedAtAgainAfterRetry) {
  const auto slot = next_slot(target(1), kStart);
  EXPECT_EQ(next_start(target(1), {Verdict::up, 1}, slot, slot + 400ms), slot + 1400ms);
  EXPECT_EQ(next_start(target(1), {Verdict::unknown, 1}, slot, slot + 400ms), slot + 1400ms);
  EXPECT_EQ(next_start(target(1), {Verdict::down, 1}, slot, slot + 400ms), slot + 5s)
      << "rising is not hurried";
}

TEST(Schedule, RetryIsNeverLaterThanTheSlot) {
  const auto hasty = target(1, {.interval = 1s, .retry = 2s, .timeout = 500ms});
  const auto slot = next_slot(hasty, kStart);
  EXPECT_EQ(next_start(hasty, {Verdict::up, 1}, slot, slot + 10ms), slot + 1s);
}

TEST(Schedule, SlotThatCameDuringAProbeIsUsedAtOnce) {
  const auto slot = next_slot(target(1), kStart);
  EXPECT_EQ(next_start(target(1), {Verdict::down, 0}, slot - 1s, slot + 2s), slot + 2s);
}

// Virtual time: the target of the defaults dies or comes back at every tenth of a second of its interval.
class Worst : public testing::Test {
 protected:
  /// How long after `change` the verdict follows, at worst.
  nanoseconds down_after(nanoseconds failure_takes) {
    nanoseconds worst{};
    for (unsigned i = 0; i < 20; ++i) {
      for (auto dies = 0ms; dies <= 5000ms; dies += 100ms) {
        Timeline timeline(target(i));
        timeline.probe(kPass);
        const auto death = timeline.started() + dies;
        const auto seen = timeline.probe_until(Verdict::down, [&](Clock::time_point start) {
          return start < death ? Timeline::Result{true, 1ms} : Timeline::Result{false, failure_takes};
        });
        worst = std::max<nanoseconds>(worst, seen - death);
      }
    }
    return worst;
  }
};

TEST_F(Worst, RefusedIsDownWithin7Seconds) { EXPECT_LE(down_after(0ms), 7s); }
TEST_F(Worst, RefusedAcrossTheOceanToo) { EXPECT_LE(down_after(150ms), 7s + 3 * 150ms); }
TEST_F(Worst, BlackHoleIsDownWithin16Seconds) { EXPECT_LE(down_after(3s), 16s); }

TEST_F(Worst, BackIsUpWithin15Seconds) {
  nanoseconds worst{};
  for (unsigned i = 0; i < 20; ++i) {
    for (const auto failure_takes : {1ms, 3000ms}) {
      for (auto lives = 0ms; lives <= 8000ms; lives += 100ms) {
        Timeline timeline(target(i));
        const auto fail = [&](Clock::time_point) { return Timeline::Result{false, failure_takes}; };
        timeline.probe_until(Verdict::down, fail);
        const auto birth = timeline.started() + lives;
        const auto seen = timeline.probe_until(Verdict::up, [&](Clock::time_point start) {
          return start < birth ? fail(start) : Timeline::Result{true, 0ms};
        });
        worst = std::max<nanoseconds>(worst, seen - birth);
      }
    }
  }
  EXPECT_LE(worst, 15s);
}

TEST(Schedule, GapsBetweenStartsAreAtMostOneInterval) {
  for (unsigned i = 0; i < 100; ++i) {
    Timeline timeline(target(i));
    for (int n = 0; n < 50; ++n) {
      const bool fails = (n + static_cast<int>(i)) % 7 < 3;
      timeline.probe([&](Clock::time_point) { return Timeline::Result{!fails, fails ? 2900ms : 3ms}; });
      ASSERT_LE(timeline.next() - timeline.started(), 5s);
      ASSERT_GE(timeline.next(), timeline.started());
    }
  }
}

TEST(IsLate, AfterThreeIntervalsAndATimeout) {
  const Target target{{"web", {}}, {.interval = 10s, .timeout = 4s}};
  EXPECT_FALSE(is_late(target, 34s));
  EXPECT_TRUE(is_late(target, 34001ms));
}

TEST(Doubt, EndsAtTheSoonestWithProbesThatTakeNoTime) {
  const Target one = target(1);  // interval 5 s, retry 1 s, fall 3, rise 3
  const auto slot = next_slot(one, kStart);
  const auto seconds = [&](Streak streak, Clock::time_point due) {
    const Doubt doubt = health::doubt(one, streak, due);
    return doubt ? std::chrono::duration<double>(*doubt - slot).count() : -1;
  };
  EXPECT_EQ(seconds({Verdict::up, 0}, slot + 5s), -1) << "settled";
  EXPECT_EQ(seconds({Verdict::up, 1}, slot + 1s), 2) << "two more";
  EXPECT_EQ(seconds({Verdict::up, 2}, slot + 2s), 2) << "one more";
  EXPECT_EQ(seconds({Verdict::unknown, 1}, slot + 1s), 2);
  EXPECT_EQ(seconds({Verdict::up, 1}, slot + 4500ms), 5) << "retries are never later than the slot";
  EXPECT_EQ(seconds({Verdict::down, 1}, slot + 5s), 10) << "rising is not hurried";
  EXPECT_EQ(seconds({Verdict::down, 0}, slot + 5s), -1);
  EXPECT_EQ(seconds({Verdict::up, 5}, slot + 1s), 1) << "a reload made `fall` less";
}

}  // namespace
}  // namespace holdfast::health
