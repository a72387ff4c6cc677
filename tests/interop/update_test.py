"""UPDATE (RFC 2136) by nsupdate and knsupdate: what a peer may change changes, stays, and reaches secondaries."""

import random
import re
import subprocess
import threading
import time
import urllib.error
import urllib.request

import dns.edns
import dns.entropy
import dns.exception
import dns.inet
import dns.message
import dns.query
import dns.rcode
import dns.update
import pytest

import transfer_client
import transferred
from name_servers import Bind, Knot, Nsd, Peer, Zone, name_server, place, wait_for  # noqa: F401
from transfer_client import Key
from transferred import APEX, OURS, Records

FILE = f"{APEX}zone"
ZONE = f"""$ORIGIN {APEX}
$TTL 300
@ SOA ns1 hostmaster 1 7200 3600 1209600 300
@ NS ns1
ns1 A 127.0.0.1
www A 192.0.2.1
www A 192.0.2.2
mail A 192.0.2.25
"""
OTHER = "[[zone]]\nname = \"other.example\"\nfile = \"other.example.zone\"\n"
LIVE = """live = [{ name = "live", pool = "shop" }]
[pool.shop]
members = [{ address = "192.0.2.80" }]
"""


class Site:
    """A holdfast whose zone "acme" may update: all of it with "ops", the challenges alone with "acme"."""

    def __init__(self, serve, place, directory, secondaries=(), more=LIVE, text=ZONE):
        self._serve, self.directory, self.place = serve, directory, place(OURS)
        self.keys = {name: Key(f"{name}.{APEX}") for name in ("ops", "acme")}
        peers = {name: Peer(place(OURS), key) for name, key in self.keys.items()} | {peer.place.address: peer for peer in secondaries}
        peers = {name.replace(".", "-"): peer for name, peer in peers.items()}
        rows = '{ peer = "ops" }, { peer = "acme", names = ["_acme-challenge.www", "*.dyn"], types = ["TXT"] }'
        zone = transferred.primary_of(name for name in peers if name not in self.keys) + f"update = [{rows}]\n{more}"
        self.config = transferred.config(directory, self.place, peers, zone) + OTHER
        self.start({FILE: text, "other.example.zone": ZONE.replace(APEX, "other.example.")})

    def start(self, files=None):
        self.holdfast = self._serve(self.config, files)
        self.records = Records(self.holdfast)

    def update(self, *lines, key="ops", program="nsupdate", words=(), zone=APEX):
        """What nsupdate says of it; "" when it is done."""
        key = self.keys.get(key, key)
        by = ["-y", f"hmac-sha256:{key.name}:{key.secret}"] if key else []
        if program == "nsupdate":
            by += ["-u", "50"]  # or it sends again what is done after 3 s, and is told that nothing is left to do
        text = "\n".join([f"server {self.place.address} {self.place.port}", f"zone {zone}", *lines, "send", ""])
        done = subprocess.run([program, *words, *by], input=text, capture_output=True, text=True, timeout=60)
        said = (done.stdout + done.stderr).strip()
        assert (done.returncode == 0) == (said == ""), done
        return said

    def ask(self, name, rdtype="A"):
        answer = self.holdfast.ask(f"{name}.{APEX}", rdtype)
        return {str(record) for rrset in answer.answer for record in rrset} if answer.rcode() == dns.rcode.NOERROR else dns.rcode.to_text(answer.rcode())

    def send(self, update, key="ops", tcp=False):
        """The rcode, and the text of the extended error, of a dnspython update."""
        if key:
            update.use_tsig(self.keys[key].ring())
        update.use_edns(0, payload=1232)
        answer = (dns.query.tcp if tcp else dns.query.udp)(update, self.place.address, port=self.place.port, timeout=10)
        assert answer.had_tsig == bool(key)
        told = [option for option in answer.options if isinstance(option, dns.edns.EDEOption)]
        return dns.rcode.to_text(answer.rcode()), told[0].text if told else None

    def reload(self, text=None):
        if text is not None:
            (self.directory / FILE).write_text(text)
        status, _ = self.holdfast.get("/healthz")
        assert status == 200
        url = f"{self.holdfast.control}/api/v1/reload"
        with urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=30) as answer:
            return answer.status

    def metric(self, name):
        _, text = self.holdfast.get("/metrics")
        return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.M)[1])

    def exported(self):
        """The zone as a file, as it is served, but for what is live."""
        lines = [record for record in self.records.axfr() if not record.startswith("live.")]
        return "\n".join([next(line for line in lines if " SOA " in line), *(line for line in lines if " SOA " not in line), ""])


