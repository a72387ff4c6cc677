"""Debian's BIND, NSD, Knot and PowerDNS, each as primary and as secondary of zones, with the same face.

All that they need is below a directory of the test's. Each asks, notifies and answers from its own address, so that others
can tell them apart; READER may read every zone from each without a key. No test waits for what a zone's timers say: these
are the SOA's, and the servers look at NOTIFY.
"""

import collections
import contextlib
import dataclasses
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import time
from typing import NamedTuple

import dns.exception
import dns.message
import dns.query
import dns.rcode
import pytest

import transfer_client
from conftest import START_LIMIT

READER = "127.0.0.99"
STEP = 0.01  # seconds between two looks


class Place(NamedTuple):
    address: str
    port: int


class Tls(NamedTuple):
    """How a name server is met over TLS: at `port`, with a certificate for `name`, of which the authority in the file `ca` vouches.
    With `shows` it shows that also to those that it asks."""
    name: str
    ca: pathlib.Path
    certificate: pathlib.Path
    key: pathlib.Path
    port: int = 853
    shows: bool = False


@dataclasses.dataclass(frozen=True)
class Peer:
    """Another name server of a zone. `key`: a transfer_client.Key of everything between the two; None: the address counts. `tls`: zones
    are transferred over TLS."""
    place: Place
    key: object = None
    tls: Tls = None


@dataclasses.dataclass
class Zone:
    apex: str  # with the last dot
    text: str = ""  # of the primary's file
    primaries: list = ()  # Peers; none: it is the primary
    secondaries: list = ()  # Peers


class Transfers(NamedTuple):
    axfr: int
    ixfr: int


def wait_for(condition, what, limit=START_LIMIT):
    """What condition() returns once it is true, or not None."""
    deadline = time.monotonic() + limit
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {limit} s: {what() if callable(what) else what}"
        time.sleep(STEP)
    return found


class NameServer:
    """Derived for each software. start() returns when it answers, for a primary with its zones."""

    name = None
    address = None  # where it is in the tests
    ready = None  # what its log says then
    sends_ixfr = True  # as primary

    def __init__(self, directory, place, zones, tls=None):
        self.directory, self.place, self.zones, self.tls = directory, place, {zone.apex: zone for zone in zones}, tls
        self.process, self.updates = None, 0
        directory.mkdir()
        self._prepare()

    # ---- what each software is told

    def _prepare(self):
        """Writes its files."""
        for zone in self.zones.values():
            if not zone.primaries:
                self.file(zone.apex).write_text(zone.text)

    def command(self):
        """What runs in the foreground, and logs to stderr."""
        raise NotImplementedError

    def _reload(self, apex):
        """After the change of the primary's file."""
        self.process.send_signal(signal.SIGHUP)

    def _taken(self, apex):
        """Kinds, "AXFR" or "IXFR", of the transfers that it took, from its log."""
        raise NotImplementedError

    def _given(self, apex):
        """(kind, address) of each that it gave."""
        raise NotImplementedError

    # ---- the same for all

    @property
    def keys(self):
        return {peer.key for zone in self.zones.values() for peer in (*zone.primaries, *zone.secondaries) if peer.key}

    @property
    def primaries_over_tls(self):
        return {peer for zone in self.zones.values() for peer in zone.primaries if peer.tls}

    def file(self, apex):
        return self.directory / f"{apex}zone"

    def start(self):
        before = len(self.log())
        with open(self.directory / "log", "a") as log:
            self.process = subprocess.Popen([str(word) for word in self.command()], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            cwd=self.directory)
        self._wait_for(lambda: re.search(self.ready, self.log()[before:]), "start")
        for zone in self.zones.values():
            if not zone.primaries:
                self._wait_for(lambda: self.serial(zone.apex) is not None, f"answer for {zone.apex}")
        return self

    def stop(self):
        """Ends it with its children, or kills it."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(START_LIMIT)
        finally:
            self.process.kill()
            self.process.wait()
            self.process = None

    def log(self):
        file = self.directory / "log"
        return file.read_text(errors="replace") if file.exists() else ""

    def _wait_for(self, condition, what):
        def there():
            assert self.process.poll() is None, f"{self.name} ended:\n{self.log()[-4000:]}"
            return condition()
        return wait_for(there, lambda: f"{what} of {self.name}:\n{self.log()[-4000:]}")

    def _ask(self, name, rdtype):
        """None without an answer, also to the tenth question."""
        query = dns.message.make_query(name, rdtype)
        for _ in range(10):
            with contextlib.suppress(dns.exception.Timeout, OSError):
                return dns.query.udp(query, self.place.address, port=self.place.port, timeout=0.5)

    def ask(self, name, rdtype="A"):
        """The data of the answer's records, in presentation format; None without an answer."""
        if answer := self._ask(name, rdtype):
            return {str(record) for rrset in answer.answer for record in rrset}

    def serial(self, apex):
        """Of the zone that it answers from; None: it has none."""
        answer = self._ask(apex, "SOA")
        if answer and answer.rcode() == dns.rcode.NOERROR and answer.answer:
            return answer.answer[0][0].serial

    def axfr(self, apex):
        """All its records in presentation format, the SOA once; each is there once."""
        seen = transfer_client.axfr(self.place, apex, source=READER)
        assert len(set(seen)) == len(seen), f"{self.name} sends records twice"
        return set(seen)

    def update(self, apex, text):
        """Makes a primary read another file, with another serial. Returns the moment from which it answers from it; a child of
        NSD that ends may still do so from the one before."""
        before = self.serial(apex)
        self.file(apex).write_text(text)
        self.updates += 1
        later = time.time() + self.updates  # NSD looks at the time of the file, in seconds
        os.utime(self.file(apex), (later, later))
        self._reload(apex)
        self._wait_for(lambda: self.serial(apex) not in (before, None), f"another serial than {before}")
        return time.monotonic()

    def taken(self, apex):
        """Transfers that it took and serves, or has served."""
        return counted(self._taken(apex))

    def given(self, apex):
        """Transfers that others than READER took from it."""
        return counted(kind for kind, address in self._given(apex) if address != READER)


