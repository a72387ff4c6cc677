#include "health/utc.h"

#include <gtest/gtest.h>

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

const std::chrono::system_clock::time_point kDay = std::chrono::sys_days(std::chrono::year{2026} / 3 / 1);

TEST(Utc, ForProgramsIsRfc3339) {
  EXPECT_EQ(rfc3339(kDay), "2026-03-01T00:00:00.000Z");
  EXPECT_EQ(rfc3339(kDay + 24h - 500ms), "2026-03-01T23:59:59.500Z");
  EXPECT_EQ(rfc3339(std::chrono::system_clock::time_point(-1ms)), "1969-12-31T23:59:59.999Z");
}

TEST(Utc, ForPeopleIsToTheSecond) {
  EXPECT_EQ(for_people(kDay + 24h - 500ms), "2026-03-01 23:59:59 UTC");
  EXPECT_EQ(for_people(std::chrono::system_clock::time_point(-1ms)), "1969-12-31 23:59:59 UTC");
}

}  // namespace
}  // namespace holdfast::health
