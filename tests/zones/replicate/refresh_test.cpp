#include "zones/replicate/refresh.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <string>

namespace holdfast::zones {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::system_clock;
using Lines = std::vector<std::string>;

constexpr std::uint64_t kMiddle = std::uint64_t{1} << 63;  // neither earlier nor later
constexpr SoaTimers kTimers{7200s, 900s, 86400s};

/// One primary, as the test wants it to be.
struct Fake {
  std::optional<std::uint32_t> serial{};  ///< null: it is silent
  bool sends_rubbish = false;
  milliseconds answers_after = 0ms;
  std::optional<std::chrono::seconds> expire{};
};

/// A secondary and its primaries, in a time of its own. What it does is written down as "12.5 ask", "12.5 transfer 0: 9".
class World {
 public:
  World(std::initializer_list<Fake> fakes) : primaries(fakes), refresh(primaries.size()) {
    refresh.begin(now);
  }

  std::vector<Fake> primaries;
  BootTime now{};
  Refresh refresh;
  std::uint64_t random = kMiddle;
  milliseconds transfer_takes = 0ms;
  SoaTimers timers = kTimers;

  /// What happens until then.
  Lines until(std::chrono::duration<double> end) {
    const BootTime last = BootTime(std::chrono::duration_cast<milliseconds>(end));
    lines_.clear();
    for (int steps = 0;; ++steps) {
      EXPECT_LT(steps, 100'000) << "it goes in circles";
      if (steps >= 100'000) break;
      act();
      BootTime next = BootTime::max();
      if (const auto due = refresh.due()) next = *due;
      if (!events_.empty()) next = std::min(next, events_.begin()->first);
      if (next > last) break;
      EXPECT_GE(next, now);
      now = std::max(now, next);
      while (!events_.empty() && events_.begin()->first <= now) {
        const auto event = events_.begin()->second;
        events_.erase(events_.begin());
        event();
      }
    }
    now = last;
    return lines_;
  }
  void notify(std::optional<Serial> serial = {}) { refresh.notified(serial, now); }

 private:
  void act() {
    for (Refresh::Todo todo = refresh.todo(now, random); todo.kind != Refresh::Kind::nothing;
         todo = refresh.todo(now, random)) {
      if (todo.kind == Refresh::Kind::ask) {
        say("ask");
        for (std::size_t i = 0; i < primaries.size(); ++i) ask(i);
      } else {
        events_.emplace(now + transfer_takes, [this, primary = todo.primary] { transfer(primary); });
      }
    }
  }
  void ask(std::size_t i) {
    const Fake& fake = primaries[i];
    const milliseconds delay = fake.serial ? fake.answers_after : milliseconds(4000);
    events_.emplace(now + delay, [this, i, said = fake.serial, expire = fake.expire] {
      if (said) {
        refresh.answered(i, Serial(*said), expire, now);
      } else {
        refresh.unanswered(i);
      }
    });
  }
  void transfer(std::size_t i) {
    const Fake& fake = primaries[i];
    const auto have = refresh.have();
    const bool is_good =
        fake.serial && !fake.sends_rubbish && (!have || Serial(*fake.serial).is_after(*have));
    say("transfer " + std::to_string(i) + (is_good ? ": " + std::to_string(*fake.serial) : " fails"));
    if (is_good) {
      refresh.took(Serial(*fake.serial), timers, fake.expire, now, random);
    } else {
      refresh.failed();
    }
  }
  void say(const std::string& what) {
    char time[32];
    std::snprintf(time, sizeof time, "%g ", std::chrono::duration<double>(now.time_since_epoch()).count());
    lines_.push_back(time + what);
  }

  std::multimap<BootTime, std::function<void()>> events_;
  Lines lines_;
};

TEST(Refresh, TransfersAtOnceWhatIsNotThere) {
  World world{{.serial = 5}};
  EXPECT_EQ(world.until(1s), (Lines{"0 ask", "0 transfer 0: 5"}));
  EXPECT_EQ(world.refresh.have(), Serial(5));
}

TEST(Refresh, AsksAsOftenAsTheSoaSays) {
  World world{{.serial = 5}};
  EXPECT_EQ(world.until(20000s), (Lines{"0 ask", "0 transfer 0: 5", "7200 ask", "14400 ask"}));
  world.primaries[0].serial = 6;
  EXPECT_EQ(world.until(30000s), (Lines{"21600 ask", "21600 transfer 0: 6", "28800 ask"}));
}

TEST(Refresh, SpreadsItsQuestions) {
  World early{{.serial = 5}}, late{{.serial = 5}};
  early.random = 0;
  late.random = ~std::uint64_t{0};
  EXPECT_EQ(early.until(7000s).back(), "6480 ask");
  EXPECT_EQ(late.until(8000s).back(), "7920 ask");
}

TEST(Refresh, TriesQuicklyWhileNothingIsThere) {
  World world{Fake{}};  // a round takes 4 s
  EXPECT_EQ(world.until(300s), (Lines{"0 ask", "5 ask", "11 ask", "19 ask", "31 ask", "51 ask", "87 ask",
                                      "151 ask", "215 ask", "279 ask"}));
}

TEST(Refresh, TriesASilentPrimaryAgainAsTheSoaSays) {
  World world{{.serial = 5}};
  world.until(1s);
  world.primaries[0].serial.reset();
  EXPECT_EQ(world.until(10000s), (Lines{"7200 ask", "8104 ask", "9008 ask", "9912 ask"}));
}

TEST(Refresh, TriesWhatFailedQuicklyAndThenAsTheSoaSays) {
  World world{{.serial = 5}};
  world.until(1s);
  world.primaries[0] = {.serial = 6, .sends_rubbish = true};
  world.notify();
  Lines asked;
  for (const std::string& line : world.until(2000s)) {
    if (line.ends_with("ask")) asked.push_back(line);
  }
  EXPECT_EQ(asked, (Lines{"1 ask", "2 ask", "4 ask", "8 ask", "16 ask", "32 ask", "64 ask", "124 ask",
                          "1024 ask", "1924 ask"}));
  world.primaries[0].sends_rubbish = false;
  EXPECT_EQ(world.until(2900s), (Lines{"2824 ask", "2824 transfer 0: 6"}));
  EXPECT_EQ(world.refresh.failures(), 0U);
}

TEST(Refresh, TakesAGoodVersionWithinTwoSecondsOfTheFirstBadOne) {
  World world{{.serial = 5}};
  world.until(1s);
  world.random = ~std::uint64_t{0};
  world.primaries[0] = {.serial = 6, .sends_rubbish = true};
  world.notify();
  world.until(1.5s);
  world.primaries[0].sends_rubbish = false;
  EXPECT_EQ(world.until(3s), (Lines{"2.1 ask", "2.1 transfer 0: 6"}));
}

TEST(Refresh, AsksAtOnceWhenNotified) {
  World world{{.serial = 5}};
  world.until(100s);
  world.primaries[0].serial = 6;
  world.notify();
  EXPECT_EQ(world.until(101s), (Lines{"100 ask", "100 transfer 0: 6"}));
}

TEST(Refresh, AsksOnceASecondHoweverOftenItIsNotified) {
  World world{{.serial = 5}};
  world.until(100s);
  std::size_t asked = 0;
  for (int i = 0; i < 60'000; ++i) {  // 10,000 a second
    world.notify(Serial(2'000'000'000U));
    asked += world.until(100s + std::chrono::duration<double>(i / 10'000.0)).size();
  }
  EXPECT_EQ(asked, 6U);
}

TEST(Refresh, DoesNotAskForASerialThatItHas) {
  World world{{.serial = 5}};
  world.until(100s);
  world.notify(Serial(5));
  world.notify(Serial(4));
  EXPECT_EQ(world.until(200s), Lines());
  world.notify(Serial(6));
  EXPECT_EQ(world.until(300s), Lines{"200 ask"});
}

TEST(Refresh, AsksAgainBehindATransferThatWasOnWhenItWasNotified) {
  World world{{.serial = 5}};
  world.transfer_takes = 10s;
  world.until(3s);
  world.notify();
  world.notify();
  EXPECT_EQ(world.until(30s), (Lines{"10 transfer 0: 5", "10 ask"}));
}

TEST(Refresh, DoesNotTransferTheSameRubbishAgainWhenNotified) {
  World world{{.serial = 5}};
  world.until(1s);
  world.primaries[0] = {.serial = 6, .sends_rubbish = true};
  std::size_t transfers = 0;
  for (int i = 10; i < 1200; ++i) {
    world.notify(Serial(7));
    const Lines lines = world.until(std::chrono::duration<double>(i / 10.0));
    transfers += static_cast<std::size_t>(std::count_if(
        lines.begin(), lines.end(), [](const std::string& line) { return line.ends_with("fails"); }));
  }
  EXPECT_EQ(transfers, 7U);  // after 1, 2, 4 ... s
  world.primaries[0] = {.serial = 7};
  world.notify();
  EXPECT_EQ(world.until(121s).back(), "120 transfer 0: 7");
}

TEST(Refresh, TransfersTheSameRubbishAgainWhenSomebodyWantsIt) {
  World world{{.serial = 5}};
  world.until(1s);
  world.primaries[0] = {.serial = 6, .sends_rubbish = true};
  world.notify();
  world.until(100s);
  world.primaries[0].sends_rubbish = false;
  world.notify();
  EXPECT_EQ(world.until(101s), Lines{"100 ask"});
  world.refresh.retry(world.now);
  EXPECT_EQ(world.until(102s), (Lines{"101 ask", "101 transfer 0: 6"}));
}

TEST(Refresh, TakesTheHighestSerial) {
  World world{{.serial = 5}, {.serial = 7}, {.serial = 6}};
  EXPECT_EQ(world.until(1s), (Lines{"0 ask", "0 transfer 1: 7"}));
  World around{{.serial = 0xfffffff0U}, {.serial = 3}};
  EXPECT_EQ(around.until(1s), (Lines{"0 ask", "0 transfer 1: 3"}));
}

TEST(Refresh, StaysWithAPrimaryThatIsAsGood) {
  World world{{.serial = 5}, {.serial = 7}};
  world.until(1s);
  world.primaries = {{.serial = 8}, {.serial = 8}};
  world.notify();
  EXPECT_EQ(world.until(2s), (Lines{"1 ask", "1 transfer 1: 8"}));
  world.primaries = {{.serial = 10}, {.serial = 9}};
  world.notify();
  EXPECT_EQ(world.until(3s), (Lines{"2 ask", "2 transfer 0: 10"}));
}

TEST(Refresh, TriesTheNextPrimaryAtOnce) {
  World world{{.serial = 7, .sends_rubbish = true}, {.serial = 6, .sends_rubbish = true}, {.serial = 5}};
  EXPECT_EQ(world.until(0.5s),
            (Lines{"0 ask", "0 transfer 0 fails", "0 transfer 1 fails", "0 transfer 2: 5"}));
}

TEST(Refresh, DoesNotWaitLongForASilentPrimary) {
  World world{{}, {.serial = 5}};
  EXPECT_EQ(world.until(5s), (Lines{"0 ask", "2 transfer 1: 5"}));
}

TEST(Refresh, HearsThoseWhoAnswerLate) {
  World world{{.serial = 7, .sends_rubbish = true}, {.serial = 6, .answers_after = 3s}};
  EXPECT_EQ(world.until(4s), (Lines{"0 ask", "2 transfer 0 fails", "3 transfer 1: 6"}));
}

TEST(Refresh, FailsWhereANewerVersionCannotBeHadThoughAnotherPrimaryHasOurs) {
  World world{{.serial = 5}, {.serial = 5}};
  world.until(1s);
  world.primaries[0] = {.serial = 6, .sends_rubbish = true};
  world.notify();
  EXPECT_EQ(world.until(2.5s), (Lines{"1 ask", "1 transfer 0 fails", "2 ask", "2 transfer 0 fails"}));
}

TEST(Refresh, GoesOnServingWhatAPrimaryIsBehind) {
  World world{{.serial = 5}};
  world.until(1s);
  world.primaries[0].serial = 4;
  EXPECT_EQ(world.until(15000s), (Lines{"7200 ask", "14400 ask"}));
  EXPECT_EQ(*world.refresh.expires(), BootTime(14400s + kTimers.expire));
}

TEST(Refresh, ExpiresAndAlarmsAtHalfOfThat) {
  World world{{.serial = 5}};
  world.until(7200s);
  world.primaries[0].serial.reset();
  world.until(7200s + 43199s);
  EXPECT_FALSE(world.refresh.is_old(world.now));
  world.until(7200s + 43200s);
  EXPECT_TRUE(world.refresh.is_old(world.now));
  world.until(7200s + 86399s);
  EXPECT_FALSE(world.refresh.is_expired(world.now));
  world.until(7200s + 86400s);
  EXPECT_TRUE(world.refresh.is_expired(world.now));
  world.primaries[0].serial = 5;
  world.until(7200s + 86400s + 2000s);
  EXPECT_FALSE(world.refresh.is_expired(world.now));
  EXPECT_FALSE(world.refresh.is_old(world.now));
}

// RFC 7314 4
TEST(Refresh, HasAVersionNoLongerThanItsPrimary) {
  World world{{.serial = 5, .expire = 3600s}, {.serial = 5, .expire = 1800s}};
  world.until(1s);
  EXPECT_EQ(*world.refresh.expires(), BootTime(3600s));
  world.until(7200s);  // the longest of those that have it
  EXPECT_EQ(*world.refresh.expires(), BootTime(7200s + 3600s));
  World longer{{.serial = 5, .expire = 999999s}};
  longer.until(1s);
  EXPECT_EQ(*longer.refresh.expires(), BootTime(kTimers.expire));
}

TEST(Refresh, GoesOnAfterARestart) {
  const auto wall = system_clock::time_point(1'800'000'000s);
  const auto begun = [&](std::chrono::seconds left) {
    Refresh refresh(1);
    refresh.begin(Serial(5), kTimers, wall + left, BootTime(50s), wall, kMiddle);
    return refresh;
  };
  EXPECT_EQ(*begun(1000s).expires(), BootTime(1050s));
  EXPECT_EQ(*begun(1000s).due(), BootTime(52500ms));
  EXPECT_FALSE(begun(1000s).is_expired(BootTime(50s)));
  EXPECT_TRUE(begun(-10s).is_expired(BootTime(50s)));
  // somebody set the clock of the wall by ten years
  EXPECT_EQ(*begun(std::chrono::hours(24 * 3650)).expires(), BootTime(50s + kTimers.expire));
  EXPECT_EQ(*begun(-std::chrono::hours(24 * 3650)).expires(), BootTime(50s));
}

TEST(Refresh, KeepsTheTimersOfASoaWithinLimits) {
  std::vector<std::uint8_t> soa(22, 0);
  const SoaTimers least = timers_of(soa);
  EXPECT_EQ(least.refresh, kMinSoaRefresh);
  EXPECT_EQ(least.retry, kMinSoaRetry);
  EXPECT_EQ(least.expire, kMinSoaExpire);
  std::fill(soa.begin(), soa.end(), 0xff);
  const SoaTimers most = timers_of(soa);
  EXPECT_EQ(most.refresh, kMaxSoaRefresh);
  EXPECT_EQ(most.retry, kMaxSoaRetry);
  EXPECT_EQ(most.expire, kMaxSoaExpire);
  soa[2 + 4 + 2] = soa[2 + 4 + 1] = soa[2 + 4] = 0, soa[2 + 4 + 3] = 77;
  EXPECT_EQ(timers_of(soa).refresh, 77s);
}

// Whatever primaries do, questions come at most once a second, and something is always due.
TEST(Refresh, NeitherRacesNorStops) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::uint64_t state = seed;
    const auto random = [&state] {
      return state = state * 6364136223846793005U + 1442695040888963407U, state >> 33;
    };
    World world{{}, {}, {}};
    world.timers = {10s, 5s, 60s};
    std::size_t asked = 0;
    for (int second = 1; second <= 300; ++second) {
      for (Fake& fake : world.primaries) {
        if (random() % 5 != 0) continue;
        fake.serial =
            random() % 4 == 0 ? std::nullopt : std::optional(static_cast<std::uint32_t>(random() % 50));
        fake.sends_rubbish = random() % 2 == 0;
        fake.answers_after = milliseconds(random() % 4000);
      }
      world.random = random() << 33;
      world.transfer_takes = milliseconds(random() % 3000);
      if (random() % 3 == 0) world.notify();
      const auto before = world.refresh.have();
      for (const std::string& line : world.until(std::chrono::seconds(second)))
        asked += line.ends_with("ask") ? 1 : 0;
      EXPECT_TRUE(!before || world.refresh.have() == before || world.refresh.have()->is_after(*before));
    }
    EXPECT_LE(asked, 301U);
    EXPECT_GE(asked, 20U) << seed;
  }
}

}  // namespace
}  // namespace holdfast::zones
