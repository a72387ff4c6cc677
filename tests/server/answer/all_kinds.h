#pragma once

#include "tests/server/answer/ask.h"
#include "tests/zones/live/answers.h"

namespace holdfast::server {

/// Zones and questions that meet every kind of answer: for tests that send what nobody would.
inline Zones zones_of_all_kinds(bool prebuilt = true) {
  const std::string head =
      "@ 60 SOA ns1 h 1 7200 900 1209600 300\n@ 60 NS ns1\n@ 60 NS ns.del\nns1 60 A 192.0.2.53\n";
  std::string text = head + R"(
www      60 A     192.0.2.1
www      60 AAAA  2001:db8::1
a.b.c    60 TXT   "below empty non-terminals"
to       60 CNAME a.old
loop     60 CNAME loop
far      60 CNAME x.w.sub.test.
away     60 CNAME www.elsewhere.
mx       60 MX    1 mail
mx       60 MX    2 pool
mx       60 MX    3 drawn
mail     60 A     192.0.2.25
_s._tcp  60 SRV   0 0 443 www
svc      60 HTTPS 1 . alpn=h2
svc2     60 SVCB  0 SVC
*        60 TXT   "wildcard"
*.w      60 CNAME www
*.m      60 MX    1 www
b.*.m    60 A     192.0.2.2
old      60 DNAME new
a.new    60 CNAME y.old
y.new    60 A     192.0.2.3
long     60 DNAME )" +
                     std::string(63, 'l') + "." + std::string(63, 'l') + "." + std::string(63, 'l') + R"(
grow     60 DNAME x.grow
del      60 NS    ns.del
del      60 NS    ns.sib
del      60 DS    1 13 1 0000000000000000000000000000000000000000
ns.del   60 A     192.0.2.4
ns.del   60 AAAA  2001:db8::4
sib      60 NS    ns.sib
ns.sib   60 A     192.0.2.5
sub      60 NS    ns.sub
ns.sub   60 A     192.0.2.6
type     60 TYPE65280 \# 4 0a000001
)";
  for (int i = 0; i < 40; ++i) {
    const std::string n = std::to_string(i);
    text += "big 60 A 10.0.0." + n + "\nbig 60 TXT \"" + std::string(200, 'x') + n + "\"\n";
    text += "c" + n + " 60 CNAME c" + std::to_string(i + 1) + "\n";
    text += "wide 60 NS n" + n + ".wide\nn" + n + ".wide 60 A 10.1.0." + n + "\nn" + n +
            ".wide 60 AAAA fd00::" + n + "\n";
    text += "srv 60 SRV 0 0 1 h" + n + "\nh" + n + " 60 A 10.2.0." + n + "\n";
  }
  Zones zones({{"all.test", text},
               {"sub.test", head + "*.w 60 CNAME y.w\ny.w 60 A 10.0.0.9\nd 60 DNAME old.all.test.\n"},
               {"sub.all.test", head + "www 60 A 10.0.0.8\n"}},
              {{zones::Name::parse("pool.all.test").value(), 0},
               {zones::Name::parse("www.all.test").value(), 1},
               {zones::Name::parse("cold.all.test").value(), 2},
               {zones::Name::parse("drawn.all.test").value(), 3},
               {zones::Name::parse("failed.all.test").value(), 4}},
              prebuilt);
  zones.live = zones.live->with(0, zones::live_answer({"10.0.0.1", "10.0.0.2"}, {"fd00::1"}));
  zones.live = zones.live->with(1, zones::live_answer({"10.0.0.1", "10.0.0.2"}));
  zones::LiveRecords weighted = zones::all_of({"10.0.0.1", "10.0.0.2", "10.0.0.3"});
  weighted.choice = zones::Choice::weighted({1, 2, 3}, 2);
  zones::LiveRecords hashed = zones::all_of({"fd00::1", "fd00::2"});
  hashed.choice = zones::Choice::hashed({1, 2}, 1);
  zones.live = zones.live->with(3, std::make_shared<zones::LiveAnswer>(weighted, hashed));
  zones::LiveRecords failed, none;
  failed.is_failed = true;
  none.negative_ttl = 5;
  zones.live = zones.live->with(4, std::make_shared<zones::LiveAnswer>(failed, none));
  return zones;
}

/// One question of each kind, as octets, some with EDNS.
inline std::vector<std::vector<std::uint8_t>> queries_of_all_kinds() {
  const std::string label(63, 'z');
  std::string deepest = "all.test.";
  for (int i = 0; i < 122; ++i) deepest.insert(0, "a.");
  std::vector<std::vector<std::uint8_t>> queries;
  for (const std::string question : {"www.all.test. A",       "WwW.aLL.teSt. AAAA",
                                     "all.test. NS",          "all.test. SOA",
                                     "all.test. ANY",         "b.c.all.test. A",
                                     "none.w.all.test. A",    "to.all.test. A",
                                     "loop.all.test. A",      "far.all.test. A",
                                     "away.all.test. A",      "mx.all.test. MX",
                                     "_s._tcp.all.test. SRV", "svc.all.test. HTTPS",
                                     "svc2.all.test. SVCB",   "x.all.test. TXT",
                                     "x.b.m.all.test. MX",    "x.old.all.test. A",
                                     "a.old.all.test. CNAME", "x.grow.all.test. A",
                                     "x.del.all.test. A",     "del.all.test. DS",
                                     "x.wide.all.test. A",    "sub.all.test. DS",
                                     "www.sub.all.test. A",   "type.all.test. TYPE65280",
                                     "big.all.test. A",       "big.all.test. TXT",
                                     "c0.all.test. A",        "srv.all.test. SRV",
                                     "pool.all.test. A",      "cold.all.test. AAAA",
                                     "drawn.all.test. A",     "drawn.all.test. AAAA",
                                     "drawn.all.test. MX",    "failed.all.test. A",
                                     "failed.all.test. AAAA", "x.sub.test. A",
                                     "www.elsewhere. A",      ". NS",
                                     "version.bind. CH TXT",  "id.server. CH TXT",
                                     "all.test. AXFR",        "www.all.test. HS A",
                                     "www.all.test. MAILB"}) {
    queries.push_back(Zones::query(question));
    queries.push_back(Zones::query(question, 1232));
  }
  for (const std::string& name :
       {deepest, label + ".long.all.test.", label + "." + label + "." + label + ".w.all.test."}) {
    queries.push_back(Zones::query(name + " A", 4096));
  }
  for (const std::string name : {"drawn.all.test. AAAA", "www.all.test. TXT"}) {  // with a client's subnet
    queries.push_back(with_opt(Zones::query(name),
                               {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 11, 0, 8, 0, 7, 0, 1, 24, 0, 10, 1, 2}));
  }
  return queries;
}

}  // namespace holdfast::server
