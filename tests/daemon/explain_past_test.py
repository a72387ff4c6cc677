"""`holdfast explain --at` and `--replay`: what was, and what would have been, by the log."""

import datetime
import json
import os
import signal
import socket
import subprocess
import time
import urllib.parse

import pytest

from conftest import DEMO_ZONE, demo

FIRST, SECOND = "127.0.0.2", "127.0.0.3"
PATIENCE = 30  # seconds


def until(condition):
    """What `condition` says, as soon as it says something."""
    deadline = time.monotonic() + PATIENCE
    while not (result := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
    return result


def before(moment):
    """The millisecond before it."""
    return moved(moment, milliseconds=-1)


def moved(moment, **by):
    time_ = datetime.datetime.fromisoformat(moment.replace("Z", "+00:00")) + datetime.timedelta(**by)
    return time_.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Site:
    """A holdfast and two members that listen, or not."""

    def __init__(self, start, port):
        self.port, self.members = port, {}
        for address in (FIRST, SECOND):
            self.up(address)
        self.holdfast = start()
        self.holdfast.json("/api/v1/status")

    def up(self, address):
        self.members[address] = socket.create_server((address, self.port), backlog=4096)  # nobody accepts

    def down(self, address):
        self.members.pop(address).close()

    def events(self, kind, after=0):
        status, text = self.holdfast.get(f"/api/v1/log?kind={kind}&after={after}")
        return json.loads(text)["entries"] if status == 200 else []  # 503: it is not begun yet

    def went(self, address, verdict, after=0):
        """The transition to `verdict` that stands behind the cursor `after` in the log."""
        return until(lambda: [e for e in self.events("transition", after)
                              if (e["address"], e["after"]) == (address, verdict)])[0]

    def run(self, *words):
        control = self.holdfast.control.removeprefix("http://")
        ran = subprocess.run([os.environ["HOLDFAST"], *words, "--control", control], capture_output=True, text=True,
                             timeout=PATIENCE)
        return ran.returncode, ran.stdout, ran.stderr

    def then(self, moment, **more):
        query = urllib.parse.urlencode({"name": "www.demo.example", "at": moment} | more)
        one, = self.holdfast.json(f"/api/v1/explain?{query}")
        return one

    def answered(self, moment, **more):
        return {m["address"] for m in self.then(moment, **more)["members"] if m["answers"]}


@pytest.fixture
def sites(watch, free_port, tmp_path):
    """sites(fall=3) starts one, with both members up."""
    started = []

    def start(**limits):
        port = free_port(FIRST, SECOND)
        server = f'state = "{tmp_path / "state"}"'
        started.append(Site(lambda: watch(f'type = "tcp"\nport = {port}', FIRST, SECOND, server=server, **limits), port))
        for address in (FIRST, SECOND):
            started[-1].went(address, "up")
        return started[-1]

    yield start
    for site in started:
        for member in site.members.values():
            member.close()


@pytest.fixture
def site(sites):
    return sites()


def test_a_failure_that_is_over(site):
    site.down(FIRST)
    down = site.went(FIRST, "down")
    site.up(FIRST)
    up = site.went(FIRST, "up", down["cursor"])

    assert site.answered(before(down["time"])) == {FIRST, SECOND}
    assert site.answered(down["time"]) == {SECOND}
    assert site.answered(before(up["time"])) == {SECOND}
    assert site.answered(up["time"]) == {FIRST, SECOND}

    one = site.then(down["time"])
    assert (one["since"], one["until"], one["served"]) == (down["time"], up["time"], True)
    member = one["members"][0]
    assert (member["state"], member["then"]["since"], member["then"]["outcome"]) == ("down", down["time"], "refused")
    assert member["target"] is None, "that would be of now"
    assert site.answered(down["time"], if_down=SECOND) == {FIRST, SECOND}, "then none would have been left"

    code, text, _ = site.run("explain", "www.demo.example", "--at", down["time"], "--client", "192.0.2.7")
    assert code == 0
    assert f'  served   from {down["time"]}, until {up["time"]}\n' in text
    assert "by the log, with the configuration of today\n" in text and "yes, to the client" in text
    assert f'web since {down["time"]}; refused (Connection refused)' in text


def test_an_override_that_is_over(site):
    assert site.run("drain", FIRST, "--reason", "kernel update: again", "--author", "alice")[0] == 0
    assert site.run("release", FIRST)[0] == 0
    drained, released = until(lambda: [e for e in site.events("override") if len(site.events("override")) == 2])
    assert site.answered(before(drained["time"])) == {FIRST, SECOND}
    assert site.answered(drained["time"]) == {SECOND}
    decided = site.then(drained["time"])["members"][0]["override"]
    assert (decided["author"], decided["reason"], decided["decision"]) == ("alice", "kernel update: again", "drain")
    assert site.answered(released["time"]) == {FIRST, SECOND}

    site.holdfast.process.send_signal(signal.SIGHUP)
    reload, = until(lambda: site.events("configuration"))
    assert (one := site.then(drained["time"]))["last_reload"] == reload["time"] and one["reloads_since"] == 1
    assert f'today (reloaded once since, the last time {reload["time"]})' in site.run(
        "explain", "www.demo.example", "--at", drained["time"])[1]


def test_what_cannot_be_known_is_said(site, serve, free_port):
    for moment, wrong in (("1d", "the log says nothing of "), ("2199-01-01T00:00:00Z", "at is a moment that is over"),
                          ("then", "at is a time such as ")):
        code, text, error = site.run("explain", "www.demo.example", "--at", moment)
        assert (code, text) == (1, "") and wrong in error, error
    stateless = Site(lambda: serve(demo('type = "tcp"\nport = 9', FIRST), {"demo.example.zone": DEMO_ZONE}), free_port(FIRST, SECOND))
    for words in (["--at", "1s"], ["--replay", "--fall", "2"]):
        code, text, error = stateless.run("explain", "www.demo.example", *words)
        assert code == 1 and 'for there is no log: say where it may be kept, [server] state = ' in error, error
    for member in stateless.members.values():
        member.close()


def test_another_fall(sites):
    site = sites(fall=3)
    site.down(FIRST)
    down = site.went(FIRST, "down")
    failed = until(lambda: (probes := site.events("probe&outcome=failed"))[2:] and probes)
    site.up(FIRST)
    up = site.went(FIRST, "up", down["cursor"])

    replayed = site.holdfast.json("/api/v1/replay?name=www.demo.example&fall=1")
    first, second = replayed["targets"]
    assert (first["address"], first["as_configured"]["fall"], first["replayed"]["fall"]) == (FIRST, 3, 1)
    assert first["logged_transitions"] == first["as_configured"]["transitions"] == first["replayed"]["transitions"]
    one, = (t for t in first["transitions"] if t["after"] == "down")
    assert one["as_configured"] == {"time": failed[2]["time"], "about": False}
    assert one["replayed"] == {"time": failed[0]["time"], "about": False}
    assert one["seconds"] < 0 and not [t for t in second["transitions"] if t["seconds"]]
    difference, = replayed["answers"]
    assert (difference["type"], difference["from"], difference["to"]) == ("A", failed[0]["time"], failed[2]["time"])
    assert difference["as_configured"] == f"{FIRST}, {SECOND} (alive)" and difference["replayed"] == f"{SECOND} (alive)"

    code, text, _ = site.run("explain", "www.demo.example", "A", "--replay", "--fall", "1", "--since", "1h")
    assert code == 0 and f"web {FIRST}  3 -> 1  1 " in text and " s sooner\n" in text
    # Where the fall is one that was never reached, it never went down.
    never = site.holdfast.json("/api/v1/replay?name=www.demo.example&fall=100")["targets"][0]
    assert [t["replayed"] for t in never["transitions"] if t["after"] == "down"] == [None]
    assert never["replayed"]["down_seconds"] == 0 < never["as_configured"]["down_seconds"]
    same = site.run("explain", "www.demo.example", "--replay", "--fall", "3")[1]
    assert "No transition would have been different." in same and "No answer would have been different." in same


def test_wrong_replays_say_what_would_be_right(site):
    for words, wrong, expected in ((["--replay"], "say what is to be otherwise: --fall NUMBER, --rise NUMBER, or both", 2),
                                   (["--fall", "2"], "--replay", 2), (["--replay", "--fall", "0"], "--fall", 2),
                                   (["--replay", "--fall", "2", "--at", "1h"], "--replay", 2),
                                   (["--replay", "--fall", "2", "--since", "x"], "since is a time such as ", 1)):
        code, _, error = site.run("explain", "www.demo.example", *words)
        assert code == expected and wrong in error, (words, error)
