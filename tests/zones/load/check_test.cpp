#include "zones/load/check.h"

#include <gtest/gtest.h>

#include "tests/zones/load/loading.h"

namespace holdfast::zones {
namespace {

using testing::load;
using testing::name;
using Lines = std::vector<std::string>;

const std::string kHead =  // lines 1 to 4
    "$TTL 3600\n"
    "@ SOA ns1 hostmaster 1 7200 3600 1209600 300\n"
    "@ NS ns1\n"
    "ns1 A 192.0.2.1\n";

struct Case {
  const char* name;
  std::string text;  // from line 5
  Lines problems;
  std::vector<std::string> live = {};
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.text; }

class Check : public ::testing::TestWithParam<Case> {};

TEST_P(Check, Says) {
  std::vector<LiveName> live;
  for (const std::string& text : GetParam().live)
    live.push_back({name(text), static_cast<LiveIndex>(live.size()), false});
  const LoadedZone loaded = load("example.com", kHead + GetParam().text, {}, live);
  EXPECT_EQ(testing::lines(loaded.problems), GetParam().problems);
  const bool error = std::any_of(loaded.problems.begin(), loaded.problems.end(),
                                 [](const Problem& p) { return p.severity == Problem::Severity::error; });
  EXPECT_EQ(loaded.zone == nullptr, error);
}

const Case kErrors[] = {
    {"TwoSoa",
     "@ SOA ns1 hostmaster 2 7200 3600 1209600 300\n",
     {"zone:5: example.com. has more than one SOA (RFC 1035 5.2)"}},
    {"SoaBelowApex",
     "sub SOA ns1 hostmaster 2 7200 3600 1209600 300\n",
     {"zone:5: sub.example.com. SOA is not at the apex example.com. (RFC 1035 5.2)"}},
    {"CnameThenOther",
     "www CNAME ns1\nwww A 192.0.2.2\n",
     {"zone:6: www.example.com. has both CNAME and A (RFC 1034 3.6.2)"}},
    {"OtherThenCname",
     "www A 192.0.2.2\nwww CNAME ns1\n",
     {"zone:6: www.example.com. has both CNAME and A (RFC 1034 3.6.2)"}},
    {"CnameAtApex", "@ CNAME ns1\n", {"zone:5: example.com. has both CNAME and NS (RFC 1034 3.6.2)"}},
    {"CnameAndDname",
     "www CNAME ns1\nwww DNAME ns1\n",
     {"zone:6: www.example.com. has both CNAME and DNAME (RFC 1034 3.6.2)"}},
    {"TwoCnames",
     "www CNAME a.example.net.\nwww CNAME b.example.net.\n",
     {"zone:6: www.example.com. has more than one CNAME (RFC 2181 10.1)"}},
    {"TwoDnames",
     "www DNAME a.example.net.\nwww DNAME b.example.net.\n",
     {"zone:6: www.example.com. has more than one DNAME (RFC 6672 2.4)"}},
    {"BelowDname",
     "old DNAME new\na.b.old TXT x\n",
     {"zone:6: a.b.old.example.com. TXT is below the DNAME at old.example.com. (RFC 6672 2.4)"}},
    {"LiveOutside",
     "",
     {"zone: live name www.example.net. is outside the zone example.com."},
     {"www.example.net"}},
    {"LiveAtCut",
     "sub NS ns1\n",
     {"zone: live name sub.example.com. is at or below the zone cut at sub.example.com.: the servers there "
      "answer for it"},
     {"sub.example.com"}},
    {"LiveBelowCut",
     "sub NS ns1\n",
     {"zone: live name www.sub.example.com. is at or below the zone cut at sub.example.com.: the servers "
      "there answer "
      "for it"},
     {"www.sub.example.com"}},
    {"LiveBelowDname",
     "old DNAME new\n",
     {"zone: live name www.old.example.com. is below the DNAME at old.example.com. (RFC 6672 2.4)"},
     {"www.old.example.com"}},
    {"LiveAtCname",
     "www CNAME ns1\n",
     {"zone:5: live name www.example.com. has a CNAME: take it out, or the name from the live ones (RFC 1034 "
      "3.6.2)"},
     {"www.example.com"}},
};
INSTANTIATE_TEST_SUITE_P(Errors, Check, ::testing::ValuesIn(kErrors),
                         [](const auto& i) { return i.param.name; });

const Case kWarnings[] = {
    {"Outside",
     "www.example.net. A 192.0.2.2\n",
     {"zone:5: warning: www.example.net. A is outside the zone: dropped"}},
    {"Duplicate",
     "www MX 1 ns1\nWWW MX 1 NS1\n",
     {"zone:6: warning: www.example.com. MX is there twice, with the same data: dropped (RFC 2181 5)"}},
    {"TtlsDiffer",
     "www 60 A 192.0.2.2\nwww 30 A 192.0.2.3\n",
     {"zone:5: warning: www.example.com. A has TTLs 30 and 60: the smaller is used (RFC 2181 5.2)"}},
    {"NoGlue",
     "sub NS ns.sub\n",
     {"zone:5: warning: sub.example.com. NS: ns.sub.example.com. has no glue: add its A or AAAA (RFC 9471 "
      "2)"}},
    {"NoSiblingGlue",
     "sub NS ns.other\nother NS ns.example.net.\n",
     {"zone:5: warning: sub.example.com. NS: ns.other.example.com. has no glue: add its A or AAAA (RFC 9471 "
      "2)"}},
    {"BelowCut",
     "sub NS ns.example.net.\nwww.sub TXT x\n",
     {"zone:6: warning: www.sub.example.com. TXT is below the zone cut at sub.example.com. and no glue: it "
      "is never an "
      "answer (RFC 1034 4.2.1)"}},
    {"AddressBelowCut",
     "sub NS ns.sub\nns.sub A 192.0.2.2\nwww.sub A 192.0.2.2\n",
     {"zone:7: warning: www.sub.example.com. A is below the zone cut at sub.example.com. and no glue: it is "
      "never an "
      "answer (RFC 1034 4.2.1)"}},
    {"MxToCname",
     "@ MX 1 www\nwww CNAME ns1\n",
     {"zone:5: warning: example.com. MX: www.example.com. is an alias (CNAME); it has to be a host (RFC 2181 "
      "10.3)"}},
    {"MxToWildcardCname",
     "@ MX 1 www.sub\n*.sub CNAME ns1\n",
     {"zone:5: warning: example.com. MX: www.sub.example.com. is an alias (CNAME); it has to be a host (RFC "
      "2181 10.3)"}},
    {"NsToCname",
     "sub NS www\nwww CNAME ns1\n",
     {"zone:5: warning: sub.example.com. NS: www.example.com. is an alias (CNAME); it has to be a host (RFC "
      "2181 10.3)"}},
    {"SrvToCname",
     "_s._tcp SRV 0 0 1 www\nwww CNAME ns1\n",
     {"zone:5: warning: _s._tcp.example.com. SRV: www.example.com. is an alias (CNAME); it has to be a host "
      "(RFC 2181 "
      "10.3)"}},
    {"MxWithoutAddress",
     "@ MX 1 mail\n",
     {"zone:5: warning: example.com. MX: mail.example.com. has neither A nor AAAA (RFC 1912 2.4, 2.8)"}},
    {"NsWithoutAddress",
     "@ NS ns2\n",
     {"zone:5: warning: example.com. NS: ns2.example.com. has neither A nor AAAA (RFC 1912 2.4, 2.8)"}},
    {"MxToEmptyNonTerminal",
     "@ MX 1 b\na.b A 192.0.2.2\n* A 192.0.2.2\n",
     {"zone:5: warning: example.com. MX: b.example.com. has neither A nor AAAA (RFC 1912 2.4, 2.8)"}},
};
INSTANTIATE_TEST_SUITE_P(Warnings, Check, ::testing::ValuesIn(kWarnings),
                         [](const auto& i) { return i.param.name; });

const Case kFine[] = {
    {"Plain", "", {}},
    {"Glue", "sub NS ns.sub\nns.sub AAAA 2001:db8::1\n", {}},
    {"SiblingGlue", "sub NS ns.other\nother NS ns.other\nns.other A 192.0.2.2\n", {}},
    {"SignedCname", "www CNAME ns1\nwww NSEC ns1 CNAME\nwww RRSIG CNAME 13 3 60 1 2 3 @ AAAA\n", {}},
    {"DnameBesideA", "old DNAME new\nold A 192.0.2.2\n", {}},
    {"NullMx", "@ MX 0 .\n", {}},
    {"MxByWildcard", "@ MX 1 mail\n* AAAA 2001:db8::1\n", {}},
    {"MxToLiveName", "@ MX 1 mail\n", {}, {"mail.example.com"}},
    {"LiveWithoutRecords", "", {}, {"www.example.com", "example.com"}},
    {"TargetBelowDname", "@ MX 1 mail.old\nold DNAME new\n", {}},
    {"RrsigTtls", "www 60 RRSIG A 13 3 60 1 2 3 @ AAAA\nwww 30 RRSIG MX 13 3 60 1 2 3 @ AAAA\n", {}},
};
INSTANTIATE_TEST_SUITE_P(Fine, Check, ::testing::ValuesIn(kFine), [](const auto& i) { return i.param.name; });

TEST(CheckZone, NeedsSoaAndNs) {
  EXPECT_EQ(testing::lines(load("example.com", "ns1 60 A 192.0.2.1\n").problems),
            (Lines{"zone: no SOA at example.com.: a zone begins with one (RFC 1035 5.2)",
                   "zone: no NS at example.com.: a zone names its servers (RFC 1034 4.2.1)"}));
}

TEST(CheckZone, IsSilentAboutWhatIsMissingWhenALineWasBroken) {
  EXPECT_EQ(testing::lines(load("example.com", "@ 60 SOA broken\n@ 60 MX 1 mail\n").problems),
            (Lines{"zone:1: example.com. SOA: this type has at least 7 fields, here are 1"}));
}

TEST(CheckZone, AllowsNsec3BelowADnameAtTheApex) {
  const std::string text =
      "@ 60 SOA . . 1 2 3 4 5\n@ 60 NS ns.example.net.\n@ 60 DNAME example.net.\n"
      "2t7b4g4vsa5smi47k61mv5bv1a22bojr 5 NSEC3 1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A\n";
  EXPECT_EQ(testing::lines(load("example.com", text).problems), Lines{});
}

TEST(CheckZone, KeepsOneOfADuplicateAndTheSmallestTtl) {
  const LoadedZone loaded =
      load("example.com", kHead + "www 60 A 192.0.2.2\nwww 30 A 192.0.2.2\nwww 90 A 192.0.2.3\n");
  ASSERT_NE(loaded.zone, nullptr);
  const Lines records = testing::records(*loaded.zone);
  EXPECT_EQ(Lines(records.end() - 2, records.end()),
            (Lines{"www.example.com. 30 IN A 192.0.2.2", "www.example.com. 30 IN A 192.0.2.3"}));
}

TEST(CheckZone, RefusesToWatchANameWithoutAddresses) {
  const std::vector<LiveName> live = {{name("www.example.com"), 0, true}};
  EXPECT_EQ(
      testing::lines(load("example.com", kHead + std::string("www TXT x\n"), {}, live).problems),
      (Lines{
          "zone: live name www.example.com. has no A or AAAA record to watch: add one, or give it a pool"}));
  EXPECT_EQ(
      testing::lines(load("example.com", kHead + std::string("www AAAA 2001:db8::1\n"), {}, live).problems),
      Lines{});
}

TEST(CheckZone, RefusesToWatchWhatNobodyCanReach) {
  const std::vector<LiveName> live = {{name("www.example.com"), 0, true}};
  EXPECT_EQ(
      testing::lines(load("example.com", kHead + std::string("www A 169.254.169.254\n"), {}, live).problems),
      (Lines{"zone:5: live name www.example.com.: 169.254.169.254 is a link-local address (169.254.0.0/16), "
             "which "
             "only one link can reach"}));
  EXPECT_EQ(testing::lines(load("example.com", kHead + std::string("www A 169.254.169.254\n")).problems),
            Lines{});
}

TEST(CheckZone, RefusesToWatchRecordsThatAreNotThere) {
  const std::vector<LiveName> live = {
      {.name = name("www.example.com"), .own_records = true, .type = RrType::MX}};
  EXPECT_EQ(testing::lines(load("example.com", kHead + std::string("www A 192.0.2.1\n"), {}, live).problems),
            (Lines{"zone: live name www.example.com. has no MX record to watch: add one, or take it out"}));
  EXPECT_EQ(testing::lines(
                load("example.com", kHead + std::string("www MX 1 mx.example.net.\n"), {}, live).problems),
            Lines{});
}

TEST(CheckZone, LeavesANameThatIsGivenACnameAlone) {
  const std::vector<LiveName> live = {{.name = name("www.example.com"), .type = RrType::CNAME}};
  EXPECT_EQ(testing::lines(load("example.com", kHead, {}, live).problems), Lines{});
  EXPECT_EQ(testing::lines(
                load("example.com", kHead + std::string("www CNAME a.example.net.\n"), {}, live).problems),
            Lines{})
      << "served until the first answer is there";
  EXPECT_EQ(
      testing::lines(load("example.com", kHead + std::string("www TXT x\n"), {}, live).problems),
      (Lines{
          "zone:5: live name www.example.com. answers with a CNAME from its pool, and has a TXT record: take "
          "that out (RFC 1034 3.6.2), or give it a pool of addresses"}));
}

TEST(CheckZone, WarnsOfAnRRsetThatNoMessageCanHold) {
  std::string text = kHead;
  for (int i = 0; i < 400; ++i) text += "www TXT " + std::to_string(i) + std::string(200, 'x') + "\n";
  const Lines problems = testing::lines(load("example.com", text).problems);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].find("zone:5: warning: www.example.com. TXT takes"), std::string::npos)
      << problems[0];
}

