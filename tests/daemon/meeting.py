"""Servers and agents that meet in an etcd, each on a machine of its own, and what they check."""

import base64
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from conftest import Log, write_nginx_conf

HERE = Path(__file__).parent
LIMIT = 60  # seconds; for what only must happen at some time

ZONE = """
$TTL 300
@    SOA ns1 hostmaster 1 7200 3600 1209600 300
     NS  ns1
ns1  A   10.77.0.11
"""


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

    def store(self):
        return self.json("/api/v1/agents")["store"]

    def standing(self, name):
        agent, = (agent for agent in self.json("/api/v1/agents")["agents"] if agent["name"] == name)
        return agent["standing"]

    def command_line(self, *words, code=0):
        """What `holdfast words...` prints here; it must end with this code."""
        done = subprocess.run([*self.machine.enter, os.environ["HOLDFAST"], *words], capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

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
    """What servers answer for a name, from its start on: (time, server, addresses) at each change."""

    def __init__(self, machine, name, *servers):
        self.servers = servers
        self.changes = []
        self.changed = threading.Condition()
        self.process = machine.start(sys.executable, "-B", HERE / "watcher.py", name, *servers, stdout=subprocess.PIPE, text=True)
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
                if len(found) == len(self.servers) and all(said == set(addresses) for said in self.now().values()):
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


class Nginx:
    def __init__(self, machine, directory, address):
        directory.mkdir()
        write_nginx_conf(directory, f'listen {address}:80; return 200 "fine";')
        self.machine, self.directory = machine, directory
        self.start()

    def start(self):
        self.process = self.machine.start("/usr/sbin/nginx", "-p", self.directory, "-c", self.directory / "nginx.conf", "-e", "stderr")

    def kill(self):
        self.process.kill()
        self.process.wait()


class Etcd:
    """A member of etcd on a machine of its own. `listen`: its URLs for clients, the first also to ask it here; `ask_with`: what
    curl then needs."""

    def __init__(self, machine, directory, *options, listen, ask_with=()):
        self.machine, self.directory, self.options, self.listen = machine, directory, options, listen
        self.ask_with = ask_with
        self.start()

    def start(self):
        urls = ",".join(self.listen)
        self.process = self.machine.start("etcd", "--data-dir", self.directory, "--listen-client-urls", urls,
                                          "--advertise-client-urls", urls, "--log-level", "error", *self.options,
                                          stderr=subprocess.DEVNULL)

    def ask(self, path, token="", **body):
        """Status and object of its answer; null: there is none."""
        header = ["--header", f"Authorization: {token}"] if token else []
        asked = subprocess.run([*self.machine.enter, "curl", "-qsS", "--max-time", "5", "--write-out", "\n%{http_code}", *header,
                                *self.ask_with, "--data", json.dumps(body), f"{self.listen[0]}/v3/{path}"],
                               capture_output=True, text=True)
        if asked.returncode != 0:
            return None
        said, status = asked.stdout.rsplit("\n", 1)
        return int(status), json.loads(said)

    def answers(self):
        """Whether it does, and the cluster agrees: what is read is what stands there now."""
        answer = self.ask("kv/range", key=octets("any"))
        return answer is not None and answer[0] == 200

    def metrics(self):
        """As text; empty: it does not answer."""
        asked = subprocess.run([*self.machine.enter, "curl", "-qsS", *self.ask_with, f"{self.listen[0]}/metrics"],
                               capture_output=True, text=True)
        return asked.stdout

    def kill(self):
        self.process.kill()
        self.process.wait()


def octets(text_):
    """As etcd's JSON gateway writes keys and values."""
    return base64.b64encode(text_.encode()).decode()


def text(octets_):
    return base64.b64decode(octets_).decode()


def wait_for_quorum(servers, limit=LIMIT, count=3):
    """Until these count that many agents, and believe what they say of every target; how long that took."""
    began = time.monotonic()
    while True:
        seen = [(server.json("/api/v1/agents")["agents"], server.json("/api/v1/targets")) for server in servers]
        if all(sum(agent["standing"] == "counted" for agent in agents) == count
               and all(target["basis"] == "quorum" and sum(vote["counts"] for vote in target["votes"]) == count
                       for target in targets) for agents, targets in seen):
            return time.monotonic() - began
        assert time.monotonic() < began + limit, json.dumps(seen, indent=1)
        time.sleep(0.05)


def wait_until(is_so, limit=LIMIT):
    deadline = time.monotonic() + limit
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)
