#include "zones/replicate/serial_policy.h"

#include <gtest/gtest.h>

#include <random>

namespace holdfast::zones {
namespace {

using Days = std::chrono::sys_days;
using namespace std::chrono_literals;

constexpr auto kNow = Days{2026y / 3 / 7} + 23h + 59min;  // 1772927940

std::uint32_t next(SerialPolicy policy, std::optional<std::uint32_t> last,
                   std::optional<std::uint32_t> of_file) {
  const auto serial = [](std::optional<std::uint32_t> value) {
    return value ? std::optional<Serial>(*value) : std::nullopt;
  };
  return next_serial(policy, serial(last), serial(of_file), kNow).value();
}

TEST(SerialPolicy, TakesThatOfTheFileWhereItIsLater) {
  for (const auto policy : {SerialPolicy::increment, SerialPolicy::unixtime, SerialPolicy::date}) {
    EXPECT_EQ(next(policy, std::nullopt, 5), 5U);
    EXPECT_EQ(next(policy, std::nullopt, 0), 0U);
    EXPECT_EQ(next(policy, 4, 5), 5U);
    EXPECT_EQ(next(policy, 0xffffffff, 5), 5U);
    EXPECT_EQ(next(policy, 5, 0x80000004), 0x80000004U);
  }
}

TEST(SerialPolicy, ElseGoesByItself) {
  EXPECT_EQ(next(SerialPolicy::increment, 7, 7), 8U);
  EXPECT_EQ(next(SerialPolicy::increment, 7, 6), 8U);
  EXPECT_EQ(next(SerialPolicy::increment, 7, 0x80000007), 8U);
  EXPECT_EQ(next(SerialPolicy::increment, std::nullopt, std::nullopt), 1U);
  EXPECT_EQ(next(SerialPolicy::unixtime, 7, 7), 1772927940U);
  EXPECT_EQ(next(SerialPolicy::unixtime, 1772927940, 7), 1772927941U);
  EXPECT_EQ(next(SerialPolicy::unixtime, 2026030700, std::nullopt), 2026030701U);
  EXPECT_EQ(next(SerialPolicy::date, 7, 7), 2026030700U);
  EXPECT_EQ(next(SerialPolicy::date, 2026030700, 7), 2026030701U);
  EXPECT_EQ(next(SerialPolicy::date, 2026030799, 7), 2026030800U);
}

TEST(SerialPolicy, LeavesZeroOut) {
  for (const auto policy : {SerialPolicy::increment, SerialPolicy::unixtime, SerialPolicy::date}) {
    EXPECT_EQ(next(policy, 0xffffffff, 0xffffffff),
              policy == SerialPolicy::increment ? 1U : next(policy, std::nullopt, std::nullopt));
  }
  EXPECT_EQ(next(SerialPolicy::increment, 0xffffffff, 0x80000000), 1U);
}

TEST(SerialPolicy, IsAlwaysAfterTheLast) {
  std::mt19937 random(1);
  for (int i = 0; i < 30'000; ++i) {
    const Serial last(static_cast<std::uint32_t>(random()));
    const Serial of_file(static_cast<std::uint32_t>(random()));
    const auto now = std::chrono::system_clock::time_point(std::chrono::seconds(random()));
    const auto policy = static_cast<SerialPolicy>(i % 3);
    ASSERT_TRUE(next_serial(policy, last, of_file, now).is_after(last));
    ASSERT_TRUE(next_serial(policy, last, std::nullopt, now).is_after(last));
  }
}

}  // namespace
}  // namespace holdfast::zones