@pytest.fixture
def site(serve, place, tmp_path):
    return lambda **more: Site(serve, place, tmp_path, **more)


@pytest.mark.parametrize("program,words", [("nsupdate", []), ("nsupdate", ["-v"]), ("knsupdate", []), ("knsupdate", ["-v"])])
def test_an_acme_client_adds_its_challenge_and_takes_it_away(site, program, words):
    here = site()
    name = "_acme-challenge.www"
    serial = here.records.serial()
    assert here.update(f"update add {name}.{APEX} 60 TXT token", key="acme", program=program, words=words) == ""
    assert here.ask(name, "TXT") == {'"token"'}
    assert here.records.serial() == serial + 1
    assert here.update(f"update delete {name}.{APEX} TXT token", key="acme", program=program, words=words) == ""
    assert here.ask(name, "TXT") == "NXDOMAIN"
    wait_for(lambda: here.records.serial() == serial + 2, "the second version")
    assert here.metric("holdfast_updates_records") == 0
    assert here.metric('holdfast_updates_total{result="changed"}') == 2


def test_prerequisites_decide(site):
    here = site()
    add = f"update add new.{APEX} 60 A 192.0.2.9"
    for wrong, rcode in ((f"prereq nxdomain www.{APEX}", "YXDOMAIN"), (f"prereq yxdomain none.{APEX}", "NXDOMAIN"),
                         (f"prereq nxrrset www.{APEX} A", "YXRRSET"), (f"prereq yxrrset www.{APEX} TXT", "NXRRSET"),
                         (f"prereq yxrrset www.{APEX} A 192.0.2.1", "NXRRSET"), ("prereq nxdomain www.example.net.", "NOTZONE")):
        assert here.update(wrong, add) == f"update failed: {rcode}"
        assert here.ask("new") == "NXDOMAIN"
    right = [f"prereq nxdomain new.{APEX}", f"prereq yxdomain www.{APEX}", f"prereq nxrrset www.{APEX} TXT",
             f"prereq yxrrset www.{APEX} A 192.0.2.2", f"prereq yxrrset www.{APEX} A 192.0.2.1"]
    assert here.update(*right, add) == ""
    assert here.ask("new") == {"192.0.2.9"}
    assert here.update(*right, add) == "update failed: YXDOMAIN"
    assert here.metric('holdfast_updates_total{result="unmet"}') == 6


