// A long text is read in parts by several threads; what is read has to be the same as in one piece, wherever it is cut.

#include <gtest/gtest.h>

#include <random>

#include "tests/zones/load/loading.h"

namespace holdfast::zones {
namespace {

/// Everything that reading says.
std::vector<std::string> read(const std::string& text, TextParts parts) {
  const testing::Files files = {{"part", "in A 192.0.2.9\n$ORIGIN deep\n  AAAA 2001:db8::9\n$TTL 77\n"}};
  Findings findings;
  const ZoneText zone =
      read_zone_text(testing::name("example.com"), text, "zone", testing::from(files), findings, parts);
  std::vector<std::string> all = testing::lines(findings.problems(zone.files));
  all.push_back(std::to_string(findings.any_error()) + " " + std::to_string(zone.records.octets()));
  for (const std::string& file : zone.files) all.push_back(file);
  for (const RecordList::Entry& e : zone.records.entries()) {
    all.push_back(std::to_string(e.file) + ":" + std::to_string(e.line) + " " +
                  testing::presentation(zone.records.owner(e), e.type, e.ttl, zone.records.data(e)));
  }
  return all;
}

void expect_same_in_parts(const std::string& text) {
  const auto whole = read(text, {.octets = text.size() + 1, .threads = 1});
  for (const std::size_t octets : {1U, 2U, 7U, 20U, 35U, 60U, 150U}) {
    ASSERT_EQ(read(text, {.octets = octets, .threads = octets == 7 ? 5U : 2U}), whole) << octets << "\n"
                                                                                       << text;
  }
}

TEST(TextParts, AreReadAsOneText) {
  static constexpr const char* kLines[] = {
      "a A 192.0.2.1\n",
      "b 300 A 192.0.2.1\n",
      "b IN 1h A 192.0.2.2\n",
      " A 192.0.2.3\n",
      "\t200 TXT \"x ; ( y\" z ; a comment (\n",
      "c TXT ( one\ntwo \"three ) \"\nfour )\n",
      "d TXT (\n\n; nothing\nd A 192.0.2.1 )\n",
      "e TXT ( ( f\n",
      "g )\n",
      "h TXT \"open\ni A 192.0.2.4\n",
      "\n",
      "; a comment\n",
      "   ; another\n",
      "$TTL 60\n",
      "$TTL 61 ; so\n",
      "$ORIGIN sub\n",
      "$ORIGIN example.com.\n",
      "$ORIGIN a..b\n",
      "$INCLUDE part\n",
      "$INCLUDE part other\n",
      "$NO\n",
      "a..b A 192.0.2.1\n",
      "j SOA ns h 1 2 3 4 5\n",
      "j MX 10 b\r\n",
      "*.k CNAME b\n",
      "l A 192.0.2\n",
      "b A 192.0.2.7\n",
  };
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    std::string text = i % 3 == 0 ? "$TTL 3600\n" : i % 3 == 1 ? "first 10 A 192.0.2.1\n" : "";
    const std::size_t kinds =
        i % 2 == 0 ? std::size(kLines) : 6;  // half of them without what spoils the rest
    for (std::size_t line = 5 + random() % 20; line > 0; --line) text += kLines[random() % kinds];
    if (i % 7 == 0) text.pop_back();
    expect_same_in_parts(text);
  }
}

TEST(TextParts, CountTheProblemsThatAreNotShown) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "a A 192.0.2.1\nb 60 A 192.0.2\n";
  const auto whole = read(text, {.octets = text.size() + 1, .threads = 1});
  EXPECT_EQ(read(text, {.octets = 100, .threads = 4}), whole);
}

}  // namespace
}  // namespace holdfast::zones
