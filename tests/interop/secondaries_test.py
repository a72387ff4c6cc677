"""BIND, NSD, Knot and PowerDNS as secondaries of a holdfast: they have what it answers, and fail over with it."""

import os
import random
import re
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request

import dns.exception
import dns.message
import dns.query
import dns.tsig
import pytest

import transfer_client
import transferred
from name_servers import ALL, READER, Peer, Zone, name_server, place, wait_for  # noqa: F401
from transfer_client import Key, Refused
from transferred import APEX, MEMBERS, OURS, Records

LIMIT = 4  # seconds from an origin's end, or return, to the answers of every secondary, with interval = "1s"
FLIPS, EVERY = 100, 0.2  # seconds from one to the next
STRANGER = "127.0.0.66"
FILE = f"{APEX}zone"


class Site:
    """A holdfast with a pool, its members, and all kinds of secondaries."""

    def __init__(self, serve, name_server, place, free_port, directory, with_key):
        self._serve, self._name_server, self.directory = serve, name_server, directory
        self.place = place(OURS)
        self.peers = {kind.name: Peer(place(kind.address), Key(f"{kind.name}.{APEX}".lower()) if with_key else None)
                      for kind in ALL.values()}
        self.port = free_port(*MEMBERS)
        self.members, self.secondaries = {}, []
        for member in MEMBERS:
            self.up(member)

    def up(self, member):
        self.members[member] = socket.create_server((member, self.port), backlog=64)

    def down(self, member):
        self.members.pop(member).close()

    def start_primary(self):
        """Returns once it answers with what it knows of its members."""
        zone = transferred.primary_of(self.peers) + transferred.pool(self.port)
        config = transferred.config(self.directory, self.place, self.peers, zone)
        self.holdfast = self._serve(config, {FILE: transferred.zone(1)})
        self.records = Records(self.holdfast)
        wait_for(lambda: self.records.www() == set(MEMBERS), lambda: self.holdfast.log)

    def start_secondaries(self):
        for name, peer in self.peers.items():
            us = Peer(self.place, peer.key)
            self.secondaries.append(self._name_server(ALL[name], peer.place, [Zone(APEX, primaries=[us])]))

    def same(self):
        for server in self.secondaries:
            transferred.same(self.records, server)

    def taken(self):
        return {server.name: server.taken(APEX) for server in self.secondaries}

    def seconds_until(self, wanted, limit=LIMIT):
        """{name: seconds} until each of the secondaries answers with these at www."""
        began, took, waiting = time.monotonic(), {}, list(self.secondaries)
        while waiting:
            for server in list(waiting):
                if server.ask(f"www.{APEX}") == wanted:
                    took[server.name] = time.monotonic() - began
                    waiting.remove(server)
            assert time.monotonic() - began < 10 * limit, \
                "\n".join(f"{server.name} still has {server.ask(f'www.{APEX}')}:\n{server.log()[-3000:]}" for server in waiting)
        return took

    def change(self, text):
        """Makes the holdfast read another file."""
        (self.directory / FILE).write_text(text)
        self.holdfast.get("/healthz")
        done = subprocess.run([os.environ["HOLDFAST"], "reload", "--control", self.holdfast.control.removeprefix("http://")],
                              capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done

    def decide(self, path, **parameters):
        self.holdfast.get("/healthz")
        url = f"{self.holdfast.control}/api/v1/{path}?{urllib.parse.urlencode(parameters | {'author': 'test'})}"
        with urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=30) as answer:
            assert answer.status == 200

    def close(self):
        for member in self.members.values():
            member.close()


@pytest.fixture
def site(serve, name_server, place, free_port, tmp_path):
    """site() has everything running, and the zone everywhere. `with_key`: else the secondaries' addresses count."""
    started = []

    def start(with_key=True, secondaries_first=False):
        here = Site(serve, name_server, place, free_port, tmp_path, with_key)
        started.append(here)
        steps = [here.start_primary, here.start_secondaries]
        for step in reversed(steps) if secondaries_first else steps:
            step()
        here.same()
        return here

    yield start
    for here in started:
        here.close()


def steps(before, after):
    """{name: (further AXFRs, further IXFRs)}"""
    return {name: (after[name].axfr - before[name].axfr, after[name].ixfr - before[name].ixfr) for name in after}


@pytest.mark.parametrize("with_key", [True, False])
def test_secondaries_that_wait_for_the_primary_get_the_zone_when_they_are_notified(site, with_key):
    here = site(with_key, secondaries_first=True)
    assert len(here.records.axfr()) > transferred.HOSTS + len(transferred.RECORDS.strip().split("\n"))
    assert {f"www.{APEX} 30 A {member}" for member in MEMBERS} <= here.records.axfr()
    # What they ask for at their start, before it is there, is not answered; so they were told.
    assert {axfr for axfr, _ in here.taken().values()} == {1}, here.taken()


