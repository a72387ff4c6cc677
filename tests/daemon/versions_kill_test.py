"""Versions of a zone outlive kill -9 at any moment: no serial goes backwards, none stands for two contents, no change that
was acknowledged is lost.

HOLDFAST_KILLS: how often; HOLDFAST_SEED: of the moments and changes, which a failure prints.
"""

import collections
import dataclasses
import http.client
import json
import os
import random
import re
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.update
import pytest

import transfer_client
import transferred
from conftest import START_LIMIT, Log
from name_servers import READER, Knot, Nsd, Peer, Place, Zone, name_server, place, wait_for  # noqa: F401
from transfer_client import Key, Refused
from transferred import APEX, MEMBERS, OURS

KILLS = int(os.environ.get("HOLDFAST_KILLS", 25))
LONGEST = 1.5  # seconds of one life, beside what a start takes
HOSTS = 40
FIRST_SERIAL = 2**32 - 100  # they go around
FILE = f"{APEX}zone"
GONE = (OSError, EOFError, http.client.HTTPException, dns.exception.DNSException)  # what the end of the program looks like


def is_before(a, b):
    """RFC 1982."""
    return 0 < (b - a) % 2**32 < 2**31


def later(a, b):
    return b if a is None or is_before(a, b) else a


def beyond(serial, steps):
    """Without 0, which some take for none."""
    return (serial + steps) % 2**32 or 1


# ---- what changes

class Edits:
    """Contents of the zone, by the number that `edit TXT` says."""

    def __init__(self, chance):
        self._chance, self._hosts, self.all = chance, {}, {}
        self.fixed = []  # (type, data) of records that never change

    @property
    def last(self):
        return len(self.all)

    def next(self, serial):
        """The text of another file."""
        for host in self._chance.sample(range(HOSTS), self._chance.randint(0, 4)):
            if host in self._hosts and self._chance.random() < 0.4:
                del self._hosts[host]
            else:
                self._hosts[host] = f"192.0.2.{self._chance.randrange(256)}"
        records = [("@", "NS", f"ns1.{APEX}"), ("ns1", "A", OURS), ("edit", "TXT", f'"{self.last + 1}"'),
                   *((f"h{host}", "A", address) for host, address in self._hosts.items()),
                   *((f"fixed{i}", *record) for i, record in enumerate(self.fixed))]
        self.all[self.last + 1] = frozenset(f"{APEX if owner == '@' else f'{owner}.{APEX}'} 300 {type} {data}" for owner, type, data in records)
        return (f"$ORIGIN {APEX}\n$TTL 300\n@ SOA ns1 hostmaster {serial} 7200 3600 1209600 300\n"
                + "".join(f"{owner} {type} {data}\n" for owner, type, data in records))


DYNAMIC = f"dyn.{APEX}"  # below it all is by UPDATE
COUNT = f"count.{DYNAMIC}"
RIGHTS = 'update = [{ peer = "ops", names = ["*.dyn"] }]\n'


def changes_of(number):
    """What UPDATE number 1, 2, ... does: a name that comes or goes, and its address, or None."""
    return f"u{number % 5}.{DYNAMIC}", f"192.0.2.{number % 250}" if number // 5 % 2 == 0 else None


def updated(number):
    """The records that so many UPDATEs leave; one that is done twice changes nothing more."""
    last = dict(changes_of(i) for i in range(max(1, number - 4), number + 1))
    there = {f"{name} 300 A {address}" for name, address in last.items() if address}
    return there | ({f'{COUNT} 300 TXT "{number}"'} if number else set())


def is_updated(record):
    return record.split(" ", 1)[0].endswith(f".{DYNAMIC}")


def count_of(records):
    """Of UPDATEs."""
    return next((int(record.split('"')[1]) for record in records if record.startswith(f"{COUNT} ")), 0)


def edit_of(records):
    number, = (int(record.split('"')[1]) for record in records if record.startswith(f"edit.{APEX} "))
    return number


def serial_of(records):
    soa, = filter(transfer_client.is_soa, records)
    return transfer_client.serial_of(soa)


