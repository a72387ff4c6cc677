#include "config/nearest.h"

#include <gtest/gtest.h>

namespace holdfast::config {
namespace {

TEST(EditDistance, CountsEachKindOfEditOnce) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("listen", "listen"), 0U);
  EXPECT_EQ(edit_distance("", "ttl"), 3U);
  EXPECT_EQ(edit_distance("intervall", "interval"), 1U);
  EXPECT_EQ(edit_distance("intrval", "interval"), 1U);
  EXPECT_EQ(edit_distance("intervel", "interval"), 1U);
  EXPECT_EQ(edit_distance("itnerval", "interval"), 1U);
  EXPECT_EQ(edit_distance("rise", "fall"), 4U);
}

TEST(Nearest, NamesTheWordThatWasMeant) {
  const std::string_view words[] = {"interval", "timeout", "ttl", "tier", "type"};
  EXPECT_EQ(nearest("intervall", words), "interval");
  EXPECT_EQ(nearest("itnervla", words), "interval");
  EXPECT_EQ(nearest("tyep", words), "type");
  EXPECT_EQ(nearest("ttl", words), "ttl");
  EXPECT_EQ(nearest("TTL", words), "ttl");
}

TEST(Nearest, NamesNothingWhenNothingIsNear) {
  const std::string_view words[] = {"interval", "timeout", "ttl"};
  EXPECT_EQ(nearest("colour", words), "");
  EXPECT_EQ(nearest("", words), "");
  EXPECT_EQ(nearest("x", {}), "");
  EXPECT_EQ(nearest(std::string(10'000, 'i'), words), "");
}

}  // namespace
}  // namespace holdfast::config
