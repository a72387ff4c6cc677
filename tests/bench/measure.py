"""One measurement: the generator against one running server, and whether something else disturbed it."""

import json
import os
import resource
import subprocess
import time
from dataclasses import dataclass, field

from peers import BUILT

DISTURBED = 0.03  # of the time of all cores: what others used, or the hypervisor took
RATE = 50_000  # queries per second of the latency runs
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cores:
    """The server's on the one side, the generators' on the other: one of each per worker."""
    server: frozenset
    generators: tuple

    @property
    def all(self):
        return self.server | set(self.generators)

    @staticmethod
    def divide(workers):
        there = sorted(os.sched_getaffinity(0))
        if len(there) < 2:
            return Cores(frozenset(there), (there[0],))
        return Cores(frozenset(there[:workers]), tuple(there[workers:2 * workers]) or (there[-1],))


@dataclass
class Sample:
    """What one run brought."""
    rate: float  # answers per second
    nanoseconds: float  # of the server's CPU per answer
    user_ticks: int
    system_ticks: int
    answers: int
    others: float  # share of all cores' time that neither server nor generator used
    report: dict = field(default_factory=dict)  # the generator's, added up

    @property
    def disturbed(self):
        return self.others > DISTURBED


def busy_seconds():
    """CPU time that all cores have spent on anything, and that the hypervisor kept from them."""
    with open("/proc/stat") as file:
        user, nice, system, _, _, irq, softirq, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICK


def children_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def add_up(reports):
    """Of several generators at once: sums, except for the times, of which the worst counts."""
    total = dict(reports[0])
    for report in reports[1:]:
        for key, value in report.items():
            if key == "rcodes":
                total[key] = {code: total[key].get(code, 0) + value.get(code, 0) for code in {*total[key], *value}}
            elif key in ("seconds", "p50", "p99", "p999", "max"):
                total[key] = max(total[key], value)
            else:
                total[key] += value
    return total


def generators(mode, server, cores, seconds, extra=()):
    """The running generators, each pinned to its core."""
    apart = 20_011  # queries between where one starts and the next
    return [subprocess.Popen(
        ["taskset", "--cpu-list", str(core), BUILT / "tests/bench/holdfast_load", mode, server.workload.queries, "--port",
         str(server.port), "--seconds", str(seconds), "--skip", str(number * apart), *map(str, extra)],
        stdout=subprocess.PIPE, text=True) for number, core in enumerate(cores.generators)]


def reports(running):
    found = [json.loads(each.communicate()[0] or "{}") for each in running]
    if not all(found):
        raise RuntimeError("a generator failed; what it says stands above")
    return add_up(found)


def once(mode, server, cores, seconds, while_running=None):
    """@param while_running  called half a second after the start"""
    extra = ("--rate", RATE / len(cores.generators)) if mode == "latency" else ()
    used, busy, children, began = server.used(), busy_seconds(), children_seconds(), time.monotonic()
    running = generators(mode, server, cores, seconds, extra)
    if while_running:
        time.sleep(0.5)
        while_running()
    report = reports(running)
    took = time.monotonic() - began
    used = server.used() - used
    others = busy_seconds() - busy - used.nanoseconds / 1e9 - (children_seconds() - children)
    answers = max(report["answers"], 1)
    return Sample(rate=report["rate"], nanoseconds=used.nanoseconds / answers, user_ticks=used.user_ticks,
                  system_ticks=used.system_ticks, answers=answers, others=max(0.0, others / took / os.cpu_count()), report=report)


def sample(mode, server, cores, plan, settle):
    """One run of a server that is paused before and after."""
    server.resume()
    time.sleep(settle)
    reports(generators(mode, server, cores, 0.2))
    taken = once(mode, server, cores, plan.seconds)
    if taken.disturbed and plan.repeat_disturbed:
        taken = min(taken, once(mode, server, cores, plan.seconds), key=lambda each: each.others)
    server.pause()
    return taken


def rounds(mode, servers, cores, plan, settle):
    """{server: samples}, A B C A B C."""
    taken = {server.name: [] for server in servers}
    for _ in range(plan.rounds):
        for server in servers:
            taken[server.name].append(sample(mode, server, cores, plan, settle))
    return taken
