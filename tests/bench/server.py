"""A server under measurement: its process tree started, pinned, paused, and what it has used so far."""

import os
import pathlib
import re
import signal
import subprocess
import time
from dataclasses import dataclass

import questions

START_LIMIT = 300  # seconds; gdnsd takes a minute for 100,000 zones


@dataclass(frozen=True)
class Used:
    """CPU time since the start of the tree: exact in all, in ticks by mode."""
    nanoseconds: int
    user_ticks: int
    system_ticks: int

    def __sub__(self, before):
        return Used(self.nanoseconds - before.nanoseconds, self.user_ticks - before.user_ticks,
                    self.system_ticks - before.system_ticks)


@dataclass(frozen=True)
class Place:
    """Where a server runs: its own directory, port, number of workers; and how quickly it has to notice a change."""
    directory: pathlib.Path
    port: int
    workers: int
    check_interval: int = 10  # seconds between two health checks of a target
    checks_to_change: int = 3  # results in a row that change what is believed
    listeners: int = 1


class Server:
    """Peers derive from it. `alone`: it disturbs the others by being there, so it is measured after them."""
    name = package = None
    alone = False
    checks = False  # has health checks

    def __init__(self, workload, place):
        self.workload, self.place, self.port = workload, place, place.port
        self.process = None

    # ---- what each kind of server says of itself

    def configure(self):
        """Writes its files into place.directory, and returns the command that stays in the foreground."""
        raise NotImplementedError

    def reload(self, apex):
        """Makes it read the changed file of the zone; need not wait for the end."""
        self.process.send_signal(signal.SIGHUP)

    # ---- the process

    def start(self):
        """Seconds until it answers for all of the workload."""
        self.place.directory.mkdir(parents=True, exist_ok=True)
        command = self.configure()
        with open(self.place.directory / "log", "w") as log:
            began = time.monotonic()
            self.process = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, cwd=self.place.directory)
        for name, kind in self.workload.samples:
            questions.wait_for(lambda: self.answers(name, kind), START_LIMIT, f"{self.name} on {self.workload.name}")
        return time.monotonic() - began

    def answers(self, name, kind):
        if self.process.poll() is not None:
            log = (self.place.directory / "log").read_text(errors="replace")
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n{log[-2000:]}")
        answer = questions.ask(self.port, name, kind)
        return answer is not None and answer[0] == 0

    def stop(self):
        if self.process is None:
            return
        self.resume()
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            for pid in reversed(self.tree()):
                os.kill(pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def tree(self):
        """The process and its descendants: NSD answers in a child."""
        found = [self.process.pid]
        for pid in found:
            for children in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                try:
                    found += map(int, children.read_text().split())
                except (FileNotFoundError, ProcessLookupError):
                    pass
        return found

    def _signal(self, number):
        for pid in self.tree():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def pause(self):
        self._signal(signal.SIGSTOP)

    def resume(self):
        self._signal(signal.SIGCONT)

    def pin(self, cores):
        for pid in self.tree():
            try:
                for thread in os.listdir(f"/proc/{pid}/task"):
                    os.sched_setaffinity(int(thread), cores)
            except (FileNotFoundError, ProcessLookupError):  # it just ended, as what NSD forks does
                pass

    # ---- what it has used

    def used(self):
        nanoseconds = user = system = 0
        for pid in self.tree():
            try:
                # CPUCLOCK_SCHED of the whole process, as clock_getcpuclockid(3) makes it.
                nanoseconds += time.clock_gettime_ns((~pid << 3) | 2)
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            except (OSError, ProcessLookupError):
                continue
            user += int(fields[11])
            system += int(fields[12])
        return Used(nanoseconds, user, system)

    def memory(self):
        """Octets: the proportional set size of the tree."""
        kibibytes = 0
        for pid in self.tree():
            kibibytes += int(re.search(r"^Pss:\s+(\d+)", pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1])
        return kibibytes * 1024

    def threads(self):
        return sum(len(os.listdir(f"/proc/{pid}/task")) for pid in self.tree())

    def serial(self, apex):
        """What it serves now; None when it does not answer."""
        answer = questions.ask(self.port, apex, "SOA")
        if answer is None or answer[0] != 0 or answer[1][7] == 0:
            return None
        # SERIAL stands 20 octets before the end of the record's data; the owner of the answer is a pointer.
        question = 12 + len(questions.name_octets(apex)) + 4
        owner = 2 if answer[1][question] >= 0xc0 else len(questions.name_octets(apex))
        data = question + owner + 10
        size = int.from_bytes(answer[1][data - 2:data], "big")
        return int.from_bytes(answer[1][data + size - 20:data + size - 16], "big")