def test_who_may_not_is_refused_and_told_why(site):
    here = site()
    add = f"update add www.{APEX} 60 TXT x"
    wrong = Key(here.keys["ops"].name)
    assert here.update(add, key=wrong).endswith("NOTAUTH(BADSIG)")
    assert here.update(add, key=Key("nobody.")).endswith("NOTAUTH(BADKEY)")
    assert here.update(add, key=None) == "update failed: REFUSED"
    assert here.update(add, key="acme") == "update failed: REFUSED"
    assert here.update(add.replace(f"www.{APEX}", "www.example.net."), zone="example.net.") == "update failed: NOTAUTH"
    assert here.update(add.replace(f"www.{APEX}", "www.other.example."), zone="other.example.") == "update failed: NOTIMP"

    def update(*words, zone=APEX):
        message = dns.update.UpdateMessage(zone)
        message.add(*words)
        return message

    for tcp in (False, True):
        assert here.send(update("www", 60, "TXT", "x"), key=None, tcp=tcp) == ("REFUSED", "not from this address without a key")
        assert here.send(update("www", 60, "TXT", "x"), key="acme", tcp=tcp) == \
            ("REFUSED", f"www.{APEX} TXT is not among what this peer may update")
        assert here.send(update("a.b.dyn", 60, "A", "192.0.2.1"), key="acme", tcp=tcp) == \
            ("REFUSED", f"a.b.dyn.{APEX} A is not among what this peer may update")
        assert here.send(update("live", 60, "A", "192.0.2.1"), tcp=tcp) == \
            ("REFUSED", f"live.{APEX} A is live; change it in the configuration or in the zone's file")
        assert here.send(update("a.b.dyn", 60, "TXT", "x"), key="acme", tcp=tcp)[0] == "NOERROR"
        assert here.send(update("live", 60, "TXT", "x"), tcp=tcp)[0] == "NOERROR"
    here.holdfast.log.wait_for(r"zone example\.com\.: update by acme at 127\.0\.0\.1: REFUSED: www\.example\.com\. TXT is not among")
    assert here.ask("www") == {"192.0.2.1", "192.0.2.2"}
    assert here.ask("www", "TXT") == set()
    assert here.ask("live") == {"192.0.2.80"}


def test_what_would_break_the_zone_is_refused_whole(site):
    here = site()
    serial = here.records.serial()
    assert here.update(f"update add fine.{APEX} 60 A 192.0.2.1", f"update add dn.{APEX} 60 DNAME example.net.",
                       f"update add below.dn.{APEX} 60 A 192.0.2.1") == "update failed: REFUSED"
    assert here.ask("fine") == "NXDOMAIN"
    # As the RFC has it, these change nothing (3.4.2).
    assert here.update(f"update delete {APEX} SOA", f"update delete {APEX} NS", f"update add www.{APEX} 60 CNAME mail") == ""
    assert here.records.serial() == serial
    assert here.metric('holdfast_updates_total{result="unchanged"}') == 1


def test_updates_stay_over_restarts_and_other_files(site):
    here = site()
    assert here.update(f"update add new.{APEX} 60 A 192.0.2.9", f"update delete www.{APEX} A 192.0.2.1") == ""
    serial = here.records.serial()

    def has(*more):
        assert here.ask("new") == {"192.0.2.9"}
        assert here.ask("www") == {"192.0.2.2"}
        for name in more:
            assert here.ask(name) == {"192.0.2.7"}

    has()
    here.holdfast.stop()
    here.start()
    has()
    assert here.records.serial() == serial, "the same is no other version"

    assert here.reload(ZONE + "edited A 192.0.2.7\n") == 200
    has("edited")
    assert here.records.serial() == serial + 1
    assert here.update(f"update add second.{APEX} 60 A 192.0.2.7") == ""
    has("edited", "second")
    assert here.metric("holdfast_updates_records") == 3

    # The file has it all now: nothing is left beside it, and what its operator removes is gone.
    wait_for(lambda: any(record.startswith("second.") for record in here.records.axfr()), "a version that has the last update")
    exported = here.exported()
    assert here.reload(exported) == 200
    has("edited", "second")
    assert here.metric("holdfast_updates_records") == 0
    here.holdfast.stop()
    (here.directory / FILE).write_text("".join(line + "\n" for line in exported.splitlines() if not line.startswith("new.")))
    here.start()
    assert here.ask("new") == "NXDOMAIN"
    assert here.ask("second") == {"192.0.2.7"}


def test_a_file_that_does_not_go_with_them_is_told_of_and_takes_nothing_down(site):
    here = site()
    assert here.update(f"update add new.{APEX} 60 A 192.0.2.9") == ""
    with pytest.raises(urllib.error.HTTPError):
        here.reload(ZONE + "new CNAME www\n")
    here.holdfast.log.wait_for(r"the file does not go with what updates changed: .*new\.example\.com\..*CNAME")
    assert here.ask("new") == {"192.0.2.9"}
    assert here.update(f"update delete new.{APEX}") == "", "who made it can mend it"
    assert here.reload() == 200
    assert here.ask("new", "CNAME") == {f"www.{APEX}"}


