"""Machines of their own for the parts of a test: network namespaces that a bridge joins."""

import os
import socket
import subprocess
import sys

OWN_USER = [] if os.getuid() == 0 else ["--user", "--map-root-user"]

# Gives a socket for each octet that it reads.
GIVER = """
import socket
with socket.socket(fileno=0) as door:
    while kind := door.recv(1):
        with socket.socket(socket.AF_INET, kind[0]) as one:
            socket.send_fds(door, [kind], [one.fileno()])
"""


class Machine:
    """A network namespace with loopback, which lives as long as this process or until close()."""

    def __init__(self, start=("unshare", *OWN_USER, "--net")):
        self.holder = subprocess.Popen([*start, "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.holder.stdin.write(b"there?\n")
        self.holder.stdin.flush()
        assert self.holder.stdout.readline() == b"there?\n", "no namespace: is unshare allowed?"
        user = ["--user", "--preserve-credentials"] if OWN_USER else []
        self.enter = ["nsenter", "--target", str(self.holder.pid), *user, "--net"]
        self.run("ip link set lo up")
        self.giver = None

    def run(self, command):
        """What the words of a command print; it must succeed."""
        done = subprocess.run([*self.enter, *command.split()], capture_output=True, text=True)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, *command, **options):
        return subprocess.Popen([*self.enter, *map(str, command)], stdin=subprocess.DEVNULL, **options)

    def socket(self, kind=socket.SOCK_DGRAM):
        """A socket of IPv4 on this machine, for us, which does not block."""
        if self.giver is None:
            self.door, door = socket.socketpair()
            with door:
                self.giver = subprocess.Popen([*self.enter, sys.executable, "-c", GIVER], stdin=door)
        self.door.send(bytes([kind]))
        _, (given,), _, _ = socket.recv_fds(self.door, 1, 1)
        given = socket.socket(fileno=given)
        given.setblocking(False)
        return given

    def close(self):
        if self.giver is not None:
            self.door.close()
            self.giver.wait()
        self.holder.stdin.close()
        self.holder.wait()


class Network:
    """Machines on one bridge: network.machine("10.77.0.1", ...)"""

    def __init__(self):
        self.hub = Machine()
        self.hub.run("ip link add bridge type bridge")
        self.hub.run("ip link set bridge up")
        self.machines = []

    def machine(self, *addresses):
        machine = Machine(start=(*self.hub.enter, "unshare", "--net"))
        port = f"port{len(self.machines)}"
        self.machines.append(machine)
        self.hub.run(f"ip link add {port} type veth peer name eth0 netns {machine.holder.pid}")
        self.hub.run(f"ip link set {port} master bridge up")
        for address in addresses:
            machine.run(f"ip address add {address}/24 dev eth0")
        machine.run("ip link set eth0 up")
        return machine

    def close(self):
        for machine in self.machines:
            machine.close()
        self.hub.close()
