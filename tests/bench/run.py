"""Measures holdfast beside its peers: ./dev bench --help.

All runs in a network namespace of its own. The server has the first core (or the first --workers), the generator the
next; all servers of a workload are there at once, but only the measured one is not stopped.
"""

import argparse
import dataclasses
import json
import pathlib
import shutil
import sys
import time

import instructions
import machine
import stages
import tables
import workloads
from measure import Cores
from namespace import enter_namespace
from peers import PEERS

ROOT = pathlib.Path(__file__).resolve().parents[2]
STAGES = ("udp", "latency", "tcp", "reload", "idle", "listener", "scrape", "transitions", "callgrind")


def parse(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench", description="holdfast beside its peers, as markdown tables")
    parser.add_argument("--quick", action="store_true", help="under three minutes: one short round, smaller W2 and W3, fewer peers")
    parser.add_argument("--only", default="", help=f"some of {','.join(workloads.MAKERS)} and {','.join(STAGES)}, such as W1,W3,udp")
    parser.add_argument("--peers", default="", help=f"some of {','.join(name for name in PEERS if name not in ('reflector', 'holdfast'))}, or none")
    parser.add_argument("--seconds", type=float, help="of each run; 4, quick: 1")
    parser.add_argument("--rounds", type=int, help="of each measurement; 3, quick: 1")
    parser.add_argument("--scale", type=float, help="of W2 and W3; 1, quick: 0.1")
    parser.add_argument("--workers", type=int, default=1, help="of each server, with as many cores for generators; 1")
    parser.add_argument("--json", metavar="FILE", help="all samples too")
    options = parser.parse_args(arguments)
    words = [word for word in options.only.split(",") if word]
    for word in words:
        if word not in workloads.MAKERS and word not in STAGES:
            parser.error(f"--only: {word} is neither a workload nor a stage")
    options.workloads = [word for word in workloads.MAKERS if word in words] or (["W1"] if "tcp" in words else list(workloads.MAKERS))
    options.stages = [word for word in STAGES if word in words] or list(STAGES)
    names = options.peers.lower().split(",") if options.peers else (["gdnsd", "nsd"] if options.quick else list(PEERS))
    for name in names:
        if name not in PEERS and name != "none":
            parser.error(f"--peers: nobody is called {name}")
    options.kinds = [kind for name, kind in PEERS.items() if name in ("reflector", "holdfast", *names)]
    for key, quick, full in (("seconds", 1.0, 4.0), ("rounds", 1, 3), ("scale", 0.1, 1.0)):
        if getattr(options, key) is None:
            setattr(options, key, quick if options.quick else full)
    return options


def main(arguments):
    options = parse(arguments)
    enter_namespace()
    began = time.monotonic()
    cores = Cores.divide(options.workers)
    made = ROOT / "build/bench-run"
    shutil.rmtree(made, ignore_errors=True)
    plan = stages.Plan(seconds=options.seconds, rounds=options.rounds, repeat_disturbed=not options.quick, idle_seconds=3 if options.quick else 10,
                       workers=options.workers, wanted=frozenset(options.stages), directory=made)
    results, counted = {}, {}
    for name in options.workloads:
        def say(what, name=name):
            print(f"-- {time.monotonic() - began:4.0f} s  {name}: {what}", file=sys.stderr, flush=True)
        say("made")
        if set(options.stages) != {"callgrind"}:
            workload = workloads.make(name, ROOT / "build/bench-data", options.scale)
            results[name] = stages.run(workload, options.kinds, cores, plan, say)
        if "callgrind" in options.stages:
            say("callgrind")
            counted[name] = instructions.per_answer(workloads.make(name, ROOT / "build/bench-data", 0.01), made)
    described = machine.describe(options.kinds)
    print(tables.everything(described, plan, results, counted))
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"machine": described, "results": results, "instructions": counted}, file, default=dataclasses.asdict, indent=1)


if __name__ == "__main__":
    main(sys.argv[1:])
