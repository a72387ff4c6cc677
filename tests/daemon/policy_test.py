"""How pools answer, as clients of the running server see it."""

import collections
import json
import os
import pathlib
import socket
import time
import urllib.request

import dns.edns
import dns.rcode
import pytest

CONFIG = """
[server]
listen = ["127.0.0.1:0"]

[control]
listen = "127.0.0.1:0"

[probes]
allow_loopback = true

[monitor.tcp]
type = "tcp"
port = %d
interval = "1s"
timeout = "900ms"
fall = 1
rise = 1

[pool.weighted]
monitor = "tcp"
policy = "weighted"
members = [{ address = "127.0.0.1", weight = 10 }, { address = "127.0.0.2", weight = 30 },
           { address = "127.0.0.3", weight = 60 }, { address = "127.0.0.4", weight = 0 }]

[pool.growing]
monitor = "tcp"
policy = "weighted"
ramp_up = "15s"
members = [{ address = "127.0.0.1" }, { address = "127.0.0.2" }]

[pool.hashed]
monitor = "tcp"
policy = "hashed"
members = [{ address = "127.0.0.1" }, { address = "127.0.0.2" }, { address = "127.0.0.3" }, { address = "127.0.0.4" }]

[pool.turns]
monitor = "tcp"
limit = 2
members = [{ address = "127.0.0.1" }, { address = "127.0.0.2" }, { address = "127.0.0.3" }]

[pool.sorry]
members = [{ address = "192.0.2.99" }]

[pool.falls_back]
monitor = "tcp"
min_alive = 2
fallback = "sorry"
members = [{ address = "127.0.0.1" }, { address = "127.0.0.2" }]

[pool.silent]
monitor = "tcp"
when_down = "nodata"
members = [{ address = "127.0.0.1" }]

[pool.failing]
monitor = "tcp"
when_down = "servfail"
members = [{ address = "127.0.0.1" }]

[pool.steady]
monitor = "tcp"
when_down = "last-good"
min_alive = "100%%"
members = [{ address = "127.0.0.1" }, { address = "127.0.0.2" }]

[[zone]]
name = "example.test"
file = "example.test.zone"
live = [{ name = "weighted", pool = "weighted" }, { name = "growing", pool = "growing" }, { name = "hashed", pool = "hashed" }, { name = "turns", pool = "turns" },
        { name = "falls-back", pool = "falls_back" }, { name = "silent", pool = "silent" },
        { name = "failing", pool = "failing" }, { name = "steady", pool = "steady" }]
"""

ZONE = """
$TTL 300
@    SOA ns1 hostmaster 1 7200 3600 1209600 300
     NS  ns1
ns1  A   127.0.0.1
silent TXT "not only addresses"
"""


def listener(address, port):
    return socket.create_server((address, port), backlog=4096)  # each probe takes a place: nobody accepts


def addresses(answer):
    return {record.address for rrset in answer.answer for record in rrset}


@pytest.fixture
def pools(serve, free_port):
    hosts = [f"127.0.0.{i}" for i in range(1, 5)]
    port = free_port(*hosts)
    doors = {host: listener(host, port) for host in hosts}
    holdfast = serve(CONFIG % port, {"example.test.zone": ZONE})
    for host in hosts:
        holdfast.log.wait_for(rf"tcp:?\s+{host}.* up\b")
    yield holdfast, doors
    for door in doors.values():
        door.close()


def goes_down(holdfast, doors, host):
    said = len(holdfast.log.lines)
    doors[host].close()
    pool = "hashed" if host == "127.0.0.4" else "weighted"
    holdfast.log.wait_for(rf"{pool}\.example\.test\. A: now answers (?!.*{host})", since=said)


def chi_square(came, expected):
    return sum((came[key] - wanted) ** 2 / wanted for key, wanted in expected.items())


