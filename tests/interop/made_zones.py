"""A set of zones with all that makes answers difficult; the same for the same seed.

Some are written by hand, each around one subject; some are thrown together from few labels, so that names, wildcards,
zone cuts, aliases and DNAMEs meet in every way.
"""

import random

HEAD = """$TTL 3600
@ SOA ns1 hostmaster 2026010101 7200 900 1209600 300
@ NS ns1
@ NS ns2.other.test.
ns1 A 192.0.2.53
ns1 AAAA 2001:db8::53
"""
DIGEST = "0" * 40

EXAMPLE = HEAD + f"""
@       MX    10 mail
@       TXT   "apex"
www     300   A     192.0.2.1
www     300   A     192.0.2.2
www     300   AAAA  2001:db8::1
mail    A     192.0.2.25
a.b.c.d TXT   "four empty non-terminals above"
to-www  60    CNAME www
to-to   60    CNAME to-www
to-none CNAME missing
to-ent  CNAME b.c.d
to-cut  CNAME host.glued
to-cut2 CNAME ns.glued
to-kid  CNAME www.child
to-orph CNAME www.orphan
to-far  CNAME www.other.test.
to-away CNAME www.elsewhere.invalid.
to-apex CNAME @
self    CNAME self
loop-a  CNAME loop-b
loop-b  CNAME loop-c
loop-c  CNAME loop-a
loop-o  CNAME loop-e.other.test.
mx      MX    10 mail
mx      MX    20 www
mx      MX    30 to-www
mx      MX    40 missing
mx      MX    50 host.glued
mx      MX    60 ns.glued
mx      MX    70 www.other.test.
mx      MX    80 any.wild
_s._tcp SRV   0 1 443 www
_s._tcp SRV   1 1 443 ns.glued
_s._tcp SRV   2 1 443 .
svc     HTTPS 1 . alpn=h2,h3 port=8443
svc     AAAA  2001:db8::2
alias   HTTPS 0 svc
chain   SVCB  0 alias
upper   HTTPS 0 WWW
*.wild  A     192.0.2.7
*.wild  TXT   "wild"

; delegations
glued     NS  ns.glued
glued     NS  ns2.glued
ns.glued  A   192.0.2.60
ns2.glued AAAA 2001:db8::60
glued     DS  1 13 1 {DIGEST}
six       NS  ns.six
ns.six    AAAA 2001:db8::6
bare      NS  ns.elsewhere.invalid.
lame      NS  ns.lame
sib       NS  ns.glued
sib       NS  ns.bare
sib       NS  www
ns.bare   A   192.0.2.61
self-ns   NS  self-ns
self-ns   A   192.0.2.62
self-ns   TXT "occluded at the cut"
deep.cut  NS  ns.x.y.deep.cut
deep.cut  NS  ns.deep.cut.other.test.
ns.x.y.deep.cut A 192.0.2.63
to-alias  NS  to-www
to-wild   NS  some.wild
cut2.deep.cut NS ns.x.y.deep.cut
x.glued   TXT "occluded"
*.glued   A   192.0.2.66
c.glued   CNAME www
ds-only   DS  1 13 1 {DIGEST}
*.wcut    NS  ns.elsewhere.invalid.

; a child that is served here too, one that is only served
child      NS   ns.child
child      DS   2 13 1 {DIGEST}
ns.child   A    192.0.2.70
orphan     TXT  "occluded by a zone of its own"
x.orphan   TXT  "so is this"
"""

CHILD = HEAD + f"""
www     A     192.0.2.71
up      CNAME www.example.test.
down    CNAME www.deep
ns      A     192.0.2.70
deep    NS    ns.deep
deep    DS    3 13 1 {DIGEST}
ns.deep A     192.0.2.72
*       TXT   "the child's wildcard"
"""

DEEP = HEAD + "www A 192.0.2.73\nback CNAME down.child.example.test.\n*.x CNAME www\nsub NS ns.sub\nsub NS www\n"
ORPHAN = HEAD + "www A 192.0.2.74\nx.y A 192.0.2.75\n"

