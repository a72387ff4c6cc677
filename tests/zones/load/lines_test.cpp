#include "zones/load/lines.h"

#include <gtest/gtest.h>

namespace holdfast::zones {
namespace {

/// Each line as `number|token|token`, with `>` before the number where it is indented, quotes where they were, and `+`
/// before a token that touches the one before; a broken line as `number!why`.
std::vector<std::string> cut(std::string_view text) {
  std::vector<std::string> lines;
  LineReader reader(text);
  for (Line line; reader.next(line);) {
    std::string& shown = lines.emplace_back((line.indented ? ">" : "") + std::to_string(line.number));
    if (!line.error.empty()) {
      shown += "!" + line.error;
      continue;
    }
    for (const Token& token : line.tokens) {
      const std::string quote = token.quoted ? "\"" : "";
      shown += (token.touches ? "|+" : "|") + quote + std::string(token.text) + quote;
    }
  }
  return lines;
}

using Lines = std::vector<std::string>;

TEST(LineReader, CutsAtWhiteSpace) {
  EXPECT_EQ(cut("a b\n\tc  d \n"), (Lines{"1|a|b", ">2|c|d"}));
  EXPECT_EQ(cut("a b\r\nc\r\n"), (Lines{"1|a|b", "2|c"}));
}
TEST(LineReader, NeedsNoNewlineAtTheEnd) { EXPECT_EQ(cut("a b"), (Lines{"1|a|b"})); }
TEST(LineReader, SkipsEmptyLinesAndComments) {
  EXPECT_EQ(cut("\n  \n; x ( \" \na ; b\n  ; c\nd;e"), (Lines{"4|a", "6|d"}));
}
TEST(LineReader, JoinsLinesInParentheses) {
  EXPECT_EQ(cut("a ( b ; (x\n c\n) d\ne"), (Lines{"1|a|b|c|d", "4|e"}));
  EXPECT_EQ(cut("a(b)c"), (Lines{"1|a|b|c"}));
  EXPECT_EQ(cut("(\na )\n"), (Lines{"1|a"}));
}
TEST(LineReader, KeepsEscapesForLater) {
  EXPECT_EQ(cut(R"(a\ b c\;d e\"f g\(h i\\ j)"), (Lines{R"(1|a\ b|c\;d|e\"f|g\(h|i\\|j)"}));
}
TEST(LineReader, KeepsQuotedStringsTogether) {
  EXPECT_EQ(cut(R"("a b" "c;(d" "e\"f" "")"), (Lines{R"(1|"a b"|"c;(d"|"e\"f"|"")"}));
}
TEST(LineReader, BeginsATokenAtAQuote) {
  EXPECT_EQ(cut(R"(a"b"c)"), (Lines{R"(1|a|+"b"|+c)"}));
  EXPECT_EQ(cut(R"(alpn="h2,h3" x)"), (Lines{R"(1|alpn=|+"h2,h3"|x)"}));
}
TEST(LineReader, RefusesAStringOverTheEndOfTheLine) {
  const std::string why =
      "!a quoted string does not end in its line: add the closing quote, or write \\\" for a quote in it";
  EXPECT_EQ(cut("a \"b\nc"), (Lines{"1" + why, "2|c"}));
  EXPECT_EQ(cut("a \"b"), (Lines{"1" + why}));
  EXPECT_EQ(cut("a \"b\\"), (Lines{"1" + why}));
}
TEST(LineReader, RefusesParenthesesThatDoNotMatch) {
  EXPECT_EQ(cut("a )\nb"), (Lines{"1!\")\" without \"(\"", "2|b"}));
  EXPECT_EQ(cut("a\nb ( c\nd\n"),
            (Lines{"1|a", "2!\"(\" is never closed: all that follows belongs to this record"}));
  EXPECT_EQ(cut("a ( ( b ) )\nc"), (Lines{"1!parentheses inside parentheses (RFC 1035 5.1)", "2|c"}));
}
TEST(LineReader, RefusesAnOctetZero) {
  using namespace std::string_view_literals;
  EXPECT_EQ(cut("a\0b\nc"sv),
            (Lines{"1!an octet 0: this is not a text file (UTF-16 perhaps; save it as plain ASCII)", "2|c"}));
}
TEST(LineReader, RefusesAnEndlessRecord) {
  const std::string text = "a " + std::string(kMaxLineOctets, 'x') + "\nb";
  EXPECT_EQ(cut(text), (Lines{"1!the record is longer than 1048576 octets of text", "2|b"}));
  std::string many = "(";
  for (std::size_t i = 0; i <= kMaxLineOctets / 2; ++i) many += " x";
  EXPECT_EQ(cut(many + ")\nb"), (Lines{"1!the record is longer than 1048576 octets of text", "2|b"}));
}

TEST(Show, EscapesAndCuts) {
  EXPECT_EQ(show("a\x01\xff z"), "\"a\\001\\255 z\"");
  EXPECT_EQ(show(std::string(61, 'x')), "\"" + std::string(60, 'x') + "...\"");
}

}  // namespace
}  // namespace holdfast::zones
