#include "zones/load/zone_text.h"

#include <gtest/gtest.h>

#include "tests/zones/load/loading.h"

namespace holdfast::zones {
namespace {

using testing::Files;
using Lines = std::vector<std::string>;

/// What a text for example.com says, as `file:line owner TTL IN type data`, and then what is wrong with it.
Lines read(std::string_view text, const Files& files = {}) {
  Findings findings;
  const ZoneText zone =
      read_zone_text(testing::name("example.com"), text, "dir/zone", testing::from(files), findings);
  Lines lines;
  for (const RecordList::Entry& e : zone.records.entries()) {
    lines.push_back(zone.files[e.file] + ":" + std::to_string(e.line) + " " +
                    testing::presentation(zone.records.owner(e), e.type, e.ttl, zone.records.data(e)));
  }
  for (const Problem& problem : findings.problems(zone.files)) lines.push_back(problem.text());
  return lines;
}

TEST(ZoneText, TakesOwnersAsWritten) {
  EXPECT_EQ(
      read("$TTL 60\n"
           "www A 192.0.2.1\n"
           "WWW.Example.COM. A 192.0.2.2\n"
           "@ A 192.0.2.3\n"
           "* A 192.0.2.4\n"
           R"(a\.b A 192.0.2.5)"
           "\n"
           R"(\@ A 192.0.2.6)"
           "\n"
           R"(a\032b A 192.0.2.7)"
           "\n"),
      (Lines{"dir/zone:2 www.example.com. 60 IN A 192.0.2.1", "dir/zone:3 www.example.com. 60 IN A 192.0.2.2",
             "dir/zone:4 example.com. 60 IN A 192.0.2.3", "dir/zone:5 *.example.com. 60 IN A 192.0.2.4",
             R"(dir/zone:6 a\.b.example.com. 60 IN A 192.0.2.5)",
             "dir/zone:7 @.example.com. 60 IN A 192.0.2.6",
             R"(dir/zone:8 a\032b.example.com. 60 IN A 192.0.2.7)"}));
}

TEST(ZoneText, RepeatsTheOwnerOfIndentedLines) {
  EXPECT_EQ(
      read("$TTL 60\n"
           "www A 192.0.2.1\n"
           "$ORIGIN sub\n"
           "\t A 192.0.2.2\n"
           "  ; nothing\n"
           "\n"
           " 30 TXT x\n"),
      (Lines{"dir/zone:2 www.example.com. 60 IN A 192.0.2.1", "dir/zone:4 www.example.com. 60 IN A 192.0.2.2",
             "dir/zone:7 www.example.com. 30 IN TXT \"x\""}));
}

TEST(ZoneText, NeedsAnOwnerFirst) {
  EXPECT_EQ(read(" 60 A 192.0.2.1\n"), (Lines{"dir/zone:1: begins with white space, but there is no record "
                                              "before whose owner name it could take"}));
}

TEST(ZoneText, SaysOnceThatAnOwnerIsBroken) {
  EXPECT_EQ(
      read("a 60 A 192.0.2.1\nb..c 60 A 192.0.2.2\n 60 A 192.0.2.3\nd 60 A 192.0.2.4\n"),
      (Lines{"dir/zone:1 a.example.com. 60 IN A 192.0.2.1", "dir/zone:4 d.example.com. 60 IN A 192.0.2.4",
             "dir/zone:2: \"b..c\" is not a domain name (RFC 1035 2.3.4, 5.1)"}));
}

TEST(ZoneText, TakesTtlAndClassInEitherOrder) {
  EXPECT_EQ(
      read("a 60 IN A 192.0.2.1\na IN 1m A 192.0.2.2\na in A 192.0.2.3\na CLASS1 A 192.0.2.4\n60 60 A "
           "192.0.2.5\n"),
      (Lines{"dir/zone:1 a.example.com. 60 IN A 192.0.2.1", "dir/zone:2 a.example.com. 60 IN A 192.0.2.2",
             "dir/zone:3 a.example.com. 60 IN A 192.0.2.3", "dir/zone:4 a.example.com. 60 IN A 192.0.2.4",
             "dir/zone:5 60.example.com. 60 IN A 192.0.2.5"}));
}

TEST(ZoneText, FillsInTheTtl) {
  EXPECT_EQ(
      read("a 60 A 192.0.2.1\na A 192.0.2.2\n$TTL 1h30m\na A 192.0.2.3\na 30 A 192.0.2.4\na A 192.0.2.5\n"),
      (Lines{"dir/zone:1 a.example.com. 60 IN A 192.0.2.1", "dir/zone:2 a.example.com. 60 IN A 192.0.2.2",
             "dir/zone:4 a.example.com. 5400 IN A 192.0.2.3", "dir/zone:5 a.example.com. 30 IN A 192.0.2.4",
             "dir/zone:6 a.example.com. 5400 IN A 192.0.2.5"}));
  EXPECT_EQ(read("a A 192.0.2.1\n"),
            (Lines{"dir/zone:1: no TTL: write one, or a $TTL line above (RFC 2308 4)"}));
  EXPECT_EQ(
      read("@ SOA . . 1 2 3 4 5\n@ NS ns\n"),
      (Lines{
          "dir/zone:1 example.com. 5 IN SOA . . 1 2 3 4 5", "dir/zone:2 example.com. 5 IN NS ns.example.com.",
          "dir/zone:1: warning: no TTL: taken from the last field of the SOA; write a $TTL line instead (RFC "
          "2308 4)"}));
}

struct Refusal {
  const char* name;
  std::string text;
  std::string problem;
};
void PrintTo(const Refusal& r, std::ostream* out) { *out << r.text; }

class ZoneTextRefuses : public ::testing::TestWithParam<Refusal> {};

/// The line is refused with that message, and the one after it is read.
TEST_P(ZoneTextRefuses, TheLine) {
  EXPECT_EQ(read("\n" + GetParam().text + "\nz 60 A 192.0.2.9\n"),
            (Lines{"dir/zone:3 z.example.com. 60 IN A 192.0.2.9", "dir/zone:2: " + GetParam().problem}));
}

const Refusal kRefusals[] = {
    {"OtherClass", "a 60 CH TXT x", "class CH: only IN is served"},
    {"OtherClassByNumber", "a 60 CLASS255 TXT x", "class CLASS255: only IN is served"},
    {"UnknownType", "a 60 NOSUCH x", "\"NOSUCH\" is not a record type"},
    {"ClassTwice", "a 60 IN IN A 192.0.2.1", "\"IN\" is not a record type"},
    {"TtlTwice", "a 60 60 A 192.0.2.1", "\"60\" is not a record type"},
    {"TypeNumber", "a 60 TYPE65536 \\# 0", "\"TYPE65536\" is not a record type"},
    {"QueryType", "a 60 ANY x", "ANY is not a type of zone data (RFC 6895 3.1)"},
    {"MetaType", "a 60 OPT \\# 0", "OPT is not a type of zone data (RFC 6895 3.1)"},
    {"TypeZero", "a 60 TYPE0 \\# 0", "TYPE0 is not a type of zone data (RFC 6895 3.1)"},
    {"NoType", "a 60 IN", "the record has no type"},
    {"Ttl", "a 1y A 192.0.2.1", "\"1y\" is not a TTL, like 3600 or 1h30m"},
    {"AbsurdTtl", "a 2147483648 A 192.0.2.1", "TTL 2147483648 is above 2147483647 seconds (RFC 2181 8)"},
    {"AbsurdDefaultTtl", "$TTL 4294967296", "TTL 4294967296 is above 2147483647 seconds (RFC 2181 8)"},
    {"DefaultTtl", "$TTL", "$TTL needs one time, like 3600 or 1h30m (RFC 2308 4)"},
    {"Data", "a 60 MX 70000 b", "a.example.com. MX: \"70000\" is not a number of 0 to 65535"},
    {"Origin", "$ORIGIN a..b", "$ORIGIN needs one domain name (RFC 1035 5.1)"},
    {"OriginMissing", "$ORIGIN", "$ORIGIN needs one domain name (RFC 1035 5.1)"},
    {"OriginTwo", "$ORIGIN a b", "$ORIGIN needs one domain name (RFC 1035 5.1)"},
    {"Directive", "$NOSUCH x", "\"$NOSUCH\" is not a directive: there are $ORIGIN, $TTL and $INCLUDE"},
    {"Generate", "$GENERATE 1-9 h$ A 192.0.2.$",
     "$GENERATE is an extension of BIND and not supported: write the records out"},
    {"Include", "$INCLUDE", "$INCLUDE needs a file and perhaps an origin (RFC 1035 5.1)"},
    {"IncludeOrigin", "$INCLUDE f a..b", "\"a..b\" is not a domain name (RFC 1035 2.3.4, 5.1)"},
    {"IncludeNothing", "$INCLUDE \"\"", "\"\" is not the name of a file"},
    {"IncludeAbsent", "$INCLUDE part", "cannot read \"dir/part\": No such file or directory"},
    {"Quote", "a 60 TXT \"x",
     "a quoted string does not end in its line: add the closing quote, or write \\\" for a quote in it"},
    {"Garbage", "\x01\x80\xff 60 A 192.0.2",
     "\\001\\128\\255.example.com. A: \"192.0.2\" is not an IPv4 address, like 192.0.2.1"},
};
INSTANTIATE_TEST_SUITE_P(, ZoneTextRefuses, ::testing::ValuesIn(kRefusals),
                         [](const auto& i) { return i.param.name; });

TEST(ZoneText, AsksForAFileWithoutByteOrderMark) {
  EXPECT_EQ(read("\xef\xbb\xbfz 60 A 192.0.2.9\n"),
            (Lines{"dir/zone:1 z.example.com. 60 IN A 192.0.2.9",
                   "dir/zone:1: begins with a byte order mark: save the file as plain ASCII"}));
}

TEST(Include, IsReadWithItsOwnOriginAndTheOwnerBefore) {
  const Files files = {{"dir/sub/part", "in A 192.0.2.2\n$ORIGIN deep\nin A 192.0.2.3\n$TTL 30\n"}};
  EXPECT_EQ(read("$TTL 60\nwww A 192.0.2.1\n$INCLUDE sub/part sub\n A 192.0.2.4\nend A 192.0.2.5\n", files),
            (Lines{"dir/zone:2 www.example.com. 60 IN A 192.0.2.1",
                   "dir/sub/part:1 in.sub.example.com. 60 IN A 192.0.2.2",
                   "dir/sub/part:3 in.deep.sub.example.com. 60 IN A 192.0.2.3",
                   "dir/zone:4 www.example.com. 30 IN A 192.0.2.4",
                   "dir/zone:5 end.example.com. 30 IN A 192.0.2.5"}));
}

TEST(Include, IsRelativeToTheFileThatIncludes) {
  const Files files = {{"dir/a/one", "$INCLUDE b/two\n"},
                       {"dir/a/b/two", "$INCLUDE \"/abs three\"\n"},
                       {"/abs three", " 60 A 192.0.2.1\nx 60 A 192.0.2.2\n"}};
  EXPECT_EQ(read("www 60 A 192.0.2.0\n$include a/one\n", files),
            (Lines{"dir/zone:1 www.example.com. 60 IN A 192.0.2.0",
                   "/abs three:1 www.example.com. 60 IN A 192.0.2.1",
                   "/abs three:2 x.example.com. 60 IN A 192.0.2.2"}));
}

TEST(Include, RefusesAFileThatIsBeingRead) {
  EXPECT_EQ(read("$INCLUDE ../dir/zone\n"),
            (Lines{"dir/zone:1: \"dir/zone\" includes itself: take this line out"}));
  EXPECT_EQ(
      read("$INCLUDE a\nend 60 A 192.0.2.1\n", {{"dir/a", "$INCLUDE b\n"}, {"dir/b", "\n$INCLUDE ./a\n"}}),
      (Lines{"dir/zone:2 end.example.com. 60 IN A 192.0.2.1",
             "dir/b:2: \"dir/a\" includes itself: take this line out"}));
}

TEST(Include, GoesEightFilesDeep) {
  Files files;
  for (int i = 1; i <= 8; ++i) files["dir/" + std::to_string(i)] = "$INCLUDE " + std::to_string(i + 1) + "\n";
  files["dir/9"] = "x 60 A 192.0.2.1\n";
  EXPECT_EQ(read("$INCLUDE 2\n", files), (Lines{"dir/9:1 x.example.com. 60 IN A 192.0.2.1"}));
  EXPECT_EQ(read("$INCLUDE 1\n", files), (Lines{"dir/8:1: files include each other more than 8 deep"}));
}

TEST(Include, EndsWhenFilesAreVeryMany) {
  Files files = {{"dir/3", "; nothing\n"}};
  for (const int i : {0, 1, 2}) {
    for (int copy = 0; copy < 100; ++copy)
      files["dir/" + std::to_string(i)] += "$INCLUDE " + std::to_string(i + 1) + "\n";
  }
  EXPECT_EQ(read("$INCLUDE 0\n", files),
            (Lines{"dir/2:100: more than 10000 files are included: the rest was not read"}));
}

TEST(Findings, AreSortedAndLimited) {
  Findings findings;
  for (std::uint32_t i = 0; i < 90; ++i) findings.warn({0, 200 - i}, "doubtful");
  for (std::uint32_t i = 0; i < 90; ++i) findings.error({1, 300 - i}, "wrong");
  const std::vector<std::string> files = {"a", "b"};
  const auto problems = findings.problems(files);
  ASSERT_EQ(problems.size(), kMaxProblems);
  EXPECT_EQ(problems[0].text(), "a:192: warning: doubtful");
  EXPECT_EQ(problems[9].text(), "b:211: wrong");
  EXPECT_EQ(problems[98].text(), "b:300: wrong");
  EXPECT_EQ(problems[99].text(), "a: warning: 81 more problems are not shown");
}

}  // namespace
}  // namespace holdfast::zones
