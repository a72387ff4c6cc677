"""The EXPIRE option (RFC 7314): a secondary is told for how long what it gets is good, also along a chain."""

import subprocess

import dns.edns
import dns.message
import dns.query
import pytest

import transferred
from name_servers import READER, Peer, place, wait_for  # noqa: F401
from transferred import APEX, OURS

EXPIRE = 9
IN_SOA = 1209600


def ask(at, rdtype="SOA", source=READER, tcp=False):
    """What the option says; None: it is not there."""
    query = dns.message.make_query(APEX, rdtype, use_edns=0, options=[dns.edns.GenericOption(EXPIRE, b"")])
    answer = (dns.query.tcp if tcp else dns.query.udp)(query, at.address, port=at.port, timeout=5, source=source)
    assert answer.answer, answer
    told = [option for option in answer.options if option.otype == EXPIRE]
    return int.from_bytes(told[0].data, "big") if told else None


@pytest.fixture
def primary(serve, place, tmp_path):
    at = place(OURS)
    below = Peer(place(OURS))
    (tmp_path / f"{APEX}zone").write_text(transferred.zone(1))
    serve(transferred.config(tmp_path, at, {"below": below}, transferred.primary_of(["below"])))
    return at, below


def test_a_primary_says_what_the_soa_says(primary):
    at, _ = primary
    for tcp in (False, True):
        assert ask(at, tcp=tcp) == IN_SOA
    assert ask(at, "AXFR", tcp=True) == IN_SOA
    assert ask(at, source="127.0.0.98") is None, "that is for secondaries"


def test_dig_reads_it(primary):
    at, _ = primary
    said = subprocess.run(["dig", f"@{at.address}", "-p", str(at.port), "-b", READER, "+expire", APEX, "SOA"],
                          capture_output=True, text=True, check=True).stdout
    assert f"; EXPIRE: {IN_SOA}" in said, said


def test_a_secondary_says_what_is_left(primary, serve, tmp_path):
    at, below = primary
    directory = tmp_path / "second"
    directory.mkdir()
    config = transferred.config(directory, below.place, {"above": Peer(at)}, transferred.secondary_of(["above"]))
    second = serve(config)
    wait_for(lambda: second.ask(APEX, "SOA").answer, lambda: str(second.log))
    first = ask(below.place)
    assert IN_SOA - 60 < first <= IN_SOA
    wait_for(lambda: ask(below.place) < first, lambda: f"it stays {first}")