TEST(CheckZone, LimitsTheNamesThatASmallFileCanMake) {
  std::string labels;
  for (int i = 0; i < 110; ++i) labels += "a.";
  std::string text = kHead;
  for (int i = 0; i < 90'000; ++i) text += labels + "x" + std::to_string(i) + " A 192.0.2.1\n";
  EXPECT_EQ(
      testing::lines(load("example.com", text).problems),
      (Lines{"zone: its names, with the empty non-terminals above them, take more than 1073741824 octets"}));
}

TEST(CheckZone, LimitsAnRRset) {
  std::string text = kHead;
  for (std::size_t i = 0; i < kMaxRecordsPerRRset; ++i) text += "www TXT " + std::to_string(i) + "\n";
  EXPECT_EQ(testing::lines(load("example.com", text).problems), Lines{});
  text += "www TXT more\n";
  EXPECT_EQ(testing::lines(load("example.com", text).problems),
            (Lines{"zone:5: www.example.com. TXT has 501 records; at most 500 are served"}));
}

TEST(CheckZone, LimitsTheTypesOfAName) {
  std::string text = kHead;
  for (std::size_t i = 0; i < kMaxTypesPerName; ++i)
    text += "www TYPE" + std::to_string(1000 + i) + " \\# 0\n";
  EXPECT_EQ(testing::lines(load("example.com", text).problems), Lines{});
  text += "www TYPE999 \\# 0\n";
  EXPECT_EQ(testing::lines(load("example.com", text).problems),
            (Lines{"zone:105: www.example.com. has records of 101 types; at most 100 are served"}));
}

/// Name servers that stand far from the cut that names them, in a zone that several threads check.
TEST(Check, FindsNameServersOfOtherCuts) {
  constexpr int kCuts = 30'000;
  std::string text = kHead;
  auto line = std::count(text.begin(), text.end(), '\n');
  Lines expected;
  const auto warn = [&](const std::string& what) {
    expected.push_back("zone:" + std::to_string(line) + ": warning: " + what);
  };
  for (int i = 0; i < kCuts; ++i) {
    const std::string owner = "d" + std::to_string(i);
    const int other = i * 7 % kCuts;
    text += owner + " NS b.d" + std::to_string(other) + "\n";
    ++line;
    if (other == 77)
      warn(owner + ".example.com. NS: b.d77.example.com. has no glue: add its A or AAAA (RFC 9471 2)");
    if (i != 77) {
      text += "b." + owner + " A 192.0.2.1\n";
      ++line;
    }
    if (i != 5000) continue;
    text += "c." + owner + " AAAA 2001:db8::1\n";
    ++line;
    warn(
        "c.d5000.example.com. AAAA is below the zone cut at d5000.example.com. and no glue: it is never an "
        "answer "
        "(RFC 1034 4.2.1)");
  }
  EXPECT_EQ(testing::lines(load("example.com", text).problems), expected);
}

TEST(Check, OfOwnersWithOneLongBeginningIsNotSlow) {  // equal keys: each search once walked along all of them
  const std::string origin(40, 'a');
  std::string text = kHead + "$ORIGIN " + origin + ".example.com.\n";
  for (int i = 0; i < 20'000; ++i) text += "h" + std::to_string(i) + " MX 0 h0\n";
  EXPECT_EQ(load("example.com", text).problems.size(), kMaxProblems) << "no address at h0, each time";
}

}  // namespace
}  // namespace holdfast::zones
