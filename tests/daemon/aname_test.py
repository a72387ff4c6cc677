"""ANAME in the running server, with its targets in a real NSD, mostly behind a real Unbound."""

import contextlib
import json
import socket
import time

import dns.flags
import pytest

from aname import (APEX, BEHIND, FILES, NO_REACHABLE_AUTHORITY, PATIENCE, RETRY_LIMIT, STALE_ANSWER,  # noqa: F401
                   STALE_TTL, Answer, aliases, authority, check_nodata, check_own_records, config, metrics, run, silent,
                   state, wait_for, wait_for_first)
from forger import Forger
from upstreams import Zone, unbound  # noqa: F401


class Upstream:
    """An Unbound, and example.net in the NSD that it asks."""

    def __init__(self, nsd, unbound, free_port, tmp_path, records, ttl):  # noqa: F811
        self._unbound, self._nsd_port, self.port = unbound, free_port("127.0.0.1"), free_port("127.0.0.1")
        self.zone = Zone(nsd, self._nsd_port, tmp_path, records, ttl)
        self.start()

    def start(self):
        self._process = self._unbound(self.port, self._nsd_port)

    def stop(self):
        self._process.terminate()
        self._process.wait()


@pytest.fixture
def upstream(nsd, unbound, free_port, tmp_path):  # noqa: F811
    def start(records="cdn A 198.51.100.1", ttl=2):
        return Upstream(nsd, unbound, free_port, tmp_path, records, ttl)

    return start


def test_an_apex_follows_its_target(serve, upstream):
    up = upstream()
    holdfast = serve(config(APEX, ports=[up.port]), FILES)
    wait_for_first(holdfast, ["198.51.100.1"])
    first = Answer(holdfast)
    assert (first.rcode, first.addresses, first.errors) == ("NOERROR", ["198.51.100.1"], set())
    assert first.message.flags & dns.flags.AA
    check_own_records(holdfast)

    held, addresses, cached = 2, first.addresses, time.monotonic()  # of what was there before
    for last, ttl in enumerate((2, 5, 5, 0, 2), start=2):
        moved = up.zone.write(f"cdn A 198.51.100.{last}\ncdn A 198.51.100.{last + 100}", ttl)
        before, addresses = addresses, sorted([f"198.51.100.{last}", f"198.51.100.{last + 100}"])
        while (answer := Answer(holdfast)).addresses != addresses:
            assert answer.addresses == before and answer.errors == set()
            assert 1 <= answer.ttl <= max(1, held)
            cached = time.monotonic() + answer.ttl
            assert time.monotonic() < moved + PATIENCE
        stale = time.monotonic() - moved
        print(f"TTL {held} before, {ttl} after the move: served after {stale:.2f} s, "
              f"out of every cache after {cached - moved:.2f} s")
        assert stale <= held + BEHIND
        held = ttl
    check_own_records(holdfast)


def test_each_type_of_a_name_is_what_its_targets_have(serve, upstream):
    up = upstream("cdn A 198.51.100.1\nsix AAAA 2001:db8::1", ttl=2)
    holdfast = serve(config(APEX, '{ name = "two", aname = ["six.example.net", "cdn.example.net"] }',
                            '{ name = "none", aname = "missing.example.net" }', ports=[up.port]),
                     FILES)
    wait_for_first(holdfast, ["198.51.100.1"])
    check_nodata(Answer(holdfast, rdtype="AAAA"))
    assert Answer(holdfast).addresses == Answer(holdfast, "two.example.com").addresses == ["198.51.100.1"]
    assert Answer(holdfast, "two.example.com", "AAAA").addresses == ["2001:db8::1"]
    check_nodata(Answer(holdfast, "none.example.com"))
    check_nodata(Answer(holdfast, "two.example.com", "TXT"))

    up.zone.write("cdn AAAA 2001:db8::2\nsix AAAA 2001:db8::1")
    took = wait_for(lambda: Answer(holdfast, rdtype="AAAA").addresses == ["2001:db8::2"])
    wait_for(lambda: Answer(holdfast).rcode == "NOERROR" and Answer(holdfast).addresses == [])
    check_nodata(Answer(holdfast))
    assert Answer(holdfast, "two.example.com", "AAAA").addresses == ["2001:db8::1", "2001:db8::2"]
    print(f"an address of a type that had none: after {took:.2f} s")


