// The zones that RFCs give as examples, typed in.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/zones/load/loading.h"

namespace holdfast::zones {
namespace {

using testing::Files;
using Lines = std::vector<std::string>;

/// Loads a zone that has no problems and gives its records.
Lines loaded(std::string_view apex, std::string_view text, const Files& files = {}) {
  const LoadedZone zone = testing::load(apex, text, files);
  EXPECT_EQ(testing::lines(zone.problems), Lines{});
  return zone.zone ? testing::records(*zone.zone) : Lines{};
}

bool has(const Lines& records, const std::string& record) {
  return std::find(records.begin(), records.end(), record) != records.end();
}

TEST(Rfc1035, Section53) {
  const std::string_view text = R"(
@   IN  SOA     VENERA      Action\.domains (
                                 20     ; SERIAL
                                 7200   ; REFRESH
                                 600    ; RETRY
                                 3600000; EXPIRE
                                 60)    ; MINIMUM

        NS      A.ISI.EDU.
        NS      VENERA
        NS      VAXA
        MX      10      VENERA
        MX      20      VAXA

A       A       26.3.0.103

VENERA  A       10.1.0.52
        A       128.9.0.32

VAXA    A       10.2.0.27
        A       128.9.0.33


$INCLUDE <SUBSYS>ISI-MAILBOXES.TXT
)";
  const Files files = {{"<SUBSYS>ISI-MAILBOXES.TXT", R"(
MOE     MB      A.ISI.EDU.
LARRY   MB      A.ISI.EDU.
CURLEY  MB      A.ISI.EDU.
STOOGES MG      MOE
        MG      LARRY
        MG      CURLEY
)"}};
  const LoadedZone zone = testing::load("isi.edu", text, files);
  EXPECT_EQ(testing::lines(zone.problems), (Lines{"zone:2: warning: no TTL: taken from the last field of the "
                                                  "SOA; write a $TTL line instead (RFC 2308 4)"}));
  ASSERT_NE(zone.zone, nullptr);
  EXPECT_EQ(testing::records(*zone.zone),
            (Lines{
                "isi.edu. 60 IN NS a.isi.edu.",
                "isi.edu. 60 IN NS vaxa.isi.edu.",
                "isi.edu. 60 IN NS venera.isi.edu.",
                "isi.edu. 60 IN SOA venera.isi.edu. action\\.domains.isi.edu. 20 7200 600 3600000 60",
                "isi.edu. 60 IN MX 10 venera.isi.edu.",
                "isi.edu. 60 IN MX 20 vaxa.isi.edu.",
                "a.isi.edu. 60 IN A 26.3.0.103",
                "curley.isi.edu. 60 IN MB a.isi.edu.",
                "larry.isi.edu. 60 IN MB a.isi.edu.",
                "moe.isi.edu. 60 IN MB a.isi.edu.",
                "stooges.isi.edu. 60 IN MG moe.isi.edu.",
                "stooges.isi.edu. 60 IN MG larry.isi.edu.",
                "stooges.isi.edu. 60 IN MG curley.isi.edu.",
                "vaxa.isi.edu. 60 IN A 10.2.0.27",
                "vaxa.isi.edu. 60 IN A 128.9.0.33",
                "venera.isi.edu. 60 IN A 10.1.0.52",
                "venera.isi.edu. 60 IN A 128.9.0.32",
            }));
}

TEST(Rfc1034, Section61Root) {
  const Lines records = loaded(".", R"(
$TTL 86400
.       IN      SOA     SRI-NIC.ARPA. HOSTMASTER.SRI-NIC.ARPA. (
                        870611          ;serial
                        1800            ;refresh every 30 min
                        300             ;retry every 5 min
                        604800          ;expire after a week
                        86400)          ;minimum of a day
                NS      A.ISI.EDU.
                NS      C.ISI.EDU.
                NS      SRI-NIC.ARPA.

MIL.    86400   NS      SRI-NIC.ARPA.
        86400   NS      A.ISI.EDU.

EDU.    86400   NS      SRI-NIC.ARPA.
        86400   NS      C.ISI.EDU.

SRI-NIC.ARPA.   A       26.0.0.73
                A       10.0.0.51
                MX      0 SRI-NIC.ARPA.
                HINFO   DEC-2060 TOPS20

ACC.ARPA.       A       26.6.0.65
                HINFO   PDP-11/70 UNIX
                MX      10 ACC.ARPA.

USC-ISIC.ARPA.  CNAME   C.ISI.EDU.

73.0.0.26.IN-ADDR.ARPA.  PTR    SRI-NIC.ARPA.
65.0.6.26.IN-ADDR.ARPA.  PTR    ACC.ARPA.
51.0.0.10.IN-ADDR.ARPA.  PTR    SRI-NIC.ARPA.
52.0.0.10.IN-ADDR.ARPA.  PTR    C.ISI.EDU.
103.0.3.26.IN-ADDR.ARPA. PTR    A.ISI.EDU.

A.ISI.EDU. 86400 A      26.3.0.103
C.ISI.EDU. 86400 A      10.0.0.52
)");
  EXPECT_EQ(records.size(), 23U);
  EXPECT_TRUE(
      has(records, ". 86400 IN SOA sri-nic.arpa. hostmaster.sri-nic.arpa. 870611 1800 300 604800 86400"));
  EXPECT_TRUE(has(records, "sri-nic.arpa. 86400 IN HINFO \"DEC-2060\" \"TOPS20\""));
  EXPECT_TRUE(has(records, "103.0.3.26.in-addr.arpa. 86400 IN PTR a.isi.edu."));
}

TEST(Rfc1034, Section61Edu) {
  const LoadedZone zone = testing::load("edu", R"(
$ORIGIN EDU.
$TTL 86400
EDU.  IN SOA SRI-NIC.ARPA. HOSTMASTER.SRI-NIC.ARPA. (
                        870729 ;serial
                        1800 ;refresh every 30 minutes
                        300 ;retry every 5 minutes
                        604800 ;expire after a week
                        86400 ;minimum of a day
                        )
                NS SRI-NIC.ARPA.
                NS C.ISI.EDU.

UCI 172800 NS ICS.UCI
                 172800 NS ROME.UCI
ICS.UCI 172800 A 192.5.19.1
ROME.UCI 172800 A 192.5.19.31

ISI 172800 NS VAXA.ISI
                 172800 NS A.ISI
                 172800 NS VENERA.ISI.EDU.
VAXA.ISI 172800 A 10.2.0.27
                 172800 A 128.9.0.33
VENERA.ISI.EDU. 172800 A 10.1.0.52
                 172800 A 128.9.0.32
A.ISI 172800 A 26.3.0.103

UDEL.EDU.  172800 NS LOUIE.UDEL.EDU.
                 172800 NS UMN-REI-UC.ARPA.
LOUIE.UDEL.EDU. 172800 A 10.0.0.96
                 172800 A 192.5.39.3

YALE.EDU.  172800 NS YALE.ARPA.
YALE.EDU.  172800 NS YALE-BULLDOG.ARPA.

MIT.EDU.  43200 NS XX.LCS.MIT.EDU.
                  43200 NS ACHILLES.MIT.EDU.
XX.LCS.MIT.EDU.  43200 A 10.0.0.44
ACHILLES.MIT.EDU. 43200 A 18.72.0.8
)");
  EXPECT_EQ(testing::lines(zone.problems),
            (Lines{"zone:12: warning: edu. NS: c.isi.edu. has no glue: add its A or AAAA (RFC 9471 2)"}));
  ASSERT_NE(zone.zone, nullptr);
  const Lines records = testing::records(*zone.zone);
  EXPECT_EQ(records.size(), 25U);
  EXPECT_TRUE(has(records, "uci.edu. 172800 IN NS rome.uci.edu."));
  EXPECT_TRUE(has(records, "xx.lcs.mit.edu. 43200 IN A 10.0.0.44"));
}

TEST(Rfc4592, Section221) {
  const Lines records = loaded("example", R"(
$ORIGIN example.
example.                 3600 IN  SOA   ns.example.com. hostmaster.example.com. 1 7200 3600 1209600 300
example.                 3600     NS    ns.example.com.
example.                 3600     NS    ns.example.net.
*.example.               3600     TXT   "this is a wildcard"
*.example.               3600     MX    10 host1.example.
sub.*.example.           3600     TXT   "this is not a wildcard"
host1.example.           3600     A     192.0.2.1
_ssh._tcp.host1.example. 3600     SRV   0 0 22 host1.example.
_ssh._tcp.host2.example. 3600     SRV   0 0 22 host1.example.
subdel.example.          3600     NS    ns.example.com.
subdel.example.          3600     NS    ns.example.net.
)");
  EXPECT_EQ(records.size(), 11U);
  EXPECT_TRUE(has(records, "*.example. 3600 IN TXT \"this is a wildcard\""));
  EXPECT_TRUE(has(records, "sub.*.example. 3600 IN TXT \"this is not a wildcard\""));
  EXPECT_TRUE(has(records, "_ssh._tcp.host2.example. 3600 IN SRV 0 0 22 host1.example."));
}

TEST(Rfc6672, Section51) {
  const Lines records = loaded("example", R"(
$TTL 3600
@ SOA ns.example.net. hostmaster.example.net. 1 7200 3600 1209600 300
@ NS ns.example.net.
frobozz.example.  DNAME    frobozz-division.acme.example.
                  MX       10       mailhub.acme.example.
mailhub.acme      A        192.0.2.25
www.frobozz-division.acme.example. AAAA 2001:db8::1
)");
  EXPECT_EQ(records.size(), 6U);
  EXPECT_TRUE(has(records, "frobozz.example. 3600 IN DNAME frobozz-division.acme.example."));
  EXPECT_TRUE(has(records, "frobozz.example. 3600 IN MX 10 mailhub.acme.example."));
}

TEST(Rfc9460, Section11And2AndAppendixD) {
  const Lines records = loaded("example.com", R"(
$TTL 7200
@       SOA ns.example.net. hostmaster 1 7200 3600 1209600 300
@       NS ns.example.net.
; a service of its own, by alias and with alternatives (sections 1.1, 2.4.2 and 10.4)
@       HTTPS 0 foo
svc     HTTPS 1 . alpn=h3 port=8004 ech="AEj+DQ=="
svc     HTTPS 2 svc3.example.net. alpn=h2 port=8004
svc     A 192.0.2.2
        AAAA 2001:db8::2
_8443._foo.api  7200 IN SVCB 0 svc4.example.net.
; vectors of appendix D
d1      SVCB 1 .
d2      SVCB 16 foo.example.com. port=53
d3      SVCB 1 foo.example.com. key667=hello
d4      SVCB 1 foo.example.com. key667="hello\210qoo"
d5      SVCB 1 foo.example.com. (
                 ipv6hint="2001:db8::1,2001:db8::53:1"
                 )
d6      SVCB 1 example.com. (
                 ipv6hint="2001:db8:122:344::192.0.2.33"
                 )
d7      SVCB 16 foo.example.org. (
                 alpn=h2,h3-19 mandatory=ipv4hint,alpn
                 ipv4hint=192.0.2.1
                 )
d8      SVCB 16 foo.example.org. alpn="f\\\\oo\\,bar,h2"
d9      SVCB 16 foo.example.org. alpn=f\\\092oo\092,bar,h2
)");
  EXPECT_EQ(records.size(), 17U);
  EXPECT_TRUE(has(records, "example.com. 7200 IN HTTPS 0 foo.example.com."));
  EXPECT_TRUE(has(records,
                  "d7.example.com. 7200 IN SVCB 16 foo.example.org. mandatory=alpn,ipv4hint alpn=h2,h3-19 "
                  "ipv4hint=192.0.2.1"));
}

}  // namespace
}  // namespace holdfast::zones
