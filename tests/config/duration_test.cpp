#include "config/duration.h"

#include <gtest/gtest.h>

namespace holdfast::config {
namespace {

using namespace std::chrono_literals;

TEST(Duration, ReadsUnitsFromTheLargestDown) {
  EXPECT_EQ(parse_duration("10s"), 10s);
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("1d2h3m4s5ms"), 26h + 3min + 4s + 5ms);
  EXPECT_EQ(parse_duration("0s"), 0s);
  EXPECT_EQ(parse_duration("90m"), 90min);
  EXPECT_EQ(parse_duration("999999999d"), 999999999 * 24h);
}

TEST(Duration, RefusesEverythingElse) {
  for (const char* text : {"", "10", "s", "10 s", " 10s", "10s ", "-1s", "+1s", "1.5s", "1s1s", "1s1m",
                           "1ms1s", "10sec", "10S", "1m 30s", "1000000000s", "0x10s", "1s\n"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_duration(std::string_view("1s\0", 3)), std::nullopt);
}

TEST(Duration, PrintsWhatItReads) {
  for (const char* text : {"0s", "1ms", "999ms", "1s500ms", "1m", "1h30m", "1d", "2d1ms"}) {
    EXPECT_EQ(config::text(parse_duration(text).value()), text);
  }
  EXPECT_EQ(config::text(3600s), "1h");
}

}  // namespace
}  // namespace holdfast::config