def test_the_ttl_counts_down(serve, upstream):
    up = upstream("cdn 10 A 198.51.100.1\nslow 250 A 198.51.100.2")
    live = (APEX, '{ name = "brief", aname = "cdn.example.net", ttl = "4s" }',
            '{ name = "slow", aname = "slow.example.net" }')
    holdfast = serve(config(*live, ports=[up.port]), FILES)
    seen = []

    def is_lower():
        left = aliases(holdfast)["cdn.example.net.", "A"]["left_seconds"]
        seen.append(Answer(holdfast).ttl)
        assert left - 2 <= seen[-1] <= left + 0.1  # its clock is a coarse one
        assert Answer(holdfast, "brief.example.com").ttl <= 4
        return len(set(seen)) == 4

    wait_for(is_lower)
    assert seen == sorted(seen, reverse=True) and 9 <= seen[0] <= 10
    assert Answer(holdfast, "slow.example.com").ttl == 30


def test_a_target_that_was_deleted_is_served_on(serve, upstream):
    up = upstream()
    holdfast = serve(config(APEX, ports=[up.port]), FILES)
    wait_for_first(holdfast, ["198.51.100.1"])
    up.zone.write("other A 198.51.100.9")
    wait_for(lambda: state(holdfast) == "stale")
    assert aliases(holdfast)["cdn.example.net.", "A"]["error"] == "NXDOMAIN"
    answer = Answer(holdfast)
    assert (answer.rcode, answer.addresses, answer.errors) == ("NOERROR", ["198.51.100.1"], {STALE_ANSWER})
    assert answer.ttl <= STALE_TTL
    up.zone.write("cdn A 198.51.100.2")
    took = wait_for(lambda: Answer(holdfast).addresses == ["198.51.100.2"])
    assert Answer(holdfast).errors == set()
    print(f"back after {took:.2f} s")


def test_stale_addresses_are_served_while_nobody_can_be_asked(serve, upstream):
    up = upstream()
    holdfast = serve(config(APEX, ports=[up.port]), FILES)
    wait_for_first(holdfast, ["198.51.100.1"])
    assert Answer(holdfast).errors == set()
    code, said = run(holdfast, "status", "--aname")
    assert code == 0 and "cdn.example.net." in said and "fresh" in said, said
    assert f"127.0.0.1:{up.port}" in said, said

    up.stop()
    gone = time.monotonic()
    while not (answer := Answer(holdfast)).errors:
        assert answer.addresses == ["198.51.100.1"] and answer.ttl <= 2
        assert time.monotonic() < gone + PATIENCE
    stale = time.monotonic() - gone
    print(f"said to be stale {stale:.2f} s after the upstream ended")
    assert stale <= 2 + BEHIND
    assert (answer.rcode, answer.addresses, answer.errors) == ("NOERROR", ["198.51.100.1"], {STALE_ANSWER})
    assert answer.ttl <= STALE_TTL
    plain = Answer(holdfast, edns=False)
    assert plain.addresses == ["198.51.100.1"] and plain.ttl <= STALE_TTL and plain.message.edns == -1
    check_own_records(holdfast)
    code, said = run(holdfast, "status", "--aname")
    assert code == 1 and "stale" in said, said

    up.start()
    took = wait_for(lambda: Answer(holdfast).errors == set(), RETRY_LIMIT)
    assert state(holdfast) == "fresh" and Answer(holdfast).addresses == ["198.51.100.1"]
    print(f"fresh {took:.2f} s after the upstream is back")


def test_servfail_when_stale_addresses_were_kept_long_enough(serve, upstream):
    up = upstream()
    holdfast = serve(config(APEX, ports=[up.port], resolver='keep = "5s"'), FILES)
    assert Answer(holdfast).addresses == ["198.51.100.1"]
    up.stop()
    wait_for(lambda: Answer(holdfast).errors == {STALE_ANSWER})
    kept = wait_for(lambda: Answer(holdfast).rcode == "SERVFAIL")
    print(f"stale for {kept:.2f} s")
    assert kept <= 5 + BEHIND
    assert state(holdfast) == "failed"
    wait_for(lambda: state(holdfast, "AAAA") == "failed")
    for rdtype in ("A", "AAAA"):
        answer = Answer(holdfast, rdtype=rdtype)
        assert (answer.rcode, answer.addresses) == ("SERVFAIL", [])
        assert answer.errors == {NO_REACHABLE_AUTHORITY}
        assert Answer(holdfast, rdtype=rdtype, edns=False).message.edns == -1
    check_own_records(holdfast)

    up.start()
    took = wait_for(lambda: Answer(holdfast).rcode == "NOERROR", RETRY_LIMIT)
    answer = Answer(holdfast)
    assert (answer.addresses, answer.errors) == (["198.51.100.1"], set())
    print(f"answers {took:.2f} s after the upstream is back")