@pytest.mark.parametrize("with_key", [True, False])
def test_an_origin_dies_and_every_secondary_answers_without_it_and_it_comes_back(site, with_key):
    here = site(with_key)
    first, second = MEMBERS
    for change, wanted in ((here.down, {first}), (here.up, {first, second})):
        before, serial = here.taken(), here.records.serial()
        change(second)
        took = here.seconds_until(wanted)
        print(", ".join(f"{name} after {seconds:.2f} s" for name, seconds in took.items()))
        assert max(took.values()) <= LIMIT, took
        here.same()
        assert here.records.serial() == serial + 1
        assert steps(before, here.taken()) == {name: (0, 1) for name in ALL}, "by one IXFR"


def test_a_changed_file_reaches_every_secondary_by_ixfr(site):
    here = site()
    before, serial = here.taken(), here.records.serial()
    # Comes, goes, changes; of a name with others, of a name of its own, with another TTL, below a cut.
    changed = transferred.zone(5000, "new A 192.0.2.101\nnew A 192.0.2.102\nhost7 TXT new\n*.wild A 192.0.2.103\n*.wild TXT new\n"
                                     "deep.er.new TXT new\n").replace("mail      A      192.0.2.25\n", "").replace("host8 A", "host8 60 A") \
                             .replace("ns.child  A      192.0.2.99", "ns.child  A      192.0.2.98").replace("unknown ", "known ")
    assert changed.count("\n") > transferred.HOSTS
    here.change(changed)
    wait_for(lambda: here.records.serial() != serial, lambda: here.holdfast.log)
    assert here.records.serial() == 5000, "the file's own"
    here.same()
    assert f"deep.er.new.{APEX} 300 TXT \"new\"" in here.records.axfr()
    assert not any(record.startswith(f"unknown.{APEX}") for record in here.records.axfr())
    assert steps(before, here.taken()) == {name: (0, 1) for name in ALL}

    before = here.taken()
    here.change(transferred.zone(1))  # whose serial is not after the one that is served
    wait_for(lambda: here.records.serial() == 5001, lambda: here.holdfast.log)
    here.same()
    assert steps(before, here.taken()) == {name: (0, 1) for name in ALL}


def test_a_secondary_that_was_away_gets_what_it_missed_by_ixfr(site):
    here = site()
    before = here.taken()
    for server in here.secondaries:
        server.stop()
    serial = here.records.serial()
    for change in range(3):
        here.change(transferred.zone(1, f"change TXT {change}"))
        wait_for(lambda: here.records.serial() == serial + 1 + change, lambda: here.holdfast.log)
    for server in here.secondaries:
        server.start()
    here.same()
    # NSD writes what it has once an hour, so it begins anew.
    assert steps(before, here.taken()) == {name: (1, 0) if name == "NSD" else (0, 1) for name in ALL}


def test_after_a_hundred_flips_under_a_flood_of_queries_all_have_the_same(site):
    here = site()
    stop, asked = threading.Event(), []
    flood = threading.Thread(target=lambda: asked.append(ask_until(stop, here.records.place)))
    flood.start()
    chance = random.Random(1)
    before, serial, began = here.taken(), here.records.serial(), time.monotonic()
    try:
        drained = None
        for flip in range(FLIPS):
            if drained:
                here.decide("release", subject=f"shop/{drained}")
            drained = chance.choice([member for member in MEMBERS if member != drained])
            here.decide("override", decision="drain", subject=f"shop/{drained}", reason="flip")
            time.sleep(max(0, began + (flip + 1) * EVERY - time.monotonic()))  # the schedule of what is done, and not a wait
        remaining, = set(MEMBERS) - {drained}
        took = here.seconds_until({remaining})
    finally:
        stop.set()
        flood.join()
    here.same()
    (count, wrong), = asked
    versions, spent = here.records.serial() - serial, time.monotonic() - began
    print(f"{FLIPS} flips in {spent:.0f} s: {versions} versions, {count} queries, all have the last after {max(took.values()):.2f} s; "
          f"{steps(before, here.taken())}")
    assert not wrong, wrong
    assert count > 1000
    assert 2 <= versions <= spent / 2 + 2, "at most one in 2 s, but for the first"
    assert max(took.values()) <= LIMIT + 2, took
    assert {axfr for axfr, _ in steps(before, here.taken()).values()} == {0}


def ask_until(stop, at):
    """(queries, answers for www that no choice of MEMBERS is)"""
    query = dns.message.make_query(f"www.{APEX}", "A", id=1).to_wire()
    count, wrong = 0, set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(at)
        client.settimeout(5)
        while not stop.is_set():
            client.send(query)
            answer = client.recv(4096)
            # A record's data, 4 octets, ends it; OPT is not asked for.
            addresses = {socket.inet_ntoa(answer[end - 4:end]) for end in range(len(answer), len(query), -16)}
            if not addresses or not addresses <= set(MEMBERS):
                wrong.add(str(addresses))
            count += 1
    return count, wrong


# ---- who may ask

def refused(ask, *words, **named):
    try:
        seen = ask(*words, **named)
    except (Refused, dns.tsig.PeerError):
        return True
    pytest.fail(f"got {len(seen)} records")


@pytest.fixture
def primary(serve, place, tmp_path):
    """primary({name: Peer}) is a holdfast with these as secondaries, whether they are there or not."""

    def start(peers, serial=1):
        config = transferred.config(tmp_path, place(OURS), peers, transferred.primary_of(peers))
        return serve(config, {FILE: transferred.zone(serial)})

    return start


