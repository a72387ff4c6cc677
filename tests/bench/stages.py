"""What is measured on a workload, in which order."""

import re
import statistics
import subprocess
import time
import urllib.request
from dataclasses import dataclass, replace

import measure
import questions
from peers import BUILT, TARGET_PORT, Holdfast, Reflector
from server import Place


@dataclass(frozen=True)
class Plan:
    """How long and how often."""
    seconds: float
    rounds: int
    repeat_disturbed: bool  # once
    idle_seconds: float
    workers: int
    wanted: frozenset  # of "udp", "latency", "tcp", "load", "reload", "idle", "listener", "scrape", "transitions"
    directory: object  # where the servers keep their files


def available_memory():
    with open("/proc/meminfo") as file:
        return 1024 * int(re.search(r"MemAvailable:\s+(\d+)", file.read())[1])


def warm(workload):
    """Reads the zone files, so that none of the servers has to wait for the disk."""
    for apex in workload.apexes:
        workload.zone_file(apex).read_bytes()


def start_all(servers, say):
    """{server: figures of the load}. Each is started with all cores to itself, and paused. A peer that does not start
    is left out."""
    loads = {}
    for server in list(servers):
        try:
            seconds = server.start()
        except (RuntimeError, TimeoutError) as failure:
            if server.package is None:
                raise
            say(f"without {server.name}: {failure}")
            server.stop()
            servers.remove(server)
            continue
        time.sleep(0.5)
        records = server.workload.records
        loads[server.name] = {"seconds": seconds, "records_per_second": records / seconds,
                              "octets": server.memory(), "octets_per_record": server.memory() / records}
        server.pause()
    return loads


def idle(servers, seconds):
    """{server: milliseconds of CPU per second without a query}."""
    for server in servers:
        server.resume()
    time.sleep(3)
    before = {server.name: server.used() for server in servers}
    time.sleep(seconds)
    used = {server.name: (server.used() - before[server.name]).nanoseconds / 1e6 / seconds for server in servers}
    for server in servers:
        server.pause()
    return used


def reload_one(server, apex, cores, limit=60):
    """Seconds from the reload to the new answer, with one changed zone, on all cores: the median of three."""
    server.resume()
    server.pin(cores.all)
    took = []
    for _ in range(3):
        time.sleep(1)
        serial = server.workload.raise_serial(apex)
        time.sleep(1.1)  # some look at the whole seconds of the file's time
        began = time.monotonic()
        server.reload(apex)
        questions.wait_for(lambda: server.serial(apex) == serial, limit, f"reload of {server.name}", pause=0.001)
        took.append(time.monotonic() - began)
    server.pin(cores.server)
    server.pause()
    return statistics.median(took)


def latency_during_reload(server, cores, load_seconds):
    """The latency while the whole zone is read again, which shares the server's cores."""
    apex = server.workload.apexes[0]
    server.resume()
    serial = server.workload.raise_serial(apex)
    time.sleep(1.1)
    taken = measure.once("latency", server, cores, min(60, max(3, 2.5 * load_seconds)), lambda: server.reload(apex))
    in_time = server.serial(apex) == serial
    if not in_time:
        questions.wait_for(lambda: server.serial(apex) == serial, 60, f"reload of {server.name}")
    server.pause()
    return {**{key: taken.report[key] for key in ("p50", "p99", "p999", "max", "lost")}, "within_the_run": in_time,
            "others": taken.others}


def scrape(server):
    """Seconds and octets of /metrics."""
    server.resume()
    time.sleep(0.2)
    took = []
    for _ in range(3):
        before, began = server.used(), time.monotonic()
        with urllib.request.urlopen(f"http://127.0.0.1:{server.control_port}/metrics", timeout=60) as answer:
            octets = len(answer.read())
        took.append((time.monotonic() - began, (server.used() - before).nanoseconds / 1e9))
    server.pause()
    return {"seconds": min(took)[0], "cpu_seconds": min(cpu for _, cpu in took), "octets": octets}


def listener_cost(workload, place):
    """What eight more addresses to listen at cost, per address."""
    seen = []
    for listeners in (1, 9):
        server = Holdfast(workload, replace(place, listeners=listeners))
        try:
            server.start()
            time.sleep(0.5)
            seen.append((server.memory(), server.threads()))
        finally:
            server.stop()
    return {"octets": (seen[1][0] - seen[0][0]) / 8, "threads": (seen[1][1] - seen[0][1]) / 8}


