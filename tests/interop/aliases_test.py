"""ANAME targets through a real Unbound, of a real NSD: they move, disappear and break, and so does the resolver."""

import os
import pathlib
import shutil
import signal
import subprocess
import time

import dns.message
import dns.query
import pytest

from conftest import START_LIMIT, Log

ZONE = """$TTL {ttl}
@ SOA ns1 hostmaster {serial} 7200 3600 1209600 1
  NS ns1
ns1 A 127.0.0.1
{records}
"""

UNBOUND_CONF = """
server:
  interface: 127.0.0.1@{port}
  port: {port}
  directory: "{directory}"
  pidfile: ""
  chroot: ""
  username: ""
  use-syslog: no
  logfile: ""
  verbosity: 1
  num-threads: 1
  do-ip6: no
  do-not-query-localhost: no
  module-config: "iterator"
  infra-host-ttl: 1
stub-zone:
  name: "example.net."
  stub-addr: 127.0.0.1@{nsd_port}
remote-control:
  control-enable: no
"""

TTL = 2
UNBOUND_SECOND = 1  # it counts in whole seconds, the last one included: a TTL of 5 s is served for up to 6 s
ASKED_WITHIN = 1  # kLeastRemainder, and what a busy machine adds


class Zone:
    """example.net. of a running NSD, which a test rewrites."""

    def __init__(self, nsd, port, directory):
        self.nsd, self.port, self.serial = nsd, port, 1
        self.file = directory / "nsd-0" / "example.net.zone"
        self.process = nsd({"example.net.": self.text("cdn A 198.51.100.1")}, port)

    def text(self, records, ttl=TTL):
        return ZONE.format(ttl=ttl, serial=self.serial, records=records)

    def write(self, records, ttl=TTL):
        """Returns the moment from which NSD says so."""
        self.serial += 1
        self.file.write_text(self.text(records, ttl))
        later = time.time() + self.serial  # NSD looks at the time of the file, in seconds
        os.utime(self.file, (later, later))
        self.process.send_signal(signal.SIGHUP)
        query = dns.message.make_query("example.net.", "SOA")
        deadline = time.monotonic() + START_LIMIT
        while True:
            asked = time.monotonic()
            if dns.query.udp(query, "127.0.0.1", port=self.port, timeout=5).answer[0][0].serial == self.serial:
                return asked
            assert asked < deadline
            time.sleep(0.01)


@pytest.fixture
def unbound(tmp_path):
    started = []

    def start(port, nsd_port):
        (tmp_path / "unbound.conf").write_text(UNBOUND_CONF.format(port=port, nsd_port=nsd_port, directory=tmp_path))
        # A copy, since AppArmor lets Debian's own one read nothing but its own directories.
        program = shutil.copy("/usr/sbin/unbound", tmp_path / "unbound")
        process = subprocess.Popen([program, "-d", "-c", tmp_path / "unbound.conf"], stdin=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        started.append(process)
        Log(process.stderr).wait_for("start of service")
        return process

    yield start
    for process in started:
        process.terminate()
        process.wait()


@pytest.fixture
def follow():
    started = []

    def start(port, *targets, min_ttl=1, keep=3600):
        process = subprocess.Popen([os.environ["FOLLOW_ALIASES"], str(port), str(min_ttl), str(keep), *targets],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return Log(process.stdout)

    yield start
    for process in started:
        process.terminate()
        assert process.wait() == -signal.SIGTERM


def test_follows_a_target_that_moves_and_survives_what_breaks(nsd, unbound, follow, free_port, tmp_path: pathlib.Path):
    nsd_port, port = free_port("127.0.0.1"), free_port("127.0.0.1")
    zone = Zone(nsd, nsd_port, tmp_path)
    resolver = unbound(port, nsd_port)
    log = follow(port, "cdn.example.net", "missing.example.net")
    log.wait_for(r"^cdn.example.net. A fresh 198.51.100.1$")
    log.wait_for(r"^cdn.example.net. AAAA nodata$")
    log.wait_for(r"^missing.example.net. A nodata$")

    held = TTL  # of what was there before
    for last, ttl in enumerate((TTL, TTL, 5, 5, 0, 0), start=2):
        before = len(log.lines)
        moved = zone.write(f"cdn A 198.51.100.{last}", ttl)
        log.wait_for(rf"^cdn.example.net. A fresh 198.51.100.{last}$", since=before)
        stale = time.monotonic() - moved
        print(f"TTL {held} before, {ttl} after the move: known after {stale:.2f} s")
        assert stale <= max(held, 1) + UNBOUND_SECOND + ASKED_WITHIN, log
        held = ttl

    before = len(log.lines)
    zone.write("other A 198.51.100.1")
    log.wait_for(r"^cdn.example.net. A stale 198.51.100.7$", since=before)  # until NXDOMAIN has lasted for 5 minutes
    before = len(log.lines)
    zone.write("cdn A 198.51.100.8")
    log.wait_for(r"^cdn.example.net. A fresh 198.51.100.8$", since=before, limit=90)

    before = len(log.lines)
    resolver.terminate()
    resolver.wait()
    log.wait_for(r"^cdn.example.net. A stale 198.51.100.8$", since=before)
    before = len(log.lines)
    unbound(port, nsd_port)
    log.wait_for(r"^cdn.example.net. A fresh 198.51.100.8$", since=before, limit=90)

    before = len(log.lines)
    zone.process.terminate()
    zone.process.wait()
    log.wait_for(r"^cdn.example.net. A stale 198.51.100.8$", since=before)  # Unbound says SERVFAIL
    before = len(log.lines)
    nsd({"example.net.": zone.text("cdn A 198.51.100.9")}, nsd_port)
    log.wait_for(r"^cdn.example.net. A fresh 198.51.100.9$", since=before, limit=90)


def test_fails_when_the_last_good_was_kept_long_enough(nsd, unbound, follow, free_port, tmp_path: pathlib.Path):
    nsd_port, port = free_port("127.0.0.1"), free_port("127.0.0.1")
    Zone(nsd, nsd_port, tmp_path)
    resolver = unbound(port, nsd_port)
    log = follow(port, "cdn.example.net", keep=2)
    log.wait_for(r"^cdn.example.net. A fresh 198.51.100.1$")
    resolver.terminate()
    log.wait_for(r"^cdn.example.net. A stale 198.51.100.1$")
    log.wait_for(r"^cdn.example.net. A failed$")
