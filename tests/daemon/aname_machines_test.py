"""ANAME where the server, the resolver that it asks (Unbound), the authority that has the target (NSD, gdnsd) and who asks
are machines of their own: how old an answer gets, and what is answered while one of them is gone."""

import time

import pytest

from aname import (APEX, NO_REACHABLE_AUTHORITY, PATIENCE, RETRY_LIMIT, STALE_ANSWER, STALE_TTL, Answer, aliases,
                   ask, check_nodata, check_own_records, state, wait_for, wait_for_first)
from aname_machines import AUTHORITY, RESOLVER, machines  # noqa: F401
from upstreams import ASIA, EUROPE, GDNSD_TTL, Zone, gdnsd, unbound  # noqa: F401

THROUGH, DIRECT = "10.77.0.11", "10.77.0.12"  # the holdfast that asks Unbound, and the one that asks NSD
LONGEST = 1  # seconds behind the TTL of what was there before, until no answer has it any more
MIN_TTL = 1  # of the configuration: a TTL of 0 counts as that


@pytest.fixture
def authority(machines, nsd, tmp_path):  # noqa: F811
    """authority(ttl) starts an NSD that has the target."""
    return lambda ttl: Zone(nsd, 53, tmp_path, "cdn A 198.51.100.1", ttl, AUTHORITY, machines.authority)


@pytest.fixture
def resolver(machines, unbound):  # noqa: F811
    """resolver() starts an Unbound that asks the authority."""
    return lambda **more: unbound(53, 53, RESOLVER, AUTHORITY, machines.resolver.enter, **more)


def old_answers(servers, before, after):
    """By name of a server, when it was asked last that answered with what was there before; awaits that all do no more."""
    latest, new, begun = dict.fromkeys(servers, 0.0), set(), time.monotonic()
    while len(new) < len(servers):
        for name, holdfast in servers.items():
            asked = time.monotonic()
            answer = Answer(holdfast)
            assert (answer.rcode, answer.errors) == ("NOERROR", set())
            if answer.addresses == [after]:
                new.add(name)
            else:
                assert answer.addresses == [before] and name not in new and asked < begun + PATIENCE
                latest[name] = asked
    return latest


def test_no_answer_is_older_than_the_ttl_of_its_target_and_a_second(machines, authority, resolver):  # noqa: F811
    """From the moment at which the authority says what is new, to the last question that is answered with what is old. That is
    the longer, the sooner behind a refresh the target moves. (tests/zones/alias/freshness_test.cpp has all such moments.)"""
    held = 2  # the TTL of what is there
    zone = authority(held)
    resolver()
    servers = {"Unbound": machines.serve(THROUGH, RESOLVER, APEX), "NSD": machines.serve(DIRECT, AUTHORITY, APEX)}
    old_answers(servers, None, "198.51.100.1")
    for last, (behind, ttl) in enumerate([(0.2, 2), (0.5, 2), (1.2, 0), (0.1, 0), (0.3, 3), (0.2, 2)], start=2):
        time.sleep(behind)  # all have just been refreshed
        moved = zone.write(f"cdn A 198.51.100.{last}", ttl)
        latest = old_answers(servers, f"198.51.100.{last - 1}", f"198.51.100.{last}")
        stale = {name: max(0.0, at - moved) for name, at in latest.items()}
        print(f"TTL {held}, moved {behind} s behind a refresh: old for",
              ", ".join(f"{seconds:.2f} s through {name}" for name, seconds in stale.items()))
        assert max(stale.values()) <= max(held, MIN_TTL) + LONGEST
        held = ttl


def test_a_target_that_disappears_is_served_on_or_has_no_address_any_more(machines, authority, resolver):  # noqa: F811
    zone = authority(1)
    resolver()
    holdfast = machines.serve(THROUGH, RESOLVER, APEX)
    zone.write("other A 198.51.100.9", 1)
    wait_for(lambda: Answer(holdfast).errors == {STALE_ANSWER})
    assert (Answer(holdfast).rcode, Answer(holdfast).addresses) == ("NOERROR", ["198.51.100.1"])
    assert aliases(holdfast)["cdn.example.net.", "A"]["error"] == "NXDOMAIN"
    zone.write('cdn TXT "here"', 1)
    wait_for(lambda: Answer(holdfast).addresses == [])
    check_nodata(Answer(holdfast))
    check_own_records(holdfast)
    zone.write("cdn A 198.51.100.2", 1)
    wait_for(lambda: Answer(holdfast).addresses == ["198.51.100.2"])
    assert state(holdfast) == "fresh"


def stop_authority(machines, zone, nsd):  # noqa: F811
    zone.process.terminate()
    zone.process.wait()
    return lambda: nsd({"example.net.": zone.text("cdn A 198.51.100.1", 1)}, 53, AUTHORITY, machines.authority.enter)


def cut(machine):
    machine.run("ip link set eth0 down")
    return lambda: machine.run("ip link set eth0 up")


BREAKS = {
    "TheAuthorityIsStopped": stop_authority,  # so that the resolver says SERVFAIL
    "TheAuthorityIsCutOff": lambda machines, *_: cut(machines.authority),  # so that it says nothing for long
    "TheResolverIsCutOff": lambda machines, *_: cut(machines.resolver),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_what_was_good_is_served_as_stale_and_then_no_more_while(broken, machines, authority, resolver, nsd):  # noqa: F811
    zone = authority(1)
    resolver()
    holdfast = machines.serve(THROUGH, RESOLVER, APEX, resolver='keep = "4s"')
    good = ("NOERROR", ["198.51.100.1"])
    wait_for_first(holdfast, good[1])
    mend = BREAKS[broken](machines, zone, nsd)
    begun = time.monotonic()
    while not (answer := Answer(holdfast)).errors:
        assert (answer.rcode, answer.addresses) == good and time.monotonic() < begun + PATIENCE
    marked = time.monotonic() - begun
    assert (answer.rcode, answer.addresses, answer.errors) == (*good, {STALE_ANSWER})
    assert answer.ttl <= STALE_TTL
    check_own_records(holdfast)
    wait_for(lambda: {Answer(holdfast, rdtype=rdtype).rcode for rdtype in ("A", "AAAA")} == {"SERVFAIL"})
    failed = time.monotonic() - begun
    assert Answer(holdfast).errors == {NO_REACHABLE_AUTHORITY}
    check_own_records(holdfast)
    mend()
    back = wait_for(lambda: Answer(holdfast).rcode == "NOERROR", RETRY_LIMIT)
    assert (Answer(holdfast).addresses, Answer(holdfast).errors) == (good[1], set())
    print(f"{broken}: stale after {marked:.2f} s, SERVFAIL after {failed:.2f} s, answers {back:.2f} s after it is mended")


def test_clients_get_what_the_target_has_for_their_network_through_a_resolver(machines, gdnsd, resolver):  # noqa: F811
    gdnsd(53, AUTHORITY, machines.authority)
    resolver(subnets=True)
    holdfast = machines.serve(THROUGH, RESOLVER, APEX)
    wait_for_first(holdfast, EUROPE)
    took = wait_for(lambda: ask(holdfast, "10.1.2.0")[0] == ASIA)
    print(f"a client's own answer after {took:.2f} s")
    _, ttl, scope = ask(holdfast, "10.1.2.0")
    assert ttl <= GDNSD_TTL and 16 <= scope <= 24
    assert ask(holdfast, "192.0.2.0")[0] == Answer(holdfast).addresses == EUROPE
