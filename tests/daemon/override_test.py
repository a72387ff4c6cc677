"""What operators decide goes before what probes see."""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest

ZONE = """
$TTL 300
@    SOA ns1 hostmaster 1 7200 3600 1209600 300
     NS  ns1
ns1  A   127.0.0.1
own  A   127.0.0.2
own  A   127.0.0.3
"""

CONFIG = """
[server]
listen = ["127.0.0.1:0"]
%(state)s

[control]
listen = "127.0.0.1:0"

[monitor.web]
type     = "tcp"
port     = %(port)d
interval = "1s"
timeout  = "900ms"
fall     = 1
rise     = 1

[location.eu]
[location.eu-cork]
in = "eu"
[location.us]

[pool.shop]
monitor = "web"
%(pool)s
members = [{ address = "127.0.0.2", location = "eu-cork" }, { address = "127.0.0.3", location = "us" }]

[[zone]]
name = "demo.example"
file = "demo.example.zone"
live = [{ name = "www", pool = "shop" }, { name = "own", monitor = "web" }]
"""

PATIENCE = 60  # seconds
FIRST, SECOND = "127.0.0.2", "127.0.0.3"


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Site:
    """A holdfast and its two members."""

    def __init__(self, serve, tmp_path, free_port, state, pool):
        self._serve = serve
        self.port = free_port(FIRST, SECOND)
        said = f'state = "{tmp_path / "state"}"' if state else ""
        self._config = CONFIG % {"state": said, "port": self.port, "pool": pool}
        self.members = {}
        for address in (FIRST, SECOND):
            self.up(address)
        self.start()
        wait_for(lambda: set(self.verdicts().values()) == {"up"})

    def up(self, address):
        self.members[address] = socket.create_server((address, self.port), backlog=4096)  # nobody accepts

    def down(self, address):
        self.members.pop(address).close()
        wait_for(lambda: self.verdicts()[address] == "down")

    def start(self):
        self.holdfast = self._serve(self._config, {"demo.example.zone": ZONE})
        self.holdfast.json("/api/v1/status")
        return self.holdfast

    def verdicts(self):
        return {target["address"]: target["verdict"] for target in self.holdfast.json("/api/v1/targets")}

    def answers(self, name="www"):
        return self.holdfast.dig(f"{name}.demo.example")

    def live(self, name="www"):
        live, = (live for live in self.holdfast.json("/api/v1/live") if live["name"] == f"{name}.demo.example.")
        return live

    def run(self, *words):
        """Exit code and output of `holdfast ...`."""
        control = self.holdfast.control.removeprefix("http://")
        ran = subprocess.run([os.environ["HOLDFAST"], *words, "--control", control], capture_output=True, text=True, timeout=30)
        return ran.returncode, ran.stdout + ran.stderr

    def drain(self, subject, *more):
        return self.run("drain", subject, "--reason", "kernel update", "--author", "alice", *more)

    def log(self):
        return [entry["text"] for entry in self.holdfast.json("/api/v1/log?kind=override")["entries"]]

    def close(self):
        for member in self.members.values():
            member.close()


@pytest.fixture
def site(serve, tmp_path, free_port):
    """site() starts both members and a holdfast; `pool` is said of the pool, too."""
    started = []

    def start(state=True, pool=""):
        started.append(Site(serve, tmp_path, free_port, state, pool))
        return started[-1]

    yield start
    for one in started:
        one.close()


def test_who_is_drained_does_not_answer_until_released(site):
    here = site()
    code, said = here.drain("shop/127.0.0.2")
    assert code == 0 and "www.demo.example. A: 127.0.0.3 (alive), TTL 30 s" in said, said
    assert "holdfast release shop/127.0.0.2" in said
    assert here.answers() == {SECOND}
    assert here.answers("own") == {FIRST, SECOND}, "another pool"

    member, _ = here.live()["members"]
    assert (member["verdict"], member["answering"]) == ("up", False)
    assert member["override"]["reason"] == "kernel update"
    code, status = here.run("status")
    assert "no, drain" in status and "drain     shop/127.0.0.2  alice" in status, status
    _, metrics = here.holdfast.get("/metrics")
    assert 'holdfast_overrides{decision="drain"} 1\n' in metrics

    code, said = here.run("release", "shop/127.0.0.2", "--author", "bob")
    assert code == 0 and "www.demo.example. A: 127.0.0.2, 127.0.0.3 (alive)" in said, said
    assert here.answers() == {FIRST, SECOND}
    wait_for(lambda: len(here.log()) == 2)
    assert here.log() == ["drain of shop/127.0.0.2 by alice: kernel update",
                          "drain of shop/127.0.0.2 by alice (kernel update) ended: released by bob"]


def test_who_is_drained_does_not_answer_when_all_are_down_either(site):
    here = site()
    assert here.drain(FIRST)[0] == 0
    assert here.answers() == here.answers("own") == {SECOND}
    here.down(FIRST)
    here.down(SECOND)
    wait_for(lambda: "all down" in here.live()["rule"])
    assert here.answers() == {SECOND}


def test_who_was_down_stays_out_until_released_where_recovery_is_manual(site, tmp_path):
    here = site(pool='recovery = "manual"')
    here.down(FIRST)
    wait_for(here.log)
    here.up(FIRST)
    wait_for(lambda: here.answers("own") == {FIRST, SECOND})
    assert here.answers() == {SECOND}, "only of that pool"
    assert here.log() == ["force_down of shop/127.0.0.2 by holdfast: it went down, and recovery is manual: when it is "
                          "right again, holdfast release shop/127.0.0.2"]
    state = tmp_path / "state" / "state.db"
    wait_for(lambda: b"recovery is manual" in state.read_bytes() + wal(state))
    here.holdfast.kill()
    here.start()
    assert here.answers() == {SECOND}, "also over kill -9"
    assert here.run("release", "shop/127.0.0.2")[0] == 0
    assert here.answers() == {FIRST, SECOND}