def counted(kinds):
    count = collections.Counter(kinds)
    return Transfers(count["AXFR"], count["IXFR"])


class Bind(NameServer):
    name, ready = "BIND", r"running\n"
    address = "127.0.0.1"  # it listens only at addresses that an interface has

    def command(self):
        # A copy, since AppArmor lets Debian's own one read nothing but its own directories.
        program = self.directory / "named"
        if not program.exists():
            shutil.copy("/usr/sbin/named", program)
        return [program, "-f", "-n", 1, "-c", self.directory / "named.conf"]

    def _prepare(self):
        super()._prepare()
        address, port = self.place
        keys = "".join(key.file() for key in self.keys)
        if self.tls:
            asks = any(peer.tls.shows for zone in self.zones.values() for peer in zone.secondaries if peer.tls)
            keys += (f'tls own {{ cert-file "{self.tls.certificate}"; key-file "{self.tls.key}"; '
                     + (f'ca-file "{self.tls.ca}"; ' if asks else "") + "};\n")
            tls = f"listen-on port {self.tls.port} tls own {{ {address}; }};"
        else:
            tls = ""
        for peer in self.primaries_over_tls:
            own = f'cert-file "{self.tls.certificate}"; key-file "{self.tls.key}"; ' if self.tls.shows else ""
            keys += f'tls "{peer.tls.name}" {{ ca-file "{peer.tls.ca}"; remote-hostname "{peer.tls.name}"; {own}}};\n'
        zones = "".join(self._zone(zone) for zone in self.zones.values())
        (self.directory / "named.conf").write_text(f"""{keys}
options {{
  directory "{self.directory}"; pid-file none; session-keyfile none; managed-keys-directory "{self.directory}"; lock-file none;
  listen-on port {port} {{ {address}; }}; listen-on-v6 {{ none; }}; {tls}
  query-source address {address}; transfer-source {address}; notify-source {address};
  recursion no; empty-zones-enable no; dnssec-validation no; minimal-responses yes;
  notify explicit; notify-delay 0; notify-rate 1000; startup-notify-rate 1000; serial-query-rate 1000;
  ixfr-from-differences yes; masterfile-format text;
}};
controls {{ }};
logging {{
  channel log {{ stderr; severity info; print-time yes; print-category yes; }};
  channel transfers {{ stderr; severity debug 3; print-time yes; }};
  category default {{ log; }}; category xfer-in {{ transfers; }};
}};
{zones}""")

    def _zone(self, zone):
        def peers(peers):
            return " ".join(f"{peer.place.address} port {peer.place.port}{f' key {peer.key.name}' if peer.key else ''};" for peer in peers)
        def asked(peer):
            tls = f' tls "{peer.tls.name}"' if peer.tls else ""
            key = f" key {peer.key.name}" if peer.key else ""
            return f"{peer.place.address} port {peer.tls.port if peer.tls else peer.place.port}{key}{tls};"
        primaries = " ".join(map(asked, zone.primaries))
        by_key = " ".join(f'key "{peer.key.name}";' if peer.key else f"{peer.place.address};" for peer in zone.secondaries)
        kind = f'type secondary; primaries {{ {primaries} }};' if zone.primaries else "type primary;"
        return (f'zone "{zone.apex}" {{ {kind} file "{self.file(zone.apex)}"; also-notify {{ {peers(zone.secondaries)} }}; '
                f"allow-transfer {{ {READER}; {by_key} }}; }};\n")

    def _taken(self, apex):
        """The kind is said before the success of the same transfer."""
        kind = "AXFR"
        for line in re.finditer(rf"transfer of '{re.escape(apex[:-1])}/IN' from \S+ (?:got (nonincremental|incremental) response|"
                                r"Transfer status: (success))$", self.log(), re.M):
            if line[2]:
                yield kind
            else:
                kind = "IXFR" if line[1] == "incremental" else "AXFR"

    def _given(self, apex):
        for address, kind in re.findall(rf"client \S+ (\S+)#.*: transfer of '{re.escape(apex[:-1])}/IN': (AXFR|IXFR)(?:-style IXFR)? started", self.log()):
            yield kind, address


