"""./dev bench health: what 10,000 health checks cost, by protocol and with black holes, and 2,000 beside gdnsd's.

All runs in a network namespace of its own; the server has one core, the endpoints that it checks the other.
"""

import argparse
import dataclasses
import ipaddress
import json
import pathlib
import shutil
import subprocess
import sys
import time
import urllib.request

import machine
import workloads
from measure import DISTURBED, Cores, busy_seconds
from namespace import enter_namespace
from peers import BUILT, TARGET_PORT, Gdnsd, Holdfast
from server import Place, Server
from tables import table

ROOT = pathlib.Path(__file__).resolve().parents[2]
INTERVAL, TIMEOUT = 5, 3  # seconds
FIRST = ipaddress.IPv4Address("127.64.0.1")
TARGETS, BESIDE_GDNSD, POOL = 10_000, 2_000, 100
HOLES = 0.3  # of the targets, where there are any
HANDSHAKES = 2_000  # targets over TLS: one core does not shake hands 2,000 times a second
PROTOCOLS = ("tcp", "http", "https", "tls", "smtp", "dns", "ping")
APEX = "health.example"


@dataclasses.dataclass(frozen=True)
class Check:
    """One line of the table."""
    kind: type  # of server
    protocol: str
    targets: int
    holes: int = 0
    pool: int = POOL  # members of each


@dataclasses.dataclass
class Figures:
    """What a Check brought: of CPU per check microseconds; of memory octets per target; `seen` by the endpoints."""
    name: str
    check: Check
    busy: float  # of one core
    checked: float
    user: float
    kernel: float
    memory: float
    seen: dict
    up: int
    others: float


class Checking(Holdfast):
    """With monitors of one protocol, and black holes last."""

    def __init__(self, workload, place, check, identity):
        super().__init__(workload, place)
        self.check, self.identity = check, identity

    def configure(self):
        own = {"https": f'host = "{APEX}"\nca_file = "{self.identity}"', "tls": f'host = "{APEX}"\nca_file = "{self.identity}"',
               "http": 'expect = "I eat DNS for breakfast!"', "dns": f'query = "{APEX}"'}.get(self.check.protocol, "")
        config = f"""[server]
listen = ["127.0.0.1:{self.port}"]
threads = 1
[control]
listen = "127.0.0.1:{self.control_port}"
"""
        for monitor, port, fall in (("fine", TARGET_PORT, 3), ("hole", TARGET_PORT + 1, 1)):
            config += f'[monitor.{monitor}]\ntype = "{self.check.protocol}"\ninterval = "{INTERVAL}s"\ntimeout = "{TIMEOUT}s"\nfall = {fall}\n{own}\n'
            config += f"port = {port}\n" if self.check.protocol != "ping" else ""
        fine = self.check.targets - self.check.holes
        for number, (label, *members) in enumerate(self.workload.pools):
            monitor = "fine" if number * self.check.pool < fine else "hole"
            listed = ", ".join(f'{{ address = "{member}" }}' for member in members)
            config += f'[pool.{label}]\nmonitor = "{monitor}"\nmembers = [{listed}]\n'
        config += f'[[zone]]\nname = "{APEX}"\nfile = "{self.workload.zone_file(APEX)}"\n'
        config += "".join(f'[[zone.live]]\nname = "{label}"\npool = "{label}"\n' for label, *_ in self.workload.pools)
        (self.place.directory / "holdfast.toml").write_text(config)
        return [BUILT / "holdfast", "serve", "--config", self.place.directory / "holdfast.toml"]

    def up(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.control_port}/api/v1/targets", timeout=30) as answer:
            return sum(target["verdict"] == "up" for target in json.load(answer))


