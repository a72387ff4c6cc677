"""ANAME to a target that answers clients of some networks differently: a real gdnsd, with a map of networks."""

import contextlib
import subprocess
import time

import dns.edns
import dns.exception
import dns.message
import dns.query
import pytest

from aname import APEX, FILES, PATIENCE, Answer, aliases, config, run, wait_for  # noqa: F401
from conftest import START_LIMIT

CONFIG = """
options => {{ listen => 127.0.0.1:{port}, udp_threads => 1, tcp_threads => 1, run_dir => {home}/run,
              state_dir => {home}/state, edns_client_subnet => true }}
plugins => {{ geoip => {{
  maps => {{ places => {{ datacenters => [ europe, asia ], nets => {{ 10.1.0.0/16 => [ asia ],
                                                                     2001:db8::/32 => [ asia ] }} }} }}
  resources => {{ cdn => {{ map => places, service_types => up,
    dcmap => {{ europe => [ 198.51.100.1 ], asia => {{ addrs_v4 => {{ one => 198.51.100.2, two => 198.51.100.3 }} }} }} }} }}
}} }}
"""
ZONE = """
@ SOA ns1 hostmaster 1 7200 3600 1209600 5
@ NS ns1
ns1 A 127.0.0.1
cdn {ttl} DYNA geoip!cdn
plain 30 A 198.51.100.9
"""
TTL = 5
SOON = 3  # seconds; it takes a twentieth of one, but for sanitizers
EUROPE, ASIA = ["198.51.100.1"], ["198.51.100.2", "198.51.100.3"]


@pytest.fixture
def gdnsd(free_port, tmp_path):
    home, port = tmp_path / "gdnsd", free_port("127.0.0.1")
    (home / "zones").mkdir(parents=True)
    (home / "config").write_text(CONFIG.format(port=port, home=home))
    (home / "zones" / "example.net").write_text(ZONE.format(ttl=TTL))
    with open(home / "log", "wb") as log:
        process = subprocess.Popen(["/usr/sbin/gdnsd", "-c", home, "start"], stdout=log, stderr=log)
    deadline = time.monotonic() + START_LIMIT
    query = dns.message.make_query("plain.example.net", "A")
    while True:
        with contextlib.suppress(dns.exception.Timeout, OSError):
            if dns.query.udp(query, "127.0.0.1", port=port, timeout=0.2).answer:
                break
        assert process.poll() is None and time.monotonic() < deadline, (home / "log").read_text()
    yield port
    process.terminate()
    process.wait()


def ask(holdfast, client, name="example.com", source=24):
    """Addresses, TTL, and the scope of the answer, for a client that a resolver tells of."""
    query = dns.message.make_query(name, "A")
    query.use_edns(0, options=[dns.edns.ECSOption(client, source, 0)])
    answer = dns.query.udp(query, holdfast.address, port=holdfast.port, timeout=PATIENCE)
    scope, = (option.scopelen for option in answer.options if isinstance(option, dns.edns.ECSOption))
    rrset, = answer.answer
    return sorted(record.to_text() for record in rrset), rrset.ttl, scope


def test_each_client_gets_what_the_target_has_for_it(serve, gdnsd):
    holdfast = serve(config(APEX, ports=[gdnsd]), FILES)
    assert Answer(holdfast).addresses == EUROPE
    took = wait_for(lambda: ask(holdfast, "10.1.2.0")[0] == ASIA)
    print(f"a client's own answer after {took:.2f} s")
    assert took <= SOON
    _, ttl, scope = ask(holdfast, "10.1.2.0")
    assert ttl <= TTL and 16 <= scope <= 24
    assert ask(holdfast, "192.0.2.0")[0] == EUROPE
    wait_for(lambda: len(aliases(holdfast)["cdn.example.net.", "A"]["networks"]) == 2)
    assert ask(holdfast, "192.0.2.0")[0] == EUROPE
    assert wait_for(lambda: ask(holdfast, "2001:db8:1::", source=56)[0] == ASIA) <= SOON
    assert Answer(holdfast).addresses == EUROPE, "who tells nothing of itself gets the general answer"
    assert aliases(holdfast)["cdn.example.net.", "A"]["depends_on_client"] == "yes"
    code, said = run(holdfast, "status", "--aname")
    assert code == 0 and "clients in 10.1." in said


def test_a_client_always_gets_an_answer_while_its_own_is_fetched(serve, gdnsd):
    holdfast = serve(config(APEX, ports=[gdnsd]), FILES)
    wait_for(lambda: ask(holdfast, "10.1.2.0")[0] == ASIA)
    for third in range(20, 40):
        addresses, ttl, _ = ask(holdfast, f"10.1.{third}.0")
        assert addresses in (EUROPE, ASIA) and 1 <= ttl <= TTL
    end = time.monotonic() + 3 * TTL  # refreshed ahead of its end while somebody asks, and never the other
    while time.monotonic() < end:
        assert ask(holdfast, "10.1.2.0")[0] == ASIA


def test_a_target_that_is_the_same_for_all_is_asked_once_more(serve, gdnsd):
    live = APEX.replace("cdn.", "plain.")
    holdfast = serve(config(live, ports=[gdnsd]), FILES)
    assert ask(holdfast, "10.1.2.0")[0] == ["198.51.100.9"]
    wait_for(lambda: aliases(holdfast)["plain.example.net.", "A"]["depends_on_client"] == "no")
    upstream, = holdfast.json("/api/v1/aliases")["upstreams"]
    for third in range(100):
        assert ask(holdfast, f"10.1.{third}.0")[2] == 0
    after, = holdfast.json("/api/v1/aliases")["upstreams"]
    assert after["packets"] - upstream["packets"] <= 2, "but for the AAAA, and a refresh"


def test_networks_of_clients_are_told_to_nobody_where_that_is_not_wanted(serve, gdnsd):
    holdfast = serve(config(APEX, ports=[gdnsd], resolver="client_subnet = false"), FILES)
    for third in range(20):
        assert ask(holdfast, f"10.1.{third}.0")[::2] == (EUROPE, 0)
    assert aliases(holdfast)["cdn.example.net.", "A"]["depends_on_client"] == "no"
