#include "health/notify/digest.h"

#include <gtest/gtest.h>

#include "tests/health/notify/happenings.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

/// Told at these times, as "10.0: a b" with the ids of the events; reminders begin with "again". Looks at the digest only
/// when it says that there is something, as whoever sends does.
std::vector<std::string> told(Digest& digest, const Rules& rules, const Moment& from, const Moment& to) {
  std::vector<std::string> lines;
  Moment now = from;
  for (;;) {
    const auto wait = digest.wait(rules, now);
    if (!wait || now.steady + *wait > to.steady) return lines;
    now.steady += *wait;
    now.wall += *wait;
    const auto notification = digest.take(rules, now);
    if (!notification) continue;  // quiet hours were put off, or the like: asked again
    const auto seconds = std::chrono::duration<double>(now.steady - at(0.0).steady).count();
    std::string line = std::to_string(seconds).substr(0, std::to_string(seconds).find('.') + 2) + ":";
    if (notification->kind == Notification::Kind::reminder) line += " again";
    for (const EventPtr& event : notification->events) line += ' ' + event->id;
    if (notification->left_out != 0) line += " and " + std::to_string(notification->left_out) + " left out";
    lines.push_back(line);
  }
}

using Lines = std::vector<std::string>;

TEST(Digest, TellsTogetherWhatHappensWithinTheWindow) {
  Digest digest;
  digest.add(down("a"), at(0.0));
  digest.add(down("b", "192.0.2.11"), at(2.0));
  digest.add(up("c"), at(9.9));
  EXPECT_EQ(told(digest, {}, at(9.9), at(100.0)), Lines{"10.0: a b c"});
  digest.add(up("d", "192.0.2.11"), at(100.0));
  EXPECT_EQ(told(digest, {}, at(100.0), at(200.0)), Lines{"110.0: d"});
  EXPECT_FALSE(digest.wait({}, at(200.0)));
}

TEST(Digest, TellsAtOnceWithoutAWindow) {
  Digest digest;
  digest.add(down("a"), at(5.0));
  EXPECT_EQ(told(digest, {.group = 0ms}, at(5.0), at(6.0)), Lines{"5.0: a"});
}

TEST(Digest, HasTheIdOfItsFirstEvent) {
  Digest digest;
  digest.add(down("a"), at(0.0));
  digest.add(up("b"), at(1.0));
  const auto notification = digest.take({}, at(10.0));
  ASSERT_TRUE(notification);
  EXPECT_EQ(notification->id, "a");
  EXPECT_EQ(notification->time, at(10.0).wall);
}

TEST(Digest, NothingIsTakenBeforeItIsDue) {
  Digest digest;
  EXPECT_FALSE(digest.take({}, at(0.0)));
  digest.add(down("a"), at(0.0));
  EXPECT_FALSE(digest.take({}, at(9.9)));
}

TEST(Digest, WhatIsUpWhenItIsProbedFirstIsNoNews) {
  Digest digest;
  const auto first = [](Verdict verdict) {
    return std::make_shared<Event>(transition("first", Verdict::unknown, verdict));
  };
  digest.add(first(Verdict::up), at(0.0));
  EXPECT_EQ(digest.waiting(), 0U);
  digest.add(first(Verdict::down), at(1.0));
  EXPECT_EQ(digest.waiting(), 1U);
  digest.add(first(Verdict::up), at(2.0));
  EXPECT_EQ(digest.waiting(), 2U) << "the fall is not told yet";
  ASSERT_TRUE(digest.take({}, at(11.0)));
  digest.add(first(Verdict::up), at(20.0));
  EXPECT_EQ(digest.waiting(), 0U) << "it was told as up";
  digest.add(first(Verdict::down), at(30.0));
  ASSERT_TRUE(digest.take({}, at(40.0)));
  digest.add(first(Verdict::up), at(50.0));
  EXPECT_EQ(digest.waiting(), 1U) << "it was told as down";
}

TEST(Digest, OfReloadsOnlyWhatWasRefusedIsNews) {
  Digest digest;
  Event reload{.id = "r", .kind = EventKind::configuration};
  digest.add(std::make_shared<Event>(reload), at(0.0));
  EXPECT_EQ(digest.waiting(), 0U);
  reload.is_bad = true;
  digest.add(std::make_shared<Event>(reload), at(0.0));
  EXPECT_EQ(digest.waiting(), 1U);
}

const std::vector<QuietTime> kNight = {{22 * 60, 7 * 60}};

TEST(Digest, HoldsUntilQuietHoursEnd) {
  Digest digest;
  const Rules rules{.quiet = kNight};
  digest.add(down("a"), at("01:00"));
  digest.add(up("b"), at("05:00"));
  EXPECT_EQ(told(digest, rules, at("05:00"), at("06:59")), Lines{});
  EXPECT_EQ(told(digest, rules, at("06:59"), at("21:00")), Lines{"25200.0: a b"});  // 07:00
}

