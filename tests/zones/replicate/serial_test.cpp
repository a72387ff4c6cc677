#include "zones/replicate/serial.h"

#include <gtest/gtest.h>

#include <random>

namespace holdfast::zones {
namespace {

TEST(Serial, GoesOnBeyondTheLargestNumber) {
  EXPECT_EQ(Serial(0xffffffff).next(), Serial(0));
  EXPECT_TRUE(Serial(0).is_after(Serial(0xffffffff)));
  EXPECT_FALSE(Serial(0xffffffff).is_after(Serial(0)));
  EXPECT_TRUE(Serial(5).is_after(Serial(0x80000006)));
  EXPECT_TRUE(Serial(0x7fffffff).is_after(Serial(0)));
}

TEST(Serial, HasNoOrderHalfACircleApart) {
  for (const std::uint32_t at : {0U, 1U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
    EXPECT_FALSE(Serial(at + 0x80000000U).is_after(Serial(at)));
    EXPECT_FALSE(Serial(at).is_after(Serial(at + 0x80000000U)));
    EXPECT_FALSE(Serial(at).is_after(Serial(at)));
  }
}

TEST(Serial, OfTwoIsAfterExactlyOneElsewhere) {
  std::mt19937 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const Serial a(static_cast<std::uint32_t>(random())), b(static_cast<std::uint32_t>(random()));
    if (a == b || a.value() - b.value() == 0x80000000U) continue;
    ASSERT_NE(a.is_after(b), b.is_after(a));
    ASSERT_TRUE(a.next().is_after(a));
  }
}

}  // namespace
}  // namespace holdfast::zones