def is_live(record):
    return record.startswith(f"www.{APEX} ")


# ---- what is seen

@dataclasses.dataclass(frozen=True)
class Floor:
    """What nobody may be behind of."""
    serial: int = None
    edit: int = 0
    count: int = 0

    def with_(self, serial=None, edit=0, count=0):
        return Floor(self.serial if serial is None else later(self.serial, serial), max(self.edit, edit), max(self.count, count))


class Witness:
    """Remembers all that anybody saw, and says what cannot be."""

    def __init__(self, edits):
        self._edits, self._more = edits, threading.Condition()
        self.floor, self.contents, self.looks, self.wrong = Floor(), {}, collections.Counter(), []
        self.sent = self.acknowledged_updates = 0  # the last UPDATE, and the last that was acknowledged
        self._first = {}  # who saw a serial, and when

    def say(self, text):
        with self._more:
            self.wrong.append(text)
            self._more.notify_all()

    def acknowledged(self, serial, edit):
        with self._more:
            self._first.setdefault(serial, ("a reload", time.monotonic()))
            self.floor = self.floor.with_(serial, edit)
            self.looks["acknowledged"] += 1

    def serial(self, who, serial, floor, how="SOA"):
        """`floor`: of the moment when it was asked for."""
        if floor.serial is not None and is_before(serial, floor.serial):
            by, moment = self._first[floor.serial]
            self.say(f"{who} {how}: serial {serial} after {floor.serial}, which was seen first by {by} {time.monotonic() - moment:.3f} s ago")
        with self._more:
            self._first.setdefault(serial, (f"{who} {how}", time.monotonic()))
            if self.floor.serial is None or is_before(self.floor.serial, serial):
                self.floor = self.floor.with_(serial)
                self._more.notify_all()
            self.looks[f"{who} {how}"] += 1

    def whole(self, who, records, floor):
        serial, edit, count = serial_of(records), edit_of(records), count_of(records)
        self.serial(who, serial, floor, "AXFR")
        if edit < floor.edit or count < floor.count:
            self.say(f"{who} has edit {edit} and update {count} under serial {serial} after {floor.edit} and {floor.count} were there")
        by_update = set(filter(is_updated, records))
        if by_update != updated(count) or count > self.sent:
            self.say(f"{who} has under serial {serial} what {count} of {self.sent} updates never left:\n"
                     f"{transferred.differences(updated(count), by_update)}")
        made = frozenset(record for record in records
                         if not transfer_client.is_soa(record) and not is_live(record) and not is_updated(record))
        if made != self._edits.all[edit]:
            self.say(f"{who} has under serial {serial} what edit {edit} never had:\n{transferred.differences(self._edits.all[edit], made)}")
        with self._more:
            first, before = self.contents.setdefault(serial, (who, records))
            self.floor = self.floor.with_(serial, edit, count)
        if before != records:
            self.say(f"serial {serial} stands for two contents, of {first} (ours) and {who} (theirs):\n{transferred.differences(before, records)}")

    def wait_for_another(self, limit):
        """Until a serial is seen that nobody saw."""
        with self._more:
            before = self.floor.serial
            self._more.wait_for(lambda: self.floor.serial != before or self.wrong, limit)

    def check(self):
        with self._more:
            assert not self.wrong, "\n".join(self.wrong[:10])


class Threads:
    """Each does a step again and again, each some seconds, until close()."""

    def __init__(self, witness):
        self._witness, self._stop, self._all = witness, threading.Event(), []

    def start(self, step, pause):
        """`pause`: () -> seconds"""
        def run():
            while not self._stop.wait(pause()):
                try:
                    step()
                except Exception as error:
                    return self._witness.say(f"{step.__qualname__}: {error!r}")
        self._all.append(threading.Thread(target=run))
        self._all[-1].start()

    def close(self):
        self._stop.set()
        for thread in self._all:
            thread.join()
        self._all = []


# ---- the programs

