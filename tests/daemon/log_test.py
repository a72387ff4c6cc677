"""The log of probes and events: what stands in it, who may ask, and what a bad disk does to it."""

import datetime
import json
import os
import signal
import sqlite3
import subprocess
import time

import pytest

from conftest import START_LIMIT


def web(port):
    return f'type = "http"\nport = {port}'


@pytest.fixture
def start(watch, tmp_path):
    """start(port) runs a holdfast that watches 127.0.0.2:port and keeps its state in `state`."""

    def run(port, log="", state=None, prefix=()):
        server = f'state = "{state or tmp_path / "state"}"'
        return watch(web(port), "127.0.0.2", fall=2, server=server, more="[log]\n" + log, prefix=prefix)

    return run


def command(holdfast, *words):
    holdfast.get("/healthz")
    return [os.environ["HOLDFAST"], "log", "--control", holdfast.control.removeprefix("http://"), *words]


def lines(holdfast, *words):
    ran = subprocess.run(command(holdfast, *words), capture_output=True, text=True, timeout=START_LIMIT)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def until(condition):
    """What `condition` says, as soon as it says something."""
    deadline = time.monotonic() + START_LIMIT
    while not (result := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
    return result


def entries(holdfast, query):
    status, text = holdfast.get("/api/v1/log?" + query)
    if status == 503:  # it is not begun yet
        return []
    assert status == 200, text
    return json.loads(text)["entries"]


def metric(holdfast, name):
    for line in holdfast.get("/metrics")[1].splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    raise AssertionError(f"no {name}")


def went(holdfast, verdict, after=0):
    """The transition to `verdict` that stands behind the cursor `after` in the log."""
    return until(lambda: [e for e in entries(holdfast, f"kind=transition&after={after}") if e["after"] == verdict])[0]


def test_what_happened_to_an_origin(start, origin, free_port):
    port = free_port("127.0.0.2")
    web = origin("127.0.0.2", port)
    holdfast = start(port)
    first = went(holdfast, "up")
    killed = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    web.kill()
    down = went(holdfast, "down", first["cursor"])
    assert down["before"] == "up" and down["outcome"] == "refused" and down["used_by"] == ["shop"]
    assert down["monitor"] == "web" and down["address"] == "127.0.0.2" and down["command"].startswith("curl ")

    # The failures that led there, and the first pass after them. What nginx was too slow for, before, is none of these.
    failed = until(lambda: entries(holdfast, f"kind=probe&outcome=failed&since={killed}"))
    assert {e["outcome"] for e in failed} <= {"refused", "reset"} and failed[0]["total_seconds"] > 0
    assert failed[0]["command"] == down["command"] and failed[0]["used_by"] == ["shop"]
    web.start()
    up = went(holdfast, "up", down["cursor"])
    assert until(lambda: [e for e in entries(holdfast, "kind=probe&outcome=passed") if e["cursor"] > failed[-1]["cursor"]])

    # The same from the command line, by whatever it is asked for.
    for words in (["--pool", "shop"], ["--monitor", "web", "--member", "127.0.0.2"], ["--since", "1h"], ["--limit", "1000"]):
        told = [json.loads(line) for line in lines(holdfast, "--json", "--kind", "transition", *words)]
        assert [(e["id"], e["time"], e["after"]) for e in told][-2:] == [
            (e["id"], e["time"], e["after"]) for e in (down, up)], words
    text = "\n".join(lines(holdfast, "--kind", "transition"))
    assert f'{down["time"]}  transition     web 127.0.0.2' in text and "up -> down; refused" in text
    assert "    by hand: curl " in text
    line, = lines(holdfast, "--until", down["time"], "--since", down["time"], "--kind", "transition", "--json")
    assert json.loads(line) == down


def test_follow_tells_what_comes(start, free_port):
    holdfast = start(free_port("127.0.0.2"))
    went(holdfast, "down")
    follower = subprocess.Popen(command(holdfast, "--follow", "--json", "--kind", "configuration"), stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)
    try:
        holdfast.process.send_signal(signal.SIGHUP)
        assert "reloaded" in json.loads(follower.stdout.readline())["text"]
    finally:
        follower.send_signal(signal.SIGINT)
        assert follower.communicate(timeout=START_LIMIT) == ("", "")


def test_follow_ends_with_its_reader(start, free_port):
    holdfast = start(free_port("127.0.0.2"))
    went(holdfast, "down")
    follower = subprocess.Popen(command(holdfast, "--follow"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    follower.stdout.readline()
    follower.stdout.close()
    assert follower.stderr.read() == "" and follower.wait(START_LIMIT) == -signal.SIGPIPE


def test_a_restart_keeps_the_log(start, free_port):
    port = free_port("127.0.0.2")
    holdfast = start(port)
    before = went(holdfast, "down")
    holdfast.stop()
    holdfast = start(port)
    assert before["id"] in until(lambda: [e["id"] for e in entries(holdfast, "kind=transition")])


def test_the_log_stays_small(start, free_port, tmp_path):
    port = free_port("127.0.0.2")
    holdfast = start(port)
    kept = went(holdfast, "down")
    holdfast.stop()
    with sqlite3.connect(tmp_path / "state" / "log.db") as log:
        first = log.execute("SELECT min(id) FROM probe").fetchone()[0]
        rows = [(first - i, 1, 1, "refused", "Connection refused") for i in range(1, 120_001)]
        log.executemany("INSERT INTO probe(id, target, agent, outcome, detail) VALUES(?, ?, ?, ?, ?)", rows)
    log.close()
    assert (tmp_path / "state" / "log.db").stat().st_size > 6 << 20
    holdfast = start(port, log='size = "4MiB"')
    until(lambda: 0 < metric(holdfast, "holdfast_log_size_bytes") <= 4 << 20)
    assert kept["id"] in [e["id"] for e in entries(holdfast, "kind=transition")]
    newest = until(lambda: entries(holdfast, "kind=probe&limit=1000"))
    assert first in [e["cursor"] for e in newest] or len(newest) == 1000


def test_wrong_questions_say_what_would_be_right(start, serve, free_port):
    holdfast = start(free_port("127.0.0.2"))
    until(lambda: holdfast.get("/api/v1/log")[0] == 200)
    assert holdfast.get("/api/v1/log?limit=0") == (400, "limit is a number from 1 to 1000\n")
    ran = subprocess.run(command(holdfast, "--since", "yesterday"), capture_output=True, text=True, timeout=START_LIMIT)
    assert ran.returncode == 2 and "since is a time such as" in ran.stderr


def test_without_a_directory_there_is_no_log(watch, free_port):
    holdfast = watch(web(free_port("127.0.0.2")), "127.0.0.2")
    holdfast.log.wait_for(r"no \[server\] state: nothing is kept")
    status, text = holdfast.get("/api/v1/log")
    assert status == 503 and 'state = "/var/lib/holdfast"' in text


def test_two_never_share_a_directory(start, free_port, tmp_path):
    holdfast = start(free_port("127.0.0.2"))
    second = subprocess.run([os.environ["HOLDFAST"], "serve", "--config", holdfast.config], capture_output=True, text=True,
                            timeout=START_LIMIT)
    assert second.returncode == 2 and "another holdfast has it" in second.stderr
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


def test_a_full_disk_disturbs_nobody(start, free_port, origin, tmp_path):
    port = free_port("127.0.0.2")
    web = origin("127.0.0.2", port)
    (tmp_path / "disk").mkdir()
    own_user = [] if os.geteuid() == 0 else ["--map-root-user"]
    script = f'mount -t tmpfs -o size=1m,mode=700 tmpfs {tmp_path}/disk\nexec "$0" "$@"'
    holdfast = start(port, state=tmp_path / "disk", prefix=["unshare", "--mount", *own_user, "sh", "-e", "-c", script])
    went(holdfast, "up")
    disk = f"/proc/{holdfast.process.pid}/root{tmp_path}/disk"
    with open(disk + "/filler", "wb", buffering=0) as filler:
        with pytest.raises(OSError):
            while True:
                filler.write(bytes(4096))
    web.kill()  # what is seen from now on finds no room, soon
    until(lambda: metric(holdfast, "holdfast_log_failing") == 1)
    assert metric(holdfast, "holdfast_log_failures_total") > 0
    holdfast.log.wait_for(r"log: \S+log.db cannot be written: .*; answers and probes go on")
    holdfast.log.wait_for("web 127.0.0.2:.*: up -> down")
    web.start()
    holdfast.log.wait_for("web 127.0.0.2:.*: down -> up")
    assert holdfast.dig("www.demo.example") == {"127.0.0.2"}

    os.remove(disk + "/filler")
    freed = time.monotonic()
    until(lambda: metric(holdfast, "holdfast_log_failing") == 0)
    assert time.monotonic() - freed < 30  # it tries again every 5 s
    went(holdfast, "down")  # it waited in memory meanwhile


def test_a_damaged_log_is_moved_aside(start, free_port, tmp_path):
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state" / "log.db").write_text("not a database at all, and longer than its header" * 100)
    holdfast = start(free_port("127.0.0.2"))
    holdfast.log.wait_for(r"log.db is damaged \(.*\); it is \S+log.db.damaged-\d+ now, and a new one is begun")
    went(holdfast, "down")
    assert metric(holdfast, "holdfast_log_damaged_total") == 1