WILD = HEAD + """
*               3600 TXT "apex wildcard"
*               MX   10 mail
mail            A    192.0.2.25
host            A    192.0.2.26
a.ent           A    192.0.2.27
*.sub           A    192.0.2.28
*.sub           HTTPS 1 . alpn=h2
x.y.sub         TXT  "y.sub blocks"
*.a.deep        MX   10 mail
*.a.deep        MX   20 host.sub
b.*.a.deep      TXT  "below a wildcard"
*.*.twice       TXT  "wildcard below a wildcard"
*.cname         CNAME host
*.toself        CNAME x.toself
*.tolower       CNAME under.the.tolower
*.tonowhere     CNAME no.ent
*.toother       CNAME any.wild.example.test.
*.toaway        CNAME any.elsewhere.invalid.
*.tod           CNAME x.dname
dname           DNAME sub
*.todname       CNAME a.b.dname
srv             SRV  0 0 80 any.sub
mx              MX   0 any.cname
nowild.ent2     A    192.0.2.29
cut             NS   ns.cut
ns.cut          A    192.0.2.30
cut2.sub        NS   any.sub
"""

ALIAS = HEAD + """
www     A     192.0.2.80
d1      DNAME d2
d2      DNAME d3
d3      DNAME other.test.
in      DNAME target
a.target A    192.0.2.81
*.w.target TXT "wildcard behind a DNAME"
x.target CNAME y.in
y.target CNAME z.target
z.target A    192.0.2.82
out     DNAME elsewhere.invalid.
up      DNAME @
down    DNAME b.down2
loop1   DNAME loop2
loop2   DNAME loop1
grow    DNAME x.grow
kid     DNAME child.example.test.
cut     DNAME glued.example.test.
beside  DNAME target
beside  A     192.0.2.83
beside  TXT   "a DNAME leaves its owner alone"
ent.in2 DNAME target
root    DNAME .
""" + "".join(f"c{i} CNAME c{i + 1}\n" for i in range(30)) + "c30 A 192.0.2.84\n" + "".join(
    f"e{i} CNAME f{i}.other.test.\n" for i in range(6)) + "e6 TXT \"the end\"\n"

OTHER = HEAD.replace(" 300\n", " 86400\n") + """
ns2     A     198.51.100.53
www     120   A     198.51.100.1
www     TXT   "www"
mx      MX    5 www.example.test.
mx      MX    6 www
loop-e  CNAME loop-o.example.test.
*.w     CNAME www.wild.test.
back    DNAME d1.alias.test.
""" + "".join(f"f{i} CNAME e{i + 1}.alias.test.\n" for i in range(6))

LABEL = "l" * 63
LONGEST = f"{'m' * 63}.{'n' * 63}.{'o' * 63}.{'p' * 52}"  # 255 octets below odd.test.
ODD = HEAD + f"""
UPPER           A     192.0.2.90
MiXeD.CaSe      A     192.0.2.91
a\\.b           A     192.0.2.92
sp\\032ace      TXT   "a space in the owner"
\\000nul        A     192.0.2.93
bin\\255\\128   A     192.0.2.94
quo\\"te        A     192.0.2.95
semi\\;colon    A     192.0.2.96
at\\@           A     192.0.2.97
dollar\\$       A     192.0.2.98
par\\(en\\)     A     192.0.2.99
back\\\\slash   A     192.0.2.100
under_score     A     192.0.2.101
-               A     192.0.2.102
7               A     192.0.2.103
a*b             A     192.0.2.104
*a              A     192.0.2.105
x.*.y           A     192.0.2.106
\\*.esc         A     192.0.2.107
[]              A     192.0.2.108
`\\123          A     192.0.2.109
{LABEL}         A     192.0.2.110
{LABEL}.{LABEL} CNAME {LABEL}
{LONGEST}       TXT   "255 octets"
to-longest      CNAME {LONGEST}
{'.'.join('a' * 1 for _ in range(120))} A 192.0.2.111
*.w             A     192.0.2.112
dn              DNAME {LABEL}.{LABEL}
cname\\.        CNAME UPPER
names           MX    1 Mixed.CASE
names           PTR   SP\\032ACE
names           NS-TXT
txt             TXT   "" "a" "\\"quoted\\"" "\\000\\255" "{'x' * 255}"
txt             TXT   unquoted
txt             TXT   "{'y' * 255}" "{'z' * 255}"
""".replace("names           NS-TXT\n", "")

