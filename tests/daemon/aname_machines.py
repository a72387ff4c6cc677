"""A holdfast, who is asked for the targets of its ANAMEs, and who asks it, each on a machine of its own."""

import contextlib
import http.client
import socket

import pytest

from aname import FILES, config
from conftest import START_LIMIT, Holdfast
from network import Network

AUTHORITY, RESOLVER, CLIENT = "10.77.0.2", "10.77.0.53", "10.77.0.31"


class Abroad(Holdfast):
    """On another machine than who asks it."""

    def __init__(self, file, machine, client):
        super().__init__(file, machine.enter)
        self._machine, self.sock = machine, client.socket()

    def get(self, path, limit=START_LIMIT):
        where = self._bound(r"control on (?:http://)?(\S+):(\d+)")
        with contextlib.closing(http.client.HTTPConnection(*where)) as connection:
            connection.sock = self._machine.socket(socket.SOCK_STREAM)
            connection.sock.settimeout(limit)
            connection.sock.connect(where)
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()


class Machines:
    def __init__(self, directory):
        self._directory, self._network, self._started = directory, Network(), []
        self.authority, self.resolver, self.client = map(self._network.machine, (AUTHORITY, RESOLVER, CLIENT))

    def serve(self, address, upstream, *live, **more):
        """A holdfast on one more machine."""
        directory = self._directory / address
        directory.mkdir()
        for name, text in FILES.items():
            (directory / name).write_text(text)
        file = directory / "holdfast.toml"
        file.write_text(config(*live, ports=[53], upstream=upstream, listen=f"{address}:53", **more))
        self._started.append(Abroad(file, self._network.machine(address), self.client))
        return self._started[-1]

    def close(self):
        try:
            for holdfast in self._started:
                holdfast.stop()
        finally:
            self._network.close()


@pytest.fixture
def machines(tmp_path):
    machines = Machines(tmp_path)
    yield machines
    machines.close()
