#include "server/answer/resolve.h"

#include <gtest/gtest.h>

#include "tests/server/answer/example.h"

using namespace holdfast;
using namespace holdfast::server;

namespace {

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
  const DecodedReply reply = example().ask(expected.question, 1232);
  EXPECT_EQ(reply.status, expected.status);
  EXPECT_EQ(reply.answer, expected.answer);
  EXPECT_EQ(reply.authority, expected.authority);
  EXPECT_EQ(reply.additional, expected.additional);
}

INSTANTIATE_TEST_SUITE_P(Table, Answer, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Glue, IsWholeForManyServers) {  // RFC 9471 3
  for (const std::size_t servers : {std::size_t{14}, kMaxGlue, kMaxGlue + 8}) {
    std::string text = kSoa;
    for (std::size_t i = 0; i < servers; ++i) {
      const std::string ns = "n" + std::to_string(i) + ".del";
      text += "del 60 NS " + ns + "\n" + ns + " 60 A 10.2.0." + std::to_string(i) + "\n" + ns +
              " 60 AAAA fd00::1\n";
    }
    const DecodedReply reply =
        Zones({{"example.test", text}}).ask("x.del.example.test. A", 0, Transport::tcp);
    EXPECT_EQ(reply.authority.size(), servers);
    EXPECT_EQ(reply.additional.size(), 2 * std::min(servers, kMaxGlue));
  }
}

// ---- chains ----

TEST(Chain, EndsAfterSixteenAliases) {
  std::string text = kSoa;
  for (int i = 0; i < 10000; ++i) {
    text += "c" + std::to_string(i) + " 60 CNAME c" + std::to_string(i + 1) + "\n";
  }
  const DecodedReply reply = Zones({{"example.test", text}}).ask("c0.example.test. A", 0, Transport::tcp);
  EXPECT_EQ(reply.status, "NOERROR aa");
  EXPECT_EQ(reply.answer.size(), kMaxChain + 1);
}

TEST(Chain, OfADnameIntoItselfEnds) {
  const Zones zones({{"example.test", kSoa + "d 60 DNAME x.d\n"}});
  const DecodedReply reply = zones.ask("a.d.example.test. A", 0, Transport::tcp);
  EXPECT_EQ(reply.answered.rcode, zones::Rcode::noerror);
  EXPECT_GE(reply.answer.size(), 2U);
}

TEST(Chain, OfADnameThatGrowsTooLongIsYxdomain) {
  const std::string label(60, 'l');
  const Zones zones({{"example.test", kSoa + "d 60 DNAME " + label + "." + label + "." + label + "\n"}});
  const DecodedReply reply = zones.ask(label + ".d.example.test. A");
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

}  // namespace