class Life:
    """A `holdfast serve` from its first moment, which a kill may be in. `kill_at`: where it ends by itself (kill_point.h)."""

    def __init__(self, config, kill_at=""):
        self.process = subprocess.Popen([os.environ["HOLDFAST"], "serve", "--config", config], stdin=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True, errors="replace",
                                        env=os.environ | {"HOLDFAST_KILL_AT": kill_at})
        self.log = Log(self.process.stderr)

    def kill(self):
        """It must have lived until now, and may not have complained."""
        ended = self.process.poll()
        self.process.kill()
        self.process.wait()
        assert ended is None, f"ended with {ended}:\n{self.log}"
        self._check_log()

    def end(self, limit):
        """How it ended, by itself; None: it did not."""
        try:
            self.process.wait(limit)
        except subprocess.TimeoutExpired:
            return None
        self._check_log()
        return self.process.returncode

    def _check_log(self):
        self.log.join()
        found = re.search(r"\[error\]|\[critical\]|journal|damaged|Sanitizer|runtime error:", str(self.log))
        assert not found, f"{found[0]}:\n{self.log}"


class Site:
    """A holdfast that is killed, another server below it, and what changes beside."""

    def __init__(self, directory, place, free_port, name_server, seed):
        self.directory, self._name_server = directory, name_server
        # One for each thread, so that what one does depends on nothing but the seed.
        self._moments, self._flips, self._updates, self.chance, chance = (
            random.Random(f"{seed} {what}") for what in ("kill", "flip", "update", "edit", "text"))
        self.place, self._control = place(OURS), place(OURS)
        self.ops = Peer(place(OURS), Key(f"ops.{APEX}"))
        self.edits = Edits(chance)
        self.witness = Witness(self.edits)
        self.readers, self.writers = Threads(self.witness), Threads(self.witness)
        self.kills, self._longest, self.takes_updates = 0, LONGEST, False
        self.life, self.below, self.port = None, [], free_port(*MEMBERS)
        self.members = {member: socket.create_server((member, self.port), backlog=64) for member in MEMBERS}

    def configure(self, zone, peers, takes_updates=False):
        self.takes_updates = takes_updates
        if takes_updates:
            zone, peers = zone + RIGHTS, {**peers, "ops": self.ops}
        said = transferred.config(self.directory, self.place, peers, zone + transferred.pool(self.port))
        listen = 'listen = "{}:{}"'
        (self.directory / "holdfast.toml").write_text(said.replace(listen.format(OURS, 0), listen.format(*self._control)))

    def _start(self):
        self.life = Life(self.directory / "holdfast.toml")

    def start(self):
        began = time.monotonic()
        self._start()
        self.life.log.wait_for("listening on")
        self._longest = LONGEST + time.monotonic() - began

    def follow(self, *kinds_and_peers):
        """These are secondaries of the holdfast."""
        for kind, peer in kinds_and_peers:
            self.below.append(self._name_server(kind, peer.place, [Zone(APEX, primaries=[Peer(self.place, peer.key)])]))

    def read(self):
        if self.takes_updates:
            self.readers.start(self._look_at_count, lambda: 0.01)
        self.readers.start(self._look_at_serial, lambda: 0.005)
        self.readers.start(self._look_at_all, lambda: 0.02)
        for server in self.below:
            self.readers.start(self._looks_at(server), lambda: 0.05)

    def _looks_at(self, server):
        floor = Floor()

        def look():
            nonlocal floor
            try:
                records = server.axfr(APEX)
            except GONE:
                return
            self.witness.whole(server.name, records, floor)
            floor = floor.with_(serial_of(records), edit_of(records), count_of(records))
        return look

    def _look_at_serial(self):
        floor = self.witness.floor
        try:
            answer = dns.query.udp(dns.message.make_query(APEX, "SOA"), self.place.address, port=self.place.port, timeout=0.2)
        except GONE:
            return
        if answer.answer:
            self.witness.serial("holdfast", answer.answer[0][0].serial, floor)
        elif floor.serial is not None:
            self.witness.say(f"holdfast does not know the zone:\n{answer}")

    def _look_at_all(self):
        floor = self.witness.floor
        try:
            records = self.axfr()
        except GONE:
            return
        except Refused as refused:
            if floor.serial is not None:
                self.witness.say(f"holdfast does not give the zone: {refused}")
            return
        self.witness.whole("holdfast", records, floor)

    def _update(self):
        """The next UPDATE, which requires that the one before was done; or once more the last, when nobody said what became of it."""
        is_next = self.witness.sent == self.witness.acknowledged_updates
        self.witness.sent = number = self.witness.acknowledged_updates + 1
        name, address = changes_of(number)
        message = dns.update.UpdateMessage(APEX)
        if number == 1:
            message.absent(COUNT, "TXT")
        else:
            message.present(COUNT, "TXT", f'"{number - 1}"')
        message.replace(COUNT, 300, "TXT", f'"{number}"')
        message.delete(name, "A")
        if address:
            message.add(name, 300, "A", address)
        message.use_tsig(self.ops.key.ring())
        by = self._updates.choice([dns.query.udp, dns.query.tcp])
        try:
            rcode = by(message, self.place.address, port=self.place.port, timeout=0.3).rcode()
        except GONE:
            return
        was_done = rcode in (dns.rcode.YXRRSET, dns.rcode.NXRRSET) and not is_next
        if rcode != dns.rcode.NOERROR and not was_done:
            return self.witness.say(f"update {number}: {dns.rcode.to_text(rcode)}")
        self.witness.acknowledged_updates = number

    def _look_at_count(self):
        least = self.witness.acknowledged_updates
        try:
            answer = dns.query.udp(dns.message.make_query(COUNT, "TXT"), self.place.address, port=self.place.port, timeout=0.2)
        except GONE:
            return
        count = count_of(transfer_client.records(answer))
        if not least <= count <= self.witness.sent:
            self.witness.say(f"update {count} is served, after {least} was acknowledged and {self.witness.sent} sent")
        self.witness.looks["holdfast count"] += 1

    def axfr(self):
        seen = transfer_client.axfr(self.place, APEX, source=READER)
        assert len(set(seen)) == len(seen), "a record is sent twice"
        return set(seen)

    def serial(self):
        """As transferred.Records."""
        return serial_of(self.axfr())

    def post(self, path, **parameters):
        """(status, JSON)"""
        url = f"http://{self._control.address}:{self._control.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=START_LIMIT) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)

    def edit_file(self, serial):
        """A whole new file with that serial, and a reload."""
        file = self.directory / FILE
        new = file.with_suffix(".new")
        new.write_text(self.edits.next(serial))
        new.replace(file)
        number = self.edits.last
        try:
            status, report = self.post("reload")
        except GONE:
            return
        if status == 200:
            self.witness.acknowledged(serial, number)
        else:
            self.witness.say(f"a reload ends with {status}: {report}")

    def _flip(self):
        """One of the members fails or is back, the other is taken out or let in."""
        drained, closed = MEMBERS
        what = self._flips.choice(["socket", "drain", "release"])
        if what == "socket":
            if closed in self.members:
                self.members.pop(closed).close()
            else:
                self.members[closed] = socket.create_server((closed, self.port), backlog=64)
            return
        try:  # what is so already, or would leave nobody, is refused
            if what == "drain":
                self.post("override", decision="drain", subject=f"shop/{drained}", author="test", reason="flip")
            else:
                self.post("release", subject=f"shop/{drained}", author="test")
        except GONE:
            pass

    def write(self, edit, longest):
        """`longest`: seconds between two edits."""
        self.writers.start(edit, lambda: self.chance.uniform(0.02, longest))
        self.writers.start(self._flip, lambda: self._flips.uniform(0.1, 0.6))
        if self.takes_updates:
            self.writers.start(self._update, lambda: 0.002)

    def kill_again_and_again(self, edit):
        """While all is read, edited, updated and flipped; then all must be the same everywhere."""
        self.read()
        self.write(edit, longest=0.4)
        for _ in range(KILLS):
            moment = self._moments.uniform(0, self._longest)
            if self._moments.random() < 0.3:
                self.witness.wait_for_another(moment)
            else:
                time.sleep(moment)  # any moment is to be met, and not an event
            self.life.kill()
            self.kills += 1
            self.witness.check()
            self._start()
        self.writers.close()
        self.life.kill()  # also right after the last change
        self.start()
        self.check_the_last()
        self._check_that_much_was_seen()

    def check_the_last(self):
        """All that was acknowledged is there, and the same everywhere."""
        def last():
            records = self.axfr()
            return edit_of(records), count_of(records)

        wait_for(lambda: last() >= (self.edits.last, self.witness.acknowledged_updates),
                 lambda: f"edit and update {last()} of {self.edits.last} and {self.witness.acknowledged_updates}:\n{self.life.log}")
        for server in self.below:
            transferred.same(self, server)
        self.readers.close()
        self.witness.check()

    def figures(self):
        looks = ", ".join(f"{count} {what}" for what, count in sorted(self.witness.looks.items()))
        return f"{self.kills} kills, {self.edits.last} edits, {self.witness.acknowledged_updates} updates, {len(self.witness.contents)} contents seen; {looks}"

    def _check_that_much_was_seen(self):
        live = {frozenset(filter(is_live, records)) for _, records in self.witness.contents.values()}
        assert len(live) >= 2, "live names changed"
        assert len(self.witness.contents) > KILLS / 4
        assert not self.takes_updates or self.witness.looks["holdfast count"] > KILLS
        for server in self.below:
            assert self.witness.looks[f"{server.name} AXFR"] > KILLS

    def close(self):
        for threads in (self.writers, self.readers):
            threads.close()
        for member in self.members.values():
            member.close()
        if self.life:
            self.life.process.kill()
            self.life.process.wait()


