"""Who is asked for the targets of ANAMEs: a real Unbound, and the real NSD that it asks."""

import os
import shutil
import signal
import subprocess
import time

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
  interface: 127.0.0.1@{port}
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
  module-config: "iterator"
  infra-host-ttl: 1
stub-zone:
  name: "example.net."
  stub-addr: 127.0.0.1@{nsd_port}
remote-control:
  control-enable: no
"""

TTL = 2


class Zone:
    """example.net. of a running NSD, which a test rewrites."""

    def __init__(self, nsd, port, directory, records="cdn A 198.51.100.1", ttl=TTL):
        self.nsd, self.port, self.serial = nsd, port, 1
        self.file = directory / "nsd-0" / "example.net.zone"
        self.process = nsd({"example.net.": self.text(records, ttl)}, port)

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
            answer = dns.query.udp(query, "127.0.0.1", port=self.port, timeout=5).answer
            if answer[0][0].serial == self.serial:
                return asked
            assert asked < deadline
            time.sleep(0.01)


@pytest.fixture
def unbound(tmp_path):
    """unbound(port, nsd_port) starts one that asks the NSD for example.net. It ends with the test."""
    started = []

    def start(port, nsd_port):
        conf = UNBOUND_CONF.format(port=port, nsd_port=nsd_port, directory=tmp_path)
        (tmp_path / "unbound.conf").write_text(conf)
        # A copy, since AppArmor lets Debian's own one read nothing but its own directories.
        program = shutil.copy("/usr/sbin/unbound", tmp_path / "unbound")
        process = subprocess.Popen([program, "-d", "-c", tmp_path / "unbound.conf"], stdin=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        started.append(process)
        Log(process.stderr).wait_for("start of service")
        return process

    yield start
    for process in started:
        process.terminate()
        process.wait()
