"""./dev bench live: what a live name costs beside a name with plain records, by how its members are chosen.

Each is asked in turns with the others, for a short while, round after round; what is told is how it stands to a plain name
in the same round. All runs in a network namespace of its own; the server has one core, the generator the other.
"""

import argparse
import dataclasses
import json
import pathlib
import random
import shutil
import statistics
import sys
import urllib.request

import figures
import machine
import measure
import networks
import questions
import workloads
from namespace import enter_namespace
from peers import BUILT, Gdnsd, Holdfast
from server import Place
from tables import spread, table

ROOT = pathlib.Path(__file__).resolve().parents[2]
APEX, TARGET, ELSEWHERE = "live.example", "target", "elsewhere.example"
NAMES = 1000  # of each kind
QUERIES = 50_000  # of each row, or one for each network of clients
RESOLVERS, ANYWHERE = 10_000, 400_000  # networks of clients
LEARNED = 1000  # networks of which one target's own answers are kept
PLACES = {"africa": ("AF",), "america": ("NA", "SA"), "asia": ("AS", "OC"), "europe": ("EU", "AN")}
GOAL = 1.3  # of a plain name

TWO, FOUR = [{"address": f"192.0.2.{i}"} for i in (1, 2)], [{"address": f"192.0.2.{i}"} for i in range(1, 5)]


def with_each(members, key, values):
    return [member | {key: value} for member, value in zip(members, values)]


POOLS = {"all": ({}, TWO),
         "failover": ({"policy": "failover"}, with_each(FOUR, "tier", (1, 1, 2, 2))),
         "weighted": ({"policy": "weighted"}, with_each(TWO, "weight", (1, 2))),
         "two": ({"policy": "weighted", "limit": 2}, with_each(FOUR, "weight", (1, 2, 3, 4))),
         "turns": ({"limit": 2}, FOUR),
         "hashed": ({"policy": "hashed"}, FOUR),
         "nearest": ({"policy": "nearest"}, with_each(FOUR, "location", PLACES))}
ANAMES = {"aname": f"{TARGET}.{APEX}", "network": f"cdn.{ELSEWHERE}"}
TITLES = {"plain": "plain record", "all": "all", "failover": "failover", "weighted": "weighted, 1 of 2", "two": "weighted, 2 of 4",
          "turns": "in turns, 2 of 4", "hashed": "hashed", "nearest": "nearest to the client", "aname": "ANAME, target of ours",
          "network": "ANAME, by the client's network"}


@dataclasses.dataclass(frozen=True)
class Row:
    """What is asked for, by whom."""
    kind: str
    clients: str = ""  # whose networks are told; empty: of none

    @property
    def beside(self):
        return Row("plain", self.clients)


ROWS = ([Row(kind) for kind in TITLES if kind != "network"] + [Row(kind, "resolvers") for kind in TITLES if kind != "network"]
        + [Row(kind, "anywhere") for kind in ("plain", "nearest")] + [Row(kind, "few") for kind in ("plain", "network")])


class Live(Holdfast):
    def configure(self):
        pools = "".join(f'[pool.{name}]\n' + "".join(f"{key} = {json.dumps(value)}\n" for key, value in rules.items())
                        + "members = [" + ", ".join("{" + ", ".join(f"{key} = {json.dumps(value)}" for key, value in member.items()) + "}"
                                                     for member in members) + "]\n" for name, (rules, members) in POOLS.items())
        places = "".join(f'[location.{place}]\n[clients.{place}]\ncontinents = {json.dumps(continents)}\n' for place, continents in PLACES.items())
        live = "".join(f'[[zone.live]]\nname = "{owner(kind, i)}"\n' + (f'pool = "{kind}"\n' if kind in POOLS else f'aname = "{ANAMES[kind]}"\nttl = "1h"\n')
                       for kind in (*POOLS, *ANAMES) for i in range(NAMES))
        (self.place.directory / "holdfast.toml").write_text(f"""[server]
listen = ["127.0.0.1:{self.port}"]
threads = {self.place.workers}
[control]
listen = "127.0.0.1:{self.control_port}"
[geo]
database = "{networks.DATABASE}"
[resolver]
upstreams = ["127.0.0.1:{self.port + 1}"]
budget = 10_000
max_ttl = "1h"
allow_private = true
{places}{pools}[[zone]]
name = "{APEX}"
file = "{self.workload.zone_file(APEX)}"
{live}""")
        return [BUILT / "holdfast", "serve", "--config", self.place.directory / "holdfast.toml"]

    def networks_learned(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.control_port}/api/v1/aliases", timeout=30) as answer:
            return sum(len(target["networks"]) for target in json.load(answer)["targets"] if target["type"] == "A")


