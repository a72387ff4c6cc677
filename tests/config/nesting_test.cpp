#include "config/nesting.h"

#include <gtest/gtest.h>

#include "config/config.h"

namespace holdfast::config {
namespace {

std::string dotted(std::size_t parts) {
  std::string key = "a";
  for (std::size_t i = 1; i < parts; ++i) key += ".a";
  return key;
}

bool is_too_deep(const std::string& text) { return too_deep(text).has_value(); }

TEST(Nesting, BoundsBracketsAndBraces) {
  EXPECT_FALSE(is_too_deep("a = " + std::string(kMaxNesting, '[')));
  EXPECT_TRUE(is_too_deep("a = " + std::string(kMaxNesting + 1, '[')));
  EXPECT_TRUE(is_too_deep("a = " + std::string(20, '[') + "{b = " + std::string(20, '[')));
}

TEST(Nesting, BoundsDottedKeys) {
  EXPECT_FALSE(is_too_deep(dotted(kMaxNesting) + " = 1"));
  EXPECT_TRUE(is_too_deep(dotted(kMaxNesting + 1) + " = 1"));
  EXPECT_TRUE(is_too_deep("[" + dotted(1'000'000) + "]"));
  EXPECT_TRUE(is_too_deep("a = {" + dotted(1'000'000) + " = 1}"));
  EXPECT_TRUE(is_too_deep("\"a\"" + dotted(40).replace(0, 1, "")));
}

TEST(Nesting, StartsAnewInEachLineAndElement) {
  std::string lines;
  for (int i = 0; i < 100; ++i) lines += "[a.b]\nc = [1.5, 2.5, {d.e = 1}]\n";
  EXPECT_FALSE(is_too_deep(lines));
}

TEST(Nesting, LooksIntoNoStringAndComment) {
  const std::string deep = std::string(40, '[') + std::string(40, '.');
  EXPECT_FALSE(is_too_deep("# " + deep));
  EXPECT_FALSE(is_too_deep("a = \"" + deep + "\""));
  EXPECT_FALSE(is_too_deep("a = '" + deep + "'#" + deep));
  EXPECT_FALSE(is_too_deep("a = \"\\\"" + deep + "\""));
  EXPECT_FALSE(is_too_deep("a = \"\"\"\n" + deep + "\n\"" + deep + "\"\"\""));
  EXPECT_FALSE(is_too_deep("a = '''" + deep + "\\'''"));
}

TEST(Nesting, SeesWhatStandsAfterAString) {
  const std::string deep = std::string(40, '[');
  EXPECT_TRUE(is_too_deep("a = \"b\\\\\"" + deep));
  EXPECT_TRUE(is_too_deep("a = '\\'" + deep));
  EXPECT_TRUE(is_too_deep("a = \"\"\"b\"\"\"\"" + deep));  // the fourth quote belongs to the string
  EXPECT_TRUE(is_too_deep("a = \"\"" + deep));
  EXPECT_TRUE(is_too_deep("a = \"open\n" + deep));
  EXPECT_TRUE(is_too_deep("# comment\n" + deep));
}

TEST(Nesting, TellsThePlace) {
  const auto place = too_deep("# x\na = \"\"\"\n\n\"\"\"\nb = " + std::string(40, '['));
  ASSERT_TRUE(place);
  EXPECT_EQ(place->line, 5U);
  EXPECT_EQ(place->column, 4 + kMaxNesting + 1);
}

}  // namespace
}  // namespace holdfast::config
