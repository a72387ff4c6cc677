#include "server/answer/answer.h"

#include <gtest/gtest.h>

#include "tests/server/answer/ask.h"

using namespace holdfast;
using namespace holdfast::server;

namespace {

using Records = std::vector<std::string>;

const std::string kSoa =
    "@ 3600 SOA ns1 hostmaster 1 7200 900 1209600 300\n@ 3600 NS ns1\nns1 3600 A 192.0.2.53\n";
const std::string kExample = kSoa + R"(
www       300 A     192.0.2.1
www       300 A     192.0.2.2
www       300 AAAA  2001:db8::1
a.b.c     300 TXT   "deep"
alias     300 CNAME www
far       300 CNAME www.other.test.
out       300 CNAME www.elsewhere.
chain1    300 CNAME chain2
chain2    300 CNAME alias
nowhere   300 CNAME missing
loop1     300 CNAME loop2
loop2     300 CNAME loop1
todel     300 CNAME x.child
*.wild    300 MX    10 mail
*.wildc   300 CNAME www
x.block.wild 300 TXT "x"
mail      300 A     192.0.2.25
mx        300 MX    10 mail
mx        300 MX    20 www
_sip._tcp 300 SRV   0 0 5060 www
svc       300 HTTPS 1 . alpn=h2
svc       300 A     192.0.2.80
svc2      300 HTTPS 0 svc
svc3      300 HTTPS 0 SVC
mx2       300 MX    10 ns.child
old       300 DNAME new
a.new     300 A     192.0.2.99
in        300 DNAME to
x.to      300 CNAME y.in
y.to      300 A     192.0.2.98
grow      300 DNAME x.grow
a.shrink  300 DNAME @
a         300 A     192.0.2.97
child     300 NS    ns.child
child     300 NS    ns.sibling
child     300 DS    1 13 2 0000000000000000000000000000000000000000000000000000000000000000
ns.child  300 A     192.0.2.100
sibling   300 NS    ns.sibling
ns.sibling 300 A    192.0.2.101
)";
const std::string kOther =
    "@ 60 SOA ns1.example.test. h 7 1 1 1 30\n@ 60 NS ns1.example.test.\nwww 60 A 198.51.100.1\n";

const Zones& zones() {
  static const Zones zones({{"example.test", kExample}, {"other.test", kOther}});
  return zones;
}

const std::string kNegative =
    "example.test. 300 SOA ns1.example.test. hostmaster.example.test. 1 7200 900 1209600 300";

struct Case {
  const char* name;
  const char* question;
  const char* status;
  Records answer = {}, authority = {}, additional = {};
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.question; }