class Nsd(NameServer):
    name, address, ready = "NSD", "127.0.0.12", "nsd started"

    def command(self):
        return ["/usr/sbin/nsd", "-d", "-c", self.directory / "nsd.conf"]

    def _prepare(self):
        super()._prepare()
        address, port = self.place
        (self.directory / "nsd.conf").write_text(f"""server:
  ip-address: {address}@{port}
  username: ""
  server-count: 1
  zonesdir: "{self.directory}"
  database: ""
  pidfile: "{self.directory}/nsd.pid"
  xfrdfile: "{self.directory}/xfrd.state"
  xfrdir: "{self.directory}"
  zonelistfile: "{self.directory}/zone.list"
  verbosity: 2
  rrl-ratelimit: 0
  round-robin: no
  refuse-any: no
  xfrd-reload-timeout: 0
{self._tls()}remote-control:
  control-enable: no
""" + "".join(f'tls-auth:\n  name: "{peer.tls.name}"\n  auth-domain-name: "{peer.tls.name}"\n'
                  + (f'  client-cert: "{self.tls.certificate}"\n  client-key: "{self.tls.key}"\n' if self.tls.shows else "")
                  for peer in self.primaries_over_tls)
            + "".join(f'key:\n  name: "{key.name}"\n  algorithm: hmac-sha256\n  secret: "{key.secret}"\n' for key in self.keys)
            + "".join(self._zone(zone) for zone in self.zones.values()))

    def _tls(self):
        if not self.tls:
            return ""
        return (f'  ip-address: {self.place.address}@{self.tls.port}\n  tls-port: {self.tls.port}\n'
                f'  tls-service-pem: "{self.tls.certificate}"\n  tls-service-key: "{self.tls.key}"\n  tls-cert-bundle: "{self.tls.ca}"\n')

    def _zone(self, zone):
        def by(peer):
            return peer.key.name if peer.key else "NOKEY"
        text = (f'zone:\n  name: "{zone.apex}"\n  zonefile: "{self.file(zone.apex)}"\n  outgoing-interface: {self.place.address}\n'
                f"  provide-xfr: {READER} NOKEY\n  notify-retry: 5\n")
        if not zone.primaries:
            text += "  store-ixfr: yes\n  create-ixfr: yes\n  ixfr-number: 100\n  ixfr-size: 10000000\n"
        for peer in zone.primaries:
            port, tls = (peer.tls.port, f' "{peer.tls.name}"') if peer.tls else (peer.place.port, "")
            text += (f"  request-xfr: {peer.place.address}@{port} {by(peer)}{tls}\n"
                     f"  allow-notify: {peer.place.address} {by(peer)}\n")
        for peer in zone.secondaries:
            text += (f"  notify: {peer.place.address}@{peer.place.port} {by(peer)}\n"
                     f"  provide-xfr: {peer.place.address} {by(peer)}\n")
        return text

    def _taken(self, apex):
        """It does not say the kind. What is short beside the first, which must be an AXFR, is an IXFR; so the zone has to be long."""
        octets = [int(line[1]) for line in re.finditer(rf"zone {re.escape(apex[:-1])}\.? received update to serial .* of (\d+) bytes in ",
                                                       self.log())]
        return ["IXFR" if 4 * count < octets[0] else "AXFR" for count in octets]

    def _given(self, apex):
        """By what was asked for: that an IXFR was given as the whole zone is not told."""
        for kind, address in re.findall(rf"info: (axfr|ixfr) for {re.escape(apex)} from (\S+)", self.log()):
            yield kind.upper(), address


