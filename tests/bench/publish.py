"""./dev bench publish: how soon every worker answers anew when 10,000 of 100,000 live names change at once.

By one decision about a location and its end, and by as many verdicts; while queries come, half of them for names that
change. All runs in a network namespace of its own; the server has one core, the generator and the targets the other.
"""

import argparse
import dataclasses
import datetime
import ipaddress
import json
import pathlib
import random
import shutil
import socket
import struct
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import machine
import questions
import workloads
from health import Check, Endpoints
from measure import DISTURBED, RATE, Cores, busy_seconds, children_seconds
from namespace import enter_namespace
from peers import BUILT, TARGET_PORT, Holdfast
from server import Place
from tables import table

ROOT = pathlib.Path(__file__).resolve().parents[2]
APEX, LOCATION = "publish.example", "moving"
NAMES, MOVING = 100_000, 10_000
# What one answer has, so that the generator's trace tells of which names it is.
BEFORE, AFTER, OTHERS = 2, 1, 3
OWN = ipaddress.IPv4Network("127.64.0.0/16")  # of the members that go
SPARE = "127.127.0.1"  # the other member of all pools with one that goes
INTERVAL = 1  # seconds; fall and rise are 1, so all targets are seen up within it
PORTS = 64  # that queries come from, so that every worker gets some
QUIET = 3.0  # seconds of queries before a change
SETTLED = 0.2  # seconds behind the last new answer
LINE = struct.Struct("=qqHHI")  # of the generator's trace
GOAL, GOAL_P99 = 100, 1.2  # ms, of without a change


class Publishing(Holdfast):
    """With 100,000 live names. Those that move have each a pool of its own, with one member in a location; the others share
    theirs, which nobody checks, so that the configuration is not longer than what is read."""

    def configure(self):
        config = f"""[server]
listen = ["127.0.0.1:{self.port}"]
threads = {self.place.workers}
[control]
listen = "127.0.0.1:{self.control_port}"
[location.{LOCATION}]
[monitor.up]
type = "tcp"
port = {TARGET_PORT}
interval = "{INTERVAL}s"
timeout = "500ms"
fall = 1
rise = 1
[probes]
allow_loopback = true
"""
        for number, (first, *more) in {number: members for _, number, *members in self.workload.pools}.items():
            moves = len(more) + 1 == BEFORE
            listed = "".join(f', {{ address = "{member}" }}' for member in more)
            place = f', location = "{LOCATION}"' if moves else ""
            config += f'[pool.p{number}]\nmembers = [{{ address = "{first}"{place} }}{listed}]\n' + ('monitor = "up"\n' if moves else "")
        config += f'[[zone]]\nname = "{APEX}"\nfile = "{self.workload.zone_file(APEX)}"\n'
        config += "".join(f'[[zone.live]]\nname = "{label}"\npool = "p{number}"\n' for label, number, *_ in self.workload.pools)
        (self.place.directory / "holdfast.toml").write_text(config)
        return [BUILT / "holdfast", "serve", "--config", self.place.directory / "holdfast.toml"]

    def answers(self, name, kind):
        return super().answers(name, kind) and self.has_control()

    def has_control(self):
        """It comes after the listeners for queries."""
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.control_port)) == 0

    def call(self, method, path, **parameters):
        url = f"http://127.0.0.1:{self.control_port}/api/v1/{path}" + ("?" + urllib.parse.urlencode(parameters) if parameters else "")
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=60) as answer:
            return json.load(answer)

    def verdicts(self):
        """Of the targets that go down: the verdict of each and since when, seconds of the wall clock."""
        return [(target["verdict"], datetime.datetime.fromisoformat(target["since"].replace("Z", "+00:00")).timestamp())
                for target in self.call("GET", "targets") if ipaddress.IPv4Address(target["address"]) in OWN]

    def wait_for_all(self, verdict):
        """When the last of them came to it, by the monotonic clock."""
        questions.wait_for(lambda: all(each == verdict for each, _ in self.verdicts()), 120, f"all targets {verdict}", pause=2)
        return max(since for _, since in self.verdicts()) - time.time() + time.monotonic()


