#include "server/control/time_text.h"

#include <gtest/gtest.h>

namespace holdfast::server {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::system_clock::time_point kNoon =
    std::chrono::sys_days(std::chrono::year{2026} / 3 / 1) + 12h;

TEST(Time, ReadsRfc3339) {
  EXPECT_EQ(parse_time("2026-03-01T12:00:00Z", {}), kNoon);
  EXPECT_EQ(parse_time("2026-03-01T12:00:00.250Z", {}), kNoon + 250ms);
  EXPECT_EQ(parse_time("2026-03-01T12:00:00.1234567Z", {}), kNoon + 123456us);
  EXPECT_EQ(parse_time("2026-03-01T13:30:00+01:30", {}), kNoon);
  EXPECT_EQ(parse_time("2026-03-01T11:00:00-01:00", {}), kNoon);
  EXPECT_EQ(parse_time("1970-01-01T00:00:00Z", {}), std::chrono::system_clock::time_point{});
}

TEST(Time, ReadsHowLongAgo) {
  EXPECT_EQ(parse_time("1h30m", kNoon), kNoon - 90min);
  EXPECT_EQ(parse_time("0s", kNoon), kNoon);
}

TEST(Time, RefusesEverythingElse) {
  for (const char* text : {"",
                           "1",
                           "yesterday",
                           "-1h",
                           "2026-03-01",
                           "2026-03-01T12:00:00",
                           "2026-03-01 12:00:00Z",
                           "2026-03-01T12:00Z",
                           "2026-02-30T12:00:00Z",
                           "2026-13-01T12:00:00Z",
                           "2026-03-01T24:00:00Z",
                           "2026-03-01T12:60:00Z",
                           "2026-03-01T12:00:61Z",
                           "2026-03-01T12:00:00.Z",
                           "2026-03-01T12:00:00Zx",
                           "2026-03-01T12:00:00+1:00",
                           "2026-03-01T12:00:00 01:00",
                           "+026-03-01T12:00:00Z",
                           "1969-03-01T12:00:00Z",
                           "2026-03-01t12:00:00Z",
                           "999999999d"}) {
    EXPECT_EQ(parse_time(text, kNoon), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace holdfast::server
