"""What the tests of ANAME share: a holdfast with aliases, what it answers, and what it says of them."""

import contextlib
import os
import socket
import subprocess
import time

import dns.edns
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import pytest

from conftest import is_sanitized
from upstreams import Zone

BEHIND = 10 if is_sanitized() else 2  # seconds behind the TTL of what was there before, until all answers are the new ones
PATIENCE = 60  # seconds; a sanitizer on a busy machine is slow
SLOW = 'timeout = "5s"'  # of a resolver, where what is late shall not count as failed
STALE_TTL = 30
RETRY_LIMIT = 90  # between two questions while they fail are 30 s at most, an upstream is left alone for 60 s
STALE_ANSWER, NO_REACHABLE_AUTHORITY = 3, 22  # RFC 8914

ZONE = """
$TTL 300
@     SOA ns1 hostmaster 1 7200 3600 1209600 300
      NS  ns1
      MX  10 mail
      TXT "of the file"
ns1   A   127.0.0.1
mail  A   192.0.2.25
host  A   192.0.2.80
      A   192.0.2.81
      AAAA 2001:db8::80
"""
FILES = {"example.com.zone": ZONE}

CONFIG = """
[server]
listen = ["{listen}"]

[control]
listen = "127.0.0.1:0"

[resolver]
upstreams = [{upstreams}]
min_ttl = "1s"
allow_private = true
{resolver}

[[zone]]
name = "example.com"
file = "example.com.zone"
live = [{live}]

{more}
"""

APEX = '{ name = "@", aname = "cdn.example.net", ttl = "300s" }'


def config(*live, ports, upstream="127.0.0.1", listen="127.0.0.1:0", resolver="", more=""):
    upstreams = ", ".join(f'"{upstream}:{port}"' for port in ports)
    return CONFIG.format(listen=listen, upstreams=upstreams, live=", ".join(live), resolver=resolver, more=more)


def wait_for(condition, limit=PATIENCE):
    """Returns the seconds until it held."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() < begun + limit
        time.sleep(0.02)
    return time.monotonic() - begun


def wait_for_first(holdfast, addresses):
    """Until the target of `APEX` is known: a start waits for that, but not for ever."""
    wait_for(lambda: Answer(holdfast).addresses == addresses)


class Answer:
    """What there is to one question, with EDNS unless `edns` is False."""

    def __init__(self, holdfast, name="example.com", rdtype="A", edns=True):
        query = dns.message.make_query(name, rdtype, use_edns=0 if edns else False)
        self.message = dns.query.udp(query, holdfast.address, port=holdfast.port, timeout=PATIENCE,
                                     ignore_unexpected=True, sock=holdfast.sock)  # a forger hits our port, too
        self.rcode = dns.rcode.to_text(self.message.rcode())
        records = [rrset for rrset in self.message.answer if dns.rdatatype.to_text(rrset.rdtype) == rdtype]
        self.addresses = sorted(record.to_text() for rrset in records for record in rrset)
        self.ttl = records[0].ttl if records else None
        options = self.message.options
        self.errors = {option.code for option in options if isinstance(option, dns.edns.EDEOption)}


def ask(holdfast, client, name="example.com", source=24):
    """Addresses, TTL, and the scope of the answer, for a client that a resolver tells of."""
    query = dns.message.make_query(name, "A")
    query.use_edns(0, options=[dns.edns.ECSOption(client, source, 0)])
    answer = dns.query.udp(query, holdfast.address, port=holdfast.port, timeout=PATIENCE, sock=holdfast.sock)
    scope, = (option.scopelen for option in answer.options if isinstance(option, dns.edns.ECSOption))
    rrset, = answer.answer
    return sorted(record.to_text() for record in rrset), rrset.ttl, scope


def aliases(holdfast):
    """By target and type."""
    return {(one["target"], one["type"]): one for one in holdfast.json("/api/v1/aliases")["targets"]}


def state(holdfast, rdtype="A", target="cdn.example.net."):
    return aliases(holdfast)[target, rdtype]["state"]


def metrics(holdfast):
    lines = holdfast.get("/metrics")[1].splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


def run(holdfast, *words):
    """Exit code and output of `holdfast ...`."""
    holdfast.json("/api/v1/status")
    control = holdfast.control.removeprefix("http://")
    ran = subprocess.run([os.environ["HOLDFAST"], *words, "--control", control],
                         capture_output=True, text=True, timeout=30)
    return ran.returncode, ran.stdout + ran.stderr


def check_own_records(holdfast):
    """What the zone file says of the apex, whatever becomes of its ANAME."""
    for rdtype, said in (("MX", "10 mail.example.com."), ("TXT", '"of the file"'), ("NS", "ns1.example.com."),
                         ("SOA", "ns1.example.com. hostmaster.example.com. 1 7200 3600 1209600 300")):
        answer = Answer(holdfast, rdtype=rdtype)
        assert (answer.rcode, answer.addresses, answer.errors) == ("NOERROR", [said], set())
        assert answer.message.flags & dns.flags.AA


def check_nodata(answer):
    assert (answer.rcode, answer.message.answer, answer.errors) == ("NOERROR", [], set())
    assert answer.message.authority[0].rdtype == dns.rdatatype.SOA


@pytest.fixture
def authority(nsd, free_port, tmp_path):
    """authority(records, ttl) starts an NSD alone, which says the whole TTL each time; its zone and port."""

    def start(records, ttl):
        port = free_port("127.0.0.1")
        return Zone(nsd, port, tmp_path, records, ttl), port

    return start


@pytest.fixture
def silent():
    """A socket at which questions arrive, and are not answered."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as udp:
        udp.bind(("127.0.0.1", 0))
        udp.setblocking(False)
        yield udp
