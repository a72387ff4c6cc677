#include "health/notify/retry.h"

#include <gtest/gtest.h>

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

constexpr double kMiddle = 0.5;  // no more and no less

TEST(Retry, DoublesUpToFiveMinutes) {
  std::vector<std::chrono::milliseconds> waits;
  for (unsigned failed = 1; failed <= 11; ++failed) waits.push_back(next_retry(failed, 0ms, kMiddle).value());
  EXPECT_EQ(waits,
            (std::vector<std::chrono::milliseconds>{1s, 2s, 4s, 8s, 16s, 32s, 64s, 128s, 256s, 300s, 300s}));
  EXPECT_EQ(next_retry(1'000'000, 0ms, kMiddle), 300s);
}

TEST(Retry, IsAQuarterMoreOrLessByChance) {
  EXPECT_EQ(next_retry(3, 0ms, 0), 3s);
  EXPECT_EQ(next_retry(3, 0ms, 1), 5s);
}

TEST(Retry, IsGivenUpAfterAnHour) {
  EXPECT_EQ(next_retry(20, 55min, kMiddle), 5min);
  EXPECT_FALSE(next_retry(20, 55min + 1ms, kMiddle));
  EXPECT_FALSE(next_retry(1, 1h, kMiddle));
}

TEST(Retry, WaitsAsLongAsTheServerAsksWithinLimits) {
  EXPECT_EQ(next_retry(1, 0ms, kMiddle, 60s), 60s);
  EXPECT_EQ(next_retry(6, 0ms, kMiddle, 5s), 32s) << "not sooner than it would be anyway";
  EXPECT_EQ(next_retry(1, 0ms, kMiddle, 24h), 15min);
  EXPECT_EQ(next_retry(1, 0ms, kMiddle, std::chrono::seconds::max()), 15min);
  EXPECT_EQ(next_retry(1, 0ms, kMiddle, -5s), 1s);
}

}  // namespace
}  // namespace holdfast::health
