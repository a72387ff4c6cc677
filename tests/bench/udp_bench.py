"""Queries per second over loopback UDP with one worker, and CPU time per query: holdfast beside NSD, same load.

The server has the first core, dnsperf the second. Usage: udp_bench.py PATH-OF-HOLDFAST
"""

import os
import pathlib
import random
import re
import socket
import subprocess
import sys
import tempfile
import time

SECONDS = 5
ROUNDS = 3  # in turn, so that a slow moment of the machine meets both
NAMES = 10_000

HOLDFAST_CONFIG = """
[server]
listen = ["127.0.0.1:{port}"]
threads = 1

[[zone]]
name = "bench.example"
file = "{directory}/bench.zone"
"""

NSD_CONFIG = """
server:
  ip-address: 127.0.0.1@{port}
  server-count: 1
  username: ""
  zonesdir: "{directory}"
  database: ""
  pidfile: "{directory}/nsd.pid"
  xfrdfile: ""
  zonelistfile: "{directory}/nsd.list"
  xfrdir: "{directory}"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: bench.example
  zonefile: bench.zone
"""


def write_zone_and_questions(directory):
    names = [f"host{i}" for i in range(NAMES)]
    with open(directory / "bench.zone", "w") as zone:
        print("$ORIGIN bench.example.\n$TTL 3600\n@ SOA ns1 hostmaster 1 7200 3600 1209600 300\n@ NS ns1\nns1 A 192.0.2.1",
              file=zone)
        for i, name in enumerate(names):
            print(f"{name} A 192.0.2.{i % 256}\n{name} AAAA 2001:db8::{i:x}\n{name} MX 10 {names[i - 1]}", file=zone)
        print("*.wild A 192.0.2.1\nsub NS ns.sub\nns.sub A 192.0.2.53", file=zone)
    chance = random.Random(1)
    with open(directory / "questions", "w") as questions:
        for _ in range(100_000):
            name = chance.choice(names)
            kind = chance.choices(["A", "AAAA", "MX", "NXDOMAIN", "wildcard", "referral"], [50, 20, 5, 15, 5, 5])[0]
            asked = {"NXDOMAIN": f"no-{name} A", "wildcard": f"{name}.wild A", "referral": f"{name}.sub A"}
            owner, rdtype = asked.get(kind, f"{name} {kind}").split()
            print(f"{owner}.bench.example {rdtype}", file=questions)


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes(pid):
    """A process and its descendants: NSD answers in a child."""
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid] + [each for child in children for each in processes(int(child))]


def cpu_seconds(pid):
    ticks = 0
    for each in processes(pid):
        fields = pathlib.Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])  # utime, stime
    return ticks / os.sysconf("SC_CLK_TCK")


def wait_until_it_answers(port):
    deadline = time.monotonic() + 30
    while subprocess.run(["dig", "@127.0.0.1", "-p", str(port), "+tries=1", "+time=1", "bench.example", "SOA"],
                         stdout=subprocess.DEVNULL).returncode != 0:
        if time.monotonic() > deadline:
            sys.exit("udp_bench: the server does not answer")


def measure(command, port, questions):
    """(queries per second, CPU time per query in microseconds, queries lost) of one server that is started for it."""
    server = subprocess.Popen(["taskset", "--cpu-list", "0", *command], stderr=subprocess.DEVNULL)
    try:
        wait_until_it_answers(port)
        before = cpu_seconds(server.pid)
        report = subprocess.run(["taskset", "--cpu-list", str(1 % os.cpu_count()), "dnsperf", "-s", "127.0.0.1", "-p", str(port),
                                 "-d", questions, "-l", str(SECONDS), "-q", "200"], capture_output=True, text=True, check=True).stdout
        spent = cpu_seconds(server.pid) - before
    finally:
        server.terminate()
        server.wait()
    completed = int(re.search(r"Queries completed:\s+(\d+)", report)[1])
    lost = int(re.search(r"Queries lost:\s+(\d+)", report)[1])
    return float(re.search(r"Queries per second:\s+([\d.]+)", report)[1]), spent / completed * 1e6, lost


def main(holdfast):
    with tempfile.TemporaryDirectory() as made:
        directory = pathlib.Path(made)
        write_zone_and_questions(directory)
        ports = {"holdfast": free_port(), "NSD": free_port()}
        (directory / "holdfast.toml").write_text(HOLDFAST_CONFIG.format(port=ports["holdfast"], directory=directory))
        (directory / "nsd.conf").write_text(NSD_CONFIG.format(port=ports["NSD"], directory=directory))
        commands = {"holdfast": [holdfast, "serve", "--config", str(directory / "holdfast.toml")],
                    "NSD": ["/usr/sbin/nsd", "-d", "-c", str(directory / "nsd.conf")]}
        print(f"{'':10} {'queries/s':>12} {'CPU us/query':>14} {'lost':>6}    {ROUNDS} rounds of {SECONDS} s, UDP, one worker")
        for _ in range(ROUNDS):
            for name, command in commands.items():
                rate, cpu, lost = measure(command, ports[name], str(directory / "questions"))
                print(f"{name:10} {rate:12,.0f} {cpu:14.2f} {lost:6}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
