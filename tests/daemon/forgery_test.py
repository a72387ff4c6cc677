"""Forged replies from the upstream's own address, on a machine of its own, as many as fit: none of them is believed."""

import itertools
import os
import socket
import time

import pytest

from aname import APEX, Answer, check_nodata, metrics
from aname_machines import AUTHORITY, RESOLVER, machines  # noqa: F401
from conftest import is_sanitized
from forger import ADDRESS, Forger
from upstreams import Zone

SECONDS = float(os.environ.get("HOLDFAST_FORGE", 3))
VICTIM = "10.77.0.11"
FORGED_A_SECOND = 50_000
FORGED = [socket.inet_ntop(family, octets)
          for family, octets in zip((socket.AF_INET, socket.AF_INET6), ADDRESS.values())]


@pytest.fixture
def forge(machines, nsd, tmp_path):  # noqa: F811
    """forge(records, ttl, ...) starts a forger in place of the resolver, in front of an NSD."""
    started = []

    def start(records, ttl, *names, **how):
        Zone(nsd, 53, tmp_path, records, ttl, AUTHORITY, machines.authority)
        started.append(Forger(53, 53, names, address=RESOLVER, upstream=AUTHORITY, victim=VICTIM,
                              machine=machines.resolver, **how))
        return started[-1]

    yield start
    for forger in started:
        forger.stop()


def test_no_forged_reply_is_believed(machines, forge):  # noqa: F811
    hosts = {f"t{i}": f"198.51.100.{i}" for i in range(1, 9)}
    records = "\n".join(f"{host} A {address}" for host, address in hosts.items())
    forger = forge(records, 1, *(f"{host}.example.net." for host in hosts))
    live = (f'{{ name = "{host}", aname = "{host}.example.net" }}' for host in hosts)
    holdfast = machines.serve(VICTIM, RESOLVER, *live)
    deadline, answers = time.monotonic() + SECONDS, 0
    for host, address in itertools.cycle(hosts.items()):
        if time.monotonic() > deadline:
            break
        answer = Answer(holdfast, f"{host}.example.com")
        assert (answer.rcode, answer.addresses) == ("NOERROR", [address])
        check_nodata(Answer(holdfast, f"{host}.example.com", "AAAA"))
        assert not any(address in holdfast.get("/api/v1/aliases")[1] for address in FORGED)
        answers += 2
    queries, over_tcp = forger.queries, forger.over_tcp
    told = holdfast.json("/api/v1/aliases")
    measured = metrics(holdfast)
    rate = forger.stop()
    targets = told["targets"]
    mismatches = sum(one["mismatches"] for one in targets)
    print(f"{rate:,.0f} forged replies a second; {queries} queries, {mismatches} wrong replies to them, "
          f"{over_tcp} over TCP; {answers} answers")
    if not is_sanitized():  # or they are figures of the sanitizer
        assert rate >= FORGED_A_SECOND
        assert sum(one["failed"] for one in targets) == 0
        assert queries >= 2 * len(hosts) * SECONDS / 2
    assert {one["state"] for one in targets} == {"fresh", "nodata"}
    assert mismatches >= 5 * (queries - 2 * len(hosts))
    assert over_tcp >= queries // 4 and sum(one["tcp"] for one in targets) >= over_tcp - 2 * len(hosts)
    label = f'{{upstream="{RESOLVER}:53"}}'
    assert float(measured[f"holdfast_resolver_mismatches_total{label}"]) >= mismatches


def test_what_the_forger_sends_is_believed_if_it_guesses_all(machines, forge):  # noqa: F811
    """Or the test before would show nothing."""
    forge("cdn A 198.51.100.1", 60, guesses=True)
    holdfast = machines.serve(VICTIM, RESOLVER, APEX)
    for rdtype, address in zip(("A", "AAAA"), FORGED):
        assert Answer(holdfast, rdtype=rdtype).addresses == [address]