TYPES = HEAD + """
t A          192.0.2.120
t HINFO      "cpu" "os"
t RP         mbox.example.test. txt.example.test.
t AFSDB      1 afs.t
t AFSDB      2 t
t RT         10 t
t X25        "311061700956"
t ISDN       "150862028003217" "004"
t PX         10 map822.test. mapx400.test.
t LOC        52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
t SRV        0 5 5060 t
t NAPTR      100 50 "s" "http+I2L+I2C+I2R" "" _http._tcp.t
t NAPTR      100 51 "u" "E2U+sip" "!^.*$!sip:info@example.test!" .
t KX         10 t
t CERT       PKIX 1 0 MTIzNDU2Nzg5MGFiY2RlZg==
t APL        1:192.168.32.0/21 !1:192.168.38.0/28 2:FF00:0:0:0:0:0:0:0/8
t SSHFP      2 1 123456789abcdef67890123456789abcdef67890
t DHCID      AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=
t TLSA       3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971
t SMIMEA     3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971
t OPENPGPKEY MTIzNDU2Nzg5MGFiY2RlZg==
t CSYNC      66 3 A NS AAAA
t NID        10 0014:4fff:ff20:ee64
t L32        10 10.1.2.0
t L64        10 2001:0DB8:1140:1000
t LP         10 l64-subnet1.t
t EUI48      00-00-5e-00-53-2a
t EUI64      00-00-5e-ef-10-00-00-2a
t URI        10 1 "ftp://ftp1.example.test/public"
t CAA        0 issue "ca.example.test; policy=ev"
t CAA        128 tbs "unknown"
t SPF        "v=spf1 -all"
t TYPE65280  \\# 4 0A000001
t TYPE731    \\# 6 abcdef 012345
t PTR        t
t CDS        1 13 1 """ + DIGEST + """
t CDNSKEY    257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==
t IPSECKEY   10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
t IPSECKEY   10 3 2 mygateway.example.test. AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
t SVCB       1 t port=53 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1 mandatory=port alpn=dot key65333=ex1
t SVCB       2 . no-default-alpn alpn=h2
t SVCB       16 foo.example.test. alpn="f\\\\\\\\oo\\\\,bar,h2"
t HTTPS      1 . ech=AEX+DQBBYAAgACAdd+scUi0IYFsXnUIU7ko2Nd9+F8M26pAGZVpz/KrWPgAEAAEAAWQVZWNoLXNpdGVzLmV4YW1wbGUubmV0AAA=
a.a AFSDB    1 afs.t
"""


def big() -> str:
    """RRsets around 512 and 1,232 octets, where an answer, a glue RRset or only an additional one no longer fits."""
    text = HEAD
    for count in (20, 26, 27, 28, 29, 30, 31, 40, 60, 72, 73, 74, 75, 76, 77, 120):
        text += "".join(f"a{count} A 10.0.{count}.{i}\n" for i in range(count))
        text += f"to{count} CNAME a{count}\nmx{count} MX 1 a{count}\nmx{count} MX 2 a20\n"
        text += f"cut{count} NS ns.cut{count}\ncut{count} NS a20\n"
        text += "".join(f"ns.cut{count} A 10.1.{count}.{i}\n" for i in range(count))
        text += "".join(f"ns.cut{count} AAAA 2001:db8::{count}:{i}\n" for i in range(3))
    for size in range(150, 256, 5):
        text += f't{size} TXT "{"1" * size}" "{"2" * size}"\n'
        text += f't{size} TXT "{"3" * size}" "{"4" * 200}"\n'
    text += "".join(f"many MX {i} a20\n" for i in range(200))
    text += "".join(f"srv SRV {i} 0 80 h{i}\nh{i} A 10.2.0.{i}\nh{i} AAAA 2001:db8::2:{i}\n" for i in range(40))
    text += "".join(f"w{i} NS n{i}.w{i}\n" + "".join(f"w{i} NS n{k}.w{i}\nn{k}.w{i} A 10.3.{i}.{k}\n" for k in range(i))
                    for i in (8, 13, 14, 20))
    return text


def reverse() -> str:
    text = HEAD.replace("hostmaster", "hostmaster.example.test.").replace(" ns1 ", " ns1.example.test. ")
    text = "\n".join(line for line in text.split("\n") if not line.startswith("ns1")) + "\n"
    text += "".join(f"{i} PTR host{i}.example.test.\n" for i in range(1, 30))
    text += "".join(f"{i} CNAME {i}.32/27\n" for i in range(32, 64)) + "32/27 NS ns.elsewhere.invalid.\n"
    return text + "".join(f"{i} CNAME {i}.64-27\n{i}.64-27 PTR a{i}.other.test.\n" for i in range(64, 70))


