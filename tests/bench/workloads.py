"""The workloads: zone files and prepared queries, made from a fixed seed and kept below build/bench-data."""

import hashlib
import json
import pathlib
import random
import shutil
from dataclasses import dataclass, field

import questions

SERIAL = 1_000_000_000  # ten digits, so that a changed one takes the same room in the file


@dataclass
class Workload:
    name: str
    title: str
    directory: pathlib.Path
    apexes: list  # of the zones; the file of each has its name
    records: int
    samples: list  # (name, type): once all are answered, everything is loaded
    pools: list = field(default_factory=list)  # (label, first member, second member), all in the first zone
    callgrind: bool = False  # small enough to be loaded under valgrind

    @property
    def queries(self):
        return self.directory / "queries"

    @property
    def zones(self):
        return self.directory / "zones"

    def zone_file(self, apex):
        return self.zones / apex

    def raise_serial(self, apex):
        """Changes the zone in its file, and says what its serial is now."""
        with open(self.zone_file(apex), "r+b") as file:
            head = file.read(300)
            at = head.index(b" SOA ")
            at += head[at:].index(b" 1") + 1
            serial = int(head[at:at + 10]) + 1
            file.seek(at)
            file.write(b"%d" % serial)
        return serial


def label(number):
    """The same word for the same number, another one for each below 10^8."""
    rest = (number * 48_271 + 11_013) % 10**8
    word = ""
    for _ in range(4):
        rest, syllable = divmod(rest, 100)
        word += "bcdfghjklmnprstvwxyz"[syllable % 20] + "aeiou"[syllable // 20]
    return word + ("", "web", "-online", "s")[number % 4]


def head(apex, servers=("ns1", "ns2")):
    lines = [f"$ORIGIN {apex}.", f"@ 3600 SOA {servers[0]} hostmaster {SERIAL} 7200 900 1209600 300"]
    lines += [f"@ 3600 NS {server}" for server in servers]
    if not servers[0].endswith("."):
        lines += [f"{server} 3600 A 192.0.2.{i}" for i, server in enumerate(servers, 1)]
    return lines


def address(number):
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def write_zone(directory, apex, lines):
    (directory / "zones").mkdir(parents=True, exist_ok=True)
    with open(directory / "zones" / apex, "w") as file:
        file.writelines(line + "\n" for line in lines)
    return sum(not line.startswith("$") for line in lines)


def one_zone(directory, chance, scale):
    """W1: 18,000 records of common types; a tenth of the queries is for names that do not exist."""
    apex, lines, asked = "w1.example", head("w1.example"), {}
    for kind, first, count, data in (
            ("A", 0, 9000, address), ("AAAA", 0, 5000, lambda i: f"2001:db8::{i:x}"),
            ("MX", 2000, 2000, lambda i: f"10 {label(i)}"), ("TXT", 5000, 1495, lambda i: f'"v=spf1 ip4:{address(i)} -all"'),
            ("CNAME", 9000, 500, lambda i: label(i - 9000))):
        lines += [f"{label(i)} 3600 {kind} {data(i)}" for i in range(first, first + count)]
        asked[kind] = [label(i) for i in range(first, first + count)]
    kinds = chance.choices(("A", "AAAA", "MX", "TXT", "CNAME", "NXDOMAIN"), (54, 22, 5, 5, 4, 10), k=200_000)
    queries = ((f"{chance.choice(asked[kind])}.{apex}", "A" if kind == "CNAME" else kind) if kind != "NXDOMAIN"
               else (f"{label(chance.randrange(1_000_000, 2_000_000))}.{apex}", "A") for kind in kinds)
    questions.write(directory / "queries", queries)
    return dict(title="1 zone, 18,000 records, 90 % hits, 10 % NXDOMAIN", apexes=[apex],
                records=write_zone(directory, apex, lines), samples=[(f"{label(0)}.{apex}", "A")], callgrind=True)


def delegations(directory, chance, scale):
    """W2: 3.1 million records: cuts with two NS, every other one with glue for each; asked at and below the cuts."""
    apex, cuts, lines = "w2", int(1_000_000 * scale), head("w2")
    for i in range(cuts):
        name = label(i)
        if i % 20 < 11:
            lines += [f"{name} 86400 NS ns1.{name}", f"{name} 86400 NS ns2.{name}",
                      f"ns1.{name} 86400 A {address(2 * i)}", f"ns2.{name} 86400 A {address(2 * i + 1)}"]
        else:
            host = f"{label(i % 2003)}.example."
            lines += [f"{name} 86400 NS ns1.{host}", f"{name} 86400 NS ns2.{host}"]
    queries = ((f"{chance.choice(('', 'www.', 'mail.'))}{label(chance.randrange(cuts))}.{apex}", chance.choice(("A", "AAAA")))
               for _ in range(min(cuts, 1_000_000)))
    questions.write(directory / "queries", queries)
    return dict(title=f"1 zone, {len(lines) / 1e6:.1f} million records, delegations", apexes=[apex],
                records=write_zone(directory, apex, lines), samples=[(f"www.{label(cuts - 1)}.{apex}", "A")],
                callgrind=scale < 0.05)


def many_zones(directory, chance, scale):
    """W3: 100,000 zones of 5 records, each in its own file."""
    count = int(100_000 * scale)
    apexes = [f"{label(i)}.{('com', 'net', 'example')[i % 3]}" for i in range(count)]
    for i, apex in enumerate(apexes):
        write_zone(directory, apex, head(apex, ("ns1.hoster.test.", "ns2.hoster.test."))
                   + [f"@ 3600 A {address(i)}", f"www 3600 A {address(i)}"])
    asked = (("", "A"), ("www.", "A"), ("", "A"), ("www.", "A"), ("", "NS"), ("", "SOA"))
    queries = ((prefix + chance.choice(apexes), kind) for prefix, kind in chance.choices(asked, k=5 * count))
    questions.write(directory / "queries", queries)
    return dict(title=f"{count:,} zones of 5 records", apexes=apexes, records=5 * count,
                samples=[(apexes[i], "A") for i in sorted({0, count // 3, 2 * count // 3, count - 1})], callgrind=scale < 0.05)


def indirections(directory, chance, scale):
    """W4: wildcards, CNAME chains of 2 and 3, MX and SRV whose targets have addresses in the zone."""
    apex, count, lines = "w4.example", 2000, head("w4.example")
    for i in range(count):
        name = label(i)
        lines += [f"{name} 3600 A {address(i)}", f"{name} 3600 AAAA 2001:db8::{i:x}", f"*.wild-{name} 3600 A {address(i)}",
                  f"alias-{name} 3600 CNAME second-{name}"]
        lines += [f"second-{name} 3600 CNAME {name}"] if i % 2 else [
            f"second-{name} 3600 CNAME third-{name}", f"third-{name} 3600 CNAME {name}"]
        for target in (name, label((i + 1) % count)):
            lines += [f"mail-{name} 3600 MX 10 {target}", f"_sip._tcp.{name} 3600 SRV 0 5 5060 {target}"]
    forms = chance.choices((("any.wild-", "A"), ("alias-", "A"), ("mail-", "MX"), ("_sip._tcp.", "SRV")), (30, 30, 20, 20), k=200_000)
    queries = ((f"{form}{label(chance.randrange(count))}.{apex}", kind) for form, kind in forms)
    questions.write(directory / "queries", queries)
    return dict(title="wildcards, CNAME chains, MX and SRV with additional data", apexes=[apex],
                records=write_zone(directory, apex, lines), samples=[(f"mail-{label(0)}.{apex}", "MX")], callgrind=True)


def pools(directory, chance, scale):
    """W5: 1,000 pools of two members that are checked; the zone file has them as plain records too."""
    apex, lines = "w5.example", head("w5.example")
    made = [(label(i), f"127.5.{i >> 8}.{i & 255}", f"127.6.{i >> 8}.{i & 255}") for i in range(1, 1001)]
    for name, first, second in made:
        lines += [f"{name} 30 A {first}", f"{name} 30 A {second}"]
    questions.write(directory / "queries", ((f"{chance.choice(made)[0]}.{apex}", "A") for _ in range(200_000)))
    return dict(title="1,000 health-checked pools", apexes=[apex], records=write_zone(directory, apex, lines),
                samples=[(f"{made[0][0]}.{apex}", "A")], pools=made, callgrind=True)


MAKERS = {"W1": one_zone, "W2": delegations, "W3": many_zones, "W4": indirections, "W5": pools}


def make(name, kept, scale=1.0):
    """The workload, from below `kept` if it was made there before. @param scale  of W2 and W3"""
    here = pathlib.Path(__file__)
    maker = hashlib.sha256(here.read_bytes() + (here.parent / "questions.py").read_bytes()).hexdigest()[:12]
    directory = pathlib.Path(kept) / f"{name}-{scale if name in ('W2', 'W3') else 1:g}-{maker}"
    description = directory / "workload.json"
    if not description.exists():
        for old in pathlib.Path(kept).glob(f"{name}-{directory.name.split('-')[1]}-*"):
            shutil.rmtree(old)
        directory.mkdir(parents=True)
        made = MAKERS[name](directory, random.Random(name), scale)
        description.write_text(json.dumps(made))
    return Workload(name=name, directory=directory.absolute(), **json.loads(description.read_text()))