class Targets:
    """The listeners that health checks of W5 connect to; on the generator's core."""

    def __init__(self, workload, cores):
        first, second = workload.pools[0][1:]
        self.process = subprocess.Popen(
            ["taskset", "--cpu-list", str(cores.generators[-1]), BUILT / "tests/bench/holdfast_targets", first, second,
             str(len(workload.pools)), str(TARGET_PORT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._told("listening")

    def say(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        self._told(word)

    def _told(self, word):
        line = self.process.stdout.readline().strip()
        if line != word:
            raise RuntimeError(f"the health-checked listeners say {line!r}, not {word!r}")

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def latency_beside_checks(kinds, workload, cores, plan, targets, flap):
    """{server: samples}, each server started anew for each and never paused: after a pause some do all their checks at
    once and then none for an interval, others go on as planned. `flap`: every two seconds the two members of each pool
    change places."""
    taken = {kind.name: [] for kind in kinds}
    quick = {"check_interval": 2, "checks_to_change": 1} if flap else {}
    for _ in range(plan.rounds):
        for number, kind in enumerate(kinds):
            place = Place(plan.directory / ("flap" if flap else "steady") / kind.name, 5400 + number, plan.workers, **quick)
            server = kind(workload, place)
            try:
                server.start()
                server.pin(cores.server)
                if flap:
                    targets.say("flap")
                time.sleep(3)  # the first round of checks is over
                taken[kind.name].append(measure.once("latency", server, cores, max(4 if flap else 2, plan.seconds)))
            finally:
                if flap:
                    targets.say("steady")
                server.stop()
    return taken


def run(workload, kinds, cores, plan, say):
    """Everything of one workload: a dictionary that tables.py understands."""
    result = {"title": workload.title, "records": workload.records, "zones": len(workload.apexes), "load": {}, "udp": {},
              "latency": {}, "pipelined": {}, "single": {}, "idle": {}, "reload_one": {}, "latency_in_reload": {},
              "transitions": {}}
    places = {kind: Place(plan.directory / workload.name / kind.name, 5300 + i, plan.workers) for i, kind in enumerate(kinds)}
    warm(workload)
    targets = Targets(workload, cores) if workload.pools else None
    try:
        for group in groups(kinds, workload):
            run_group([kind(workload, places[kind]) for kind in group], workload, cores, plan, result, say)
        if targets and "latency" in plan.wanted:
            say("latency beside checks")
            result["latency"] = latency_beside_checks(kinds, workload, cores, plan, targets, flap=False)
        if targets and "transitions" in plan.wanted:
            say("transitions")
            checking = [kind for kind in kinds if kind.checks]
            result["transitions"] = latency_beside_checks(checking, workload, cores, plan, targets, flap=True)
    finally:
        if targets:
            targets.stop()
    if workload.name == "W1" and "listener" in plan.wanted and Holdfast in kinds:
        result["listener"] = listener_cost(workload, places[Holdfast])
    return result


def groups(kinds, workload):
    """Who runs at a time: all but those that disturb the others, or each by itself where memory would be short."""
    together = [kind for kind in kinds if not kind.alone]
    if len(together) * workload.records * 500 > available_memory():
        return [[kind] for kind in kinds]
    return [group for group in (together, *([kind] for kind in kinds if kind.alone)) if group]


def run_group(servers, workload, cores, plan, result, say):
    wanted = plan.wanted
    try:
        say("load")
        result["load"] |= start_all(servers, say)
        for server in servers:
            server.pin(cores.server)
        real = [server for server in servers if not isinstance(server, Reflector)]
        if "idle" in wanted and workload.name in ("W3", "W5"):
            say("idle")
            result["idle"] |= idle(real, plan.idle_seconds)
        settle = 1.5 if workload.pools else 0.2
        modes = (["saturation"] if "udp" in wanted else []) + (["latency"] if "latency" in wanted and not workload.pools else [])
        if workload.name == "W1" and "tcp" in wanted:
            modes += ["pipelined", "single"]
        for mode in modes:
            say(mode)
            result["udp" if mode == "saturation" else mode] |= measure.rounds(
                mode, servers, cores, plan, settle)
        if "reload" in wanted and workload.name == "W3":
            say("reload of one zone")
            for server in real:
                apex = workload.apexes[len(workload.apexes) // 2]
                try:
                    result["reload_one"][server.name] = reload_one(server, apex, cores)
                except TimeoutError as failure:
                    say(f"without {server.name}: {failure}")
        if "scrape" in wanted and workload.name == "W3":
            say("scrape")
            result |= {"scrape": scrape(server) for server in servers if isinstance(server, Holdfast)}
        if "reload" in wanted and workload.name == "W2":
            say("latency during a reload")
            for server in real:
                try:
                    result["latency_in_reload"][server.name] = latency_during_reload(
                        server, cores, result["load"][server.name]["seconds"])
                except TimeoutError as failure:
                    say(f"without {server.name}: {failure}")
    finally:
        for server in servers:
            server.stop()