class Updater(threading.Thread):
    """Adds and removes names of its own until the program is gone. `known`: {name: whether it is there}, None where that was not
    acknowledged."""

    def __init__(self, here, number):
        super().__init__()
        self._here, self._chance, self._names = here, random.Random(number), [f"h{number}-{i}" for i in range(5)]
        self.known, self.acknowledged, self.wrong = dict.fromkeys(self._names, False), 0, None

    def run(self):
        while True:
            name = self._chance.choice(self._names)
            message = dns.update.UpdateMessage(APEX)
            if adds := self._chance.random() < 0.6:
                message.add(name, 60, "A", "192.0.2.9")
            else:
                message.delete(name)
            message.use_tsig(self._here.keys["ops"].ring())
            self.known[name] = None
            try:
                answer = dns.query.tcp(message, self._here.place.address, port=self._here.place.port, timeout=10)
            except (OSError, EOFError, dns.exception.DNSException):
                return
            if answer.rcode() != dns.rcode.NOERROR:
                self.wrong = answer.to_text()
                return
            self.known[name] = adds
            self.acknowledged += 1


def test_a_reload_behind_an_update_does_not_wait_as_updates_do(site):
    here = site()
    for i in range(20):
        assert here.send(added(f"new{i}"), tcp=True) == ("NOERROR", None)
        serial = 100 * (i + 1)
        assert here.reload(ZONE.replace("hostmaster 1 ", f"hostmaster {serial} ")) == 200
        assert here.records.serial() == serial


def test_what_four_senders_were_told_outlives_kill_9(site):
    here = site()
    chance = random.Random(1)
    contents, last, acknowledged = {}, 1, 0
    updaters = [Updater(here, number) for number in range(4)]
    for life in range(8):
        for updater in updaters:
            updater.start()
        time.sleep(chance.uniform(0.1, 1.5))  # the moment of its end
        here.holdfast.kill()
        for updater in updaters:
            updater.join()
            assert not updater.wrong
        here.start()
        there = {record.split(".")[0]: record for record in here.records.axfr() if record.startswith("h")}
        wrong = {name: is_there for updater in updaters for name, is_there in updater.known.items()
                 if is_there is not None and is_there != (name in there)}
        assert not wrong, (life, wrong)
        acknowledged += sum(updater.acknowledged for updater in updaters)

        records = here.records.axfr()
        serial, = (transfer_client.serial_of(record) for record in records if transfer_client.is_soa(record))
        assert serial >= last and contents.setdefault(serial, records) == records
        last = serial
        after = [Updater(here, number) for number in range(4)]
        for updater in after:
            updater.known = {name: name in there for name in updater.known}
        updaters = after
    print(f"{acknowledged} updates were acknowledged, the last version is {last}")
    assert acknowledged > 8


def added(name):
    message = dns.update.UpdateMessage(APEX)
    message.add(name, 60, "A", "192.0.2.9")
    return message


def test_an_update_that_comes_twice_is_done_once(site):
    here = site()
    message = dns.update.UpdateMessage(APEX)
    message.add("new", 60, "A", "192.0.2.9")
    message.use_tsig(here.keys["ops"].ring())
    wire = message.to_wire()
    answers = []
    for _ in range(2):
        with dns.query.socket_factory(dns.inet.AF_INET, dns.query.socket.SOCK_DGRAM, 0) as sock:
            sock.settimeout(10)
            sock.sendto(wire, here.place)
            answers.append(dns.message.from_wire(sock.recv(65535), keyring=message.keyring, request_mac=message.mac).rcode())
    assert answers == [dns.rcode.NOERROR] * 2
    assert here.records.serial() == 2
    assert here.metric('holdfast_updates_total{result="unchanged"}') == 1


