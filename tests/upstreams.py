"""Who is asked for the targets of ANAMEs: a real Unbound, and the real NSD or gdnsd that it asks."""

import contextlib
import os
import shutil
import signal
import subprocess
import time

import dns.exception
import dns.message
import dns.query
import pytest

from conftest import START_LIMIT, Log

ZONE = """$TTL {ttl}
@ SOA ns1 hostmaster {serial} 7200 3600 1209600 1
  NS ns1
ns1 A 127.0.0.1
{records}
"""

UNBOUND_CONF = """
server:
  interface: {address}@{port}
  access-control: 0.0.0.0/0 allow
  port: {port}
  directory: "{directory}"
  pidfile: ""
  chroot: ""
  username: ""
  use-syslog: no
  logfile: ""
  verbosity: 1
  num-threads: 1
  do-ip6: no
  do-not-query-localhost: no
  {modules}
  infra-host-ttl: 1
stub-zone:
  name: "example.net."
  stub-addr: {authority}@{authority_port}
remote-control:
  control-enable: no
"""

# Clients in some networks have other addresses at cdn than the rest.
GDNSD_CONF = """
options => {{ listen => {address}:{port}, udp_threads => 1, tcp_threads => 1, run_dir => {home}/run,
              state_dir => {home}/state, edns_client_subnet => true }}
plugins => {{ geoip => {{
  maps => {{ places => {{ datacenters => [ europe, asia ], nets => {{ 10.1.0.0/16 => [ asia ],
                                                                     2001:db8::/32 => [ asia ] }} }} }}
  resources => {{ cdn => {{ map => places, service_types => up,
    dcmap => {{ europe => [ 198.51.100.1 ], asia => {{ addrs_v4 => {{ one => 198.51.100.2, two => 198.51.100.3 }} }} }} }} }}
}} }}
"""
GDNSD_ZONE = """
@ SOA ns1 hostmaster 1 7200 3600 1209600 5
@ NS ns1
ns1 A 127.0.0.1
cdn {ttl} DYNA geoip!cdn
plain 30 A 198.51.100.9
"""
GDNSD_TTL = 5
EUROPE, ASIA = ["198.51.100.1"], ["198.51.100.2", "198.51.100.3"]

TTL = 2


class Zone:
    """example.net. of a running NSD, which a test rewrites. `machine`: where that NSD is; `prefix` of nsd()."""

    def __init__(self, nsd, port, directory, records="cdn A 198.51.100.1", ttl=TTL, address="127.0.0.1", machine=None):
        self.nsd, self.address, self.port, self.serial = nsd, address, port, 1
        self.file = directory / "nsd-0" / "example.net.zone"
        self.sock = machine and machine.socket()
        self.process = nsd({"example.net.": self.text(records, ttl)}, port, address, machine.enter if machine else ())

    def text(self, records, ttl=TTL):
        return ZONE.format(ttl=ttl, serial=self.serial, records=records)

    def write(self, records, ttl=TTL):
        """Returns the moment from which NSD says so."""
        self.serial += 1
        self.file.write_text(self.text(records, ttl))
        later = time.time() + self.serial  # NSD looks at the time of the file, in seconds
        os.utime(self.file, (later, later))
        self.process.send_signal(signal.SIGHUP)
        query = dns.message.make_query("example.net.", "SOA")
        deadline = time.monotonic() + START_LIMIT
        while True:
            asked = time.monotonic()
            answer = dns.query.udp(query, self.address, port=self.port, timeout=5, sock=self.sock).answer
            if answer[0][0].serial == self.serial:
                return asked
            assert asked < deadline
            time.sleep(0.01)


@pytest.fixture
def unbound(tmp_path):
    """unbound(port, authority_port) starts one that asks there for example.net. It ends with the test. `prefix`: a command that
    becomes it. `subnets`: it tells of the networks of clients (RFC 7871)."""
    started = []

    def start(port, authority_port, address="127.0.0.1", authority="127.0.0.1", prefix=(), subnets=False):
        modules = f'module-config: "subnetcache iterator"\n  send-client-subnet: {authority}' if subnets else \
            'module-config: "iterator"'
        conf = UNBOUND_CONF.format(address=address, port=port, authority=authority, authority_port=authority_port,
                                   modules=modules, directory=tmp_path)
        (tmp_path / "unbound.conf").write_text(conf)
        # A copy, since AppArmor lets Debian's own one read nothing but its own directories.
        program = shutil.copy("/usr/sbin/unbound", tmp_path / "unbound")
        process = subprocess.Popen([*prefix, program, "-d", "-c", tmp_path / "unbound.conf"],
                                   stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        started.append(process)
        Log(process.stderr).wait_for("start of service")
        return process

    yield start
    for process in started:
        process.terminate()
        process.wait()


@pytest.fixture
def gdnsd(tmp_path):
    """gdnsd(port) starts one with example.net, whose answers depend on who asks. It ends with the test. `machine`: where it
    is."""
    started = []

    def start(port, address="127.0.0.1", machine=None):
        home = tmp_path / "gdnsd"
        (home / "zones").mkdir(parents=True)
        (home / "config").write_text(GDNSD_CONF.format(address=address, port=port, home=home))
        (home / "zones" / "example.net").write_text(GDNSD_ZONE.format(ttl=GDNSD_TTL))
        with open(home / "log", "wb") as log:
            process = subprocess.Popen([*(machine.enter if machine else ()), "/usr/sbin/gdnsd", "-c", home, "start"],
                                       stdout=log, stderr=log)
        started.append(process)
        deadline = time.monotonic() + START_LIMIT
        query = dns.message.make_query("plain.example.net", "A")
        sock = machine and machine.socket()
        while True:
            with contextlib.suppress(dns.exception.Timeout, OSError):
                if dns.query.udp(query, address, port=port, timeout=0.2, sock=sock).answer:
                    return port
            assert process.poll() is None and time.monotonic() < deadline, (home / "log").read_text()

    yield start
    for process in started:
        process.terminate()
        process.wait()
