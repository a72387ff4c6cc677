"""Every way in which a probe can fail, each by a real endpoint with that fault; and everybody who tells of it agrees.

There is no `resolve_failed` among them: a target is an address, and there is nothing to resolve.
"""

import contextlib
import ctypes
import http.server
import json
import os
import re
import signal
import socket
import struct
import subprocess
import threading
import time

import pytest

from conftest import DEMO_ZONE, START_LIMIT, write_nginx_conf

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="a network of one's own, with rules that drop packets, takes root")

CLONE_NEWNET = 0x40000000

OUTCOMES = ("connect_timeout", "refused", "reset", "unreachable", "tls_handshake", "header_timeout", "bad_status", "body_timeout",
            "expect_missing", "bad_banner", "ping_timeout", "dns_error", "exec_failed")
HOSTS = {outcome: f"127.0.1.{number}" for number, outcome in enumerate(OUTCOMES, 1)} | {
    "unreachable": "198.51.100.1",  # behind a route that says so
    "dns_error": "127.0.0.1",  # where the fixture's NSD listens
}

# What nobody may answer, and where nobody comes.
NETWORK = f"""
ip link set lo up
ip route add unreachable 198.51.100.0/24
nft add table inet faults
nft add chain inet faults input '{{ type filter hook input priority filter; }}'
nft add rule inet faults input ip daddr {HOSTS["connect_timeout"]} drop
nft add rule inet faults input ip daddr {HOSTS["ping_timeout"]} icmp type echo-request drop
"""

CONFIG = """
[server]
listen = ["127.0.0.1:0"]
state = "{directory}/state"

[control]
listen = "127.0.0.1:0"

[probes]
exec_directory = "{directory}/checks"

[contact.ops]
type = "webhook"
url = "{hook}"

[notify]
contacts = ["ops"]
group = "0s"
hourly = 1000

[[zone]]
name = "demo.example"
file = "demo.example.zone"
live = [{live}]
"""

# Every probe has to end so, also one on a machine that is busy elsewhere for a while: hence 5 s.
WATCHED = """
[monitor.{outcome}]
interval = "6s"
timeout = "5s"
fall = 1
{options}
[pool.{outcome}]
monitor = "{outcome}"
members = [{{ address = "{address}" }}]
"""


