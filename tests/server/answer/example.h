#pragma once

#include "tests/server/answer/ask.h"

namespace holdfast::server {

// What many tests ask: example.test with a bit of everything, and other.test beside it.

using Records = std::vector<std::string>;  // as text, in canonical form

inline const std::string kSoa =
    "@ 3600 SOA ns1 hostmaster 1 7200 900 1209600 300\n@ 3600 NS ns1\nns1 3600 A 192.0.2.53\n";
inline const std::string kExample = kSoa + R"(
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
inline const std::string kOther =
    "@ 60 SOA ns1.example.test. h 7 1 1 1 30\n@ 60 NS ns1.example.test.\nwww 60 A 198.51.100.1\n";

inline const Zones& example() {
  static const Zones zones({{"example.test", kExample}, {"other.test", kOther}});
  return zones;
}

}  // namespace holdfast::server
