"""What the tests of the running program share: a real `holdfast serve`, and nginx as its origins.

Nothing here has a fixed port, so these tests run beside each other and in every preset.
"""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

import dns.message
import dns.query
import pytest

from ports import Ports

START_LIMIT = 60  # seconds; a sanitizer on a busy machine is slow
STOP_LIMIT = 60


def is_sanitized():
    """Whether the holdfast under test takes more time and memory than that of a user."""
    with open(os.environ["HOLDFAST"], "rb") as program:
        return re.search(b"__[at]san_init", program.read()) is not None


class Log:
    """What a program writes, line by line; can be waited for."""

    def __init__(self, stream):
        self.lines = []
        self.ended = False
        self._more = threading.Condition()
        self._reader = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._reader.start()

    def _read(self, stream):
        for line in stream:
            with self._more:
                self.lines.append(line.rstrip("\n"))
                self._more.notify_all()
        with self._more:
            self.ended = True
            self._more.notify_all()

    def wait_for(self, pattern, since=0, limit=START_LIMIT):
        """The first match in a line from `since` on, waiting for it when there is none yet."""
        deadline = time.monotonic() + limit
        with self._more:
            while True:
                for line in self.lines[since:]:
                    if found := re.search(pattern, line):
                        return found
                since = len(self.lines)
                assert not self.ended, f"the program ended without {pattern!r}:\n{self}"
                assert self._more.wait(deadline - time.monotonic()), f"no {pattern!r} in {limit} s:\n{self}"

    def join(self):
        self._reader.join()

    def __str__(self):
        return "\n".join(self.lines)


class Holdfast:
    """A running `holdfast serve`. Its configuration says `listen = ["127.0.0.1:0"]`."""

    sock = None  # who asks it; else one of ours, for each question
    def __init__(self, config, prefix=()):
        self.process = subprocess.Popen([*prefix, os.environ["HOLDFAST"], "serve", "--config", config],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
        self.log = Log(self.process.stderr)
        self.config = config
        self.was_killed = False
        self.address, self.port = self._bound(r"listening on (\S+):(\d+) \(udp, tcp\)")
        self.control = None

    def _bound(self, pattern):
        found = self.log.wait_for(pattern)
        return found[1].strip("[]"), int(found[2])

    def ask(self, name, rdtype="A", tcp=False, timeout=START_LIMIT, **options):
        """One question, one answer, as dnspython reads it."""
        query = dns.message.make_query(name, rdtype, **options)
        send = dns.query.tcp if tcp else dns.query.udp
        return send(query, self.address, port=self.port, timeout=timeout)

    def dig(self, *words):
        """What `dig +short` prints, as a set of lines. For what a person would see."""
        asked = subprocess.run(["dig", f"@{self.address}", "-p", str(self.port), "+short", "+tries=1", f"+time={START_LIMIT}", *words],
                               capture_output=True, text=True, check=True)
        return set(asked.stdout.split("\n")) - {""}

    def get(self, path, limit=START_LIMIT):
        """Status and text of the control listener's answer."""
        if self.control is None:
            self.control = "http://%s:%d" % self._bound(r"control on (?:http://)?(\S+):(\d+)")
        try:
            with urllib.request.urlopen(self.control + path, timeout=limit) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def json(self, path):
        status, text = self.get(path)
        assert status == 200, text
        return json.loads(text)

    def kill(self):
        """Ends it without a word, as the kernel does when memory is short."""
        self.process.kill()
        self.process.wait()
        self.was_killed = True

    def stop(self):
        """Asks it to end, as a service manager does. It must do so cleanly, and no sanitizer may have complained."""
        if self.was_killed:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            pytest.fail(f"still there {STOP_LIMIT} s after SIGTERM:\n{self.log}")
        self.log.join()
        assert "Sanitizer" not in str(self.log) and "runtime error:" not in str(self.log), str(self.log)
        assert code == 0, f"ended with {code}:\n{self.log}"


@pytest.fixture
def serve(tmp_path):
    """serve(config, {"example.zone": "..."}) writes the files and starts a holdfast that ends with the test. `prefix`:
    a command that becomes it."""
    started = []

    def start(config, files=None, prefix=()):
        for name, text in (files or {}).items():
            (tmp_path / name).write_text(text)
        (tmp_path / "holdfast.toml").write_text(config)
        started.append(Holdfast(tmp_path / "holdfast.toml", prefix))
        return started[-1]

    yield start
    for holdfast in started:
        holdfast.stop()


DEMO_ZONE = """
$TTL 300
@    SOA ns1 hostmaster 1 7200 3600 1209600 300
     NS  ns1
ns1  A   127.0.0.1
"""

DEMO = """
[server]
listen = ["127.0.0.1:0"]
{server}
[control]
listen = "127.0.0.1:0"

[monitor.web]
interval = "{interval}"
timeout = "{timeout}"
fall = {fall}
rise = {rise}
{monitor}

[pool.shop]
monitor = "web"
members = [{members}]
{pool}

[[zone]]
name = "demo.example"
file = "demo.example.zone"
live = [{{ name = "www", pool = "shop" }}]

{more}
"""


def demo(monitor, *addresses, interval="1s", timeout="900ms", fall=1, rise=1, server="", pool="", more=""):
    """The configuration of a holdfast that watches these addresses by [monitor.web] for [pool.shop], and answers with them at
    www.demo.example. `server`, `pool`: more lines of these tables; `more`: other tables."""
    members = ", ".join(f'{{ address = "{address}" }}' for address in addresses)
    return DEMO.format(monitor=monitor, members=members, interval=interval, timeout=timeout, fall=fall, rise=rise, server=server,
                       pool=pool, more=more)


@pytest.fixture
def watch(serve):
    """watch(monitor, address...) starts the holdfast of demo()."""

    def start(*words, prefix=(), **more):
        return serve(demo(*words, **more), {"demo.example.zone": DEMO_ZONE}, prefix)

    return start


def write_nginx_conf(directory, *servers):
    """The configuration of an nginx that needs nothing outside of the directory: what stands in `server { }`, for each."""
    scratch = " ".join(f"{kind}_temp_path {kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    listed = "\n".join(f"  server {{ {server} }}" for server in servers)
    (directory / "nginx.conf").write_text(f"""
daemon off;
master_process off;
pid pid;
events {{}}
http {{
  access_log off;
  {scratch}
{listed}
}}
""")


class Origin:
    """An nginx that answers every request with one status and text."""

    def __init__(self, directory, address, port, text, status):
        self.address, self.port = address, port
        self.process = None
        self._directory = directory
        directory.mkdir()
        write_nginx_conf(directory, f'listen {address}:{port}; return {status} "{text}";')
        self.start()

    def start(self):
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-p", self._directory, "-c", self._directory / "nginx.conf",
                                         "-e", "stderr"])
        deadline = time.monotonic() + START_LIMIT
        while True:
            assert self.process.poll() is None, "nginx ended"
            with socket.socket() as attempt:
                if attempt.connect_ex((self.address, self.port)) == 0:
                    return
            assert time.monotonic() < deadline, "nginx does not listen"
            time.sleep(0.01)

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def origin(tmp_path):
    """origin("127.0.0.2", port) starts an nginx that ends with the test."""
    started = []

    def start(address, port, text="I eat DNS for breakfast!", status=200):
        started.append(Origin(tmp_path / f"origin-{len(started)}", address, port, text, status))
        return started[-1]

    yield start
    for web_server in started:
        web_server.kill()