@pytest.mark.parametrize("kind", [Knot, Nsd])
def test_secondaries_get_what_changed_by_ixfr(site, name_server, place, kind):
    secondary = Peer(place(kind.address), Key("xfr."))
    here = site(secondaries=[secondary], text=transferred.zone(1))
    server = name_server(kind, secondary.place, [Zone(APEX, primaries=[Peer(here.place, secondary.key)])])
    transferred.same(here.records, server)
    before, serial = server.taken(APEX), here.records.serial()
    assert here.update(f"update add new.{APEX} 60 A 192.0.2.9", f"update delete host7.{APEX}") == ""
    wait_for(lambda: server.ask(f"new.{APEX}") == {"192.0.2.9"}, server.log)
    transferred.same(here.records, server)
    assert here.records.serial() == serial + 1
    assert server.taken(APEX)[0] == before[0] and server.taken(APEX)[1] == before[1] + 1

    # Many at once are few versions.
    began = time.monotonic()
    for i in range(40):
        assert here.update(f"update add burst{i}.{APEX} 60 TXT x") == ""
    spent = time.monotonic() - began
    assert here.ask("burst39", "TXT") == {'"x"'}
    wait_for(lambda: server.ask(f"burst39.{APEX}", "TXT") == {'"x"'}, server.log)
    transferred.same(here.records, server)
    assert here.records.serial() - serial - 1 <= spent / 2 + 2
    assert server.taken(APEX)[0] == before[0]


class DynamicBind(Bind):
    """It takes updates with the key of its secondaries."""

    def _zone(self, zone):
        key, = {peer.key.name for peer in zone.secondaries}
        return super()._zone(zone).replace("allow-transfer", f'check-integrity no; allow-update {{ key "{key}"; }}; allow-transfer')


def test_the_same_updates_make_the_same_zone_as_with_bind(site, name_server, place):
    here = site(more="")
    key = here.keys["ops"]
    bind = name_server(DynamicBind, place(Bind.address), [Zone(APEX, ZONE, secondaries=[Peer(here.place, key)])])
    chance = random.Random(2136)
    owners = ["@", "www", "a.www", "mail", "new", "*.wild", "alias"]
    datas = [("A", "192.0.2.1"), ("A", "192.0.2.2"), ("TXT", '"one"'), ("MX", f"10 mail.{APEX}"), ("CNAME", f"www.{APEX}"),
             ("NS", f"ns1.{APEX}"), ("NS", "ns2.example.net.")]

    def row(message):
        owner, (rdtype, data) = chance.choice(owners), chance.choice(datas)
        if rdtype == "NS" and owner != "@":
            rdtype, data = datas[0]
        kind = chance.randrange(8)
        if kind < 4:
            message.add(owner, chance.choice([60, 300]), rdtype, data)
        elif kind == 4:
            message.delete(owner)
        elif kind == 5:
            message.delete(owner, rdtype)
        else:
            message.delete(owner, rdtype, data)

    def prerequisite(message):
        owner, (rdtype, data) = chance.choice(owners[1:]), chance.choice(datas[:5])
        kind = chance.randrange(5)
        if kind < 2:
            (message.present if kind else message.absent)(owner)
        elif kind < 4:
            (message.present if kind == 2 else message.absent)(owner, rdtype)
        else:
            message.present(owner, rdtype, data)

    rcodes = set()
    for step in range(300):
        message = dns.update.UpdateMessage(APEX)
        for _ in range(chance.randrange(2)):
            prerequisite(message)
        for _ in range(chance.randrange(1, 5)):
            row(message)
        message.use_tsig(key.ring())
        answers = {}
        for server in (here.place, bind.place):
            message.id = dns.entropy.random_16()
            answers[server] = dns.query.udp(message, server.address, port=server.port, timeout=10).rcode()
        assert answers[here.place] == answers[bind.place], f"{step}: {answers}\n{message.to_text()}\n{bind.log()[-1000:]}"
        rcodes.add(answers[here.place])
    assert len(rcodes) >= 4, rcodes

    def but_soa(records):
        return {record for record in records if " SOA " not in record}

    wait_for(lambda: not transferred.differences(but_soa(here.records.axfr()), but_soa(bind.axfr(APEX))),
             lambda: transferred.differences(but_soa(here.records.axfr()), but_soa(bind.axfr(APEX))))