def top_level(chance: random.Random) -> str:
    """An apex of one label, delegations below it, as a registry has them."""
    text = HEAD + "reg NS ns.reg\nns.reg A 192.0.2.200\n"
    for i in range(150):
        name = f"d{i}"
        text += chance.choice([
            f"{name} NS ns.{name}\nns.{name} A 10.4.0.{i}\n",
            f"{name} NS ns.{name}\nns.{name} A 10.4.0.{i}\nns.{name} AAAA 2001:db8::4:{i}\n",
            f"{name} NS ns1.{name}\n{name} NS ns2.{name}\nns1.{name} A 10.4.1.{i}\nns2.{name} AAAA 2001:db8::5:{i}\n",
            f"{name} NS ns.{name}\n",
            f"{name} NS ns.d{chance.randrange(150)}\n{name} NS ns1.d{chance.randrange(150)}\n",
            f"{name} NS ns1.other.test.\n{name} NS ns.elsewhere.invalid.\n",
            f"{name} NS ns1\n",
        ])
        if chance.random() < 0.3:
            text += f"{name} DS {i} 13 1 {DIGEST}\n"
        if chance.random() < 0.1:
            text += f"www.{name} A 10.5.0.{i}\n"
    return text


LABELS = ["a", "b", "c", "*"]


def thrown_together(chance: random.Random, apex: str, apexes: list[str]) -> str:
    """Few labels, so that everything meets. What zones may not hold is left out (see zones/load/check.h)."""
    held: dict[tuple[str, ...], set[str]] = {}
    children = [tuple(other[:-len(apex) - 1].split(".")) for other in apexes if other.endswith("." + apex)]
    text = HEAD

    def target() -> str:
        labels = [chance.choice(LABELS[:3]) for _ in range(chance.choice([0, 1, 1, 2, 2, 3]))]
        origin = apex if chance.random() < 0.7 else chance.choice(apexes + ["elsewhere.invalid."])
        return ".".join([*labels, origin])

    for _ in range(chance.choice([15, 25, 40])):
        owner = tuple(chance.choice(LABELS) for _ in range(chance.choice([1, 1, 2, 2, 3, 4])))
        kind = chance.choice(["A", "A", "A", "AAAA", "TXT", "TXT", "MX", "CNAME", "CNAME", "CNAME", "DNAME", "DNAME",
                              "NS", "NS", "SRV", "DS"])
        # NSD has one tree for all zones, and refuses a zone for data that another one has below its DNAME.
        if any(len(child) < len(owner) and owner[-len(child):] == child for child in children):
            continue
        if kind == "DNAME" and any(child[-len(owner):] == owner for child in children):
            continue
        below_dname = any("DNAME" in held.get(owner[i:], ()) for i in range(1, len(owner)))
        above_others = any(len(other) > len(owner) and other[-len(owner):] == owner for other in held)
        here = held.get(owner, set())
        if below_dname or "CNAME" in here or (kind == "CNAME" and here) or (kind == "DNAME" and (above_others or here)):
            continue
        if "DNAME" in here or (owner[0] == "*" and kind in ("NS", "DNAME", "DS")):
            continue  # that is RFC 4592 4.2 and 4.4: undefined
        held.setdefault(owner, set()).add(kind)
        data = {
            "A": f"10.{chance.randrange(9)}.0.{chance.randrange(255)}",
            "AAAA": f"2001:db8::{chance.randrange(9999)}",
            "TXT": f'"{chance.randrange(10**9)}"',
            "MX": f"{chance.randrange(99)} {target()}",
            "SRV": f"0 0 {chance.randrange(9999)} {target()}",
            "DS": f"{chance.randrange(65535)} 13 1 {DIGEST}",
        }.get(kind) or target()
        text += f"{'.'.join(owner)} {kind} {data}\n"
    return text


def make(seed: int) -> dict[str, str]:
    """Apex -> the text of its zone file."""
    chance = random.Random(seed)
    zones = {
        "example.test.": EXAMPLE,
        "child.example.test.": CHILD,
        "deep.child.example.test.": DEEP,
        "orphan.example.test.": ORPHAN,
        "wild.test.": WILD,
        "alias.test.": ALIAS,
        "other.test.": OTHER,
        "odd.test.": ODD,
        "types.test.": TYPES,
        "big.test.": big(),
        "2.0.192.in-addr.arpa.": reverse(),
        "top.": top_level(chance),
        "reg.top.": HEAD + "www A 192.0.2.201\n*.any CNAME www\n",
    }
    random_apexes = [f"r{i}.test." for i in range(8)] + ["a.r0.test.", "b.a.r1.test.", "c.r2.test."]
    for apex in random_apexes:
        zones[apex] = thrown_together(chance, apex, random_apexes)
    return zones
