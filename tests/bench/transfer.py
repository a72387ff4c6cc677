"""./dev bench transfer: what it costs to move a zone of a million records to and from others, beside NSD and Knot.

Out: to a client that only reads. In: from a primary that only sends, the same octets to each. All runs in a network
namespace of its own; the server has one core, the other side the other.
"""

import argparse
import dataclasses
import json
import pathlib
import re
import shutil
import socket
import statistics
import struct
import sys
import threading
import time

import machine
import measure
import prepared
import questions
import workloads
from namespace import enter_namespace
from peers import BUILT, Holdfast, Knot, Nsd
from prepared import AXFR, HEADER, IXFR, LENGTH, Primary
from server import Place
from tables import spread, table

ROOT = pathlib.Path(__file__).resolve().parents[2]
APEX = "transfer.example"
RECORDS, CHANGES = 1_000_000, 1000
PORT, PRIMARY_PORT = 5300, 5900
APART = 2.5  # seconds from one version to the next, so that nobody makes it wait
SAMPLE = 0.02  # seconds between two looks at the memory
LIMIT = 300  # seconds
GOAL, GOAL_MEMORY = 1.0, 2.0  # of the faster peer; of the memory of the zone


# ---- the servers

def holdfast_config(server, peer, zone):
    home = server.place.directory
    (home / "holdfast.toml").write_text(f"""[server]
listen = ["127.0.0.1:{server.port}"]
threads = 1
state = "{home}/state"
[control]
listen = "127.0.0.1:{server.control_port}"
[peer.other]
{peer}
[[zone]]
name = "{APEX}"
{zone}
""")
    return [BUILT / "holdfast", "serve", "--config", home / "holdfast.toml"]


class HoldfastOut(Holdfast):
    def configure(self):
        return holdfast_config(self, 'networks = ["127.0.0.0/8"]\nnotify = false', f'file = "{self.workload.zone_file(APEX)}"\nsecondaries = ["other"]')


class HoldfastIn(Holdfast):
    def configure(self):
        return holdfast_config(self, f'addresses = ["127.0.0.1:{PRIMARY_PORT}"]', 'primaries = ["other"]')


def nsd_config(server, zone):
    command = Nsd.configure(server)
    file = server.place.directory / "nsd.conf"
    text = file.read_text().replace('xfrdfile: ""', f'xfrdfile: "{server.place.directory}/xfrd.state"\n  xfrd-reload-timeout: 0\n  verbosity: 1')
    file.write_text(text.replace(f'zone:\n  name: "{APEX}"\n  zonefile: "{APEX}"\n', f'zone:\n  name: "{APEX}"\n{zone}'))
    return command


class NsdOut(Nsd):
    def configure(self):
        return nsd_config(self, f'  zonefile: "{APEX}"\n  provide-xfr: 127.0.0.0/8 NOKEY\n  store-ixfr: yes\n  create-ixfr: yes\n  ixfr-size: 100000000\n')


class NsdIn(Nsd):
    def configure(self):
        return nsd_config(self, f'  zonefile: "{self.place.directory}/zone"\n  request-xfr: 127.0.0.1@{PRIMARY_PORT} NOKEY\n  allow-notify: 127.0.0.1 NOKEY\n')


def knot_config(server, zone):
    command = Knot.configure(server)
    file = server.place.directory / "knot.conf"
    head, _ = file.read_text().split("template:")
    file.write_text(head + f"""remote:
  - id: primary
    address: 127.0.0.1@{PRIMARY_PORT}
acl:
  - id: other
    address: 127.0.0.0/8
    action: [transfer, notify]
zone:
  - domain: "{APEX}."
    zonefile-sync: -1
    acl: other
{zone}""")
    return command


class KnotOut(Knot):
    def configure(self):
        return knot_config(self, f'    file: "{self.workload.zone_file(APEX)}"\n    zonefile-load: difference\n')


class KnotIn(Knot):
    def configure(self):
        return knot_config(self, f'    file: "{self.place.directory}/zone"\n    master: primary\n')


# As primaries all give to whoever is on this machine, and find the changes of their file; as secondaries all take what is prepared.
OUT, IN = (HoldfastOut, NsdOut, KnotOut), (HoldfastIn, NsdIn, KnotIn)


# ---- the zone

