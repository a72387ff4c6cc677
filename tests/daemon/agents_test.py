"""Agents at three locations, two servers and an etcd, each on a machine of its own: what is answered while parts of that
are cut off, stopped or gone."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from conftest import Log
from network import Network

HERE = Path(__file__).parent
LIMIT = 60  # seconds; for what only must happen at some time
ETCD, NS1, NS2 = "10.77.0.2", "10.77.0.11", "10.77.0.12"
AGENTS = {"cork": "10.77.0.21", "virginia": "10.77.0.22", "tokyo": "10.77.0.23"}
SLOW = ["10.77.0.101", "10.77.0.102"]
# One to die for each test: what goes up and down too often is held down for a while.
FAST = [f"10.77.0.{last}" for last in range(103, 107)]
# So that etcd is gone for longer than leases and opinions live.
OUTAGE = int(os.environ.get("HOLDFAST_OUTAGE", 20))  # seconds

ZONE = """
$TTL 300
@    SOA ns1 hostmaster 1 7200 3600 1209600 300
     NS  ns1
ns1  A   10.77.0.11
"""

SHARED = f"""
[store]
endpoints = ["http://{ETCD}:2379"]

[control]
listen = "127.0.0.1:8053"
"""

SERVER = """
[server]
listen = ["%s:53"]
state  = "state"

[self]
name = "%s"
""" + SHARED + """
[location.eu]
[location.us]
[location.asia]
[agent.cork]
location  = "eu"
addresses = ["10.77.0.21"]
[agent.virginia]
location  = "us"
addresses = ["10.77.0.22"]
[agent.tokyo]
location  = "asia"
addresses = ["10.77.0.23"]

[monitor.slow]
type = "http"

[monitor.fast]
type     = "http"
interval = "1s"

[pool.slow]
monitor = "slow"
ttl     = "5s"
members = [{ address = "10.77.0.101" }, { address = "10.77.0.102" }]

[pool.fast]
monitor = "fast"
ttl     = "5s"
members = [{ address = "10.77.0.103" }, { address = "10.77.0.104" }, { address = "10.77.0.105" }, { address = "10.77.0.106" }]

