"""Two servers and two agents on machines of their own, an etcd where they meet, and an origin that they watch."""

import contextlib
import re

from meeting import Etcd, Nginx, Program, Watcher, wait_for_quorum
from network import Network

SERVERS = {"ns1": "10.77.0.11", "ns2": "10.77.0.12"}
AGENTS = {"cork": "10.77.0.21", "tokyo": "10.77.0.23"}
GUEST = "10.77.0.41"  # of a process that each test sets up in its own way
UP, DOWN = "10.77.0.101", "10.77.0.102"
LOST = r"the store (is lost|cannot be had)"

CONTROL = """
[control]
listen = "127.0.0.1:8053"
"""

SERVER = CONTROL + """
[server]
listen = ["%s:53"]
state  = "state"

[location.eu]
[location.us]
[location.asia]
[agent.cork]
location = "eu"
[agent.virginia]
location = "us"
[agent.tokyo]
location = "asia"

[monitor.web]
type     = "http"
interval = "1s"
fall     = 3
rise     = 1

[pool.shop]
monitor = "web"
members = [{ address = "10.77.0.101" }, { address = "10.77.0.102" }]

[[zone]]
name = "example.com"
file = "example.com.zone"
live = [{ name = "shop", pool = "shop" }]
"""


class Place:
    """Machines, an origin that is up and one that is down; servers and agents once they are started."""

    def __init__(self, directory):
        self.directory = directory
        self.ends = contextlib.ExitStack()  # of all that was started here, the last first
        self.network = Network()
        self.ends.callback(self.network.close)
        self.origins = self.network.machine(UP, DOWN)
        self.spare = self.network.machine(GUEST)
        self.guests = 0
        self.origin("first", UP)

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.ends.close()

    def machine(self, *addresses):
        return self.network.machine(*addresses)

    def origin(self, name, address):
        origin = Nginx(self.origins, self.directory / name, address)
        self.ends.callback(origin.kill)
        return origin

    def etcd(self, machine, name, *options, **more):
        etcd = Etcd(machine, self.directory / name, *options, **more)
        self.ends.callback(etcd.kill)
        return etcd

    def meet(self, store):
        """All of them, by way of `[store]` as store(name) says it, until they agree."""
        agents = {name: self.program(name, "agent", CONTROL, name, store(name), self.machine(address))
                  for name, address in AGENTS.items()}
        self.servers = {name: self.program(name, "serve", SERVER % address, name, store(name), self.machine(address))
                        for name, address in SERVERS.items()}
        self.programs = {**agents, **self.servers}
        self.watcher = Watcher(self.machine("10.77.0.31"), "shop.example.com", *SERVERS.values())
        self.ends.callback(self.watcher.stop)
        self.watcher.wait([UP])
        self.wait_for_quorum()

    @contextlib.contextmanager
    def guest(self, name, store, machine=None):
        """An agent for as long as that; on the machine of guests, if it has none of its own."""
        self.guests += 1
        agent = self.program(f"guest-{self.guests}", "agent", CONTROL, name, store, machine or self.spare)
        try:
            yield agent
        finally:
            agent.stop()

    def program(self, directory, command, config, name, store, machine):
        config = f'[self]\nname = "{name}"\n[store]\n{store}\n{config}'
        program = Program(machine, self.directory / directory, command, config)
        self.ends.callback(program.stop)
        return program

    def wait_for_quorum(self, count=len(AGENTS)):
        wait_for_quorum(self.servers.values(), count=count)

    def all_count(self):
        return all(server.standing(name) == "counted" for server in self.servers.values() for name in AGENTS)

    def all_are(self, state):
        return all(program.store()["state"] == state for program in self.programs.values())

    def logged(self):
        """How much each has logged up to now."""
        return {name: len(program.log.lines) for name, program in self.programs.items()}

    def lost(self, since):
        """What those who lost the store since then say of it."""
        return [line for name, program in self.programs.items() for line in program.log.lines[since[name]:]
                if re.search(LOST, line)]