class Knot(NameServer):
    name, address, ready = "Knot", "127.0.0.13", "server started"

    def command(self):
        return ["/usr/sbin/knotd", "-c", self.directory / "knot.conf"]

    def _prepare(self):
        super()._prepare()
        address, port = self.place
        peers = {peer: f"peer{number}" for number, peer in enumerate(dict.fromkeys(
            peer for zone in self.zones.values() for peer in (*zone.primaries, *zone.secondaries)))}
        (self.directory / "knot.conf").write_text(f"""server:
  rundir: "{self.directory}"
  listen: {address}@{port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
log:
- target: stderr
  any: debug
database:
  storage: "{self.directory}"
  journal-db-max-size: 100M
control:
  listen: "{self.directory}/knot.sock"
""" + "key:\n" * bool(self.keys) + "".join(f"- id: {key.name}\n  algorithm: hmac-sha256\n  secret: {key.secret}\n" for key in self.keys)
            + "remote:\n" * bool(peers) + "".join(f"- id: {id}\n  address: {peer.place.address}@{peer.place.port}\n  via: {address}\n"
                                    + (f"  key: {peer.key.name}\n" if peer.key else "") for peer, id in peers.items())
            + f"acl:\n- id: reader\n  address: {READER}\n  action: transfer\n"
            + "".join(f"- id: {id}\n  address: {peer.place.address}\n  action: [transfer, notify]\n"
                      + (f"  key: {peer.key.name}\n" if peer.key else "") for peer, id in peers.items())
            + "zone:\n" + "".join(self._zone(zone, peers) for zone in self.zones.values()))

    def _zone(self, zone, peers):
        def listed(words):
            return f"[{', '.join(words)}]"
        # What was transferred is in the journal alone, and there again after a restart.
        kept = "  zonefile-load: none\n  journal-content: all\n" if zone.primaries else "  zonefile-load: difference\n"
        text = (f"- domain: {zone.apex}\n  file: {self.file(zone.apex)}\n  zonefile-sync: -1\n{kept}"
                f"  acl: {listed(['reader', *(peers[peer] for peer in (*zone.primaries, *zone.secondaries))])}\n")
        if zone.primaries:
            text += f"  master: {listed(peers[peer] for peer in zone.primaries)}\n"
        if zone.secondaries:
            text += f"  notify: {listed(peers[peer] for peer in zone.secondaries)}\n"
        return text

    def _taken(self, apex):
        return re.findall(rf"\[{re.escape(apex)}\] (AXFR|IXFR), incoming, .*, finished,", self.log())

    def _given(self, apex):
        return re.findall(rf"\[{re.escape(apex)}\] (AXFR|IXFR), outgoing, remote (\S+)@.*, finished,", self.log())