[[zone]]
name = "example.com"
file = "example.com.zone"
live = [{ name = "slow", pool = "slow" }, { name = "fast", pool = "fast" }]
"""

AGENT = """
[self]
name = "%s"
""" + SHARED


class Program:
    """A holdfast on a machine of its own."""

    def __init__(self, machine, directory, command, config):
        self.machine, self.directory, self.command = machine, directory, command
        directory.mkdir()
        (directory / "example.com.zone").write_text(ZONE)
        (directory / "holdfast.toml").write_text(config)
        self.start()

    def start(self):
        self.process = self.machine.start(os.environ["HOLDFAST"], self.command, "--config", self.directory / "holdfast.toml",
                                          stderr=subprocess.PIPE, text=True, errors="replace")
        self.log = Log(self.process.stderr)
        self.log.wait_for("control on")

    def json(self, path):
        asked = subprocess.run([*self.machine.enter, "curl", "-qsS", f"http://127.0.0.1:8053{path}"], capture_output=True, text=True)
        assert asked.returncode == 0, asked.stderr
        return json.loads(asked.stdout)

    def metric(self, name):
        """The sum of the series of this metric, with these labels if they stand in the name."""
        asked = subprocess.run([*self.machine.enter, "curl", "-qsS", "http://127.0.0.1:8053/metrics"], capture_output=True, text=True)
        return sum(float(line.rsplit(" ", 1)[1]) for line in asked.stdout.splitlines() if line.startswith(name))

    def targets(self, monitor):
        return {target["address"]: target for target in self.json("/api/v1/targets") if target["monitor"] == monitor}

    def command_line(self, *words):
        done = subprocess.run([*self.machine.enter, os.environ["HOLDFAST"], *words], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is not None:
            return
        self.process.terminate()
        assert self.process.wait(LIMIT) == 0, self.log
        self.log.join()
        assert "Sanitizer" not in str(self.log) and "runtime error:" not in str(self.log), self.log


class Watcher:
    """What both servers answer for a name, from its start on: (time, server, addresses) at each change."""

    def __init__(self, machine, name):
        self.changes = []
        self.changed = threading.Condition()
        self.process = machine.start(sys.executable, "-B", HERE / "watcher.py", name, NS1, NS2, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            at, server, addresses = line.rstrip("\n").split(" ")
            with self.changed:
                self.changes.append((float(at), server, set(addresses.split(",")) - {""}))
                self.changed.notify_all()

    def now(self):
        return {server: addresses for _, server, addresses in self.changes}

    def wait(self, addresses, since=0.0, limit=LIMIT):
        """The times at which each server began to answer with these, from `since` on."""
        deadline = time.monotonic() + limit
        with self.changed:
            while True:
                found = {server: at for at, server, said in self.changes if said == set(addresses) and at >= since}
                if len(found) == 2 and all(said == set(addresses) for said in self.now().values()):
                    return found
                assert self.changed.wait(deadline - time.monotonic()), f"not {addresses} in {limit} s: {self.changes}"

    def since(self, time_, restarted=()):
        """The changes since then, but for the silence of servers that were restarted."""
        assert self.process.poll() is None, "nobody looked"
        before, found = {}, []
        for at, server, said in self.changes:
            if said == {"silence"} and server in restarted:
                continue
            if at >= time_ and said != before.get(server):
                found.append((server, said))
            before[server] = said
        return found

    def stop(self):
        self.process.kill()
        self.process.wait()


class World:
    def __init__(self, directory):
        self.directory = directory
        self.network = Network()
        self.store = self.network.machine(ETCD)
        self.origins = self.network.machine(*SLOW, *FAST)
        self.origin = {}
        for address in SLOW + FAST:
            self.origin[address] = Nginx(self.origins, directory / f"origin-{address}", address)
        self.start_etcd()
        self.agents = {name: Program(self.network.machine(address), directory / name, "agent", AGENT % name)
                       for name, address in AGENTS.items()}
        self.servers = [Program(self.network.machine(address), directory / name, "serve", SERVER % (address, name))
                        for name, address in (("ns1", NS1), ("ns2", NS2))]
        client = self.network.machine("10.77.0.31")
        self.slow, self.fast = Watcher(client, "slow.example.com"), Watcher(client, "fast.example.com")

    def start_etcd(self):
        self.etcd = self.store.start("etcd", "--data-dir", self.directory / "etcd", "--listen-client-urls", f"http://{ETCD}:2379",
                                     "--advertise-client-urls", f"http://{ETCD}:2379", "--listen-peer-urls", f"http://{ETCD}:2380",
                                     "--log-level", "error", stderr=subprocess.DEVNULL)

    def wait_for_quorum(self, limit=LIMIT, count=3):
        """Until both servers count that many agents, and believe what they say of every target; how long that took."""
        began = time.monotonic()
        while True:
            seen = [(server.json("/api/v1/agents")["agents"], server.json("/api/v1/targets")) for server in self.servers]
            if all(sum(agent["standing"] == "counted" for agent in agents) == count
                   and all(target["basis"] == "quorum" and sum(vote["counts"] for vote in target["votes"]) == count
                           for target in targets) for agents, targets in seen):
                return time.monotonic() - began
            assert time.monotonic() < began + limit, json.dumps(seen, indent=1)
            time.sleep(0.05)

    def stop(self):
        for part in (self.slow, self.fast, *self.servers, *self.agents.values()):
            part.stop()
        self.etcd.kill()
        self.etcd.wait()
        for origin in self.origin.values():
            origin.kill()
        self.network.close()


class Nginx:
    def __init__(self, machine, directory, address):
        directory.mkdir()
        (directory / "nginx.conf").write_text(f"""
