#include "health/probe/detail.h"

#include <gtest/gtest.h>

namespace holdfast::health {
namespace {

TEST(Detail, KeepsPrintableAscii) {
  EXPECT_EQ(printable("302 to https://a.example/?b=c"), "302 to https://a.example/?b=c");
}
TEST(Detail, EscapesControlCharacters) {
  EXPECT_EQ(printable("a\r\nb\x1b[31m\x7f"), "a\\x0d\\x0ab\\x1b[31m\\x7f");
}
TEST(Detail, EscapesWhatIsNotAscii) { EXPECT_EQ(printable("caf\xc3\xa9"), "caf\\xc3\\xa9"); }
TEST(Detail, EscapesTheBackslash) { EXPECT_EQ(printable("\\x41"), "\\x5cx41"); }
TEST(Detail, KeepsWhatJustFits) { EXPECT_EQ(printable("12345678", 8), "12345678"); }
TEST(Detail, CutsWhatDoesNotFit) { EXPECT_EQ(printable("123456789", 8), "12345..."); }
TEST(Detail, NeverCutsWithinAnEscape) { EXPECT_EQ(printable("abcd\n\n\n", 8), "abcd..."); }
TEST(Detail, HasALimit) { EXPECT_EQ(printable(std::string(100'000, '\n')).size(), 255u); }

}  // namespace
}  // namespace holdfast::health