def lines_of_zone(records):
    """The types of a name stand in the order of their numbers: of others NSD 4.6.1 puts into an IXFR what has not changed."""
    lines = workloads.head(APEX)
    begin, rest = len(lines), records - 5
    for kind, first, share, data in (
            ("A", 0, 0.5, workloads.address), ("AAAA", 0, 0.28, lambda i: f"2001:db8::{i >> 16:x}:{i & 0xffff:x}"),
            ("MX", 0.28, 0.11, lambda i: f"10 {workloads.label(i)}"), ("TXT", 0.39, 0.083, lambda i: f'"v=spf1 ip4:{workloads.address(i)} -all"'),
            ("CNAME", 0.5, 1, lambda i: workloads.label(i // 2))):
        first, count = int(first * rest), min(int(share * rest), rest + begin - len(lines))
        lines += [f"{workloads.label(i)} 3600 {kind} {data(i)}" for i in range(first, first + count)]
    return lines


def with_changes(lines, serial):
    """Of that version: as prepared.Primary has it."""
    lines = list(lines)
    lines[1] = lines[1].replace(str(workloads.SERIAL), str(serial))
    for number in range(CHANGES):
        at = lines.index(f"{workloads.label(number)} 3600 A {workloads.address(number)}", number)
        lines[at] = f"{workloads.label(number)} 3600 A {socket.inet_ntoa(prepared.data(number, serial))}"
    return lines


# ---- out

def read_transfer(port, kind, expected, serial=0, keep=False):
    """(seconds, octets, messages, what came when it is to be kept) until so many records are there."""
    question = questions.name_octets(APEX) + struct.pack("!2H", kind, 1)
    authority = prepared.soa(APEX, serial) if kind == IXFR else b""
    query = HEADER.pack(7, 0, 1, 0, 1 if authority else 0, 0) + question + authority
    kept, octets, messages, records = bytearray(), 0, 0, 0
    room = bytearray(1 << 20)
    view = memoryview(room)
    with socket.create_connection(("127.0.0.1", port)) as stream:
        stream.settimeout(LIMIT)
        began = time.monotonic()
        stream.sendall(LENGTH.pack(len(query)) + query)
        filled = 0
        while records < expected:
            count = stream.recv_into(view[filled:])
            if not count:
                raise RuntimeError(f"the stream ends after {records} of {expected} records")
            filled += count
            at = 0
            while filled - at >= LENGTH.size + HEADER.size:
                size = LENGTH.size + LENGTH.unpack_from(room, at)[0]
                if at + size > filled:
                    break
                _, flags, _, answers, _, _ = HEADER.unpack_from(room, at + LENGTH.size)
                if flags & 15:
                    raise RuntimeError(f"refused with rcode {flags & 15}")
                records += answers
                messages += 1
                at += size
            if keep:
                kept += view[:at]
            octets += at
            view[:filled - at] = bytes(view[at:filled])
            filled -= at
        took = time.monotonic() - began
    if records != expected:
        raise RuntimeError(f"{records} records came, not {expected}")
    return took, octets, messages, bytes(kept)


@dataclasses.dataclass
class Given:
    """To one who only reads."""
    seconds: list = dataclasses.field(default_factory=list)
    cpu: list = dataclasses.field(default_factory=list)  # seconds, the server's
    ixfr: list = dataclasses.field(default_factory=list)  # seconds
    octets: int = 0
    messages: int = 0
    ixfr_octets: int = 0
    changed: float = 0.0  # seconds from the reload to the new serial
    loaded: float = 0.0
    memory: int = 0  # octets, before a transfer
    peak: int = 0


def give(kind, workload, lines, cores, options):
    """(Given, the octets of a whole transfer)"""
    print(f"-- out of {kind.name}", file=sys.stderr, flush=True)
    workloads.write_zone(workload.directory, APEX, lines)
    server, given = kind(workload, Place(workload.directory / f"out-{kind.name}", PORT, 1)), Given()
    try:
        given.loaded = server.start()
        server.pin(cores.server)
        whole = read_transfer(PORT, AXFR, options.records + 1, keep=True)
        given.octets, given.messages = whole[1:3]
        for _ in range(options.rounds):
            before = server.used()
            given.seconds.append(read_transfer(PORT, AXFR, options.records + 1)[0])
            given.cpu.append((server.used() - before).nanoseconds / 1e9)
        time.sleep(1)
        given.memory = server.memory()
        with Peak(server) as peak:
            read_transfer(PORT, AXFR, options.records + 1)
        given.peak = peak.octets

        time.sleep(1)  # NSD looks at whole seconds of the file's time
        workloads.write_zone(workload.directory, APEX, with_changes(lines, workloads.SERIAL + 1))
        began = time.monotonic()
        server.reload(APEX)
        questions.wait_for(lambda: server.serial(APEX) == workloads.SERIAL + 1, LIMIT, f"{kind.name}: the changed zone")
        given.changed = time.monotonic() - began
        time.sleep(1)
        for _ in range(20 * options.rounds):
            took, given.ixfr_octets, _, _ = read_transfer(PORT, IXFR, 2 * CHANGES + 4, workloads.SERIAL)
            given.ixfr.append(took)
    finally:
        server.stop()
    return given, whole[3]


# ---- in

class Peak:
    """The most memory that a server has while this is open."""

    def __init__(self, server):
        self.server, self.octets = server, 0
        self._done = threading.Event()

    def __enter__(self):
        for pid in self.server.tree():
            pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")  # resets what VmHWM says
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def _look(self):
        while not self._done.wait(SAMPLE):
            try:
                self.octets = max(self.octets, self.server.memory())
            except (FileNotFoundError, ProcessLookupError, TypeError):  # a process of it just ended
                pass

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()
        if len(tree := self.server.tree()) == 1:  # of one process the kernel knows, of several it would count twice what they share
            status = pathlib.Path(f"/proc/{tree[0]}/status").read_text()
            self.octets = max(self.octets, 1024 * int(re.search(r"^VmHWM:\s+(\d+)", status, re.M)[1]))


@dataclasses.dataclass
class Taken:
    """From one who only sends: seconds from its NOTIFY until the new serial is served."""
    axfr: list = dataclasses.field(default_factory=list)
    cpu: list = dataclasses.field(default_factory=list)  # seconds of the server's, of an AXFR
    ixfr: list = dataclasses.field(default_factory=list)
    ixfr_cpu: list = dataclasses.field(default_factory=list)  # seconds of the server's, of an IXFR
    memory: int = 0  # octets, with the zone, a while after an AXFR
    peak: int = 0  # during an AXFR


def advance(server, primary):
    began = time.monotonic()
    serial = primary.advance(server.port)
    questions.wait_for(lambda: server.serial(APEX) == serial, LIMIT, f"{server.name}: serial {serial}", pause=0.001)
    return time.monotonic() - began


def take(kind, taken, workload, whole, cores, measured_memory):
    """One round. Looking at the memory takes time, so that is a round of its own."""
    print(f"-- into {kind.name}", file=sys.stderr, flush=True)
    directory = workload.directory / f"in-{kind.name}"
    shutil.rmtree(directory, ignore_errors=True)
    primary = Primary(PRIMARY_PORT, APEX, whole, range(CHANGES))
    server = kind(dataclasses.replace(workload, samples=[(APEX, "SOA")]), Place(directory, PORT, 1))
    try:
        server.start()
        server.pin(cores.server)
        time.sleep(APART)
        if measured_memory:
            with Peak(server) as peak:
                advance(server, primary)
            taken.peak = peak.octets
            time.sleep(2 * APART)
            taken.memory = server.memory()
        else:
            before = server.used()
            taken.axfr.append(advance(server, primary))
            taken.cpu.append((server.used() - before).nanoseconds / 1e9)
            for _ in range(3):
                time.sleep(APART)
                before = server.used()
                taken.ixfr.append(advance(server, primary))
                taken.ixfr_cpu.append((server.used() - before).nanoseconds / 1e9)
    finally:
        server.stop()
        primary.close()


# ---- what is told

def compared(figures, better=min):
    """{name: its figure as a share of the faster peer's}"""
    best = better(value for name, value in figures.items() if name != Holdfast.name)
    return {name: value / best for name, value in figures.items()}


def column(results, key, form="{:.2f}", scale=1):
    middle = {name: statistics.median(getattr(result, key)) for name, result in results.items()}
    ratios = compared(middle)
    return {name: f"{spread([scale * each for each in getattr(result, key)], form)} ({ratios[name]:.2f})" for name, result in results.items()}


def mib(octets):
    return f"{octets / 2**20:.0f}"


def out_table(given):
    seconds, cpu, ixfr = column(given, "seconds"), column(given, "cpu"), column(given, "ixfr", "{:.1f}", 1000)
    return table(("server", "AXFR, s", "CPU, s", "octets, M", "messages", "MiB before", "MiB at most", "reload of the changes, s", "IXFR, ms", "octets"),
                 [(name, seconds[name], cpu[name], f"{each.octets / 1e6:.1f}", f"{each.messages:,}", mib(each.memory), mib(each.peak),
                   f"{each.changed:.2f}", ixfr[name], f"{each.ixfr_octets:,}") for name, each in given.items()])


def in_table(taken):
    axfr, cpu, ixfr = column(taken, "axfr"), column(taken, "cpu"), column(taken, "ixfr", "{:.1f}", 1000)
    ixfr_cpu = column(taken, "ixfr_cpu", "{:.1f}", 1000)
    return table(("server", "AXFR, s", "CPU, s", "MiB with the zone", "MiB at most", "of that", "IXFR, ms", "CPU, ms"),
                 [(name, axfr[name], cpu[name], mib(each.memory), mib(each.peak), f"{each.peak / each.memory:.2f}", ixfr[name], ixfr_cpu[name])
                  for name, each in taken.items()])


def goals(given, taken):
    """(what, wanted, reached, whether that is enough)"""
    for what, results, key in (("AXFR out", given, "seconds"), ("IXFR out", given, "ixfr"), ("AXFR in", taken, "axfr"), ("IXFR in", taken, "ixfr")):
        if Holdfast.name in results:
            ratio = compared({name: statistics.median(getattr(each, key)) for name, each in results.items()})[Holdfast.name]
            yield f"{what}: time, of the faster peer's", f"<= {GOAL}", f"{ratio:.2f}", ratio <= GOAL
    if ours := taken.get(Holdfast.name):
        yield "AXFR in: memory at most, of what the zone takes", f"<= {GOAL_MEMORY}", f"{ours.peak / ours.memory:.2f}", ours.peak <= GOAL_MEMORY * ours.memory


def parse(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench transfer", description="zone transfer out and in beside NSD and Knot, as markdown tables")
    parser.add_argument("--records", type=int, default=RECORDS, help=f"of the zone; {RECORDS:,}")
    parser.add_argument("--rounds", type=int, default=3, help="of each; 3")
    parser.add_argument("--only", default="holdfast,nsd,knot", help="some of holdfast,nsd,knot; knot is needed, its transfer is what others take")
    parser.add_argument("--json", metavar="FILE", help="all figures too")
    options = parser.parse_args(arguments)
    options.names = options.only.lower().split(",")
    if "knot" not in options.names:
        parser.error("--only: without knot there is nothing to take")
    return options


def main(arguments):
    options = parse(arguments)
    enter_namespace()
    cores = measure.Cores.divide(1)
    made = ROOT / "build/bench-transfer"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    lines = lines_of_zone(options.records)
    workload = workloads.Workload(name="transfer", title="", directory=made, apexes=[APEX], records=options.records, samples=[(f"ns1.{APEX}", "A")])
    given, taken, whole = {}, {}, b""
    for kind in (kind for kind in OUT if kind.name.lower() in options.names):
        given[kind.name], octets = give(kind, workload, lines, cores, options)
        whole = octets if kind is KnotOut else whole
    kinds = [kind for kind in IN if kind.name.lower() in options.names]
    for round_ in range(options.rounds + 1):
        for kind in kinds:
            take(kind, taken.setdefault(kind.name, Taken()), workload, whole, cores, measured_memory=round_ == options.rounds)
    print(f"# A zone of {options.records:,} records is transferred\n\nOut: to a client that only reads. In: from one that only sends, from its NOTIFY "
          f"until the serial is served. An IXFR changes {CHANGES:,} records. Medians and [min-max] of {options.rounds} rounds, in parentheses as a share "
          "of the faster peer's.\n")
    print(", ".join(f"{key}: {value}" for key, value in machine.describe(kinds).items()) + "\n")
    print("## Out\n\n" + out_table(given) + "\n## In\n\n" + in_table(taken))
    print("## Targets\n\n" + table(("target", "wanted", "reached", ""), [(what, wanted, reached, "met" if met else "MISSED")
                                                                        for what, wanted, reached, met in goals(given, taken)]))
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"out": given, "in": taken}, file, default=dataclasses.asdict, indent=1)


if __name__ == "__main__":
    main(sys.argv[1:])