def test_weighted_gives_honest_shares(pools):
    holdfast, doors = pools
    queries = 6000
    came = collections.Counter()
    for _ in range(queries):
        (address,) = addresses(holdfast.ask("weighted.example.test"))
        came[address] += 1
    assert came["127.0.0.4"] == 0, "of weight 0"
    expected = {f"127.0.0.{i}": queries * share for i, share in ((1, 0.1), (2, 0.3), (3, 0.6))}
    assert chi_square(came, expected) < 27.6, came  # p = 1e-6 with 2 degrees
    goes_down(holdfast, doors, "127.0.0.3")
    came = collections.Counter()
    for i in range(queries):
        (address,) = addresses(holdfast.ask("weighted.example.test", tcp=i % 10 == 0))
        came[address] += 1
    expected = {"127.0.0.1": queries / 4, "127.0.0.2": queries * 3 / 4}
    assert set(came) == set(expected)
    assert chi_square(came, expected) < 23.9, came  # 1 degree


def test_a_weight_comes_back_little_by_little(pools):
    holdfast, doors = pools

    def share():
        explained, = holdfast.json("/api/v1/explain?name=growing.example.test&type=A")
        return {member["address"]: member["share"] for member in explained["members"]}["127.0.0.2"]

    port = doors["127.0.0.2"].getsockname()[1]
    goes_down(holdfast, doors, "127.0.0.2")
    assert share() == 0
    said = len(holdfast.log.lines)
    doors["127.0.0.2"] = listener("127.0.0.2", port)
    holdfast.log.wait_for(r"growing\.example\.test\. A: now answers 1 of 127\.0\.0\.1, 127\.0\.0\.2", since=said)
    shares = [share()]
    deadline = time.monotonic() + 60
    while shares[-1] != 0.5 and time.monotonic() < deadline:
        time.sleep(0.1)
        shares.append(share())
    assert shares == sorted(shares) and shares[0] < 0.4 and shares[-1] == 0.5 and len(set(shares)) >= 3, shares


def ask_for(holdfast, network):
    """What a resolver is told for a client of 10.1.N.0/24, which must be told to count."""
    subnet = dns.edns.ECSOption(f"10.1.{network}.0", 24)
    answer = holdfast.ask("hashed.example.test", use_edns=0, options=[subnet])
    (told,) = [option for option in answer.options if option.otype == dns.edns.ECS]
    assert told.scopelen == 24
    (address,) = addresses(answer)
    return address


def test_hashed_moves_only_the_clients_of_who_leaves(pools):
    holdfast, doors = pools
    before = {network: ask_for(holdfast, network) for network in range(200)}
    assert set(before.values()) == set(doors)
    assert {network: ask_for(holdfast, network) for network in range(200)} == before
    goes_down(holdfast, doors, "127.0.0.2")
    after = {network: ask_for(holdfast, network) for network in range(200)}
    assert {network: host for network, host in after.items() if before[network] != "127.0.0.2"} == \
        {network: host for network, host in before.items() if host != "127.0.0.2"}
    assert set(after.values()) == set(doors) - {"127.0.0.2"}
    explained = holdfast.json("/api/v1/explain?name=hashed.example.test&client=10.1.7.1")
    assert [member["address"] for member in explained[0]["members"] if member["given"]] == [after[7]]


def test_a_limit_gives_each_its_turn(pools):
    holdfast, _ = pools
    came = collections.Counter(frozenset(addresses(holdfast.ask("turns.example.test"))) for _ in range(300))
    assert set(came) == {frozenset({"127.0.0.1", "127.0.0.2"}), frozenset({"127.0.0.2", "127.0.0.3"}),
                         frozenset({"127.0.0.3", "127.0.0.1"})}