daemon off;
master_process off;
pid pid;
events {{}}
http {{
  access_log off;
  client_body_temp_path client_body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server {{ listen {address}:80; return 200 "fine"; }}
}}
""")
        self.machine, self.directory = machine, directory
        self.start()

    def start(self):
        self.process = self.machine.start("/usr/sbin/nginx", "-p", self.directory, "-c", self.directory / "nginx.conf", "-e", "stderr")

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("agents"))
    try:
        yield world
    finally:
        world.stop()


def all_well(world):
    """Every origin answers, and both servers say so."""
    for watcher, addresses in ((world.slow, SLOW), (world.fast, FAST)):
        watcher.wait(addresses)
    world.wait_for_quorum()


def test_all_begin_to_agree(world):
    all_well(world)
    said = world.servers[0].targets("slow")[SLOW[0]]["votes"]
    assert {(vote["agent"], vote["location"], vote["verdict"]) for vote in said} == {
        ("cork", "eu", "up"), ("virginia", "us", "up"), ("tokyo", "asia", "up")}


def test_one_agent_that_is_cut_off_from_the_endpoints_changes_nothing(world):
    all_well(world)
    began = time.monotonic()
    world.origins.run(f"ip route add blackhole {AGENTS['cork']}")
    wait_until(lambda: all(target["votes"][0]["verdict"] == "down" for server in world.servers
                           for monitor in ("slow", "fast") for target in server.targets(monitor).values()))
    assert not world.slow.since(began) and not world.fast.since(began)
    targets = world.servers[0].targets("fast").values()
    assert all(target["verdict"] == "up" for target in targets)
    assert {vote["outcome"] for target in targets for vote in target["votes"] if vote["agent"] == "cork"} == {"connect_timeout"}
    # It sees down what all others see up: left out, and reported.
    wait_until(lambda: all(standing(server, "cork") == "suspect" for server in world.servers))
    world.origins.run(f"ip route delete blackhole {AGENTS['cork']}")
    world.wait_for_quorum()
    assert not world.slow.since(began) and not world.fast.since(began)


@pytest.mark.parametrize("pool,limit", [("slow", 16), ("fast", 3)])
def test_a_dead_endpoint_leaves_the_answers_of_both_servers_together(world, pool, limit):
    all_well(world)
    watcher, addresses = (world.slow, SLOW) if pool == "slow" else (world.fast, FAST)
    dies = addresses[1]
    stay = without(addresses, dies)
    began = time.monotonic()
    world.origin[dies].kill()
    times = watcher.wait(stay, since=began)
    print(f"{pool}: after {[round(at - began, 2) for at in times.values()]} s")
    assert max(times.values()) - began < limit
    assert max(times.values()) - min(times.values()) < 0.5
    world.origin[dies].start()
    watcher.wait(addresses)
    for server in world.servers:
        assert server.metric(f'holdfast_target_transitions_total{{monitor="{pool}",address="{dies}"}}') >= 2


def test_what_is_drained_at_one_server_is_drained_at_the_other_and_released_by_that(world):
    all_well(world)
    world.servers[0].command_line("drain", SLOW[1], "--reason", "a new kernel")
    world.slow.wait([SLOW[0]])
    world.servers[1].command_line("release", SLOW[1])
    world.slow.wait(SLOW)


def test_an_outage_of_the_store_changes_no_answer_also_of_a_server_that_is_restarted_meanwhile(world):
    all_well(world)
    stay = without(FAST, FAST[2])
    world.origin[FAST[2]].kill()
    world.fast.wait(stay)
    began = time.monotonic()
    world.etcd.kill()
    world.etcd.wait()
    wait_until(lambda: all(server.json("/api/v1/agents")["store"]["state"] == "connecting" for server in world.servers))
    world.servers[1].kill()
    world.servers[1].start()
    time.sleep(max(0.0, began + OUTAGE - time.monotonic()))  # the outage is as long as that, nothing is awaited
    assert all(said == set(stay) for _, said in world.fast.since(began, restarted=[NS2]))
    assert all(said == set(SLOW) for _, said in world.slow.since(began, restarted=[NS2]))
    assert world.servers[1].targets("fast")[FAST[2]]["held"]
    assert world.servers[0].metric("holdfast_store_state{state=\"connecting\"}") == 1
    world.start_etcd()
    took = world.wait_for_quorum()
    print(f"after {OUTAGE} s without etcd all meet again after {took:.2f} s")
    assert took < 5
    assert all(said == set(stay) for _, said in world.fast.since(began, restarted=[NS2]))
    assert all(said == set(SLOW) for _, said in world.slow.since(began, restarted=[NS2]))
    world.origin[FAST[2]].start()
    world.fast.wait(FAST)


def test_without_any_agent_verdicts_are_held_and_somebody_is_told(world):
    all_well(world)
    began = time.monotonic()
    for agent in world.agents.values():
        agent.kill()
    wait_until(lambda: all(target["held"] for server in world.servers for target in server.json("/api/v1/targets")))
    print(f"all held after {time.monotonic() - began:.1f} s")
    for server in world.servers:
        assert server.metric("holdfast_targets_held ") == 6
        assert server.metric('holdfast_agent_standing{agent="tokyo",location="asia",standing="absent"}') == 1
        server.log.wait_for(r"agent tokyo \(asia\): counted -> absent")
    world.origin[FAST[3]].kill()
    time.sleep(2)  # nobody is there to see that: nothing can be awaited
    assert not world.slow.since(began) and not world.fast.since(began)
    for agent in world.agents.values():
        agent.start()
    world.fast.wait(without(FAST, FAST[3]))
    world.origin[FAST[3]].start()
    all_well(world)


def without(addresses, one):
    return [address for address in addresses if address != one]


def standing(server, name):
    agent, = (agent for agent in server.json("/api/v1/agents")["agents"] if agent["name"] == name)
    return agent["standing"]


def wait_until(is_so, limit=LIMIT):
    deadline = time.monotonic() + limit
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)
