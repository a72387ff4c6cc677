"""Members that are names or pools, and MX and SRV records that are watched, as clients of the running server see it."""

import collections
import os
import socket
import subprocess
import urllib.request

import dns.rdatatype
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
port = %(port)d
interval = "1s"
timeout = "900ms"
fall = 1
rise = 1

[pool.cdn]
monitor = "tcp"
policy = "failover"
members = [{ name = "a.cdn.test", tier = 1 }, { name = "b.cdn.test", tier = 2 }]

[pool.eu]
monitor = "tcp"
min_alive = 2
members = [{ address = "127.0.0.1" }, { address = "127.0.0.2" }]

[pool.us]
monitor = "tcp"
members = [{ address = "127.0.0.3" }]

[pool.world]
policy = "weighted"
members = [{ pool = "eu", weight = 1 }, { pool = "us", weight = 3 }]

[[zone]]
name = "example.test"
file = "example.test.zone"
live = [
  { name = "@", monitor = "tcp", type = "MX" },
  { name = "_app._tcp", monitor = "tcp", type = "SRV" },
  { name = "www", pool = "cdn" },
  { name = "world", pool = "world" },
]

[[zone]]
name = "cdn.test"
file = "cdn.test.zone"
"""

ZONES = {
    "example.test.zone": """
$TTL 300
@    SOA ns1 hostmaster 1 7200 3600 1209600 300
     NS  ns1
     MX  10 mx1
     MX  20 mx2
ns1  A   127.0.0.1
mx1  A   127.0.0.1
mx2  A   127.0.0.2
_app._tcp SRV 0 5 %(port)d mx1
_app._tcp SRV 0 5 %(closed)d mx2
""",
    "cdn.test.zone": """
$TTL 5
@    SOA ns1 hostmaster 1 7200 3600 1209600 300
     NS  ns1