def make_workload(directory):
    """Every tenth name is one that moves; the nine after it share a pool.

    Its pools are (label, number of the pool, members)."""
    apart = NAMES // MOVING
    pools = [(workloads.label(i), i, str(OWN[i // apart + 1]), SPARE) if i % apart == 0
             else (workloads.label(i), i // apart * apart + 1, *(workloads.address(OTHERS * (i // apart) + j) for j in range(OTHERS)))
             for i in range(NAMES)]
    lines = workloads.head(APEX) + [f"{label} 30 A {member}" for label, _, *members in pools for member in members]
    records = workloads.write_zone(directory, APEX, lines)
    chance = random.Random(1)
    labels, moving = [label for label, *_ in pools], [label for label, _, *members in pools if len(members) == BEFORE]
    questions.write(directory / "queries", ((f"{chance.choice(moving if i % 2 else labels)}.{APEX}", "A") for i in range(200_000)))
    return workloads.Workload(name="publish", title="", directory=directory, apexes=[APEX], records=records,
                              samples=[(f"{pools[0][0]}.{APEX}", "A")], pools=pools)


# ---- what changes the answers

def decide(path, **parameters):
    def change(server):
        server.call("POST", path, subject=f"location:{LOCATION}", author="bench", **parameters)
    return change


def route(what):
    """To the members that go: without one, connections to them fail at once."""
    def change(_):
        subprocess.run(["ip", "route", what, "unreachable", str(OWN), "table", "local"], check=True)
    return change


def lose(server):
    """A server that is alone takes no more than a fifth of its targets down in 10 s, so this takes a while, and is not measured."""
    route("add")(server)
    server.wait_for_all("down")


@dataclasses.dataclass(frozen=True)
class Change:
    title: str
    make: object  # what is called with the server, and returns when the decision is accepted
    is_forth: bool = True  # else back: then answers are as before
    verdict: str = ""  # what 10,000 targets come to then; empty: a decision is made, and no verdict changes
    prepare: object = None  # what is called with the server before the queries begin


WAYS = {"drain": (Change("drain of a location", decide("override", decision="drain", reason="bench")),
                  Change("release of it", decide("release"), is_forth=False)),
        "force": (Change("force down of a location", decide("override", decision="force_down", reason="bench")),
                  Change("release of it", decide("release"), is_forth=False)),
        "verdicts": (Change("verdicts: up", route("delete"), is_forth=False, verdict="up", prepare=lose),)}


# ---- what they bring

@dataclasses.dataclass
class Figures:
    """What a Change brought: milliseconds since it began, latencies in microseconds."""
    title: str
    decided: float  # the reply, or the last verdict
    first: float  # the first new answer
    last: float  # the last old one, of any worker
    quiet: tuple  # latencies without a change: p50, p99, longest
    during: tuple
    asked: int  # during
    others: float  # of the time of all cores

    @property
    def late(self):
        return max(0.0, self.last - self.decided)

    @property
    def slower(self):
        return self.during[1] / self.quiet[1]


def quantiles(latencies):
    ordered = sorted(latencies)
    return tuple(ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.99, 1))


def judge(change, trace, began, decided, others):
    """@param trace  of the generator: (due, came, records); all times are seconds"""
    old, new = (BEFORE, AFTER) if change.is_forth else (AFTER, BEFORE)
    first = min((came for _, came, records in trace if came > began and records == new), default=float("nan"))
    last = max((came for _, came, records in trace if came > began and records == old), default=began)
    if max(last, decided) > trace[-1][1] - 2 * SETTLED:
        raise RuntimeError(f"{change.title}: not all answers were new when the queries ended; with more --seconds they are")
    until = max(decided, last)
    during = [(came - due) * 1e6 for due, came, _ in trace if came > began and due <= until]
    # Targets that are gone take nothing of the generator's core, so it is after their verdicts that all else is as during them.
    quiet = [(came - due) * 1e6 for due, came, _ in trace if (due > until + SETTLED if change.verdict else came <= began)]
    return Figures(title=change.title, decided=(decided - began) * 1e3, first=(first - began) * 1e3, last=(last - began) * 1e3,
                   quiet=quantiles(quiet), during=quantiles(during), asked=len(during), others=others)


def run(change, server, cores, plan):
    path = plan.directory / "trace"
    if change.prepare:
        change.prepare(server)
        time.sleep(2)
    used, busy, children = server.used(), busy_seconds(), children_seconds()
    generator = subprocess.Popen(
        ["taskset", "--cpu-list", str(cores.generators[-1]), BUILT / "tests/bench/holdfast_load", "latency", server.workload.queries,
         "--port", str(server.port), "--seconds", str(QUIET + plan.seconds), "--sockets", str(PORTS), "--rate", str(plan.rate), "--trace", path],
        stdout=subprocess.DEVNULL)
    try:
        time.sleep(QUIET)
        began = time.monotonic()
        change.make(server)
        decided = time.monotonic()
    finally:
        generator.wait()
    used, children = server.used() - used, children_seconds() - children
    others = busy_seconds() - busy - used.nanoseconds / 1e9 - children
    if change.verdict:
        decided = server.wait_for_all(change.verdict)
    trace = [(due / 1e9, came / 1e9, records) for due, came, _, records, _ in LINE.iter_unpack(path.read_bytes())]
    return judge(change, trace, began, decided, max(0.0, others / (QUIET + plan.seconds) / len(cores.all)))


def describe(figures):
    star = " *" if figures.others > DISTURBED else ""
    return (figures.title + star, f"{figures.decided:.0f}", f"{figures.first:.0f}", f"{figures.last:.0f}", f"{figures.late:.0f}",
            *("/".join(f"{each:.0f}" for each in latencies) for latencies in (figures.quiet, figures.during)), f"{figures.slower:.2f}",
            f"{figures.asked:,}")


def goals(results):
    """(what, wanted, reached)"""
    for each in results:
        yield f"{each.title}: last old answer, ms after the reply or the last verdict", f"<= {GOAL}", f"{each.late:.0f}"
        yield f"{each.title}: p99, of without a change", f"<= {GOAL_P99}", f"{each.slower:.2f}"


@dataclasses.dataclass(frozen=True)
class Plan:
    rate: int  # queries per second
    seconds: float  # of queries from a change on
    directory: pathlib.Path


def parse(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench publish", description="how soon every worker answers anew, as markdown tables")
    parser.add_argument("--only", default="", help=f"some of {','.join(WAYS)}")
    parser.add_argument("--rounds", type=int, default=3, help="of each but verdicts, since what goes up and down again and again is held down; 3")
    parser.add_argument("--rate", type=int, default=RATE, help=f"queries per second; {RATE:,}")
    parser.add_argument("--seconds", type=float, default=5.0, help="of queries from a change on, more on a busy machine; 5")
    parser.add_argument("--workers", type=int, default=2, help="of the server, all on its core; 2")
    parser.add_argument("--json", metavar="FILE", help="all figures too")
    options = parser.parse_args(arguments)
    options.ways = options.only.split(",") if options.only else list(WAYS)
    for way in options.ways:
        if way not in WAYS:
            parser.error(f"--only: {way} is no way to change answers")
    return options


def main(arguments):
    options = parse(arguments)
    enter_namespace()
    cores = Cores.divide(1)
    made = ROOT / "build/bench-publish"
    shutil.rmtree(made, ignore_errors=True)
    plan = Plan(rate=options.rate, seconds=options.seconds, directory=made)
    endpoints = Endpoints(Check(Publishing, "tcp", MOVING), cores, "")
    server = Publishing(make_workload(made), Place(made / "holdfast", 5300, options.workers))
    results = []
    try:
        print(f"-- {NAMES:,} names: {server.start():.1f} s to the first answer", file=sys.stderr, flush=True)
        server.pin(cores.server)
        server.wait_for_all("up")
        for round_ in range(options.rounds):
            for change in (change for way in options.ways if way != "verdicts" or round_ == 0 for change in WAYS[way]):
                print(f"-- {change.title}", file=sys.stderr, flush=True)
                results.append(run(change, server, cores, plan))
    finally:
        server.stop()
        endpoints.stop()
    print(f"# {MOVING:,} of {NAMES:,} live names change at once\n\n{options.workers} workers on one core, with all else that the server does; "
          f"{options.rate:,} queries/s. Decided: the reply to a decision came, or the last of {MOVING:,} verdicts changed, of targets that are "
          f"checked every {INTERVAL} s. Latencies are p50/p99/longest, without a change: before it, or behind the last verdict. * disturbed by other programs\n")
    print(", ".join(f"{key}: {value}" for key, value in machine.describe([Publishing]).items()) + "\n")
    print(table(("change", "decided, ms", "first new answer", "last old answer", "after decided", "us without", "us during", "p99 of without",
                 "queries during"), map(describe, results)))
    print(table(("goal", "wanted", "reached"), goals(results)))
    if options.json:
        with open(options.json, "w") as file:
            json.dump(results, file, default=dataclasses.asdict, indent=1)


if __name__ == "__main__":
    main(sys.argv[1:])