class Endpoints(Server):
    """What is checked."""

    def __init__(self, check, cores, identity):
        self.process = subprocess.Popen(
            ["taskset", "--cpu-list", str(cores.generators[-1]), BUILT / "tests/bench/holdfast_endpoints", check.protocol, str(TARGET_PORT),
             str(FIRST), str(check.targets - check.holes), str(INTERVAL), identity], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._heard()

    def _heard(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the endpoints ended; what they say stands above")
        return line

    def say(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return self._heard()

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def make_workload(directory, check):
    """A zone with a live name for each pool; members follow each other from FIRST on."""
    pools = [(workloads.label(start), *(str(FIRST + i) for i in range(start, min(start + check.pool, check.targets))))
             for start in range(0, check.targets, check.pool)]
    lines = workloads.head(APEX) + [f"{label} 30 A {member}" for label, *members in pools for member in members]
    records = workloads.write_zone(directory, APEX, lines)
    return workloads.Workload(name="health", title="", directory=directory, apexes=[APEX], records=records,
                              samples=[(f"{pools[0][0]}.{APEX}", "A")], pools=pools)


def start(check, cores, plan, identity):
    """A server that checks, in its own directory; the caller stops it."""
    shutil.rmtree(plan.directory, ignore_errors=True)
    workload = make_workload(plan.directory, check)
    place = Place(plan.directory / check.kind.name, 5300, 1, check_interval=INTERVAL)
    server = check.kind(workload, place) if check.kind is Gdnsd else check.kind(workload, place, check, identity)
    server.start()
    server.pin(cores.server)
    return server


def memory_without_targets(check, cores, plan, identity):
    endpoints = Endpoints(check, cores, identity)
    server = start(dataclasses.replace(check, targets=2, holes=0), cores, plan, identity)
    try:
        time.sleep(1.5)  # until both were checked
        return server.memory()
    finally:
        server.stop()
        endpoints.stop()


def run(check, cores, plan, identity):
    empty = memory_without_targets(check, cores, plan, identity)
    endpoints = Endpoints(check, cores, identity)
    server = start(check, cores, plan, identity)
    try:
        time.sleep(plan.settle + (2 * INTERVAL if check.holes else 0))  # a start late for want of room is followed by another
        memory = server.memory()
        endpoints.say("begin")
        before, own, busy, began = server.used(), endpoints.used(), busy_seconds(), time.monotonic()
        time.sleep(plan.seconds)
        used, own = server.used() - before, endpoints.used() - own
        took = time.monotonic() - began
        seen = json.loads(endpoints.say("report"))
        others = busy_seconds() - busy - (used.nanoseconds + own.nanoseconds) / 1e9
        up = server.up() if check.kind is Checking else None
    finally:
        server.stop()
        endpoints.stop()
    checks = seen["visits"] + check.holes * took / INTERVAL
    each = used.nanoseconds / 1e3 / max(checks, 1)
    share = used.user_ticks / max(1, used.user_ticks + used.system_ticks)
    return Figures(name=server.name, check=check, busy=used.nanoseconds / 1e9 / took, checked=each, user=each * share,
                   kernel=each * (1 - share), memory=(memory - empty) / check.targets, seen=seen, up=up, others=others / took / len(cores.all))


def describe(figures):
    check, seen = figures.check, figures.seen
    star = " *" if figures.others > DISTURBED else ""
    fine = check.targets - check.holes
    return (figures.name + star, check.protocol, f"{fine:,}" + (f" + {check.holes:,} black holes" if check.holes else ""),
            f"{100 * figures.busy:.1f} %", f"{figures.checked:.0f}", f"{figures.user:.0f}", f"{figures.kernel:.0f}",
            "/".join(f"{seen[key]:.3f}" for key in ("min", "p1", "p99", "max")), f"{seen['busiest_second']:.2f}",
            f"{100 * seen['missed']:.2f} %", f"{figures.memory / 1024:.1f}", "" if figures.up in (None, fine) else f"only {figures.up:,} up")


def goals(results):
    """(what, wanted, reached)"""
    def find(kind, protocol, targets, holes=0):
        return next((each for each in results if each.check.kind is kind and each.check.protocol == protocol
                     and each.check.targets == targets and each.check.holes == holes), None)

    ours, peer = find(Checking, "tcp", BESIDE_GDNSD), find(Gdnsd, "tcp", BESIDE_GDNSD)
    if ours and peer:
        yield "CPU of a tcp check, of gdnsd's", "<= 1", f"{ours.checked / peer.checked:.2f}"
    tcp, http = find(Checking, "tcp", TARGETS), find(Checking, "http", TARGETS)
    if tcp and http:
        yield "CPU of an http check, of a tcp check's", "<= 3.75", f"{http.checked / tcp.checked:.2f}"
    for each in results:
        if each.check.kind is Checking:
            what = f"{each.check.protocol}, {each.check.targets:,} targets" + (", black holes" if each.check.holes else "")
            yield f"{what}: busiest second, of the mean", "<= 1.2", f"{each.seen['busiest_second']:.2f}"
            yield f"{what}: distance of two checks, of the interval", "0.8 .. 1.2", f"{each.seen['min']:.3f} .. {each.seen['max']:.3f}"


def checks(options):
    quick = options.quick
    wanted = options.only.split(",") if options.only else ("tcp", "http") if quick else PROTOCOLS
    for protocol in wanted:
        yield Check(Checking, protocol, HANDSHAKES if protocol in ("https", "tls") else TARGETS)
    for protocol in ("tcp", "http"):
        if protocol in wanted and (protocol == "tcp" or not quick):
            yield Check(Checking, protocol, TARGETS, int(TARGETS * HOLES))
    if "tcp" in wanted:
        yield Check(Checking, "tcp", BESIDE_GDNSD, pool=2)
        yield Check(Gdnsd, "tcp", BESIDE_GDNSD, pool=2)


@dataclasses.dataclass(frozen=True)
class Plan:
    settle: float  # seconds until every target has come into its slots
    seconds: float
    directory: pathlib.Path


def parse(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench health", description="what health checks cost, as markdown tables")
    parser.add_argument("--quick", action="store_true", help="under 90 seconds: tcp and http only, a shorter window")
    parser.add_argument("--only", default="", help=f"some of {','.join(PROTOCOLS)}")
    parser.add_argument("--seconds", type=float, help=f"of each measurement; {4 * INTERVAL}, quick: {INTERVAL + 1}")
    parser.add_argument("--json", metavar="FILE", help="all figures too")
    options = parser.parse_args(arguments)
    for protocol in filter(None, options.only.split(",")):
        if protocol not in PROTOCOLS:
            parser.error(f"--only: {protocol} is no protocol of a monitor")
    return options


def make_identity(directory):
    """A certificate that is its own authority, and its key, in one file."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "identity.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
                    f"/CN={APEX}", "-addext", f"subjectAltName=DNS:{APEX}", "-out", path, "-keyout", directory / "key.pem"],
                   check=True, capture_output=True)
    path.write_text(path.read_text() + (directory / "key.pem").read_text())
    return path


def main(arguments):
    options = parse(arguments)
    enter_namespace()
    pathlib.Path("/proc/sys/net/ipv4/ping_group_range").write_text("0 2147483647")
    cores = Cores.divide(1)
    seconds = options.seconds or (INTERVAL + 1 if options.quick else 4 * INTERVAL)
    made = ROOT / "build/bench-health"
    plan = Plan(settle=INTERVAL + (1 if options.quick else 4), seconds=seconds, directory=made / "run")
    identity = make_identity(made)
    results = []
    for check in checks(options):
        print(f"-- {check.kind.name}: {check.targets:,} x {check.protocol}, {check.holes:,} black holes", file=sys.stderr, flush=True)
        results.append(run(check, cores, plan, identity))
    print(f"# What health checks cost\n\nEach target every {INTERVAL} s, for {seconds:.0f} s. Distance of two checks of one target as part of the "
          "interval, as the target sees it. * disturbed by other programs\n")
    print(", ".join(f"{key}: {value}" for key, value in machine.describe([Checking, Gdnsd]).items()) + "\n")
    print(table(("server", "protocol", "targets", "of a core", "us/check", "user", "kernel", "distance min/p1/p99/max", "busiest second",
                 "missed", "KiB/target", ""), map(describe, results)))
    print(table(("goal", "wanted", "reached"), goals(results)))
    if options.json:
        with open(options.json, "w") as file:
            json.dump(results, file, default=lambda each: each.__name__ if isinstance(each, type) else dataclasses.asdict(each), indent=1)


if __name__ == "__main__":
    main(sys.argv[1:])
