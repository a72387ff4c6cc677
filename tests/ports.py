"""Ports for the programs that a test starts."""

import fcntl
import os
import random
import socket
import tempfile

import pytest


class Ports:
    """Ports for programs that have to be told one. Below those that the kernel hands out (ip_local_port_range), or a
    connection of anybody could take one in between; and a lock for each, or another test that runs beside could."""

    FIRST, LAST = 10000, 32000

    def __init__(self):
        self._locks = open(os.path.join(tempfile.gettempdir(), f"holdfast-test-ports.{os.getuid()}"), "w")
        self._taken = set()

    def find(self, *addresses):
        """A port that is free on all these addresses, over UDP and TCP, and nobody else's until this process ends."""
        for port in random.SystemRandom().sample(range(self.FIRST, self.LAST), 1000):
            if self._lock(port) and all(self._is_free(kind, address, port) for address in addresses
                                        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)):
                return port
        pytest.fail(f"no port from {self.FIRST} on is free on {' and '.join(addresses)}: see `ss -lntup`")

    def _lock(self, port):
        if port in self._taken:
            return False
        try:
            fcntl.lockf(self._locks, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
        except OSError:
            return False
        self._taken.add(port)
        return True

    @staticmethod
    def _is_free(kind, address, port):
        with socket.socket(type=kind) as probe:
            try:
                probe.bind((address, port))
            except OSError:
                return False
        return True