def test_one_upstream_of_two_is_enough(serve, authority, free_port):  # noqa: F811
    zone, port = authority("cdn A 198.51.100.1", ttl=1)
    dead = free_port("127.0.0.1")
    holdfast = serve(config(APEX, ports=[dead, port]), FILES)
    assert Answer(holdfast).addresses == ["198.51.100.1"]
    zone.write("cdn A 198.51.100.2", ttl=1)
    assert wait_for(lambda: Answer(holdfast).addresses == ["198.51.100.2"]) <= 1 + BEHIND
    asked = aliases(holdfast)["cdn.example.net.", "A"]["asked"]

    def is_asked_again():
        assert Answer(holdfast).errors == set()
        return aliases(holdfast)["cdn.example.net.", "A"]["asked"] > asked + 2

    wait_for(is_asked_again)
    ups = {one["upstream"]: one for one in holdfast.json("/api/v1/aliases")["upstreams"]}
    assert ups[f"127.0.0.1:{dead}"]["timeouts"] > 0 == ups[f"127.0.0.1:{port}"]["timeouts"]


def test_a_ttl_of_zero_is_served_as_more_and_asked_for_less(serve, authority):  # noqa: F811
    _, port = authority("cdn A 198.51.100.1", ttl=0)
    holdfast = serve(config(APEX, ports=[port]), FILES)
    rounds, key = 5, ("cdn.example.net.", "A")

    def asked():
        answer = Answer(holdfast)
        assert answer.addresses == ["198.51.100.1"] and answer.ttl >= 1 and answer.errors == set()
        return aliases(holdfast)[key]["asked"]

    wait_for(lambda count=asked(): asked() > count)
    packets = holdfast.json("/api/v1/aliases")["upstreams"][0]["packets"]
    before, begun = asked(), time.monotonic()
    wait_for(lambda: asked() >= before + rounds)
    took = time.monotonic() - begun
    packets = holdfast.json("/api/v1/aliases")["upstreams"][0]["packets"] - packets
    print(f"asked {rounds} times in {took:.2f} s, {packets} packets for A and AAAA, with min_ttl of 1 s")
    assert rounds * 0.8 - 0.2 <= took <= rounds * 1 + BEHIND
    assert packets <= 2 * (rounds + 2)


def test_the_first_query_is_answered_though_the_upstream_is_slow(serve, authority, free_port):  # noqa: F811
    _, port = authority("cdn A 198.51.100.1\ncdn AAAA 2001:db8::1", ttl=60)
    slow = Forger(free_port("127.0.0.1"), port, delay=0.2)
    try:
        holdfast = serve(config(APEX, ports=[slow.port], resolver='timeout = "1s"'), FILES)
        assert Answer(holdfast).addresses == ["198.51.100.1"]
        assert Answer(holdfast, rdtype="AAAA").addresses == ["2001:db8::1"]
    finally:
        slow.stop()


def test_an_upstream_that_is_silent_does_not_keep_the_server_from_starting(serve, silent):  # noqa: F811
    begun = time.monotonic()
    holdfast = serve(config(APEX, ports=[silent.getsockname()[1]]), FILES)
    print(f"listens after {time.monotonic() - begun:.2f} s")
    check_own_records(holdfast)
    answer = Answer(holdfast)
    assert (answer.rcode, answer.errors) == ("SERVFAIL", {NO_REACHABLE_AUTHORITY})
    assert silent.recv(512)


