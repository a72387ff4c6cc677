"""`holdfast explain` tells what the running server answers, and why: a thousand random pools, in random states."""

import json
import os
import random
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import dns.edns
import dns.rcode
import pytest

POOLS = 1000
HOSTS = [f"127.0.1.{i}" for i in range(1, 21)]
DECIDED = 300
INNER = [f"inner{i}" for i in range(10)]

HEAD = """
[server]
listen = ["127.0.0.1:0"]

[control]
listen = "127.0.0.1:0"

[probes]
allow_loopback = true

[monitor.tcp]
type = "tcp"
port = {port}
interval = "6s"
timeout = "5s"
fall = 1
rise = 1

[monitor.other]
type = "tcp"
port = {port}
interval = "2s"

[location.europe]
[location.cork]
in = "europe"
latitude = 51.9
longitude = -8.5
[location.paris]
in = "europe"
latitude = 48.9
longitude = 2.4
[location.asia]

[clients.europe]
networks = ["10.0.0.0/10"]
[clients.cork]
networks = ["10.1.0.0/16", "10.7.0.0/16"]
[clients.paris]
networks = ["10.64.0.0/10"]
[clients.asia]
networks = ["10.128.0.0/10"]
"""

ZONE = """
$TTL 300
@    SOA ns1 hostmaster 1 7200 3600 1209600 300
     NS  ns1
ns1  A   127.0.0.1
"""


def pool(name, chance, fallback=None, inner=()):
    """A section of a pool, whatever it may be. `inner`: pools that may be in it."""
    policy = chance.choice(["all", "failover", "weighted", "hashed", "nearest"])
    whos = [f'address = "{host}"' for host in chance.sample(HOSTS, chance.randint(1, 6))]
    if inner and chance.random() < 0.3:
        whos = whos[:2] + [f'pool = "{name}"' for name in chance.sample(inner, chance.randint(1, 3))]
    members = []
    for member in whos:
        if policy == "failover":
            member += f", tier = {chance.randint(1, 3)}"
        if policy == "nearest" and chance.random() < 0.9:
            member += f', location = "{chance.choice(["europe", "cork", "paris", "asia"])}"'
        if policy == "weighted":
            member += f", weight = {chance.choice([0, 1, 10, 100])}"
        members.append(f"{{ {member} }}")
    if chance.random() < 0.3:
        members.append('{ address = "::1" }')
    lines = [f"[pool.{name}]", f'policy = "{policy}"', "members = [" + ", ".join(members) + "]",
             f"ttl = \"{chance.choice([5, 30, 60])}s\""]
    if chance.random() < 0.9:
        lines.append('monitor = "tcp"')
    if chance.random() < 0.4:
        lines.append(f"limit = {chance.randint(1, 4)}")
    if chance.random() < 0.4:
        lines.append(chance.choice(['min_alive = "50%"', 'min_alive = "100%"', "min_alive = 1"]))
    if fallback:
        lines.append(f'fallback = "{fallback}"')
    elif chance.random() < 0.6:
        lines.append(f'when_down = "{chance.choice(["all", "last-good", "nodata", "servfail"])}"')
    return "\n".join(lines) + "\n"


def config(port, chance):
    text = HEAD.format(port=port)
    text += "".join(pool(f"back{i}", chance) for i in range(10))
    text += "".join(pool(name, chance) for name in INNER)
    for i in range(POOLS):
        text += pool(f"p{i}", chance, f"back{chance.randint(0, 9)}" if chance.random() < 0.2 else None, INNER)
    live = ",\n".join(f'{{ name = "n{i}", pool = "p{i}" }}' for i in range(POOLS))
    return text + f'[[zone]]\nname = "example.test"\nfile = "example.test.zone"\nlive = [{live}]\n'


def decide(holdfast, decision, subject):
    """@return whether it was done: nobody may drain the last member"""
    query = urllib.parse.urlencode({"decision": decision, "subject": subject, "author": "test", "reason": "test", "force": "true"})
    request = urllib.request.Request(f"{holdfast.control}/api/v1/override?{query}", method="POST")
    try:
        with urllib.request.urlopen(request, timeout=60):
            return True
    except urllib.error.HTTPError as refused:
        text = refused.read().decode()
        assert refused.code == 409 and "nobody who is not drained would be left" in text, text
        return False


@pytest.fixture
def world(serve, free_port):
    chance = random.Random(5)
    port = free_port(*HOSTS)
    doors = {host: socket.create_server((host, port), backlog=4096)  # each probe takes a place: nobody accepts
             for host in HOSTS if chance.random() < 0.6}
    holdfast = serve(config(port, chance), {"example.test.zone": ZONE})
    yield holdfast, doors, port, chance
    for door in doors.values():
        door.close()