@pytest.fixture(scope="session")
def ports():
    return Ports()


@pytest.fixture
def free_port(ports):
    """free_port("127.0.0.1", "127.0.0.2"): a port for a server on these addresses. See Ports."""
    return ports.find


NSD_CONF = """
server:
  ip-address: {address}@{port}
  username: ""
  server-count: 1
  zonesdir: "{directory}"
  database: ""
  pidfile: "{directory}/nsd.pid"
  xfrdfile: "{directory}/xfrd.state"
  xfrdir: "{directory}"
  zonelistfile: "{directory}/zone.list"
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
  round-robin: no
  minimal-responses: no
  refuse-any: no
  tcp-count: 100
remote-control:
  control-enable: no
"""


@pytest.fixture
def nsd(tmp_path):
    """nsd({"example.com.": "..."}, port) starts an NSD of loopback that serves these zones. It ends with the test. `prefix`: a
    command that becomes it."""
    started = []

    def start(zones, port, address="127.0.0.1", prefix=()):
        directory = tmp_path / f"nsd-{len(started)}"
        directory.mkdir()
        text = NSD_CONF.format(address=address, port=port, directory=directory)
        for apex, zone in zones.items():
            (directory / f"{apex}zone").write_text(zone)
            text += f'zone:\n  name: "{apex}"\n  zonefile: "{apex}zone"\n'
        (directory / "nsd.conf").write_text(text)
        with open(directory / "log", "w") as log:
            process = subprocess.Popen([*prefix, "/usr/sbin/nsd", "-d", "-c", directory / "nsd.conf"],
                                       stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        started.append(process)
        deadline = time.monotonic() + START_LIMIT
        while "nsd started" not in (said := (directory / "log").read_text()):
            assert process.poll() is None and time.monotonic() < deadline, said
            time.sleep(0.01)
        assert "error" not in said, said  # a zone that NSD does not take would make every answer differ
        return process

    yield start
    for process in started:
        process.terminate()  # it ends its children, which kill() would leave behind
        process.wait()


@pytest.fixture
def certificate(tmp_path):
    """Paths of a certificate for mx.example.com that is its own authority, and of its key."""
    paths = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                    "-subj", "/CN=mx.example.com", "-addext", "subjectAltName=DNS:mx.example.com", "-out", paths[0],
                    "-keyout", paths[1]], check=True, capture_output=True)
    return paths
