"""What is known of names outlives the program: addresses of ANAME targets, and who `last-good` comes back to."""

import contextlib
import socket
import sqlite3
import time

import pytest

from aname import (APEX, FILES, NO_REACHABLE_AUTHORITY, STALE_ANSWER, STALE_TTL, Answer, aliases,  # noqa: F401
                   authority, check_nodata, check_own_records, config, silent, state, wait_for, wait_for_first)


def rows(directory, sql):
    with contextlib.suppress(sqlite3.OperationalError):  # it is not there yet
        with contextlib.closing(sqlite3.connect(f"file:{directory}/state.db?mode=ro", uri=True)) as database:
            return dict(database.execute(sql))
    return {}


def notes(directory):
    """What was written, by subject."""
    return rows(directory, "SELECT subject, text FROM note")


def stop(zone):
    zone.process.terminate()
    zone.process.wait()


@pytest.fixture
def run(serve, tmp_path):
    """run(port) starts a holdfast with an ANAME, always with the same state unless `kept` is False."""

    def start(port, *live, kept=True, zone=FILES["example.com.zone"], **more):
        said = config(*(live or (APEX,)), ports=[port], **more)
        directory = tmp_path / "state"
        return serve(said.replace("[server]", f'[server]\nstate = "{directory}"') if kept else said,
                     {"example.com.zone": zone})

    return start


@pytest.fixture
def killed(run, authority, tmp_path):  # noqa: F811
    """killed(ttl) has a holdfast learn a target, and ends it and its upstream; the upstream's zone and port."""

    def start(ttl):
        zone, port = authority("cdn A 198.51.100.1", ttl)
        holdfast = run(port)
        wait_for_first(holdfast, ["198.51.100.1"])
        wait_for(lambda: len(notes(tmp_path / "state")) == 2)
        stop(zone)
        holdfast.kill()
        return zone, port

    return start


def test_within_its_ttl_an_aname_is_fresh_over_kill_9(run, killed):
    _, port = killed(300)
    begun = time.monotonic()
    holdfast = run(port)
    took = time.monotonic() - begun
    answer = Answer(holdfast)
    print(f"listens after {took:.2f} s")
    assert (answer.rcode, answer.addresses, answer.errors) == ("NOERROR", ["198.51.100.1"], set())
    assert 200 < answer.ttl < 300, "what is left of it"
    check_nodata(Answer(holdfast, rdtype="AAAA"))
    assert state(holdfast) == "fresh"
    check_own_records(holdfast)


def test_behind_its_ttl_it_is_stale_until_it_is_answered_anew(run, killed, nsd):
    zone, port = killed(1)
    time.sleep(1.2)  # its TTL ends
    holdfast = run(port)
    answer = Answer(holdfast)
    assert (answer.rcode, answer.addresses, answer.errors) == ("NOERROR", ["198.51.100.1"], {STALE_ANSWER})
    assert answer.ttl <= STALE_TTL
    check_nodata(Answer(holdfast, rdtype="AAAA"))
    assert state(holdfast) == "stale"
    assert "of before the restart" in str(holdfast.log)

    zone.process = nsd({"example.net.": zone.text("cdn A 198.51.100.2")}, port)
    took = wait_for(lambda: Answer(holdfast).addresses == ["198.51.100.2"], 90)
    print(f"the upstream's after {took:.2f} s")
    assert Answer(holdfast).errors == set()


def test_what_was_kept_for_long_enough_or_not_at_all_fails(run, killed):
    _, port = killed(1)
    time.sleep(2.2)  # so do its TTL and `keep`
    for kept, more in ((True, {"resolver": 'keep = "1s"'}), (False, {})):
        holdfast = run(port, kept=kept, **more)
        answer = Answer(holdfast)
        assert (answer.rcode, answer.addresses, answer.errors) == ("SERVFAIL", [], {NO_REACHABLE_AUTHORITY})
        holdfast.stop()


def test_a_target_that_moved_meanwhile_is_asked_for_at_once(run, killed, nsd):
    zone, port = killed(300)
    zone.process = nsd({"example.net.": zone.text("cdn A 198.51.100.2", 300)}, port)
    holdfast = run(port)
    took = wait_for(lambda: Answer(holdfast).addresses == ["198.51.100.2"])
    print(f"after {took:.2f} s, with 300 s in its TTL")


def test_a_target_that_nobody_uses_is_forgotten(run, killed, tmp_path):
    _, port = killed(300)
    holdfast = run(port, '{ name = "www", aname = "other.example.net" }')
    wait_for(lambda: not any("cdn" in subject for subject in notes(tmp_path / "state")))
    holdfast.kill()
    assert Answer(run(port)).rcode == "SERVFAIL"