// clang-format off
const Case kCases[] = {
    {"Hit",
     "www.example.test. A",
     "NOERROR aa",
     {"www.example.test. 300 A 192.0.2.1", "www.example.test. 300 A 192.0.2.2"}},
    {"NoData", "www.example.test. TXT", "NOERROR aa", {}, {kNegative}},
    {"NxDomain", "missing.example.test. A", "NXDOMAIN aa", {}, {kNegative}},
    {"BelowAHost", "x.www.example.test. A", "NXDOMAIN aa", {}, {kNegative}},
    {"EmptyNonTerminal", "b.c.example.test. A", "NOERROR aa", {}, {kNegative}},
    {"Apex",
     "example.test. NS",
     "NOERROR aa",
     {"example.test. 3600 NS ns1.example.test."},
     {},
     {"ns1.example.test. 3600 A 192.0.2.53"}},
    {"Foreign", "www.elsewhere. A", "REFUSED"},
    {"Root", ". NS", "REFUSED"},
    {"ParentOfAZone", "test. SOA", "REFUSED"},

    {"Cname",
     "alias.example.test. AAAA",
     "NOERROR aa",
     {"alias.example.test. 300 CNAME www.example.test.", "www.example.test. 300 AAAA 2001:db8::1"}},
    {"CnameItself",
     "alias.example.test. CNAME",
     "NOERROR aa",
     {"alias.example.test. 300 CNAME www.example.test."}},
    {"CnameChain",
     "chain1.example.test. AAAA",
     "NOERROR aa",
     {"alias.example.test. 300 CNAME www.example.test.",
      "chain1.example.test. 300 CNAME chain2.example.test.",
      "chain2.example.test. 300 CNAME alias.example.test.", "www.example.test. 300 AAAA 2001:db8::1"}},
    {"CnameToNoData",
     "alias.example.test. MX",
     "NOERROR aa",
     {"alias.example.test. 300 CNAME www.example.test."},
     {kNegative}},
    {"CnameToNothing",
     "nowhere.example.test. A",
     "NXDOMAIN aa",
     {"nowhere.example.test. 300 CNAME missing.example.test."},
     {kNegative}},
    {"CnameToAnotherZoneOfOurs",
     "far.example.test. A",
     "NOERROR aa",
     {"far.example.test. 300 CNAME www.other.test.", "www.other.test. 60 A 198.51.100.1"}},
    {"CnameToElsewhere", "out.example.test. A", "NOERROR aa", {"out.example.test. 300 CNAME www.elsewhere."}},
    {"CnameLoop",
     "loop1.example.test. A",
     "NOERROR aa",
     {"loop1.example.test. 300 CNAME loop2.example.test.",
      "loop2.example.test. 300 CNAME loop1.example.test."}},
    {"CnameBelowACut",
     "todel.example.test. A",
     "NOERROR aa",
     {"todel.example.test. 300 CNAME x.child.example.test."},
     {"child.example.test. 300 NS ns.child.example.test.",
      "child.example.test. 300 NS ns.sibling.example.test."},
     {"ns.child.example.test. 300 A 192.0.2.100", "ns.sibling.example.test. 300 A 192.0.2.101"}},

    {"Wildcard",
     "any.thing.wild.example.test. MX",
     "NOERROR aa",
     {"any.thing.wild.example.test. 300 MX 10 mail.example.test."},
     {},
     {"mail.example.test. 300 A 192.0.2.25"}},
    {"WildcardNoData", "x.wild.example.test. A", "NOERROR aa", {}, {kNegative}},
    {"WildcardItself",
     "*.wild.example.test. MX",
     "NOERROR aa",
     {"*.wild.example.test. 300 MX 10 mail.example.test."},
     {},
     {"mail.example.test. 300 A 192.0.2.25"}},
    {"CloserNameBlocksWildcard", "y.block.wild.example.test. MX", "NXDOMAIN aa", {}, {kNegative}},
    {"WildcardCname",
     "q.wildc.example.test. AAAA",
     "NOERROR aa",
     {"q.wildc.example.test. 300 CNAME www.example.test.", "www.example.test. 300 AAAA 2001:db8::1"}},

    {"Dname",
     "a.old.example.test. A",
     "NOERROR aa",
     {"a.new.example.test. 300 A 192.0.2.99", "a.old.example.test. 300 CNAME a.new.example.test.",
      "old.example.test. 300 DNAME new.example.test."}},
    {"DnameOwnerIsNotRedirected", "old.example.test. A", "NOERROR aa", {}, {kNegative}},
    {"DnameToNothing",
     "b.old.example.test. A",
     "NXDOMAIN aa",
     {"b.old.example.test. 300 CNAME b.new.example.test.", "old.example.test. 300 DNAME new.example.test."},
     {kNegative}},

    {"DnameIsGivenOnce",
     "x.in.example.test. A",
     "NOERROR aa",
     {"in.example.test. 300 DNAME to.example.test.", "x.in.example.test. 300 CNAME x.to.example.test.",
      "x.to.example.test. 300 CNAME y.in.example.test.", "y.in.example.test. 300 CNAME y.to.example.test.",
      "y.to.example.test. 300 A 192.0.2.98"}},
    {"SynthesisedCnameIsTheAnswerToCname",
     "x.in.example.test. CNAME",
     "NOERROR aa",
     {"in.example.test. 300 DNAME to.example.test.", "x.in.example.test. 300 CNAME x.to.example.test."}},
    {"DnameBelowItselfIsFollowedOnce",
     "a.grow.example.test. A",
     "NOERROR aa",
     {"a.grow.example.test. 300 CNAME a.x.grow.example.test.",
      "grow.example.test. 300 DNAME x.grow.example.test."}},
    {"DnameToAboveIsFollowed",
     "a.a.shrink.example.test. TXT",
     "NOERROR aa",
     {"a.a.shrink.example.test. 300 CNAME a.example.test.", "a.shrink.example.test. 300 DNAME example.test."},
     {kNegative}},

    {"Referral",
     "www.child.example.test. A",
     "NOERROR",
     {},
     {"child.example.test. 300 NS ns.child.example.test.",
      "child.example.test. 300 NS ns.sibling.example.test."},
     {"ns.child.example.test. 300 A 192.0.2.100", "ns.sibling.example.test. 300 A 192.0.2.101"}},
    {"ReferralAtTheCut",
     "child.example.test. NS",
     "NOERROR",
     {},
     {"child.example.test. 300 NS ns.child.example.test.",
      "child.example.test. 300 NS ns.sibling.example.test."},
     {"ns.child.example.test. 300 A 192.0.2.100", "ns.sibling.example.test. 300 A 192.0.2.101"}},
    {"GlueIsNoAnswer",
     "ns.child.example.test. A",
     "NOERROR",
     {},
     {"child.example.test. 300 NS ns.child.example.test.",
      "child.example.test. 300 NS ns.sibling.example.test."},
     {"ns.child.example.test. 300 A 192.0.2.100", "ns.sibling.example.test. 300 A 192.0.2.101"}},
    {"DsIsTheParents",
     "child.example.test. DS",
     "NOERROR aa",
     {"child.example.test. 300 DS 1 13 2 0000000000000000000000000000000000000000000000000000000000000000"}},
    {"NoDsAtACut", "sibling.example.test. DS", "NOERROR aa", {}, {kNegative}},

    {"MxWithAddresses",
     "mx.example.test. MX",
     "NOERROR aa",
     {"mx.example.test. 300 MX 10 mail.example.test.", "mx.example.test. 300 MX 20 www.example.test."},
     {},
     {"mail.example.test. 300 A 192.0.2.25", "www.example.test. 300 A 192.0.2.1",
      "www.example.test. 300 A 192.0.2.2", "www.example.test. 300 AAAA 2001:db8::1"}},
    {"SrvWithAddresses",
     "_sip._tcp.example.test. SRV",
     "NOERROR aa",
     {"_sip._tcp.example.test. 300 SRV 0 0 5060 www.example.test."},
     {},
     {"www.example.test. 300 A 192.0.2.1", "www.example.test. 300 A 192.0.2.2",
      "www.example.test. 300 AAAA 2001:db8::1"}},
    {"HttpsWithItsOwnAddresses",
     "svc.example.test. HTTPS",
     "NOERROR aa",
     {"svc.example.test. 300 HTTPS 1 . alpn=h2"},
     {},
     {"svc.example.test. 300 A 192.0.2.80"}},
    {"HttpsAliasWithItsTarget",
     "svc2.example.test. HTTPS",
     "NOERROR aa",
     {"svc2.example.test. 300 HTTPS 0 svc.example.test."},
     {},
     {"svc.example.test. 300 A 192.0.2.80", "svc.example.test. 300 HTTPS 1 . alpn=h2"}},

    {"HttpsTargetInUpperCase",
     "svc3.example.test. HTTPS",
     "NOERROR aa",
     {"svc3.example.test. 300 HTTPS 0 SVC.example.test."},
     {},
     {"svc.example.test. 300 A 192.0.2.80", "svc.example.test. 300 HTTPS 1 . alpn=h2"}},
    {"GlueIsNotAddedToMx",
     "mx2.example.test. MX",
     "NOERROR aa",
     {"mx2.example.test. 300 MX 10 ns.child.example.test."}},

    {"AnyIsHinfo", "www.example.test. ANY", "NOERROR aa", {"www.example.test. 3600 HINFO \"RFC8482\" \"\""}},
    {"AnyOfACnameIsTheCname",
     "alias.example.test. ANY",
     "NOERROR aa",
     {"alias.example.test. 300 CNAME www.example.test."}},
    {"AnyOfNothing", "missing.example.test. ANY", "NXDOMAIN aa", {}, {kNegative}},
    {"Axfr", "example.test. AXFR", "REFUSED"},
    {"Maila", "example.test. MAILA", "NOTIMP"},
    {"UnknownType", "www.example.test. TYPE65280", "NOERROR aa", {}, {kNegative}},
    {"ClassHs", "www.example.test. HS A", "REFUSED"},
    {"VersionBind", "version.bind. CH TXT", "NOERROR aa", {"version.bind. 0 CH TXT \"holdfast test\""}},
    {"IdServer", "ID.server. CH TXT", "NOERROR aa", {"ID.server. 0 CH TXT \"ns1.test\""}},
    {"OtherChaos", "foo.bind. CH TXT", "REFUSED"},
};
// clang-format on