class PowerDns(NameServer):
    name, address, ready = "PowerDNS", "127.0.0.14", "operating unthreaded"
    sends_ixfr = False  # without live signing it only ever answers with the whole zone

    SCHEMA = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"

    # What pdnsutil rectify-zone does: 4.7 leaves it out for what IXFR brings, even for the SOA, and then has no answer there.
    RECTIFIED = """CREATE TRIGGER rectified AFTER INSERT ON records WHEN NEW.auth = 0 AND NEW.name NOT LIKE '%child.%'
                   BEGIN UPDATE records SET auth = 1 WHERE id = NEW.id; END;"""

    @property
    def database(self):
        return self.directory / "zones.db"

    def _settings(self):
        without_key = [peer.place.address for zone in self.zones.values() for peer in zone.secondaries if not peer.key]
        return {"launch": "gsqlite3", "gsqlite3-database": self.database, "gsqlite3-dnssec": "yes",
                "local-address": self.place.address, "local-port": self.place.port, "query-local-address": self.place.address,
                "socket-dir": self.directory, "daemon": "no", "guardian": "no", "setuid": "", "setgid": "", "write-pid": "no",
                "receiver-threads": 1, "distributor-threads": 1, "security-poll-suffix": "", "loglevel": 7,
                "primary": "yes", "secondary": "yes", "secondary-do-renotify": "yes", "only-notify": "",
                "allow-axfr-ips": ",".join([READER, *without_key]), "xfr-cycle-interval": 1,
                "cache-ttl": 0, "query-cache-ttl": 0, "negquery-cache-ttl": 0, "zone-cache-refresh-interval": 0,
                "zone-metadata-cache-ttl": 0, "dnssec-key-cache-ttl": 0, "dname-processing": "yes"}

    def command(self):
        return ["/usr/sbin/pdns_server", f"--config-dir={self.directory}"]

    def _prepare(self):
        super()._prepare()
        (self.directory / "pdns.conf").write_text("".join(f"{key}={value}\n" for key, value in self._settings().items()))
        with contextlib.closing(sqlite3.connect(self.database)) as database, database:
            database.executescript(pathlib.Path(self.SCHEMA).read_text())
            database.executescript(self.RECTIFIED)
            database.executemany("INSERT INTO tsigkeys (name, algorithm, secret) VALUES (?, 'hmac-sha256', ?)",
                                 [(key.name.rstrip("."), key.secret) for key in self.keys])
        for zone in self.zones.values():
            if zone.primaries:
                self._util("create-slave-zone", zone.apex, *(f"{peer.place.address}:{peer.place.port}" for peer in zone.primaries))
            else:
                self._util("load-zone", zone.apex, self.file(zone.apex))
                self._util("set-kind", zone.apex, "primary")
            metadata = {"IXFR": ["1"] if zone.primaries else [],
                        "AXFR-MASTER-TSIG": {peer.key.name.rstrip(".") for peer in zone.primaries if peer.key},
                        "TSIG-ALLOW-AXFR": {peer.key.name.rstrip(".") for peer in zone.secondaries if peer.key},
                        "ALSO-NOTIFY": [f"{peer.place.address}:{peer.place.port}" for peer in zone.secondaries]}
            for kind, values in metadata.items():
                if values:
                    self._util("set-meta", zone.apex, kind, *values)

    def _util(self, *words):
        done = subprocess.run(["/usr/bin/pdnsutil", f"--config-dir={self.directory}", *map(str, words)], capture_output=True, text=True)
        assert done.returncode == 0, done

    def _reload(self, apex):
        self._util("load-zone", apex, self.file(apex))

    def _taken(self, apex):
        return re.findall(rf"(AXFR|IXFR)-in zone: '{re.escape(apex[:-1])}', .*zone committed with serial", self.log())

    def _given(self, apex):
        return re.findall(rf"(AXFR)-out zone '{re.escape(apex[:-1])}', client '(\S+)', AXFR finished", self.log())


ALL = {server.name: server for server in (Bind, Nsd, Knot, PowerDns)}


@pytest.fixture
def name_server(tmp_path):
    """name_server(Knot, place, [Zone...]) starts one that ends with the test."""
    started = []

    def start(kind, place, zones, tls=None):
        started.append(kind(tmp_path / f"{kind.name}-{len(started)}", place, zones, tls))
        return started[-1].start()

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def place(free_port):
    """place("127.0.0.12"): an address, and a port for a server there."""
    return lambda address: Place(address, free_port(address))
