"""Agents at three locations, two servers and an etcd, each on a machine of its own: what is answered while parts of that
are cut off, stopped or gone."""

import os
import time

import pytest

from conftest import is_sanitized
from meeting import Etcd, Nginx, Program, Watcher, wait_for_quorum, wait_until
from network import Network

ETCD, NS1, NS2 = "10.77.0.2", "10.77.0.11", "10.77.0.12"
AGENTS = {"cork": "10.77.0.21", "virginia": "10.77.0.22", "tokyo": "10.77.0.23"}
SLOW = ["10.77.0.101", "10.77.0.102"]
# One to die for each test: what goes up and down too often is held down for a while.
FAST = [f"10.77.0.{last}" for last in range(103, 107)]
# So that etcd is gone for longer than leases and opinions live.
OUTAGE = int(os.environ.get("HOLDFAST_OUTAGE", 20))  # seconds

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


class World:
    def __init__(self, directory):
        self.directory = directory
        self.network = Network()
        self.store = self.network.machine(ETCD)
        self.origins = self.network.machine(*SLOW, *FAST)
        self.origin = {}
        for address in SLOW + FAST:
            self.origin[address] = Nginx(self.origins, directory / f"origin-{address}", address)
        self.etcd = Etcd(self.store, directory / "etcd", "--listen-peer-urls", f"http://{ETCD}:2380", listen=[f"http://{ETCD}:2379"])
        self.agents = {name: Program(self.network.machine(address), directory / name, "agent", AGENT % name)
                       for name, address in AGENTS.items()}
        self.servers = [Program(self.network.machine(address), directory / name, "serve", SERVER % (address, name))
                        for name, address in (("ns1", NS1), ("ns2", NS2))]
        client = self.network.machine("10.77.0.31")
        self.slow, self.fast = (Watcher(client, f"{name}.example.com", NS1, NS2) for name in ("slow", "fast"))

    def wait_for_quorum(self):
        return wait_for_quorum(self.servers)

    def stop(self):
        for part in (self.slow, self.fast, *self.servers, *self.agents.values()):
            part.stop()
        self.etcd.kill()
        for origin in self.origin.values():
            origin.kill()
        self.network.close()


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
    wait_until(lambda: all(server.standing("cork") == "suspect" for server in world.servers))
    world.origins.run(f"ip route delete blackhole {AGENTS['cork']}")
    world.wait_for_quorum()
    assert not world.slow.since(began) and not world.fast.since(began)


@pytest.mark.parametrize("pool,limit", [("slow", 16), ("fast", 3)])
def test_a_dead_endpoint_leaves_the_answers_of_both_servers_together(world, pool, limit):
    all_well(world)
    watcher, addresses = (world.slow, SLOW) if pool == "slow" else (world.fast, FAST)
    dies = addresses[1]
    stay = without(addresses, dies)
    for _ in range(3):  # a machine that is busy elsewhere is late now and then; never three times
        began = time.monotonic()
        world.origin[dies].kill()
        times = watcher.wait(stay, since=began)
        print(f"{pool}: after {[round(at - began, 2) for at in times.values()]} s")
        last, apart = max(times.values()) - began, max(times.values()) - min(times.values())
        world.origin[dies].start()
        watcher.wait(addresses)
        if last < limit and apart < 0.5:
            break
    assert last < limit and apart < 0.5
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
    wait_until(lambda: all(server.store()["state"] == "connecting" for server in world.servers))
    world.servers[1].kill()
    world.servers[1].start()
    time.sleep(max(0.0, began + OUTAGE - time.monotonic()))  # the outage is as long as that, nothing is awaited
    assert all(said == set(stay) for _, said in world.fast.since(began, restarted=[NS2]))
    assert all(said == set(SLOW) for _, said in world.slow.since(began, restarted=[NS2]))
    assert world.servers[1].targets("fast")[FAST[2]]["held"]
    assert world.servers[0].metric("holdfast_store_state{state=\"connecting\"}") == 1
    world.etcd.start()
    took = world.wait_for_quorum()
    print(f"after {OUTAGE} s without etcd all meet again after {took:.2f} s")
    assert took < (15 if is_sanitized() else 5)
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
        server.log.wait_for(r"agent tokyo \(asia\): counted -> absent")
        assert server.metric('holdfast_agent_standing{agent="tokyo",location="asia",standing="absent"}') == 1
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
