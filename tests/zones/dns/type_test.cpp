#include "zones/dns/type.h"

#include <gtest/gtest.h>

namespace holdfast::zones {
namespace {

TEST(RrTypeText, IsReadInAnyCase) {
  EXPECT_EQ(parse_type("HTTPS"), RrType::HTTPS);
  EXPECT_EQ(parse_type("https"), RrType::HTTPS);
  EXPECT_EQ(parse_type("ANY"), RrType::ANY);
  EXPECT_EQ(parse_type("type1"), RrType::A);
  EXPECT_EQ(parse_type("TYPE65535"), static_cast<RrType>(65535));
  EXPECT_EQ(parse_type("TYPE0"), static_cast<RrType>(0));
}

TEST(RrTypeText, IsNothingElse) {
  for (const char* text : {"", "NOSUCH", "TYPE", "TYPE65536", "TYPE-1", "TYPE1x", "AA", "A "}) {
    EXPECT_EQ(parse_type(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_type(std::string(1000, 'A')), std::nullopt);
}

TEST(RrTypeText, RoundTrips) {
  for (unsigned number = 1; number <= 65535; ++number) {
    const auto type = static_cast<RrType>(number);
    ASSERT_EQ(parse_type(text(type)), type) << text(type);
  }
}

}  // namespace
}  // namespace holdfast::zones