def wait_for_verdicts(holdfast, doors, hosts, since=0):
    """Until each of these hosts has become what it is, in the lines of the log from `since` on."""
    for host in hosts:
        verdict = "up" if host in doors else "down"
        holdfast.log.wait_for(rf"tcp \[?{host}\]?:\d+: \w+ -> {verdict};", since)


def check(holdfast, name, client):
    """The answers to a name against what is said of them. @return the rules met"""
    rules = set()
    explained = holdfast.json(f"/api/v1/explain?name={name}&client={client}")
    for one in explained:
        rules.add(one["rule"].split(":")[-1].strip())
        is_nested = any(member["is_pool"] for member in one["members"])
        candidates = {member["address"] for member in one["members"] if member["answers"]} - {None}
        given = {member["address"] for member in one["members"] if member["given"]} - {None}
        assert one["served"], one
        for member in one["members"]:
            assert member["state"] != "drained" or not member["answers"] or one["rule"].endswith("all drained: every member")
        for i in range(3):
            subnet = dns.edns.ECSOption(client, 32)
            answer = holdfast.ask(name, one["type"], tcp=i == 2, use_edns=0, options=[subnet])
            if one["rule"].endswith("SERVFAIL"):
                assert answer.rcode() == dns.rcode.SERVFAIL
                continue
            assert answer.rcode() == dns.rcode.NOERROR
            got = {record.address for rrset in answer.answer for record in rrset}
            assert got <= candidates and bool(got) == bool(candidates), (one, got)
            assert is_nested or not got or len(got) <= one["each"], (one, got)
            assert is_nested or one["chosen"] == "those nearest to it" or len(got) == one["each"], (one, got)
            # Of pools in a pool it is not always to be foreseen what the one that is given gives.
            assert not given or (given <= got if is_nested else given == got), (one, got)
            assert len(got) == sum(len(rrset) for rrset in answer.answer), "no record comes twice"
            if got:
                assert answer.answer[0].ttl == one["ttl_seconds"]
            scopes = [option.scopelen for option in answer.options if option.otype == dns.edns.ECS]
            assert scopes == [one["scope"]] or (is_nested and scopes[0] < one["scope"]), one
    return rules


def test_every_rule_is_what_the_server_does(world):
    holdfast, doors, port, chance = world
    holdfast.get("/healthz")
    rules = set()
    wait_for_verdicts(holdfast, doors, [*HOSTS, "::1"])
    for round_ in range(2):
        for i in range(POOLS):
            client = f"10.{chance.randint(0, 255)}.{chance.randint(0, 255)}.{chance.randint(1, 254)}"
            rules |= check(holdfast, f"n{i}.example.test", client)
        if round_ == 0:
            decided = 0
            for i in chance.sample(range(POOLS), DECIDED):
                live = holdfast.json(f"/api/v1/explain?name=n{i}.example.test")
                member = chance.choice([m for one in live for m in one["members"]])
                decision = chance.choice(["drain", "drain", "force_down", "force_up"])
                decided += decide(holdfast, decision, f"{member['pool']}/{member['address'] or member['name']}")
            assert decided > DECIDED / 2
            said = len(holdfast.log.lines)
            closed = [host for host in doors if chance.random() < 0.5]
            for host in closed:
                doors.pop(host).close()
            wait_for_verdicts(holdfast, doors, closed, said)
    assert rules >= {"alive", "tier 1", "tier 2", "every member", "those of before", "no records", "SERVFAIL", "drained"}, rules


def test_the_command_says_why(world):
    holdfast, doors, *_ = world
    wait_for_verdicts(holdfast, doors, HOSTS)
    holdfast.get("/healthz")
    control = holdfast.control.removeprefix("http://")

    def run(*words):
        return subprocess.run([os.environ["HOLDFAST"], "explain", "--control", control, *words], capture_output=True, text=True)

    said = run("n0.example.test", "--client", "192.0.2.7")
    assert said.returncode == 0, said.stderr
    assert "n0.example.test. A, zone example.test., pool p0" in said.stdout
    assert "MEMBER" in said.stdout and "client   192.0.2.7, " in said.stdout
    supposed = run("n0.example.test", "--if-down", "p0")
    assert "supposed to be" in supposed.stdout and supposed.returncode == 0
    assert "not now: only if it were so" in supposed.stdout
    assert json.loads(run("n0.example.test", "A", "--json").stdout)[0]["type"] == "A"
    unknown = run("nn.example.test")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "nn.example.test is no live name" in unknown.stderr
    assert run("n0.example.test", "--client", "here").returncode == 1
    assert run("n0.example.test", "TXT").returncode == 2
    assert "is live, but not for MX" in run("n0.example.test", "MX").stderr