@pytest.fixture
def site(name_server, place, free_port, tmp_path):
    seed = int(os.environ.get("HOLDFAST_SEED", random.randrange(10**6)))
    print(f"HOLDFAST_SEED={seed}")
    here = Site(tmp_path, place, free_port, name_server, seed)
    yield here
    here.close()
    print(here.figures())


def test_a_primary_that_is_killed_keeps_what_it_acknowledged_and_every_serial(site, place):
    knot, nsd = (Peer(place(kind.address), Key(f"{kind.name}.{APEX}".lower())) for kind in (Knot, Nsd))
    peers = {"knot": knot, "nsd": nsd}
    site.configure(transferred.primary_of(peers), peers, takes_updates=True)
    in_file = FIRST_SERIAL
    (site.directory / FILE).write_text(site.edits.next(in_file))

    def edit():
        """A whole new file; its serial is sometimes raised above all, and sometimes let be."""
        nonlocal in_file
        if site.chance.random() < 0.4 and (serial := site.witness.floor.serial) is not None:
            in_file = beyond(serial, site.chance.randint(1, 20))
        site.edit_file(in_file)

    site.start()
    site.follow((Knot, knot), (Nsd, nsd))
    for server in site.below:
        wait_for(lambda: server.serial(APEX) is not None, lambda: f"{site.life.log}\n{server.log()[-3000:]}")
    site.kill_again_and_again(edit)
    assert site.witness.looks["acknowledged"] > KILLS / 10
    assert site.witness.acknowledged_updates > KILLS


def test_a_secondary_that_is_killed_serves_what_its_primary_had_and_never_older(site, name_server, place):
    above, below = Peer(place(Knot.address), Key("above.example.")), Peer(place(Nsd.address), Key("below.example."))
    site.configure(transferred.secondary_of(["above"], ["below"]), {"above": above, "below": below})
    serial = FIRST_SERIAL
    knot = name_server(Knot, above.place, [Zone(APEX, site.edits.next(serial), secondaries=[Peer(site.place, above.key)])])

    def edit():
        nonlocal serial
        serial = beyond(serial, site.chance.randint(1, 20))
        knot.update(APEX, site.edits.next(serial))

    site.start()
    site.follow((Nsd, below))
    wait_for(lambda: site.below[0].serial(APEX) is not None, lambda: f"{site.life.log}\n{site.below[0].log()[-3000:]}")
    site.kill_again_and_again(edit)
