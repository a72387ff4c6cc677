// The examples of RFCs: their zones typed in, asked what they ask, answered as they say.

#include <gtest/gtest.h>

#include "tests/server/answer/ask.h"

using namespace holdfast::server;

namespace {

using Records = std::vector<std::string>;

// ---- RFC 4592 2.2.1: wildcards ----

const Zones& rfc4592() {
  static const Zones zones("example", R"(
@                 3600 SOA   ns.example.com. hostmaster 1 7200 900 1209600 600
@                 3600 NS    ns.example.com.
@                 3600 NS    ns.example.net.
*                 3600 TXT   "this is a wildcard"
*                 3600 MX    10 host1
sub.*             3600 TXT   "this is not a wildcard"
host1             3600 A     192.0.2.1
_ssh._tcp.host1   3600 SRV   0 0 22 host1
_ssh._tcp.host2   3600 SRV   0 0 22 host2
subdel            3600 NS    ns.example.com.
subdel            3600 NS    ns.example.net.
)");
  return zones;
}

TEST(Rfc4592, SynthesisesFromTheWildcard) {
  EXPECT_EQ(rfc4592().ask("host3.example. MX").answer, Records{"host3.example. 3600 MX 10 host1.example."});
  EXPECT_EQ(rfc4592().ask("foo.bar.example. TXT").answer,
            Records{"foo.bar.example. 3600 TXT \"this is a wildcard\""});
}

TEST(Rfc4592, HasNoDataWhereTheWildcardLacksTheType) {
  EXPECT_EQ(rfc4592().ask("host3.example. A").status, "NOERROR aa");
  EXPECT_TRUE(rfc4592().ask("host3.example. A").answer.empty());
}

TEST(Rfc4592, DoesNotSynthesiseForNamesThatExist) {
  EXPECT_TRUE(rfc4592().ask("host1.example. MX").answer.empty()) << "because host1 exists";
  EXPECT_EQ(rfc4592().ask("host1.example. MX").status, "NOERROR aa");
  EXPECT_TRUE(rfc4592().ask("sub.*.example. MX").answer.empty()) << "because sub.* exists";
  EXPECT_EQ(rfc4592().ask("_telnet._tcp.host1.example. SRV").status, "NXDOMAIN aa")
      << "because _tcp.host1 exists";
  EXPECT_EQ(rfc4592().ask("ghost.*.example. MX").status, "NXDOMAIN aa") << "because *.example exists";
}

TEST(Rfc4592, RefersWhereTheNameIsDelegated) {
  const DecodedReply reply = rfc4592().ask("host.subdel.example. A");
  EXPECT_EQ(reply.status, "NOERROR");
  EXPECT_EQ(reply.authority.size(), 2U);
}

// ---- RFC 1034 6.1 and 6.2: the root server's answers ----

const Zones& rfc1034() {
  static const Zones zones(".", R"(
.               86400 SOA  SRI-NIC.ARPA. HOSTMASTER.SRI-NIC.ARPA. 870611 1800 300 604800 86400
.               86400 NS   A.ISI.EDU.
.               86400 NS   C.ISI.EDU.
.               86400 NS   SRI-NIC.ARPA.
MIL.            86400 NS   SRI-NIC.ARPA.
MIL.            86400 NS   A.ISI.EDU.
EDU.            86400 NS   SRI-NIC.ARPA.
EDU.            86400 NS   C.ISI.EDU.
SRI-NIC.ARPA.   86400 A    26.0.0.73
SRI-NIC.ARPA.   86400 A    10.0.0.51
SRI-NIC.ARPA.   86400 MX   0 SRI-NIC.ARPA.
SRI-NIC.ARPA.   86400 HINFO DEC-2060 TOPS20
ACC.ARPA.       86400 A    26.6.0.65
USC-ISIC.ARPA.  86400 CNAME C.ISI.EDU.
73.0.0.26.IN-ADDR.ARPA. 86400 PTR SRI-NIC.ARPA.
A.ISI.EDU.      86400 A    26.3.0.103
C.ISI.EDU.      86400 A    10.0.0.52
)");
  return zones;
}

TEST(Rfc1034, Section621AddressOfSriNic) {
  const DecodedReply reply = rfc1034().ask("SRI-NIC.ARPA. A");
  EXPECT_EQ(reply.status, "NOERROR aa");
  EXPECT_EQ(reply.answer, (Records{"SRI-NIC.ARPA. 86400 A 10.0.0.51", "SRI-NIC.ARPA. 86400 A 26.0.0.73"}));
}

TEST(Rfc1034, Section623MailOfSriNic) {
  const DecodedReply reply = rfc1034().ask("SRI-NIC.ARPA. MX");
  EXPECT_EQ(reply.answer, Records{"SRI-NIC.ARPA. 86400 MX 0 SRI-NIC.ARPA."});
  EXPECT_EQ(reply.additional.size(), 2U);
}

TEST(Rfc1034, Section624NameServersOfSriNicAreNone) {
  const DecodedReply reply = rfc1034().ask("SRI-NIC.ARPA. NS");
  EXPECT_EQ(reply.status, "NOERROR aa");
  EXPECT_TRUE(reply.answer.empty());
}

TEST(Rfc1034, Section625MisspeltNameDoesNotExist) {
  EXPECT_EQ(rfc1034().ask("SIR-NIC.ARPA. A").status, "NXDOMAIN aa");
}

TEST(Rfc1034, Section626BrlMilIsReferred) {
  const DecodedReply reply = rfc1034().ask("BRL.MIL. A");
  EXPECT_EQ(reply.status, "NOERROR");
  EXPECT_EQ(reply.authority, (Records{"MIL. 86400 NS a.isi.edu.", "MIL. 86400 NS sri-nic.arpa."}));
  EXPECT_EQ(reply.additional.size(), 3U);
}

TEST(Rfc1034, Section627AliasLeadsToAReferral) {
  const DecodedReply reply = rfc1034().ask("USC-ISIC.ARPA. A");
  EXPECT_EQ(reply.answer, Records{"USC-ISIC.ARPA. 86400 CNAME c.isi.edu."});
  EXPECT_EQ(reply.authority.size(), 2U) << "C.ISI.EDU is below the cut at EDU";
}

TEST(Rfc1034, Section628TheAliasItself) {
  EXPECT_EQ(rfc1034().ask("USC-ISIC.ARPA. CNAME").answer, Records{"USC-ISIC.ARPA. 86400 CNAME c.isi.edu."});
}

// ---- RFC 6672: DNAME ----

struct Substitution {
  const char *qname, *owner, *target, *result;
};

// Table 1 of 2.2: QNAME, owner and target of the DNAME, and where it leads.
constexpr Substitution kTable1[] = {
    {"com.", "example.com.", "example.net.", "no match"},
    {"example.com.", "example.com.", "example.net.", "no match"},
    {"a.example.com.", "example.com.", "example.net.", "a.example.net."},
    {"a.b.example.com.", "example.com.", "example.net.", "a.b.example.net."},
    {"ab.example.com.", "b.example.com.", "example.net.", "no match"},
    {"foo.example.com.", "example.com.", "example.net.", "foo.example.net."},
    {"a.x.example.com.", "x.example.com.", "example.net.", "a.example.net."},
    {"a.example.com.", "example.com.", "y.example.net.", "a.y.example.net."},
    {"cyc.example.com.", "example.com.", "example.com.", "cyc.example.com."},
    {"shortloop.x.x.", "x.", ".", "shortloop.x."},
    {"shortloop.x.", "x.", ".", "shortloop."},
};

class Rfc6672 : public testing::TestWithParam<Substitution> {};

TEST_P(Rfc6672, SubstitutesTheOwnerByTheTarget) {
  const auto& row = GetParam();
  const Zones zones(".", ". 60 SOA ns. h. 1 1 1 1 1\n. 60 NS ns.\nns. 60 A 10.0.0.1\n" +
                             std::string(row.owner) + " 60 DNAME " + row.target + "\n");
  const DecodedReply reply = zones.ask(std::string(row.qname) + " A", 0, Transport::tcp);
  const std::string synthesised = std::string(row.qname) + " 60 CNAME " + row.result;
  const bool there = std::find(reply.answer.begin(), reply.answer.end(), synthesised) != reply.answer.end();
  EXPECT_EQ(there, std::string(row.result) != "no match") << testing::PrintToString(reply.answer);
}

INSTANTIATE_TEST_SUITE_P(Table1, Rfc6672, testing::ValuesIn(kTable1),
                         [](const auto& test) { return "Row" + std::to_string(test.index); });

// ---- RFC 9460: SVCB and HTTPS ----

TEST(Rfc9460, AliasModeAtTheApexBringsItsTarget) {
  const Zones zones("example.com", R"(
@    300 SOA ns h 1 1 1 1 1
@    300 NS ns
ns   300 A 192.0.2.53
@    300 HTTPS 0 svc
svc  300 HTTPS 1 . alpn=h3
svc  300 A 192.0.2.2
)");
  const DecodedReply reply = zones.ask("example.com. HTTPS");
  EXPECT_EQ(reply.answer, Records{"example.com. 300 HTTPS 0 svc.example.com."});
  EXPECT_EQ(reply.additional,
            (Records{"svc.example.com. 300 A 192.0.2.2", "svc.example.com. 300 HTTPS 1 . alpn=h3"}));
}

TEST(Rfc9460, TargetsAreNeverCompressed) {
  const Zones zones("example.com",
                    "@ 300 SOA ns h 1 1 1 1 1\n@ 300 NS ns\nns 300 A 192.0.2.53\nx 300 SVCB 1 x port=53\n");
  const DecodedReply reply = zones.ask("x.example.com. SVCB");
  EXPECT_EQ(reply.octets.size(), 12U + 15 + 4 + (2 + 10 + 2 + 15 + 6));
}

}  // namespace