class Elsewhere(Gdnsd):
    """Where the target of an ANAME has other addresses for some networks of clients."""

    def __init__(self, workload, place, clients):
        super().__init__(workload, place)
        self.clients = clients

    def configure(self):
        home = self.place.directory
        (home / "zones").mkdir(parents=True, exist_ok=True)
        (home / "zones" / ELSEWHERE).write_text("@ SOA ns1 hostmaster 1 7200 3600 1209600 3600\n@ NS ns1\nns1 A 192.0.2.53\ncdn 3600 DYNA geoip!cdn\n")
        nets = "\n".join(f"{network} => [ {('one', 'two')[i % 2]} ]" for i, network in enumerate(self.clients))
        (home / "config").write_text(f"""options => {{ listen => 127.0.0.1:{self.port}, udp_threads => 1, tcp_threads => 1,
            run_dir => {home}/run, state_dir => {home}/state, edns_client_subnet => true }}
plugins => {{ geoip => {{
  maps => {{ places => {{ datacenters => [ one, two ], nets => {{ {nets} }} }} }}
  resources => {{ cdn => {{ map => places, service_types => up, dcmap => {{ one => [ 198.51.100.1 ], two => [ 198.51.100.2 ] }} }} }} }} }}
""")
        return ["/usr/sbin/gdnsd", "-c", home, "start"]


def owner(kind, number):
    return f"{kind}-{workloads.label(number)}"


# ---- what is asked

def clients():
    """Networks of clients, by the word that a Row has for them."""
    among, chance = networks.known(), random.Random(1)
    of = {"resolvers": RESOLVERS, "anywhere": ANYWHERE, "few": LEARNED}
    return {"": [], **{word: networks.of_clients(count, chance, among) for word, count in of.items()}}


def queries(row, told, chance):
    for i in range(max(QUERIES, len(told))):
        name = f"{owner(row.kind, chance.randrange(NAMES))}.{APEX}"
        # Each client once before one comes again: with fewer of them they are drawn.
        network = () if not told else (told[i],) if len(told) >= QUERIES else (chance.choice(told),)
        yield name, "A", *network


def make_workloads(directory, by_clients):
    """(the zone's, {Row: what is asked})"""
    lines = workloads.head(APEX) + [f"{owner('plain', i)} 30 A {workloads.address(i)}" for i in range(NAMES)]
    lines += [f"{TARGET} 3600 A {member['address']}" for member in TWO]
    records = workloads.write_zone(directory, APEX, lines)
    samples = [(f"{owner(kind, 0)}.{APEX}", "A") for kind in TITLES]

    def workload(name, **more):
        return workloads.Workload(name=name, title="", directory=directory / name, apexes=[APEX], records=records, **more)
    asked = {}
    for number, row in enumerate(ROWS):
        asked[row] = workload(str(number), samples=[])
        asked[row].directory.mkdir()
        questions.write(asked[row].queries, queries(row, by_clients[row.clients], random.Random(number)))
    return dataclasses.replace(workload("live", samples=samples), directory=directory), asked


# ---- what that costs

def ask(row, asked, server, cores, seconds):
    server.workload = asked[row]
    sample = measure.once("saturation", server, cores, seconds)
    if set(sample.report["rcodes"]) != {"0"} or not sample.report["answer"]:
        raise RuntimeError(f"{row}: not all had records in their answers: {sample.report}")
    return sample