def test_a_location_is_drained_with_all_that_is_in_it(site):
    here = site()
    code, said = here.drain("location:eu")
    assert code == 0 and "www.demo.example. A: 127.0.0.3 (alive)" in said, said
    assert here.answers() == {SECOND}
    code, said = here.drain("location:us")
    assert code == 1 and "nobody who is not drained would be left" in said, said
    code, said = here.run("force", "up", "shop/127.0.0.2", "--reason", "all but this one")
    assert code == 0 and here.answers() == {FIRST, SECOND}
    assert here.run("release", "shop/127.0.0.2")[0] == 0
    assert here.answers() == {SECOND}


def test_the_last_one_is_not_drained(site):
    here = site()
    assert here.drain("shop/127.0.0.2")[0] == 0
    for words in (("shop/127.0.0.3",), ("shop",), ("shop/127.0.0.3", "--force")):
        code, said = here.drain(*words)
        assert code == 1 and "nobody who is not drained would be left" in said, said
    assert here.answers() == {SECOND}


def test_the_last_one_that_is_up_is_drained_only_by_force(site):
    here = site()
    here.down(SECOND)
    wait_for(lambda: here.answers() == {FIRST})
    code, said = here.drain("shop/127.0.0.2")
    assert code == 1 and "www.demo.example. A: 127.0.0.3 (all down: every member)" in said, said
    assert here.answers() == {FIRST}
    assert here.drain("shop/127.0.0.2", "--force")[0] == 0
    assert here.answers() == {SECOND}


def test_a_drain_outlives_kill_9(site, tmp_path):
    here = site()
    assert here.drain(FIRST, "--for", "1h")[0] == 0
    state = tmp_path / "state" / "state.db"
    wait_for(lambda: b"kernel update" in state.read_bytes() + wal(state))
    before = here.holdfast.json("/api/v1/overrides")
    here.holdfast.kill()
    again = here.start()
    assert again.dig("www.demo.example") == {SECOND}
    assert again.json("/api/v1/overrides") == before
    again.log.wait_for(r"in force since before the start: drain of 127.0.0.2 by alice until .*: kernel update")


def test_a_drain_ends_by_itself(site):
    here = site(state=False)
    code, said = here.drain(FIRST, "--for", "1s")
    assert code == 0 and "not kept over a restart" in said, said
    here.holdfast.log.wait_for(r"drain of 127.0.0.2 by alice \(kernel update\) ended: its time is over")
    assert here.answers() == {FIRST, SECOND}
    assert here.holdfast.json("/api/v1/overrides") == []


def test_a_forced_verdict_goes_before_what_is_seen(site):
    here = site()
    here.down(FIRST)
    wait_for(lambda: here.answers() == {SECOND})
    assert here.run("force", "up", FIRST, "--reason", "the monitor is wrong")[0] == 0
    assert here.answers() == {FIRST, SECOND}
    assert here.run("force", "down", SECOND, "--reason", "it lies")[0] == 0
    assert here.answers() == {FIRST}
    code, said = here.run("force", "sideways", SECOND, "--reason", "it lies")
    assert code == 2 and "sideways" in said


@pytest.mark.parametrize("words, code, said", [
    (("drain", "127.0.0.2"), 2, "--reason is required"),
    (("drain", "127.0.0.2", "--reason", ""), 2, "the reason is empty"),
    (("drain", "127.0.0.2", "--reason", "x", "--for", "soon"), 2, "write it as 30m"),
    (("drain", "127.0.0.2", "--reason", "x", "--for", "400d"), 2, "400d is outside 1s .. 366d"),
    (("drain", "127.0.0.9", "--reason", "x"), 1, 'did you mean "127.0.0.2"?'),
    (("drain", "shpo", "--reason", "x"), 1, 'did you mean "shop"?'),
    (("drain", "www.demo.example", "--reason", "x"), 1, 'answers from the pool shop; say that: "shop"'),
    (("drain", "location:eu-crok", "--reason", "x"), 1, 'there is no location "eu-crok"; did you mean "eu-cork"?'),
    (("drain", "127.0.0.2", "--reason", "\x1b[2J"), 2, "the reason has control characters"),
    (("release", "shop"), 1, 'no override is about "shop"; none is in force'),
])
def test_says_what_is_wrong(site, words, code, said):
    got = site().run(*words)
    assert got[0] == code and said in got[1], got


def test_the_api_takes_and_tells_the_same(site):
    here = site()

    def post(path):
        request = urllib.request.Request(here.holdfast.control + path, data=b"", headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)

    status, made = post("/api/v1/override?decision=drain&subject=shop%2F127.0.0.2&author=ci&reason=deploy&for=1h")
    assert status == 200 and made["answers"] == ["www.demo.example. A: 127.0.0.3 (alive), TTL 30 s"]
    assert here.holdfast.json("/api/v1/overrides") == [made["override"]]
    status, error = post("/api/v1/override?decision=drain&subject=shop&author=ci&reason=deploy")
    assert status == 409 and "nobody" in error["error"]
    assert post("/api/v1/override?decision=drain&subject=shop")[0] == 400
    assert post("/api/v1/release?subject=mail&author=ci")[0] == 404
    status, released = post(f"/api/v1/release?subject={made['override']['id']}&author=ci")
    assert status == 200 and released["answers"] == ["www.demo.example. A: 127.0.0.2, 127.0.0.3 (alive), TTL 30 s"]


def wal(database):
    """What SQLite has not yet put into the file."""
    log = database.with_name(database.name + "-wal")
    return log.read_bytes() if log.exists() else b""