@pytest.mark.parametrize("is_kept", [True, False])
def test_last_good_comes_back_to_whom_it_did_before_kill_9(watch, free_port, tmp_path, is_kept):
    hosts = ["127.0.0.2", "127.0.0.3", "127.0.0.4"]
    port = free_port(*hosts)
    directory = tmp_path / "state"

    def start():
        return watch(f'type = "tcp"\nport = {port}', *hosts, server=f'state = "{directory}"' if is_kept else "",
                     pool='when_down = "last-good"\nmin_alive = 2')

    def answers(holdfast):
        return Answer(holdfast, "www.demo.example").addresses

    def are_down(holdfast):
        return [one["verdict"] for one in holdfast.json("/api/v1/targets")] == ["down"] * 3

    with contextlib.ExitStack() as doors:
        for host in hosts[:2]:
            doors.enter_context(socket.create_server((host, port), backlog=64))
        first = start()
        wait_for(lambda: answers(first) == hosts[:2])
        if is_kept:
            wait_for(lambda: notes(directory) == {
                "last-good demo.example. www.demo.example. A": "shop 127.0.0.2 127.0.0.3"})
    wait_for(lambda: are_down(first))
    assert answers(first) == hosts[:2]
    if is_kept:
        wait_for(lambda: set(rows(directory, "SELECT address, verdict FROM verdict").values()) == {"down"})
    first.kill()

    second = start()
    if is_kept:
        assert answers(second) == hosts[:2]
    wait_for(lambda: are_down(second))
    wait_for(lambda: answers(second) == (hosts[:2] if is_kept else hosts))


OWN_ZONE = """
$TTL 300
@    SOA ns1 hostmaster 1 7200 3600 1209600 300
     NS  ns1
     MX  10 cdn
     MX  20 other
ns1  A   127.0.0.1
cdn  A   127.0.0.2
other A  127.0.0.3
"""


@pytest.mark.parametrize("is_own", [False, True])
def test_members_that_are_names_have_their_verdicts_at_once(serve, authority, free_port, tmp_path, is_own):  # noqa: F811
    door = free_port("127.0.0.2")
    pool = "" if is_own else """
[pool.hosts]
monitor = "tcp"
members = [{ name = "cdn.example.net" }, { name = "other.example.net" }]
"""
    more = f"""
[monitor.tcp]
type = "tcp"
port = {door}
interval = "1s"
fall = 3
rise = 3
{pool}"""
    live = '{ name = "@", type = "MX", monitor = "tcp" }' if is_own else '{ name = "www", pool = "hosts" }'
    zone, port = authority("cdn A 127.0.0.2\nother A 127.0.0.3", 1)
    directory = tmp_path / "state"
    said = config(live, ports=[port], more=more).replace("[server]", f'[server]\nstate = "{directory}"')

    def start():
        return serve(said, {"example.com.zone": OWN_ZONE})

    def verdicts(holdfast):
        return [(one["address"], one["verdict"]) for one in holdfast.json("/api/v1/targets")]

    seen = [("127.0.0.2", "up"), ("127.0.0.3", "down")]
    with socket.create_server(("127.0.0.2", door), backlog=64):
        first = start()
        wait_for(lambda: verdicts(first) == seen)
        wait_for(lambda: rows(directory, "SELECT address, verdict FROM verdict") == dict(seen))
        wait_for(lambda: len(notes(directory)) == 4)
        stop(zone)
        first.kill()
        second = start()
        assert verdicts(second) == seen, "three failures in a row take two seconds at least"
        if is_own:
            assert second.dig("example.com", "MX") == {"10 cdn.example.com."}
        else:
            assert second.dig("www.example.com", "CNAME") == {"cdn.example.net."}


def test_what_we_serve_ourselves_is_looked_at_before_the_first_answer(run, silent, tmp_path):  # noqa: F811
    live, port = '{ name = "@", aname = "host.example.com" }', silent.getsockname()[1]
    holdfast = run(port, live)
    assert Answer(holdfast).addresses == ["192.0.2.80", "192.0.2.81"]
    wait_for(lambda: len(notes(tmp_path / "state")) == 2)
    holdfast.kill()
    again = run(port, live, zone=FILES["example.com.zone"].replace("192.0.2.81", "192.0.2.82"))
    assert Answer(again).addresses == ["192.0.2.80", "192.0.2.82"]
