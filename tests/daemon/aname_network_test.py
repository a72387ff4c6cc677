"""ANAME to a target that answers clients of some networks differently: a real gdnsd, with a map of networks."""

import time

import pytest

from aname import APEX, FILES, SLOW, Answer, aliases, ask, config, run, wait_for, wait_for_first  # noqa: F401
from conftest import is_sanitized
from upstreams import ASIA, EUROPE, GDNSD_TTL as TTL, gdnsd  # noqa: F401

SOON = 15 if is_sanitized() else 3  # seconds; it takes a twentieth of one


@pytest.fixture
def upstream(gdnsd, free_port):  # noqa: F811
    return gdnsd(free_port("127.0.0.1"))


def test_each_client_gets_what_the_target_has_for_it(serve, upstream):
    holdfast = serve(config(APEX, ports=[upstream], resolver=SLOW), FILES)
    wait_for_first(holdfast, EUROPE)
    took = wait_for(lambda: ask(holdfast, "10.1.2.0")[0] == ASIA)
    print(f"a client's own answer after {took:.2f} s")
    assert took <= SOON
    _, ttl, scope = ask(holdfast, "10.1.2.0")
    assert ttl <= TTL and 16 <= scope <= 24
    assert ask(holdfast, "192.0.2.0")[0] == EUROPE
    wait_for(lambda: len(aliases(holdfast)["cdn.example.net.", "A"]["networks"]) == 2)
    assert ask(holdfast, "192.0.2.0")[0] == EUROPE
    assert wait_for(lambda: ask(holdfast, "2001:db8:1::", source=56)[0] == ASIA) <= SOON
    assert Answer(holdfast).addresses == EUROPE, "who tells nothing of itself gets the general answer"
    assert aliases(holdfast)["cdn.example.net.", "A"]["depends_on_client"] == "yes"
    code, said = run(holdfast, "status", "--aname")
    assert code == 0 and "clients in 10.1." in said


def test_a_client_always_gets_an_answer_while_its_own_is_fetched(serve, upstream):
    holdfast = serve(config(APEX, ports=[upstream], resolver=SLOW), FILES)
    wait_for_first(holdfast, EUROPE)
    wait_for(lambda: ask(holdfast, "10.1.2.0")[0] == ASIA)
    for third in range(20, 40):
        addresses, ttl, _ = ask(holdfast, f"10.1.{third}.0")
        assert addresses in (EUROPE, ASIA) and 1 <= ttl <= TTL
    end = time.monotonic() + 3 * TTL  # refreshed ahead of its end while somebody asks, and never the other
    while time.monotonic() < end:
        assert ask(holdfast, "10.1.2.0")[0] == ASIA


def test_a_target_that_is_the_same_for_all_is_asked_once_more(serve, upstream):
    live = APEX.replace("cdn.", "plain.")
    holdfast = serve(config(live, ports=[upstream], resolver=SLOW), FILES)
    wait_for_first(holdfast, ["198.51.100.9"])
    assert ask(holdfast, "10.1.2.0")[0] == ["198.51.100.9"]
    wait_for(lambda: aliases(holdfast)["plain.example.net.", "A"]["depends_on_client"] == "no")
    asked, = holdfast.json("/api/v1/aliases")["upstreams"]
    for third in range(100):
        assert ask(holdfast, f"10.1.{third}.0")[2] == 0
    after, = holdfast.json("/api/v1/aliases")["upstreams"]
    assert after["packets"] - asked["packets"] <= 2, "but for the AAAA, and a refresh"


def test_networks_of_clients_are_told_to_nobody_where_that_is_not_wanted(serve, upstream):
    holdfast = serve(config(APEX, ports=[upstream], resolver=f"{SLOW}\nclient_subnet = false"), FILES)
    wait_for_first(holdfast, EUROPE)
    for third in range(20):
        assert ask(holdfast, f"10.1.{third}.0")[::2] == (EUROPE, 0)
    assert aliases(holdfast)["cdn.example.net.", "A"]["depends_on_client"] == "no"