ns1  A   127.0.0.1
a    A   127.0.0.1
b    A   127.0.0.2
""",
}


@pytest.fixture
def groups(serve, free_port):
    hosts = [f"127.0.0.{i}" for i in range(1, 4)]
    port = free_port(*hosts)
    doors = {host: socket.create_server((host, port), backlog=4096)  # each probe takes a place: nobody accepts
             for host in hosts}
    values = {"port": port, "closed": free_port("127.0.0.2")}
    holdfast = serve(CONFIG % values, {name: text % values if "%(" in text else text for name, text in ZONES.items()})
    for host in hosts:
        holdfast.log.wait_for(rf"tcp:?\s+{host}.* up\b")
    yield holdfast, doors, values
    for door in doors.values():
        door.close()


def records(answer, rdtype):
    return sorted(record.to_text() for rrset in answer.answer for record in rrset
                  if dns.rdatatype.to_text(rrset.rdtype) == rdtype)


def members(holdfast, name, rdtype):
    explained, = holdfast.json(f"/api/v1/explain?name={name}&type={rdtype}")
    return {member["name"] or member["address"]: member for member in explained["members"]}


def closes(holdfast, doors, host, pattern):
    said = len(holdfast.log.lines)
    doors[host].close()
    holdfast.log.wait_for(pattern, since=said)


def test_an_mx_record_is_left_out_while_its_host_is_down(groups):
    holdfast, doors, _ = groups
    assert records(holdfast.ask("example.test", "MX"), "MX") == ["10 mx1.example.test.", "20 mx2.example.test."]
    closes(holdfast, doors, "127.0.0.1", r"example\.test\. MX: now answers mx2\.example\.test\. \(alive\)")
    answer = holdfast.ask("example.test", "MX")
    assert records(answer, "MX") == ["20 mx2.example.test."]
    assert [rrset.to_text() for rrset in answer.additional if rrset.rdtype == dns.rdatatype.A] == \
        ["mx2.example.test. 300 IN A 127.0.0.2"]
    known = members(holdfast, "example.test", "MX")
    assert (known["mx1.example.test."]["state"], known["mx1.example.test."]["answers"]) == ("down", False)
    assert known["127.0.0.1"]["address_of"] == "mx1.example.test."
    closes(holdfast, doors, "127.0.0.2", r"example\.test\. MX: now answers .*all down: every member")
    answer = holdfast.ask("example.test", "MX", tcp=True)
    assert len(records(answer, "MX")) == 2 and answer.answer[0].ttl == 10


def test_an_srv_record_is_probed_at_its_port(groups):
    holdfast, _, values = groups
    holdfast.log.wait_for(r"_app\._tcp\.example\.test\. SRV: now answers mx1\.example\.test\.:\d+ \(alive\)")
    assert records(holdfast.ask("_app._tcp.example.test", "SRV"), "SRV") == [f"0 5 {values['port']} mx1.example.test."]
    known = members(holdfast, "_app._tcp.example.test", "SRV")
    assert known["127.0.0.2"]["monitor"] == f"tcp.{values['closed']}"


def test_a_cname_leads_to_a_name_that_is_alive(groups):
    holdfast, doors, _ = groups
    answer = holdfast.ask("www.example.test")
    assert (records(answer, "CNAME"), records(answer, "A")) == (["a.cdn.test."], ["127.0.0.1"])
    closes(holdfast, doors, "127.0.0.1", r"www\.example\.test\. CNAME: now answers b\.cdn\.test\. \(tier 2\)")
    answer = holdfast.ask("www.example.test")
    assert (records(answer, "CNAME"), records(answer, "A")) == (["b.cdn.test."], ["127.0.0.2"])
    assert records(holdfast.ask("www.example.test", "TXT"), "CNAME") == ["b.cdn.test."]


def test_a_name_without_addresses_is_down(groups, tmp_path):
    """The zone of the targets is reloaded without the addresses of one of them."""
    holdfast, _, _ = groups
    assert records(holdfast.ask("www.example.test"), "CNAME") == ["a.cdn.test."]
    said = len(holdfast.log.lines)
    holdfast.get("/healthz")
    (tmp_path / "cdn.test.zone").write_text(ZONES["cdn.test.zone"].replace("a    A   127.0.0.1", "a    TXT gone"))
    urllib.request.urlopen(urllib.request.Request(holdfast.control + "/api/v1/reload", method="POST"), timeout=30).close()
    holdfast.log.wait_for(r"www\.example\.test\. CNAME: now answers b\.cdn\.test\. \(tier 2\)", since=said)
    known = members(holdfast, "www.example.test", "CNAME")
    assert known["a.cdn.test."]["state"] == "down" and "127.0.0.1" not in known
    assert records(holdfast.ask("www.example.test"), "CNAME") == ["b.cdn.test."]


def test_pools_in_a_pool_get_their_shares(groups):
    holdfast, doors, _ = groups

    def ask(queries):
        return collections.Counter(tuple(records(holdfast.ask("world.example.test"), "A")) for _ in range(queries))

    came = ask(4000)
    assert set(came) == {("127.0.0.1", "127.0.0.2"), ("127.0.0.3",)}
    eu = came["127.0.0.1", "127.0.0.2"]
    assert (eu - 1000) ** 2 / 1000 + (4000 - eu - 3000) ** 2 / 3000 < 23.9, came  # p = 1e-6 with 1 degree
    assert members(holdfast, "world.example.test", "A")["127.0.0.3"]["share"] == 0.75
    closes(holdfast, doors, "127.0.0.1", r"world\.example\.test\. A: now answers us \(127\.0\.0\.3\)")
    assert set(ask(100)) == {("127.0.0.3",)}, "of eu both must be alive"
    assert members(holdfast, "world.example.test", "A")["eu"]["state"] == "down"


def test_a_name_and_a_pool_in_a_pool_can_be_drained(groups):
    holdfast, _, _ = groups
    holdfast.get("/healthz")
    control = holdfast.control.removeprefix("http://")

    def holdfast_says(*words):
        done = subprocess.run([os.environ["HOLDFAST"], *words, "--control", control], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    assert "cdn/a.cdn.test." in holdfast_says("drain", "cdn/a.cdn.test", "--reason", "moves")[1]
    assert records(holdfast.ask("www.example.test"), "CNAME") == ["b.cdn.test."]
    code, said = holdfast_says("drain", "cdn/b.cdn.test", "--reason", "moves too")
    assert code != 0 and "www.example.test. CNAME" in said, "nobody would be left"
    assert holdfast_says("drain", "world/eu", "--reason", "moves")[0] == 0
    assert {tuple(records(holdfast.ask("world.example.test"), "A")) for _ in range(50)} == {("127.0.0.3",)}
    explained = holdfast_says("explain", "www.example.test")[1]
    assert "a.cdn.test.  -        drained" in explained, explained
    assert "no member of cdn; did you mean" in holdfast_says("drain", "cdn/192.0.2.1", "--reason", "x")[1]
    code, said = holdfast_says("release", "cdn/a.cdn.test")
    assert code == 0, said
    assert records(holdfast.ask("www.example.test"), "CNAME") == ["a.cdn.test."]
