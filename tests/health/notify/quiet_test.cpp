#include "health/notify/quiet.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/health/notify/happenings.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

TEST(QuietTime, IsReadFromText) {
  EXPECT_EQ(parse_quiet_time("22:00-07:30"), (QuietTime{1320, 450}));
  EXPECT_EQ(parse_quiet_time("00:00-23:59"), (QuietTime{0, 1439}));
  for (const char* wrong : {"", "22:00", "22:00-24:00", "22:60-07:00", "7:00-08:000", "22:00-22:00",
                            "22.00-07.00", "22:00 07:00", "-2:00-07:00", "22:00-07:00 "}) {
    EXPECT_FALSE(parse_quiet_time(wrong)) << wrong;
  }
}

TEST(QuietTime, LastsToItsEnd) {
  const std::vector<QuietTime> day = {{9 * 60, 17 * 60}}, night = {{22 * 60, 7 * 60}};
  const auto left = [](const std::vector<QuietTime>& quiet, const char* time) {
    return quiet_left(quiet, TimeZone::utc, at(time).wall);
  };
  EXPECT_EQ(left({}, "12:00"), 0s);
  EXPECT_EQ(left(day, "08:59"), 0s);
  EXPECT_EQ(left(day, "09:00"), 8h);
  EXPECT_EQ(left(day, "16:59"), 1min);
  EXPECT_EQ(left(day, "17:00"), 0s);
  EXPECT_EQ(left(night, "21:59"), 0s);
  EXPECT_EQ(left(night, "22:00"), 9h);
  EXPECT_EQ(left(night, "00:00"), 7h);
  EXPECT_EQ(left(night, "06:59"), 1min);
  EXPECT_EQ(left(night, "07:00"), 0s);
  EXPECT_EQ(quiet_left(night, TimeZone::utc, at("06:59").wall + 59s + 500ms), 1s);
}

TEST(QuietTime, OfSeveralTheLongestCounts) {
  const std::vector<QuietTime> quiet = {{60, 120}, {90, 180}, {300, 360}};
  EXPECT_EQ(quiet_left(quiet, TimeZone::utc, at("01:45").wall), 75min);
}

TEST(QuietTime, FollowsTheZoneThatIsAsked) {
  const char* const zone = std::getenv("TZ");
  const std::string before = zone != nullptr ? zone : "";
  setenv("TZ", "EST5", 1);
  tzset();
  const std::vector<QuietTime> quiet = {{22 * 60, 7 * 60}};
  EXPECT_EQ(quiet_left(quiet, TimeZone::local, at("04:00").wall), 8h);  // 23:00 there
  EXPECT_EQ(quiet_left(quiet, TimeZone::utc, at("04:00").wall), 3h);
  if (zone != nullptr) {
    setenv("TZ", before.c_str(), 1);
  } else {
    unsetenv("TZ");
  }
  tzset();
}

}  // namespace
}  // namespace holdfast::health
