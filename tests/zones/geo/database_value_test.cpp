#include "zones/geo/database_value.h"

#include <gtest/gtest.h>

#include "tests/zones/geo/database_writer.h"

namespace holdfast::zones {
namespace {

using namespace testing;

bool is_sound(const std::string& octets, std::size_t at = 0) {
  return is_sound_value({reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size()}, at);
}

TEST(IsSoundValue, EveryKindIs) {
  EXPECT_TRUE(is_sound(text_value("")));
  EXPECT_TRUE(is_sound(text_value(std::string(100, 'x'))));
  EXPECT_TRUE(is_sound(text_value(std::string(1000, 'x'))));
  EXPECT_TRUE(is_sound(number_value(70'000)));
  EXPECT_TRUE(is_sound(double_value(1.5)));
  EXPECT_TRUE(is_sound(control(14, 1)));  // true
  EXPECT_TRUE(is_sound(map_value({{"a", array_value({text_value("b"), map_value({})})}})));
  EXPECT_TRUE(is_sound(text_value("a") + pointer_value(0), 2));
}

TEST(IsSoundValue, WhatEndsTooEarlyIsNot) {
  const std::string whole = map_value({{"a", array_value({text_value("b"), double_value(1)})}});
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(is_sound(whole.substr(0, size))) << size;
  EXPECT_FALSE(is_sound("", 7));
  EXPECT_FALSE(is_sound(control(12, 0)));  // a cache container, which only other readers have
}

TEST(IsSoundValue, DepthAndPartsAreLimited) {
  std::string value = text_value("x");
  for (unsigned i = 0; i < kMaxValueDepth; ++i) value = array_value({value});
  EXPECT_TRUE(is_sound(value));
  EXPECT_FALSE(is_sound(array_value({value})));
  EXPECT_TRUE(is_sound(array_value(std::vector<std::string>(kMaxValueParts - 1, text_value("")))));
  EXPECT_FALSE(is_sound(array_value(std::vector<std::string>(kMaxValueParts, text_value("")))));
}

TEST(IsSoundValue, PointersAreFollowedNoFartherThanThat) {
  EXPECT_FALSE(is_sound(pointer_value(0)));  // to itself
  std::string doubling = text_value("");     // 2^31 values in 300 octets
  std::uint32_t last = 0;
  for (int i = 0; i < 31; ++i) {
    const auto next = static_cast<std::uint32_t>(doubling.size());
    doubling += array_value({pointer_value(last), pointer_value(last)});
    last = next;
  }
  EXPECT_FALSE(is_sound(doubling, last));
  EXPECT_FALSE(is_sound(pointer_value(1000)));
}

}  // namespace
}  // namespace holdfast::zones