def learn(asked, server, cores):
    """Until all networks of its clients have answers of their own; neighbours may have one together."""
    learned = [-1, 0]
    while learned[-1] != learned[-2] or not learned[-1]:
        ask(Row("network", "few"), asked, server, cores, 0.3)
        learned.append(server.networks_learned())


def run(asked, server, cores, options):
    """{Row: samples}, a round after the other, each the other way round than the one before."""
    taken = {row: [] for row in ROWS}
    for row in ROWS:
        ask(row, asked, server, cores, 0.2)
    for number in range(options.rounds):
        print(f"-- round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)
        for row in ROWS[::-1] if number % 2 else ROWS:
            taken[row].append(ask(row, asked, server, cores, options.seconds))
    return taken


def of_plain(row, taken):
    """How often its cost is that of a plain name that the same clients asked for, in each round."""
    return [one.nanoseconds / plain.nanoseconds for one, plain in zip(taken[row], taken[row.beside])]


def describe(row, taken):
    samples, ratios = taken[row], of_plain(row, taken)
    user, error = figures.user(samples)
    star = " *" if statistics.median(each.others for each in samples) > measure.DISTURBED else ""
    return (TITLES[row.kind] + star, {"": "-", "resolvers": f"{RESOLVERS:,}", "anywhere": f"{ANYWHERE:,}", "few": f"{LEARNED:,}"}[row.clients],
            spread([each.nanoseconds for each in samples]), spread(ratios, "{:.2f}"), f"{user:.0f} +-{error:.0f}",
            f"{figures.per_answer(samples, 'answer'):.2f}", f"{figures.per_answer(samples, 'octets'):.0f}")


def parse(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench live", description="what a live name costs beside plain records, as markdown tables")
    parser.add_argument("--rounds", type=int, default=7, help="of each; 7")
    parser.add_argument("--seconds", type=float, default=0.5, help="of each, in each round; 0.5")
    parser.add_argument("--json", metavar="FILE", help="all samples too")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    enter_namespace()
    cores = measure.Cores.divide(1)
    made = ROOT / "build/bench-live"
    shutil.rmtree(made, ignore_errors=True)
    print("-- questions", file=sys.stderr, flush=True)
    by_clients = clients()
    zone, asked = make_workloads(made, by_clients)
    there = workloads.Workload(name="elsewhere", title="", directory=made, apexes=[ELSEWHERE], records=4, samples=[(f"cdn.{ELSEWHERE}", "A")])
    elsewhere = Elsewhere(there, Place(made / "gdnsd", 5301, 1), by_clients["few"])
    server = Live(zone, Place(made / "holdfast", 5300, 1))
    try:
        elsewhere.start()
        server.start()
        server.pin(cores.server)
        learn(asked, server, cores)
        taken = run(asked, server, cores, options)
    finally:
        server.stop()
        elsewhere.stop()
    print(f"# Live names beside plain records\n\n{NAMES:,} names of each kind, A over UDP as fast as one worker answers; {options.rounds} interleaved rounds of "
          f"{options.seconds:g} s: medians and [min-max]. CPU is the server's, the kernel's share too; of it user time, from the kernel's tick, with its standard "
          "error. Networks: of real clients, as the queries tell them (EDNS client subnet). * disturbed by other programs\n")
    print(", ".join(f"{key}: {value}" for key, value in machine.describe([Live, Elsewhere]).items()) + "\n")
    print(table(("answered by", "clients' networks", "CPU ns/q", "of a plain record", "user ns/q", "records", "octets"),
                [describe(row, taken) for row in ROWS]))
    worst = max((row for row in ROWS if row.beside != row), key=lambda row: statistics.median(of_plain(row, taken)))
    print(table(("goal", "wanted", "reached"), [(f"the dearest of them ({TITLES[worst.kind]}), of a plain record", f"<= {GOAL}",
                                                 f"{statistics.median(of_plain(worst, taken)):.2f}")]))
    if options.json:
        with open(options.json, "w") as file:
            json.dump([{**dataclasses.asdict(row), "samples": [dataclasses.asdict(each) for each in taken[row]]} for row in ROWS], file, indent=1)


if __name__ == "__main__":
    main(sys.argv[1:])
