#include "config/size.h"

#include <gtest/gtest.h>

namespace holdfast::config {
namespace {

TEST(Size, ReadsANumberAndItsUnit) {
  EXPECT_EQ(parse_size("1KiB"), 1024U);
  EXPECT_EQ(parse_size("256MiB"), 256U << 20);
  EXPECT_EQ(parse_size("2GiB"), std::uint64_t{2} << 30);
  EXPECT_EQ(parse_size("0KiB"), 0U);
  EXPECT_EQ(parse_size("999999999GiB"), std::uint64_t{999999999} << 30);
}

TEST(Size, RefusesEverythingElse) {
  for (const char* text : {"", "256", "MiB", "256 MiB", " 256MiB", "256MiB ", "-1MiB", "1.5MiB", "256MB",
                           "256mib", "1MiB1KiB", "1000000000KiB", "0x1MiB"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

TEST(Size, PrintsWhatItReads) {
  for (const char* text : {"0KiB", "1KiB", "1023KiB", "1MiB", "256MiB", "1025MiB", "1GiB"}) {
    EXPECT_EQ(size_text(parse_size(text).value()), text);
  }
}

}  // namespace
}  // namespace holdfast::config