def test_what_is_answered_while_too_few_are_alive(pools):
    holdfast, doors = pools
    assert addresses(holdfast.ask("falls-back.example.test")) == {"127.0.0.1", "127.0.0.2"}
    assert addresses(holdfast.ask("silent.example.test")) == {"127.0.0.1"}
    assert addresses(holdfast.ask("failing.example.test")) == {"127.0.0.1"}
    goes_down(holdfast, doors, "127.0.0.1")
    answer = holdfast.ask("falls-back.example.test")
    assert addresses(answer) == {"192.0.2.99"}
    assert answer.answer[0].ttl == 10
    silent = holdfast.ask("silent.example.test")
    assert (silent.rcode(), silent.answer) == (dns.rcode.NOERROR, [])
    assert silent.authority[0].ttl == 10, "that there is none is not to outlast what is known"
    assert holdfast.ask("silent.example.test", "TXT").answer
    assert holdfast.ask("failing.example.test").rcode() == dns.rcode.SERVFAIL
    assert addresses(holdfast.ask("steady.example.test")) == {"127.0.0.1", "127.0.0.2"}, "too few, those of before"
    rules = {live["name"]: live["rule"] for live in holdfast.json("/api/v1/live")}
    assert rules["falls-back.example.test."] == "fallback 1: alive"
    assert rules["silent.example.test."] == "too few alive: no records"
    assert rules["steady.example.test."] == "too few alive: those of before"


COUNTRIES = pathlib.Path(os.environ.get("HOLDFAST_GEO_DATABASE") or
                         pathlib.Path(__file__).parents[2] / "build/geo/geo-whois-asn-country.mmdb")

GEO = """
[location.europe]
[location.cork]
in = "europe"
[location.asia]

[clients.europe]
networks = ["10.1.0.0/16"]
[clients.asia]
networks = ["10.2.0.0/16"]
continents = ["AS"]

[pool.near]
policy = "nearest"
members = [{ address = "192.0.2.1", location = "cork" }, { address = "192.0.2.2", location = "asia" }]
"""


def ask_from(holdfast, address):
    """What a client at that address is given, and how much of the address counts."""
    answer = holdfast.ask("near.example.test", use_edns=0, options=[dns.edns.ECSOption(address, 32)])
    (told,) = [option for option in answer.options if option.otype == dns.edns.ECS]
    return addresses(answer), told.scopelen


def test_nearest_goes_by_where_the_client_is(serve):
    config = CONFIG.split("[probes]")[0] + GEO + """
[[zone]]
name = "example.test"
file = "example.test.zone"
live = [{ name = "near", pool = "near" }]
"""
    holdfast = serve(config, {"example.test.zone": ZONE})
    assert ask_from(holdfast, "10.1.2.3") == ({"192.0.2.1"}, 16)
    assert ask_from(holdfast, "10.2.2.3") == ({"192.0.2.2"}, 16)
    assert ask_from(holdfast, "203.0.113.1")[0] == {"192.0.2.1", "192.0.2.2"}
    (one,) = holdfast.json("/api/v1/explain?name=near.example.test&client=10.2.0.9")
    assert (one["region"], one["chosen"]) == ("asia", "those nearest to it")
    assert [member["address"] for member in one["members"] if member["given"]] == ["192.0.2.2"]


@pytest.mark.skipif(not COUNTRIES.exists(), reason="./dev setup test brings the database of countries")
def test_nearest_by_a_database_that_is_replaced_while_it_serves(serve, tmp_path):
    """Japan and Ireland in a real database; then a file that is none, which leaves what was there."""
    database = tmp_path / "countries.mmdb"
    database.write_bytes(COUNTRIES.read_bytes())
    config = CONFIG.split("[probes]")[0] + GEO.replace('networks = ["10.1.0.0/16"]', 'countries = ["IE"]') + f"""
[geo]
database = "{database}"

[[zone]]
name = "example.test"
file = "example.test.zone"
live = [{{ name = "near", pool = "near" }}]
"""
    holdfast = serve(config, {"example.test.zone": ZONE})
    dublin, tokyo = "134.226.0.1", "133.11.0.1"  # Trinity College, the University of Tokyo
    assert ask_from(holdfast, dublin)[0] == {"192.0.2.1"}
    assert ask_from(holdfast, tokyo)[0] == {"192.0.2.2"}
    database.write_bytes(b"not a database")
    holdfast.get("/healthz")
    with urllib.request.urlopen(urllib.request.Request(holdfast.control + "/api/v1/reload", method="POST"), timeout=30) as done:
        told = json.load(done)
    assert "countries.mmdb" in "".join(told["problems"])
    assert ask_from(holdfast, tokyo)[0] == {"192.0.2.2"}