@pytest.fixture
def own_network():
    """The test runs in a network namespace of its own, and whatever it starts."""
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    assert libc.unshare(CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
    try:
        subprocess.run(["sh", "-e", "-c", NETWORK], check=True)
        yield
    finally:
        assert libc.setns(before, CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        os.close(before)


def is_listening(address, port):
    with socket.socket() as attempt:
        return attempt.connect_ex((address, port)) == 0


@pytest.fixture
def nginx(tmp_path, certificate):
    """nginx(port) starts the one with three faults, and waits until it listens. It ends with the test."""
    started = []

    def start(port):
        directory = tmp_path / "nginx"
        directory.mkdir()
        faults = ("tls_handshake", "bad_status", "expect_missing")
        listen = {outcome: f"listen {HOSTS[outcome]}:{port}" for outcome in faults}
        write_nginx_conf(directory,
                         f"{listen['tls_handshake']} ssl; ssl_certificate {certificate[0]}; "
                         f"ssl_certificate_key {certificate[1]}; return 200;",
                         f'{listen["bad_status"]}; return 503 "maintenance";',
                         f'{listen["expect_missing"]}; return 200 "I eat toast for breakfast!";')
        process = subprocess.Popen(["/usr/sbin/nginx", "-p", directory, "-c", directory / "nginx.conf", "-e", "stderr"])
        started.append(process)
        deadline = time.monotonic() + START_LIMIT
        for outcome in faults:
            while not is_listening(HOSTS[outcome], port):
                assert process.poll() is None and time.monotonic() < deadline, "nginx does not listen"
                time.sleep(0.01)

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def listen():
    """listen(address, port, serve) accepts connections, each of which is given to serve()."""
    listeners = []

    def start(address, port, serve):
        listener = socket.create_server((address, port))
        listeners.append(listener)

        def run():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:  # the test is over
                    return
                with connection, contextlib.suppress(OSError):  # who probes may have gone; the next one comes
                    serve(connection)

        threading.Thread(target=run, daemon=True).start()

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def reset(connection):
    connection.recv(4096)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def stall(connection):
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nI eat ")
    connection.recv(4096)


def turn_away(connection):
    connection.sendall(b"554 no service here\r\n")
    connection.recv(4096)


class Told:
    """The webhook that people are told by: events by monitor, as they come."""

    def __init__(self):
        self.events = {}
        self._more = threading.Condition()
        told = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(204)
                self.end_headers()
                with told._more:
                    told.events.update({event["monitor"]: event for event in document["events"]})
                    told._more.notify_all()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self):
        with self._more:
            assert self._more.wait_for(lambda: len(self.events) == len(OUTCOMES), START_LIMIT), set(OUTCOMES) - set(self.events)
            return self.events


@pytest.fixture
def told(own_network):
    webhook = Told()
    yield webhook
    webhook.server.shutdown()
    webhook.server.server_close()


def monitors(port, dns_port, ca_file):
    """What each outcome is watched by."""
    web = f'type = "http"\nport = {port}'
    return {
        "connect_timeout": f'type = "tcp"\nport = {port}',
        "refused": f'type = "tcp"\nport = {port}',
        "reset": web,
        "unreachable": f'type = "tcp"\nport = {port}',
        "tls_handshake": f'type = "https"\nport = {port}\nhost = "www.example.com"\nca_file = "{ca_file}"',
        "header_timeout": web,
        "bad_status": web,
        "body_timeout": web,
        "expect_missing": web + '\nexpect = "I eat DNS for breakfast!"',
        "bad_banner": f'type = "smtp"\nport = {port}',
        "ping_timeout": 'type = "ping"',
        "dns_error": f'type = "dns"\nport = {dns_port}\nquery = "www.example.net"',
        "exec_failed": 'type = "exec"\ncommand = ["check_queue"]',
    }


DETAILS = {  # what people are told of it, beside its name
    "connect_timeout": "no connection within 5000 ms",
    "refused": "Connection refused",
    "reset": "Recv failure: Connection reset by peer",
    "unreachable": "No route to host",
    "tls_handshake": "name mismatch: the certificate is for mx.example.com",
    "header_timeout": "no answer",
    "bad_status": "503",
    "body_timeout": "200, but only 6 octets of the body came in time",
    "expect_missing": "not in the body of 26 octets",
    "bad_banner": "554 no service here",
    "ping_timeout": "no echo reply within 5000 ms",
    "dns_error": "REFUSED",
    "exec_failed": "exit code 2: the queue is full",
}


@pytest.fixture
def faulty(own_network, told, serve, origin, nginx, nsd, listen, certificate, free_port, tmp_path):
    """A holdfast that watches all of these, and nothing else."""
    (tmp_path / "checks").mkdir(mode=0o755)
    (tmp_path / "checks" / "check_queue").write_text('#!/bin/sh\necho "the queue is full"; exit 2\n')
    (tmp_path / "checks" / "check_queue").chmod(0o755)
    port = free_port(*{host for host in HOSTS.values() if host.startswith("127.")})
    dns_port = free_port("127.0.0.1")
    nsd({"example.com.": DEMO_ZONE}, dns_port)  # it is asked for another
    nginx(port)
    origin(HOSTS["header_timeout"], port).process.send_signal(signal.SIGSTOP)  # the kernel still accepts for it
    listen(HOSTS["reset"], port, reset)
    listen(HOSTS["body_timeout"], port, stall)
    listen(HOSTS["bad_banner"], port, turn_away)
    watched = "".join(WATCHED.format(outcome=outcome, options=options, address=HOSTS[outcome])
                      for outcome, options in monitors(port, dns_port, certificate[0]).items())
    live = ", ".join(f'{{ name = "{outcome.replace("_", "-")}", pool = "{outcome}" }}' for outcome in OUTCOMES)
    return serve(CONFIG.format(directory=tmp_path, hook=told.url, live=live) + watched, {"demo.example.zone": DEMO_ZONE})


def log_entries(holdfast, kind):
    """Of `holdfast log`, by monitor, when it has some of each: it is written a little later than people are told."""
    deadline = time.monotonic() + START_LIMIT
    while True:
        shown = subprocess.run([os.environ["HOLDFAST"], "log", "--control", holdfast.control.removeprefix("http://"),
                                "--json", "--since", "1h", "--kind", kind], capture_output=True, text=True,
                               timeout=START_LIMIT)
        entries = {}
        for line in shown.stdout.splitlines():
            entry = json.loads(line)
            entries.setdefault(entry["monitor"], []).append(entry)
        if shown.returncode == 0 and set(entries) == set(OUTCOMES):
            return entries
        assert time.monotonic() < deadline, (set(OUTCOMES) - set(entries), shown.stderr)
        time.sleep(0.1)


def test_all_agree_on_every_outcome(faulty, told):
    events = told.wait()
    targets = {target["monitor"]: target for target in faulty.json("/api/v1/targets")}
    counted = re.findall(r'holdfast_probes_total\{monitor="(\w+)",address="(\S+?)",outcome="(\w+)"\} (\d+)',
                         faulty.get("/metrics")[1])
    transitions, probes = log_entries(faulty, "transition"), log_entries(faulty, "probe")
    for outcome, address in HOSTS.items():
        event, target = events[outcome], targets[outcome]
        detail = DETAILS[outcome]
        assert [event[key] for key in ("outcome", "detail", "address", "after")] == [outcome, detail, address, "down"]

        assert (target["verdict"], target["last"]["outcome"], target["last"]["detail"]) == ("down", outcome, detail)
        assert [row[1:3] for row in counted if row[0] == outcome] == [(address, outcome)], counted

        transition, = transitions[outcome]
        shared = "id", "text", "address", "before", "after", "outcome", "detail", "command", "used_by"
        assert [transition[key] for key in shared] == [event[key] for key in shared]
        for probe in probes[outcome]:
            assert [probe[key] for key in ("outcome", "detail", "command")] == [outcome, detail, event["command"]]

        assert f": unknown -> down; {outcome} ({detail}); " in event["text"]
        assert event["text"].endswith("; by hand: " + event["command"])
        faulty.log.wait_for(re.escape(event["text"]))