class Answer : public testing::TestWithParam<Case> {};

TEST_P(Answer, IsAsExpected) {
  const Case& expected = GetParam();
  const Reply reply = zones().ask(expected.question, 1232);
  EXPECT_EQ(reply.status, expected.status);
  EXPECT_EQ(reply.answer, expected.answer);
  EXPECT_EQ(reply.authority, expected.authority);
  EXPECT_EQ(reply.additional, expected.additional);
}

INSTANTIATE_TEST_SUITE_P(Table, Answer, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

// ---- the message itself ----

TEST(Reply, CopiesIdQuestionAndRdAndKeepsTheCaseOfTheName) {
  auto query = Zones::query("wWw.ExAmPlE.tEsT. A");
  query[2] = 1;  // RD
  const Reply reply = zones().send(query);
  EXPECT_TRUE(std::equal(query.begin(), query.begin() + 2, reply.octets.begin()));
  EXPECT_TRUE(std::equal(query.begin() + 12, query.end(), reply.octets.begin() + 12));
  EXPECT_EQ(reply.octets[2] & 1, 1);
  EXPECT_EQ(reply.octets[3] & 0x80, 0) << "RA";
  EXPECT_EQ(reply.answer[0], "wWw.ExAmPlE.tEsT. 300 A 192.0.2.1") << "the owner points into the question";
}

TEST(Reply, IsCompressed) {
  EXPECT_EQ(zones().ask("www.example.test. A").octets.size(), 12U + 22 + 2 * (2 + 10 + 4));
  EXPECT_EQ(zones().ask("alias.example.test. AAAA").octets.size(), 12U + 24 + (2 + 10 + 6) + (2 + 10 + 16));
}

TEST(Reply, HasOptOnlyWhereTheQueryHadIt) {
  EXPECT_EQ(zones().ask("www.example.test. A").octets[11], 0);
  const auto octets = zones().ask("www.example.test. A", 4096).octets;
  EXPECT_EQ(octets[11], 1);
  EXPECT_EQ((std::vector<std::uint8_t>(octets.end() - 11, octets.end())),
            (std::vector<std::uint8_t>{0, 0, 41, 1232 >> 8, 1232 & 255, 0, 0, 0, 0, 0, 0}));
}

/// A query with an OPT record put together by hand.
std::vector<std::uint8_t> with_opt(std::vector<std::uint8_t> query, std::vector<std::uint8_t> opt) {
  query[11] = static_cast<std::uint8_t>(query[11] + 1);
  query.insert(query.end(), opt.begin(), opt.end());
  return query;
}

TEST(Edns, AnswersAnotherVersionWithBadvers) {
  const Reply reply =
      zones().send(with_opt(Zones::query("www.example.test. A"), {0, 0, 41, 4, 208, 0, 1, 0, 0, 0, 0}));
  EXPECT_EQ(reply.status, "BADVERS");
  EXPECT_EQ(reply.octets[3] & 0xf, 0);
  EXPECT_EQ(reply.octets[reply.octets.size() - 6], 1) << "the upper bits of the rcode";
  EXPECT_EQ(reply.octets[reply.octets.size() - 5], 0) << "our version";
}

TEST(Edns, CopiesDoAndTellsNsidWhenAsked) {
  const Reply reply = zones().send(
      with_opt(Zones::query("www.example.test. A"), {0, 0, 41, 4, 208, 0, 0, 0x80, 0, 0, 4, 0, 3, 0, 0}));
  const std::vector<std::uint8_t> tail(reply.octets.end() - 18, reply.octets.end());
  const std::vector<std::uint8_t> expected{0, 0,   0x80, 0,   0,   12,  0,   3,   0,
                                           8, 'n', 's',  '1', '.', 't', 'e', 's', 't'};
  EXPECT_EQ(tail, expected);
}

TEST(Edns, RefusesTwoOptsOneElsewhereAndBrokenOptions) {
  const std::vector<std::uint8_t> opt{0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(zones().send(with_opt(with_opt(Zones::query("www.example.test. A"), opt), opt)).status,
            "FORMERR");
  auto named = opt;
  named.insert(named.begin(), {1, 'a'});
  EXPECT_EQ(zones().send(with_opt(Zones::query("www.example.test. A"), named)).status, "FORMERR");
  auto as_answer = with_opt(Zones::query("www.example.test. A"), opt);
  std::swap(as_answer[7], as_answer[11]);
  EXPECT_EQ(zones().send(as_answer).status, "FORMERR");
  EXPECT_EQ(zones()
                .send(with_opt(Zones::query("www.example.test. A"),
                               {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 4, 0, 3, 0, 9}))
                .status,
            "FORMERR");
}

TEST(Reply, IsSilenceToResponsesAndStumps) {
  auto response = Zones::query("www.example.test. A");
  response[2] = 0x80;
  EXPECT_TRUE(zones().send(response).octets.empty());
  auto stump = Zones::query("www.example.test. A");
  stump.resize(11);
  EXPECT_TRUE(zones().send(stump).octets.empty());
  EXPECT_TRUE(zones().send({}).octets.empty());
}

TEST(Reply, IsFormerrWithoutExactlyOneWholeQuestion) {
  auto none = Zones::query("www.example.test. A");
  none[5] = 0;
  EXPECT_EQ(zones().send(none).status, "FORMERR");
  auto two = Zones::query("www.example.test. A");
  two[5] = 2;
  EXPECT_EQ(zones().send(two).status, "FORMERR");
  auto cut = Zones::query("www.example.test. A");
  cut.pop_back();
  EXPECT_EQ(zones().send(cut).status, "FORMERR");
  auto pointer = Zones::query("www.example.test. A");
  pointer[12] = 0xc0;
  EXPECT_EQ(zones().send(pointer).status, "FORMERR");
}

TEST(Reply, IsNotimpToOtherOpcodes) {
  for (const int opcode : {1, 2, 3, 4, 5, 6, 15}) {
    auto query = Zones::query("www.example.test. A");
    query[2] = static_cast<std::uint8_t>(opcode << 3);
    const Reply reply = zones().send(query);
    EXPECT_EQ(reply.status, "NOTIMP") << opcode;
    EXPECT_EQ(reply.octets[2] >> 3 & 0xf, opcode);
  }
}

TEST(Reply, CountsWhatItWasAbout) {
  const Reply reply = zones().ask("www.other.test. AAAA");
  EXPECT_EQ(reply.answered.zone, 1U);
  EXPECT_EQ(reply.answered.type, zones::RrType::AAAA);
  EXPECT_EQ(reply.answered.rcode, zones::Rcode::noerror);
}

// ---- truncation ----

Zones big_zone() {
  std::string text = kSoa;
  for (int i = 0; i < 60; ++i) text += "big 60 A 10.0.0." + std::to_string(i) + "\n";
  text += "list 60 CNAME big\n";
  for (int i = 0; i < 10; ++i) {
    text += "mx 60 MX " + std::to_string(i) + " m" + std::to_string(i) + "\n";
    for (int k = 0; k < 9; ++k) {
      text += "m" + std::to_string(i) + " 60 A 10.1." + std::to_string(i) + "." + std::to_string(k) + "\n";
    }
  }
  text += "del 60 NS ns.del\n";
  for (int i = 0; i < 40; ++i) text += "ns.del 60 A 10.2.0." + std::to_string(i) + "\n";
  return Zones({{"example.test", text}});
}

TEST(Truncation, LeavesOutWholeRRsetsAndSaysSo) {
  const Zones zones = big_zone();
  EXPECT_EQ(zones.ask("big.example.test. A").status, "NOERROR aa tc");
  EXPECT_TRUE(zones.ask("big.example.test. A").answer.empty());
  EXPECT_EQ(zones.ask("list.example.test. A").status, "NOERROR aa tc");
  EXPECT_EQ(zones.ask("list.example.test. A").answer,
            Records{"list.example.test. 60 CNAME big.example.test."});
}

TEST(Truncation, FollowsTheClientsSizeUpToOurs) {
  const Zones zones = big_zone();
  EXPECT_EQ(zones.ask("big.example.test. A", 1000).status, "NOERROR aa tc");
  EXPECT_EQ(zones.ask("big.example.test. A", 1232).answer.size(), 60U);
  Zones small = big_zone();
  small.identity.edns_size = 800;
  EXPECT_EQ(small.ask("big.example.test. A", 1232).status, "NOERROR aa tc");
  EXPECT_LE(small.ask("mx.example.test. MX", 65535).octets.size(), 800U);
}

TEST(Truncation, TakesSizesBelow512For512) {
  const Zones zones = big_zone();
  EXPECT_EQ(zones.ask("mx.example.test. MX", 1).octets.size(),
            zones.ask("mx.example.test. MX", 512).octets.size());
  EXPECT_GT(zones.ask("mx.example.test. MX", 1).octets.size(), 300U);
}

TEST(Truncation, DoesNotHappenOverTcp) {
  const Reply reply = big_zone().ask("big.example.test. A", 0, Transport::tcp);
  EXPECT_EQ(reply.status, "NOERROR aa");
  EXPECT_EQ(reply.answer.size(), 60U);
}

TEST(Truncation, LeavesAdditionalAddressesOutWithoutTc) {
  const Reply reply = big_zone().ask("mx.example.test. MX");
  EXPECT_EQ(reply.status, "NOERROR aa");
  EXPECT_EQ(reply.answer.size(), 10U);
  EXPECT_EQ(reply.additional.size() % 9, 0U) << "whole RRsets";
  EXPECT_GT(reply.additional.size(), 0U);
  EXPECT_LT(reply.additional.size(), 90U);
}

TEST(Truncation, OfRequiredGlueSetsTc) {  // RFC 9471 3
  EXPECT_EQ(big_zone().ask("x.del.example.test. A").status, "NOERROR tc");
  EXPECT_EQ(big_zone().ask("x.del.example.test. A", 1232).additional.size(), 40U);
}

TEST(Truncation, LeavesOtherServersOutBeforeGlue) {
  std::string text = kSoa + "del 60 NS a\ndel 60 NS ns.del\nns.del 60 A 10.2.0.1\n";
  for (int i = 0; i < 27; ++i) text += "a 60 A 10.0.0." + std::to_string(i) + "\n";
  const Reply reply = Zones({{"example.test", text}}).ask("x.del.example.test. A");
  EXPECT_EQ(reply.status, "NOERROR");
  EXPECT_EQ(reply.additional, Records{"ns.del.example.test. 60 A 10.2.0.1"});
}

TEST(Glue, IsWholeForManyServers) {  // RFC 9471 3
  for (const std::size_t servers : {std::size_t{14}, kMaxGlue, kMaxGlue + 8}) {
    std::string text = kSoa;
    for (std::size_t i = 0; i < servers; ++i) {
      const std::string ns = "n" + std::to_string(i) + ".del";
      text += "del 60 NS " + ns + "\n" + ns + " 60 A 10.2.0." + std::to_string(i) + "\n" + ns +
              " 60 AAAA fd00::1\n";
    }
    const Reply reply = Zones({{"example.test", text}}).ask("x.del.example.test. A", 0, Transport::tcp);
    EXPECT_EQ(reply.authority.size(), servers);
    EXPECT_EQ(reply.additional.size(), 2 * std::min(servers, kMaxGlue));
  }
}

// ---- compression ----

/// The most pointers that a name in the message takes to read.
int longest_pointer_chain(const std::vector<std::uint8_t>& octets) {
  int longest = 0;
  for (std::size_t from = 12; from + 1 < octets.size(); ++from) {
    int hops = 0;
    for (std::size_t at = from; at + 1 < octets.size() && (octets[at] & 0xc0) == 0xc0; ++hops) {
      at = (octets[at] & 0x3fU) << 8 | octets[at + 1];
      while (at < octets.size() && octets[at] != 0 && octets[at] < 64) at += octets[at] + 1U;
    }
    longest = std::max(longest, hops);
  }
  return longest;
}

TEST(Compression, MakesNoLongChainsOfPointers) {  // Go's resolver gives up after 10
  std::string text = kSoa, name = "n0";
  for (int i = 1; i < 20; ++i) {
    const std::string next = "n" + std::to_string(i) + "." + name;
    text += name + " 60 CNAME " + next + "\n";
    name = next;
  }
  const Reply reply = Zones({{"example.test", text}}).ask("n0.example.test. A", 0, Transport::tcp);
  EXPECT_EQ(reply.answer.size(), kMaxChain + 1);
  const int longest = longest_pointer_chain(reply.octets);
  EXPECT_GT(longest, 5) << "they are short, or not looked at";
  EXPECT_LE(longest, 9);
}

// ---- chains ----

TEST(Chain, EndsAfterSixteenAliases) {
  std::string text = kSoa;
  for (int i = 0; i < 10000; ++i) {
    text += "c" + std::to_string(i) + " 60 CNAME c" + std::to_string(i + 1) + "\n";
  }
  const Reply reply = Zones({{"example.test", text}}).ask("c0.example.test. A", 0, Transport::tcp);
  EXPECT_EQ(reply.status, "NOERROR aa");
  EXPECT_EQ(reply.answer.size(), kMaxChain + 1);
}

TEST(Chain, OfADnameIntoItselfEnds) {
  const Zones zones({{"example.test", kSoa + "d 60 DNAME x.d\n"}});
  const Reply reply = zones.ask("a.d.example.test. A", 0, Transport::tcp);
  EXPECT_EQ(reply.answered.rcode, zones::Rcode::noerror);
  EXPECT_GE(reply.answer.size(), 2U);
}

TEST(Chain, OfADnameThatGrowsTooLongIsYxdomain) {
  const std::string label(60, 'l');
  const Zones zones({{"example.test", kSoa + "d 60 DNAME " + label + "." + label + "." + label + "\n"}});
  const Reply reply = zones.ask(label + ".d.example.test. A");
  EXPECT_EQ(reply.status, "YXDOMAIN aa");
  EXPECT_EQ(reply.answer.size(), 1U) << "the DNAME, as the reason";
}

// ---- what is not loaded, and where zones meet ----

TEST(ServedZone, ThatCouldNotBeLoadedIsServfail) {
  const auto name = zones::Name::parse("broken.test").value();
  const zones::Snapshot snapshot({{zones::Zone::unavailable(name), 0}});
  const zones::LiveTable live;
  const Identity identity;
  std::vector<std::uint8_t> room(512);
  const auto answered =
      answer(Zones::query("www.broken.test. A"), room, {snapshot, live, identity}, Transport::udp);
  EXPECT_EQ(answered.rcode, zones::Rcode::servfail);
}

TEST(ServedZone, TheDeepestAnswersButDsIsAskedAtTheParent) {
  const Zones zones({{"example.test", kSoa + "sub 60 NS ns.sub\nns.sub 60 A 10.0.0.1\nsub 60 DS 1 13 1 "
                                             "0000000000000000000000000000000000000000\n"},
                     {"sub.example.test", "@ 60 SOA ns h 1 1 1 1 1\n@ 60 NS ns\nns 60 A 10.0.0.1\n"}});
  EXPECT_EQ(zones.ask("ns.sub.example.test. A").status, "NOERROR aa");
  EXPECT_EQ(zones.ask("sub.example.test. DS").answer.size(), 1U);
}

TEST(ServedZone, ThatItsParentDoesNotDelegateAnswersForItsOwnDs) {
  const Zones zones({{"example.test", kSoa},
                     {"sub.example.test", "@ 60 SOA ns h 1 1 1 1 1\n@ 60 NS ns\nns 60 A 10.0.0.1\n"}});
  EXPECT_EQ(zones.ask("sub.example.test. DS").status, "NOERROR aa")
      << "NXDOMAIN would take its names with it";
}

// ---- live names ----

class LiveName : public testing::Test {
 protected:
  Zones zones{
      {{"example.test",
        kSoa + "www 3600 A 192.0.2.1\nwww 3600 TXT \"still here\"\nto 60 CNAME www\nmx 60 MX 1 pool\n"}},
      {{zones::Name::parse("www.example.test").value(), 0},
       {zones::Name::parse("pool.example.test").value(), 1}}};

  void set(zones::LiveIndex index, std::vector<std::uint8_t> a, std::vector<std::uint8_t> aaaa = {}) {
    zones.live = zones.live->with(index, std::make_shared<zones::LiveAnswer>(a, 30, aaaa, 20));
  }
};

TEST_F(LiveName, ServesTheZonesRecordsWhileNothingIsKnown) {
  EXPECT_EQ(zones.ask("www.example.test. A").answer, Records{"www.example.test. 3600 A 192.0.2.1"});
  EXPECT_EQ(zones.ask("pool.example.test. A").status, "NOERROR aa");
}

TEST_F(LiveName, AnswersWithWhatHealthDecided) {
  set(0, {10, 0, 0, 1, 10, 0, 0, 2}, {0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9});
  const Reply reply = zones.ask("www.example.test. A");
  EXPECT_EQ(reply.answer, (Records{"www.example.test. 30 A 10.0.0.1", "www.example.test. 30 A 10.0.0.2"}));
  EXPECT_EQ(reply.answered.live, 0U);
  EXPECT_EQ(zones.ask("www.example.test. AAAA").answer, Records{"www.example.test. 20 AAAA fd00::9"});
  EXPECT_EQ(zones.ask("www.example.test. TXT").answer.size(), 1U) << "other types are the zone's";
}

TEST_F(LiveName, WithoutMembersOfAFamilyIsNoData) {
  set(0, {10, 0, 0, 1});
  const Reply reply = zones.ask("www.example.test. AAAA");
  EXPECT_EQ(reply.status, "NOERROR aa");
  EXPECT_EQ(reply.authority.size(), 1U);
}

TEST_F(LiveName, IsLiveAlsoBehindACnameAndInTheAdditionalSection) {
  set(0, {10, 0, 0, 1});
  set(1, {10, 0, 0, 2});
  EXPECT_EQ(zones.ask("to.example.test. A").answer,
            (Records{"to.example.test. 60 CNAME www.example.test.", "www.example.test. 30 A 10.0.0.1"}));
  EXPECT_EQ(zones.ask("to.example.test. A").answered.live, 0U);
  EXPECT_EQ(zones.ask("mx.example.test. MX").additional, Records{"pool.example.test. 30 A 10.0.0.2"});
}

}  // namespace