def test_a_dead_address_of_a_target_is_left_out(serve, authority, free_port):  # noqa: F811
    hosts = ["127.0.0.2", "127.0.0.3", "127.0.0.4"]
    port = free_port(*hosts)
    zone, upstream_port = authority("cdn A 127.0.0.2\ncdn A 127.0.0.3", ttl=1)
    monitor = f'[monitor.web]\ntype = "tcp"\nport = {port}\ninterval = "1s"\nfall = 1\nrise = 1'
    checked = '{ name = "checked", aname = "cdn.example.net", monitor = "web" }'
    with contextlib.ExitStack() as open_ones:
        listening = [socket.create_server((host, port), backlog=4096) for host in hosts]  # nobody accepts
        first, _, _ = map(open_ones.enter_context, listening)
        holdfast = serve(config(APEX, checked, ports=[upstream_port], more=monitor), FILES)

        def answers():
            return Answer(holdfast, "checked.example.com").addresses

        def verdicts():
            return {one["address"]: one["verdict"] for one in holdfast.json("/api/v1/targets")}

        assert answers() == hosts[:2]
        wait_for(lambda: set(verdicts().values()) == {"up"})
        first.close()
        print(f"out of the answers after {wait_for(lambda: answers() == ['127.0.0.3']):.2f} s")
        assert Answer(holdfast).addresses == hosts[:2], "nobody checks it there"
        zone.write("cdn A 127.0.0.2\ncdn A 127.0.0.4", ttl=1)
        took = wait_for(lambda: answers() == ["127.0.0.4"])
        print(f"another address of the target after {took:.2f} s")
        assert took <= 1 + BEHIND
        wait_for(lambda: verdicts() == {"127.0.0.2": "down", "127.0.0.4": "up"})


def test_the_api_the_command_and_the_metrics_say_the_same(serve, upstream):
    up = upstream()
    live = (APEX, '{ name = "none", aname = "missing.example.net" }',
            '{ name = "www", aname = "cdn.example.net" }')
    holdfast = serve(config(*live, ports=[up.port]), FILES)
    told = holdfast.json("/api/v1/aliases")
    assert set(told) == {"targets", "upstreams"}
    by_key = aliases(holdfast)
    assert [(one["target"], one["type"]) for one in told["targets"]] == \
        [(f"{host}.example.net.", rdtype) for host in ("cdn", "missing") for rdtype in ("A", "AAAA")]
    cdn = by_key["cdn.example.net.", "A"]
    assert (cdn["state"], cdn["addresses"], cdn["error"]) == ("fresh", ["198.51.100.1"], None)
    assert cdn["upstream"] == f"127.0.0.1:{up.port}" and 0 <= cdn["asked_seconds"] < PATIENCE
    assert cdn["left_seconds"] <= 2 and cdn["due_seconds"] <= 2
    assert sorted(cdn["used_by"]) == ["example.com.", "www.example.com."]
    assert cdn["asked"] >= 1 and (cdn["failed"], cdn["mismatches"], cdn["tcp"]) == (0, 0, 0)
    assert {by_key[host, rdtype]["state"] for host, rdtype in by_key if rdtype == "AAAA"} == {"nodata"}
    asked, = told["upstreams"]
    assert asked["upstream"] == f"127.0.0.1:{up.port}" and asked["packets"] >= 4 and asked["rtt_seconds"] < 1
    assert set(asked) == {"upstream", "rtt_seconds", "backed_off_seconds", "budget_used", "packets",
                          "timeouts", "refusals", "mismatches", "waited"}

    code, said = run(holdfast, "status", "--aname", "--json")
    assert code == 0 and set(json.loads(said)) == {"targets", "upstreams"}, said
    targets = [one["target"] for one in told["targets"]]
    assert [one["target"] for one in json.loads(said)["targets"]] == targets
    measured = metrics(holdfast)
    assert measured['holdfast_aname_targets{state="fresh"}'] == "1"
    assert measured['holdfast_aname_targets{state="nodata"}'] == "3"
    assert float(measured['holdfast_aname_left_seconds{target="cdn.example.net.",type="A"}']) <= 2
    label = f'{{upstream="127.0.0.1:{up.port}"}}'
    assert float(measured[f"holdfast_resolver_packets_total{label}"]) >= asked["packets"]
    for name in ("timeouts_total", "refusals_total", "mismatches_total", "budget_used"):
        assert 0 <= float(measured[f"holdfast_resolver_{name}{label}"]) < 1

    up.stop()
    wait_for(lambda: metrics(holdfast)['holdfast_aname_targets{state="stale"}'] == "1")
    assert float(metrics(holdfast)[f"holdfast_resolver_timeouts_total{label}"]) > 0
    code, said = run(holdfast, "status", "--aname")
    assert code == 1 and "stale" in said, said
