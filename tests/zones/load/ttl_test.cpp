#include "zones/load/ttl.h"

#include <gtest/gtest.h>

namespace holdfast::zones {
namespace {

struct Case {
  const char* name;
  const char* text;
  std::optional<std::uint64_t> seconds;
};

class Ttl : public ::testing::TestWithParam<Case> {};

TEST_P(Ttl, IsReadAsWritten) { EXPECT_EQ(parse_ttl(GetParam().text), GetParam().seconds); }

constexpr std::uint64_t kMost = 0xffffffffffffffff;
const Case kCases[] = {
    {"Plain", "3600", 3600},
    {"Zero", "0", 0},
    {"Units", "1w2d3h4m5s", 788645},
    {"UpperCase", "1H30M", 5400},
    {"UnitThenPlain", "1h30", 3630},
    {"LargerThan32Bits", "4294967296", 4294967296},
    {"LargerThan64Bits", "99999999999999999999", kMost},
    {"LargerThan64BitsByUnit", "18446744073709551615w", kMost},
    {"SumLargerThan64Bits", "18446744073709551615s1s", kMost},
    {"Empty", "", std::nullopt},
    {"Unit", "h", std::nullopt},
    {"UnknownUnit", "1y", std::nullopt},
    {"Negative", "-1", std::nullopt},
    {"Fraction", "1.5h", std::nullopt},
};
INSTANTIATE_TEST_SUITE_P(, Ttl, ::testing::ValuesIn(kCases), [](const auto& i) { return i.param.name; });

}  // namespace
}  // namespace holdfast::zones
