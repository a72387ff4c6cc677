"""ANAME targets through a real Unbound, of a real NSD: they move, disappear and break, and so does the resolver."""

import os
import pathlib
import signal
import subprocess
import time

import pytest

from conftest import Log
from upstreams import TTL, Zone, unbound  # noqa: F401

UNBOUND_SECOND = 1  # it counts in whole seconds, the last one included: a TTL of 5 s is served for up to 6 s
ASKED_WITHIN = 1  # kLeastRemainder, and what a busy machine adds


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