def test_a_transfer_needs_both_the_key_and_the_address(primary, place):
    one, two = Peer(place("127.0.0.12"), Key("one.example.")), Peer(place("127.0.0.13"), Key("two.example."))
    us = Records(primary({"one": one, "two": two})).place
    for peer in (one, two):
        address = peer.place.address
        assert len(transfer_client.axfr(us, APEX, peer.key, address)) > transferred.HOSTS
        assert len(transfer_client.ixfr(us, APEX, 1, peer.key, address)) == 1
    for ask in (transfer_client.axfr, lambda us, apex, *words: transfer_client.ixfr(us, apex, 1, *words)):
        for key, source in ((None, one.place.address),  # no key
                            (one.key, STRANGER), (one.key, OURS),  # another address
                            (two.key, one.place.address),  # another's key
                            (Key("one.example."), one.place.address),  # another secret
                            (Key("other.example."), one.place.address),
                            (None, STRANGER), (Key("other.example."), STRANGER)):
            assert refused(ask, us, APEX, key, source)


def test_a_secondary_with_a_wrong_secret_gets_nothing(primary, name_server, place):
    right, wrong = (Peer(place(ALL[name].address), Key(f"{name}.example.".lower())) for name in ("Knot", "NSD"))
    us = Records(primary({"right": right, "wrong": wrong})).place
    servers = [name_server(ALL[name], peer.place, [Zone(APEX, primaries=[Peer(us, key)])])
               for name, peer, key in (("NSD", wrong, Key(wrong.key.name)), ("Knot", right, right.key))]
    wait_for(lambda: servers[1].serial(APEX) == 1, lambda: servers[1].log())
    wait_for(lambda: re.search("tsig|TSIG|NOTAUTH|bad", servers[0].log()), lambda: servers[0].log())
    assert servers[0].serial(APEX) is None


# ---- what is on the wire

@pytest.fixture
def changed(primary):
    """A holdfast with versions 1, 2 and 3."""
    holdfast = primary({})
    holdfast.get("/healthz")
    file = holdfast.config.parent / FILE
    for serial in (2, 3):
        file.write_text(transferred.zone(serial, f"change TXT {serial}"))
        subprocess.run([os.environ["HOLDFAST"], "reload", "--control", holdfast.control.removeprefix("http://")], check=True)
        wait_for(lambda: holdfast.ask(APEX, "SOA").answer[0][0].serial == serial, lambda: holdfast.log)
    return holdfast


def said(program, holdfast, *words):
    """The lines of records that dig or kdig prints for the zone."""
    at = [f"@{holdfast.address}", "-p", str(holdfast.port), "-b", READER]
    done = subprocess.run([program, *at, APEX, *words, "+noall", "+answer"], capture_output=True, text=True, timeout=60, check=True)
    return [re.sub(r"\s+", " ", line) for line in done.stdout.splitlines() if line and not line.startswith(";")]


def serials(lines):
    return [int(line.split()[6]) for line in lines if line.split()[3] == "SOA"]


@pytest.mark.parametrize("program", ["dig", "kdig"])
def test_dig_and_kdig_read_transfers(changed, program):
    whole = said(program, changed, "AXFR")
    assert len(whole) == len(Records(changed).axfr()) + 1 and serials(whole) == [3, 3]
    assert whole[0] == whole[-1]

    # One difference, or one after the other; in each case the new SOA is around all.
    differences = said(program, changed, "IXFR=2")
    assert serials(differences) == [3, 2, 3, 3]
    assert [line.split(" ", 4)[4] for line in differences if " TXT " in line] == ['"2"', '"3"']
    differences = said(program, changed, "IXFR=1")
    assert serials(differences) in ([3, 1, 3, 3], [3, 1, 2, 2, 3, 3])
    assert [line.split(" ", 4)[4] for line in differences if " TXT " in line] in (['"3"'], ['"2"', '"2"', '"3"'])

    assert serials(said(program, changed, "IXFR=3")) == [3] and len(said(program, changed, "IXFR=3")) == 1, "who has it already"
    assert said(program, changed, "IXFR=4000000000") == whole, "nobody knows what changed since then"


def test_ixfr_over_udp_says_the_serial(changed):
    for serial in (1, 3):
        query = dns.message.make_query(APEX, "IXFR")
        query.authority.append(dns.rrset.from_text(APEX, 0, "IN", "SOA", f". . {serial} 0 0 0 0"))
        answer = dns.query.udp(query, changed.address, port=changed.port, source=READER, timeout=5)
        assert len(answer.answer) == 1 and answer.answer[0][0].serial == 3 and not answer.authority
    lines = said("kdig", changed, "IXFR=1", "+notcp")
    assert serials(lines) == [3] and len(lines) == 1


def test_axfr_over_udp_is_refused(changed):
    answer = dns.query.udp(dns.message.make_query(APEX, "AXFR"), changed.address, port=changed.port, source=READER, timeout=5)
    assert answer.rcode() != dns.rcode.NOERROR and not answer.answer
