"""Questions about zones: the names in them, their neighbours, and names that are nowhere; the same for the same seed."""

import itertools
import random
import struct
from dataclasses import dataclass

import dns.name
import dns.rdatatype
import dns.zone

from made_zones import LABELS

TYPES = [dns.rdatatype.from_text(text) for text in (
    "A AAAA NS SOA CNAME DNAME MX TXT PTR SRV NAPTR DS DNSKEY NSEC RRSIG HTTPS SVCB CAA HINFO TLSA SPF ANY "
    "TYPE65280 TYPE731 TYPE0 TYPE65535 LOC").split()]
COMMON = [dns.rdatatype.A, dns.rdatatype.AAAA, dns.rdatatype.TXT, dns.rdatatype.MX, dns.rdatatype.NS,
          dns.rdatatype.CNAME, dns.rdatatype.DS, dns.rdatatype.ANY, dns.rdatatype.SOA]


@dataclass(frozen=True)
class Question:
    name: dns.name.Name  # in the case it is asked with
    rdtype: int
    edns: int | None = None  # UDP size
    dnssec_ok: bool = False
    tcp: bool = False

    def wire(self, number: int) -> bytes:
        octets = struct.pack("!HHHHHH", number, 0, 1, 0, 0, self.edns is not None)
        octets += self.name.to_wire() + struct.pack("!HH", self.rdtype, 1)
        if self.edns is not None:
            octets += struct.pack("!BHHIH", 0, 41, self.edns, 0x8000 if self.dnssec_ok else 0, 0)
        return octets

    def __str__(self) -> str:
        transport = "tcp" if self.tcp else "udp"
        return f"{self.name} {dns.rdatatype.to_text(self.rdtype)} {transport} edns={self.edns} do={self.dnssec_ok}"


def mixed_case(chance: random.Random, name: dns.name.Name) -> dns.name.Name:
    return dns.name.Name([bytes(chance.choice((octet, ord(chr(octet).upper()) if 97 <= octet <= 122 else octet))
                                for octet in label) for label in name.labels])


def longest_below(name: dns.name.Name) -> dns.name.Name | None:
    """A name of 255 octets below `name`."""
    labels: list[bytes] = []
    room = 255 - len(name.to_wire())
    while room > 1:
        size = min(63, room - 1)
        if room - size - 1 == 1:
            size -= 1
        labels.append(b"z" * size)
        room -= size + 1
    return dns.name.Name(labels + list(name.labels)) if labels else None


def below(parent: dns.name.Name, *labels: bytes) -> list[dns.name.Name]:
    try:
        return [dns.name.Name(labels + parent.labels)]
    except dns.name.NameTooLong:
        return []


def neighbours(name: dns.name.Name, apex: dns.name.Name, chance: random.Random) -> list[dns.name.Name]:
    found = [child for labels in ([b"x"], [b"*"], [b"ns"], [b"y", b"x"], [b"a", b"*"], [b"ns1"])
             for child in below(name, *labels)]
    if name != apex:
        changed = name.labels[0][:-1] + bytes([chance.randrange(256)])
        found += [name.parent(), *below(name.parent(), b"sibling"), *below(name.parent(), changed)]
    return chance.sample(found, min(3, len(found)))


def ask(chance: random.Random, name: dns.name.Name, rdtype: int) -> Question:
    edns = chance.choice([None, 0, 512, 1232, 1232, 4096])
    return Question(mixed_case(chance, name) if chance.random() < 0.3 else name, rdtype, edns,
                    edns is not None and chance.random() < 0.5, chance.random() < 0.2)


def parse(apex: str, text: str) -> dns.zone.Zone:
    return dns.zone.from_text(text, dns.name.from_text(apex), relativize=False, check_origin=False)


def names(zones: dict[str, str]) -> dict[dns.name.Name, dict[dns.name.Name, set[int]]]:
    """By apex, the types at each name of the zone, in lower case; none at an empty non-terminal."""
    found: dict[dns.name.Name, dict[dns.name.Name, set[int]]] = {}
    for apex_text, text in zones.items():
        apex = dns.name.from_text(apex_text)
        held = found[apex] = {}
        for name, node in parse(apex_text, text).nodes.items():
            held.setdefault(name.canonicalize(), set()).update(rdataset.rdtype for rdataset in node)
            while name != apex:
                name = name.parent()
                held.setdefault(name.canonicalize(), set())
    return found


def make(seed: int, zones: dict[str, str]) -> list[Question]:
    chance = random.Random(seed)
    asked: list[tuple[dns.name.Name, int]] = []
    for apex_text, text in zones.items():
        apex = dns.name.from_text(apex_text)
        for name, node in parse(apex_text, text).nodes.items():
            held = [rdataset.rdtype for rdataset in node]
            asked += [(name, rdtype) for rdtype in held]
            asked += [(name, rdtype) for rdtype in chance.sample(COMMON, 2) + chance.sample(TYPES, 2)]
            for other in neighbours(name, apex, chance):
                asked += [(other, chance.choice(held)), (other, chance.choice(TYPES))]
            if chance.random() < 0.1 and (longest := longest_below(name)):
                asked.append((longest, chance.choice(COMMON)))
        if "r" == apex_text.split(".test.")[0][-2:-1]:
            for depth in (1, 2, 3):
                for labels in itertools.product([*LABELS, "x"], repeat=depth):
                    name = dns.name.from_text(".".join(labels), apex)
                    asked += [(name, rdtype) for rdtype in chance.sample(COMMON, 2)]
    for outside in (".", "test.", "nowhere.", "xexample.test.", "elsewhere.invalid.", "arpa.", "in-addr.arpa."):
        asked += [(dns.name.from_text(outside), rdtype) for rdtype in COMMON]
    many = Question(dns.name.from_text("srv.big.test."), dns.rdatatype.SRV, tcp=True)  # more targets than get addresses
    return [many] + [ask(chance, name, rdtype) for name, rdtype in asked]
