"""What a stop of the program, and steps of the wall clock, do to health checks: nothing that lasts."""

import collections
import datetime
import os
import pathlib
import selectors
import signal
import socket
import threading
import time

import pytest

TARGETS = 50
INTERVAL = 1.0  # seconds
STOP = float(os.environ.get("HOLDFAST_STOP", "5"))  # seconds; a minute with ./dev test --large
YEAR = 365 * 24  # hours
LIMIT = 30  # seconds, for what happens within some intervals
LIBFAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"


class Endpoints:
    """Listeners that note when each of them was visited."""

    def __init__(self, addresses, port):
        self.addresses, self.port = addresses, port
        self._visits = []  # (monotonic seconds, address)
        self._more = threading.Condition()
        self._ready = selectors.DefaultSelector()
        for address in addresses:
            listener = socket.create_server((address, port), backlog=64)
            self._ready.register(listener, selectors.EVENT_READ, address)
        self._wake, self._end = socket.socketpair()
        self._ready.register(self._wake, selectors.EVENT_READ, None)
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def _accept(self):
        while True:
            for key, _ in self._ready.select():
                if key.data is None:
                    return
                key.fileobj.accept()[0].close()
                with self._more:
                    self._visits.append((time.monotonic(), key.data))
                    self._more.notify_all()

    def since(self, when):
        """Times of the visits from then on, by address."""
        found = collections.defaultdict(list)
        with self._more:
            for visited, address in self._visits:
                if visited >= when:
                    found[address].append(visited)
        return found

    def wait_for(self, count, since):
        """Until each had that many visits from then on. Returns their times, by address."""
        deadline = time.monotonic() + LIMIT
        while True:
            found = self.since(since)
            if len(found) == len(self.addresses) and min(map(len, found.values())) >= count:
                return found
            with self._more:
                assert self._more.wait(deadline - time.monotonic()), f"no {count} visits within {LIMIT} s: {found}"

    def stop(self):
        self._end.send(b"!")
        self._thread.join()
        for key in list(self._ready.get_map().values()):
            key.fileobj.close()
        self._end.close()


@pytest.fixture
def endpoints(free_port):
    addresses = [f"127.0.2.{i}" for i in range(1, TARGETS + 1)]
    made = Endpoints(addresses, free_port(*addresses))
    yield made
    made.stop()


def serve_all(watch, endpoints, prefix=()):
    """A holdfast that has seen every endpoint up."""
    holdfast = watch(f'type = "tcp"\nport = {endpoints.port}', *endpoints.addresses, prefix=prefix)
    endpoints.wait_for(2, since=0)
    assert verdicts(holdfast) == {"up"}
    return holdfast


def verdicts(holdfast):
    targets = holdfast.json("/api/v1/targets")
    assert len(targets) == TARGETS
    assert sum(target["transitions"] for target in targets) == 0, targets
    return {target["verdict"] for target in targets}


def most_within(seconds, times):
    """The largest number of `times` in any window of so many seconds."""
    times = sorted(times)
    first, most = 0, 0
    for last, time_of_last in enumerate(times):
        while times[first] <= time_of_last - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def test_a_stop_changes_no_verdict_and_makes_no_burst(watch, endpoints):
    holdfast = serve_all(watch, endpoints)
    holdfast.process.send_signal(signal.SIGSTOP)
    time.sleep(STOP)
    woken = time.monotonic()
    holdfast.process.send_signal(signal.SIGCONT)
    visits = endpoints.wait_for(4, since=woken)
    assert verdicts(holdfast) == {"up"}
    assert "down" not in str(holdfast.log)
    times = [when for each in visits.values() for when in each]
    assert most_within(INTERVAL, times) <= 1.2 * TARGETS
    # Until they were seen again the verdicts were old, and that was said.
    holdfast.log.wait_for(r"\d+ targets? (is|are) late: nothing was seen of \w+ for 3 intervals; the longest: web 127\.0\.2\.")
    holdfast.log.wait_for("every target is checked in time again")
    assert not any(target["late"] for target in holdfast.json("/api/v1/targets"))


@pytest.fixture
def wall_clock(tmp_path):
    """A command that runs a program by a wall clock that can be set: (prefix, set)."""
    program = pathlib.Path(os.environ["HOLDFAST"]).read_bytes()
    if b"__asan_init" in program or b"__tsan_init" in program:
        pytest.skip("libfaketime and the sanitizers both want to be asked first")
    file = tmp_path / "faketime"

    def set_to(offset):  # in one piece: it is read at each look at the clock
        (tmp_path / "next").write_text(offset)
        (tmp_path / "next").rename(file)

    set_to("+0")
    return ["env", f"LD_PRELOAD={LIBFAKETIME}", f"FAKETIME_TIMESTAMP_FILE={file}", "FAKETIME_NO_CACHE=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1"], set_to


def clock_of(holdfast):
    """Seconds that its wall clock is ahead."""
    shown = datetime.datetime.fromisoformat(holdfast.json("/api/v1/status")["now"])
    return (shown - datetime.datetime.now(datetime.timezone.utc)).total_seconds()


def test_steps_of_the_wall_clock_neither_change_verdicts_nor_miss_probes(watch, endpoints, wall_clock):
    prefix, set_to = wall_clock
    holdfast = serve_all(watch, endpoints, prefix)
    assert abs(clock_of(holdfast)) < 60
    begin = time.monotonic()
    for offset, hours in (("+1h", 1), ("-1h", -1), ("+10y", 10 * YEAR), ("-10y", -10 * YEAR), ("+0", 0)):
        set_to(offset)
        stepped = time.monotonic()
        assert abs(clock_of(holdfast) - 3600 * hours) < 60
        endpoints.wait_for(3, since=stepped)
        assert verdicts(holdfast) == {"up"}
    for address, times in endpoints.since(begin).items():
        gaps = [later - earlier for earlier, later in zip(times, times[1:])]
        assert max(gaps) <= 1.5 * INTERVAL, f"{address}: {gaps}"
    assert "late" not in str(holdfast.log) and "down" not in str(holdfast.log)
