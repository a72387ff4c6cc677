"""Reloads of the running program, by SIGHUP and by `holdfast reload`: what is bad is refused, what is good changes."""

import json
import os
import pathlib
import signal
import subprocess

ZONE = "$TTL 300\n@ SOA ns1 hostmaster %d 7200 3600 1209600 300\n@ NS ns1\nns1 A 127.0.0.1\nwww A 192.0.2.%d\n"

CONFIG = """
[server]
listen = ["127.0.0.1:0"]
[control]
listen = "127.0.0.1:0"
[[zone]]
name = "good.example"
file = "good.zone"
[[zone]]
name = "bad.example"
file = "bad.zone"
"""

FILES = {"good.zone": ZONE % (1, 1), "bad.zone": ZONE % (1, 1)}


def command(holdfast, *words):
    """Runs `holdfast WORDS` against the running program."""
    holdfast.get("/healthz")  # learns where the control listener is
    asked = holdfast.control.removeprefix("http://")
    return subprocess.run([os.environ["HOLDFAST"], *words, "--control", asked], capture_output=True, text=True, timeout=30)


def change(holdfast, name, text):
    (pathlib.Path(holdfast.config).parent / name).write_text(text)


def test_sighup_refuses_a_bad_zone_and_changes_a_good_one(serve):
    holdfast = serve(CONFIG, FILES)
    change(holdfast, "good.zone", ZONE % (2, 2))
    change(holdfast, "bad.zone", ZONE % (2, 2) + "www CNAME ns1\n")
    seen = len(holdfast.log.lines)
    holdfast.process.send_signal(signal.SIGHUP)
    holdfast.log.wait_for(r"zones refused: 1", since=seen)
    assert holdfast.dig("www.good.example") == {"192.0.2.2"}
    assert holdfast.dig("www.bad.example") == {"192.0.2.1"}
    assert any("bad.zone:6: www.bad.example. has both CNAME and A" in line for line in holdfast.log.lines[seen:])


def test_holdfast_reload_tells_what_was_refused(serve):
    holdfast = serve(CONFIG, FILES)
    done = command(holdfast, "reload")
    assert done.returncode == 0, done
    change(holdfast, "bad.zone", "not a zone\n")
    refused = command(holdfast, "reload")
    assert refused.returncode == 1, refused
    assert "bad.zone:1" in refused.stdout + refused.stderr
    assert holdfast.dig("www.bad.example") == {"192.0.2.1"}
    status = command(holdfast, "status", "--json")
    assert status.returncode == 1, "something is refused"
    zones = {zone["name"]: zone for zone in json.loads(status.stdout)["zones"]}
    assert zones["bad.example."]["refused"] and zones["bad.example."]["serial"] == 1
    assert not zones["good.example."]["refused"]


def test_a_bad_configuration_changes_nothing(serve):
    holdfast = serve(CONFIG, FILES)
    change(holdfast, "good.zone", ZONE % (2, 2))
    text = pathlib.Path(holdfast.config).read_text()
    change(holdfast, pathlib.Path(holdfast.config).name, text + "fiel = 1\n")
    refused = command(holdfast, "reload")
    assert refused.returncode == 1, refused
    assert 'did you mean "file"?' in refused.stdout + refused.stderr
    assert holdfast.dig("www.good.example") == {"192.0.2.1"}


def test_status_shows_zones_and_is_fine_when_all_is(serve):
    holdfast = serve(CONFIG, FILES)
    status = command(holdfast, "status")
    assert status.returncode == 0, status
    assert "good.example." in status.stdout and "bad.example." in status.stdout


def test_holdfast_reload_takes_the_zones_that_are_named(serve):
    holdfast = serve(CONFIG, FILES)
    change(holdfast, "good.zone", ZONE % (2, 2))
    change(holdfast, "bad.zone", "not a zone\n")
    done = command(holdfast, "reload", "good.example")
    assert done.returncode == 0, done
    assert holdfast.dig("www.good.example") == {"192.0.2.2"}
    unknown = command(holdfast, "reload", "other.example")
    assert unknown.returncode == 1 and "other.example: there is no such zone" in unknown.stdout, unknown