TEST(Digest, WhatIsBadBreaksQuietHoursWhereItIsUrgent) {
  Digest digest;
  const Rules rules{.quiet = kNight, .urgent = true};
  digest.add(up("a"), at("01:00"));
  EXPECT_EQ(told(digest, rules, at("01:00"), at("02:00")), Lines{});
  digest.add(down("b"), at("02:00"));
  EXPECT_EQ(told(digest, rules, at("02:00"), at("03:00")), Lines{"7210.0: a b"});
}

TEST(Digest, RemindsOfWhatIsStillDown) {
  Digest digest;
  const Rules rules{.repeat = 1h};
  digest.add(down("a"), at(0.0));
  digest.add(down("b", "192.0.2.11"), at(1.0));
  EXPECT_EQ(told(digest, rules, at(1.0), at(7300.0)),
            (Lines{"10.0: a b", "3610.0: again a b", "7210.0: again a b"}));
  digest.add(up("c"), at(7400.0));
  EXPECT_EQ(told(digest, rules, at(7400.0), at(11100.0)), (Lines{"7410.0: c", "11010.0: again b"}));
  digest.keep({});  // a reload took it away
  EXPECT_EQ(told(digest, rules, at(11100.0), at(99999.0)), Lines{});
}

TEST(Digest, RemindsOfNobodyWhoWasRemovedWhileItWaited) {
  Digest digest;
  const Rules rules{.repeat = 1h};
  digest.add(down("a"), at(0.0));
  digest.add(down("b", "192.0.2.11"), at(1));
  digest.keep({TargetId{"web", boost::asio::ip::make_address("192.0.2.11")}});
  EXPECT_EQ(told(digest, rules, at(1), at(4000)), (Lines{"10.0: a b", "3610.0: again b"}));
  digest.add(down("c"), at(4000));
  EXPECT_EQ(told(digest, rules, at(4000), at(8000)), (Lines{"4010.0: c", "7610.0: again b c"}))
      << "it is watched again";
}

TEST(Digest, RemindersHaveIdsOfTheirOwn) {
  Digest digest;
  const Rules rules{.repeat = 1min};
  digest.add(down("a"), at(0.0));
  ASSERT_TRUE(digest.take(rules, at(10.0)));
  EXPECT_EQ(digest.take(rules, at(70.0)).value().id, "a-again-1");
  EXPECT_EQ(digest.take(rules, at(130.0)).value().id, "a-again-2");
}

TEST(Digest, RemindersRespectQuietHours) {
  Digest digest;
  const Rules rules{.repeat = 1h, .quiet = kNight, .urgent = true};
  digest.add(down("a"), at("21:30"));
  // 21:30:10, and not again before the next morning at seven
  EXPECT_EQ(told(digest, rules, at("21:30"), at(31 * 3600.0)), (Lines{"77410.0: a", "111600.0: again a"}));
}

TEST(Digest, BrakesAtSoManyAnHour) {
  Digest digest;
  const Rules rules{.group = 0ms, .hourly = 2};
  Lines lines;
  for (const int minute : {0, 20, 30, 50}) {
    digest.add(down("m" + std::to_string(minute)), at(minute * 60.0));
    for (const std::string& line : told(digest, rules, at(minute * 60.0), at(minute * 60.0 + 1)))
      lines.push_back(line);
  }
  EXPECT_EQ(lines, (Lines{"0.0: m0", "1200.0: m20"}));
  EXPECT_EQ(told(digest, rules, at(3100.0), at(99999.0)), Lines{"3600.0: m30 m50"});
}

TEST(Digest, ALowerBrakeHoldsAtOnce) {
  Digest digest;
  for (int i = 0; i < 4; ++i) {
    digest.add(down("x"), at(i * 60.0));
    ASSERT_TRUE(digest.take({.group = 0ms}, at(i * 60.0)));
  }
  digest.add(down("a"), at(300.0));
  EXPECT_EQ(told(digest, {.group = 0ms, .hourly = 1}, at(300.0), at(9999.0)), Lines{"3780.0: a"});
}

TEST(Digest, LeavesOutTheOldestAndSaysSo) {
  Digest digest;
  unsigned left_out = 0;
  for (std::size_t i = 0; i < Digest::kMaxEvents + 3; ++i)
    left_out += digest.add(down(std::to_string(i)), at(0.0));
  EXPECT_EQ(left_out, 3U);
  const auto notification = digest.take({}, at(10.0));
  ASSERT_TRUE(notification);
  EXPECT_EQ(notification->events.size(), Digest::kMaxEvents);
  EXPECT_EQ(notification->events.front()->id, "3");
  EXPECT_EQ(notification->left_out, 3U);
  digest.add(up("next"), at(20.0));
  EXPECT_EQ(digest.take({}, at(30.0)).value().left_out, 0U) << "told once";
}

}  // namespace
}  // namespace holdfast::health
