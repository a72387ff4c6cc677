"""NSD is primary, a holdfast has live names over what it says, and Knot is the holdfast's secondary."""

import socket
import time

import pytest

import transferred
from name_servers import Knot, Nsd, Peer, Transfers, Zone, name_server, place, wait_for  # noqa: F401
from transfer_client import Key
from transferred import APEX, MEMBERS, OURS, Records

LIMIT = 4  # seconds from an origin's end to the last secondary's answers
NOTIFIED = 2 * 2  # seconds through two servers


@pytest.fixture
def members(free_port):
    """Their port, and their sockets by address."""
    port = free_port(*MEMBERS)
    listening = {member: socket.create_server((member, port), backlog=64) for member in MEMBERS}
    yield port, listening
    for one in listening.values():
        one.close()


def test_failover_reaches_the_secondary_of_a_zone_that_comes_from_elsewhere(serve, name_server, place, members, tmp_path):
    port, listening = members
    ours, above, below = place(OURS), Peer(place(Nsd.address), Key("above.example.")), Peer(place(Knot.address), Key("below.example."))
    fallback = "www A 192.0.2.80\nwww TXT upstream\n"  # what NSD says of it
    nsd = name_server(Nsd, above.place, [Zone(APEX, transferred.zone(1, fallback), secondaries=[Peer(ours, above.key)])])
    zone = transferred.secondary_of(["above"], ["below"]) + transferred.pool(port)
    holdfast = serve(transferred.config(tmp_path, ours, {"above": above, "below": below}, zone))
    knot = name_server(Knot, below.place, [Zone(APEX, primaries=[Peer(ours, below.key)])])
    records = Records(holdfast)

    def seconds_until(condition, began=None):
        began = began or time.monotonic()
        wait_for(condition, lambda: f"{knot.ask(f'www.{APEX}')}, {knot.serial(APEX)}:\n{holdfast.log}\n{knot.log()[-3000:]}", 10 * LIMIT)
        return time.monotonic() - began

    def has(*members):
        return lambda: knot.ask(f"www.{APEX}") == set(members)

    seconds_until(has(*MEMBERS))
    transferred.same(records, knot)
    assert knot.ask(f"www.{APEX}", "TXT") == {'"upstream"'}, "live names take only the place of addresses"
    others = nsd.axfr(APEX) - records.axfr()
    assert {record.split()[2] for record in others} <= {"SOA", "A"} and f"www.{APEX} 300 A 192.0.2.80" in others

    first, second = MEMBERS
    before, serial = knot.taken(APEX), knot.serial(APEX)
    listening.pop(second).close()
    took = seconds_until(has(first))
    print(f"without it after {took:.2f} s")
    assert took <= LIMIT
    transferred.same(records, knot)
    assert knot.serial(APEX) == serial + 1 and knot.taken(APEX) == Transfers(before.axfr, before.ixfr + 1)

    # What NSD changes comes through, below what is live.
    began = nsd.update(APEX, transferred.zone(2, fallback + "new A 192.0.2.9"))
    took = seconds_until(lambda: knot.ask(f"new.{APEX}") == {"192.0.2.9"}, began)
    print(f"a change of NSD's after {took:.2f} s")
    assert took <= NOTIFIED
    transferred.same(records, knot)
    assert has(first)()
    assert knot.serial(APEX) > serial + 1 and knot.taken(APEX) == Transfers(before.axfr, before.ixfr + 2)

    nsd.stop()
    listening[second] = socket.create_server((second, port), backlog=64)
    took = seconds_until(has(first, second))
    print(f"with it again, without NSD, after {took:.2f} s")
    assert took <= LIMIT
    transferred.same(records, knot)


def test_what_holdfast_sends_comes_from_the_address_that_is_chosen_for_it(serve, name_server, place, tmp_path):
    """For those that know it only by that one; for others the system would choose 127.0.0.1 here."""
    ours, above, below = place("127.0.0.31"), Peer(place(Nsd.address)), Peer(place(Knot.address))
    nsd = name_server(Nsd, above.place, [Zone(APEX, transferred.zone(1), secondaries=[Peer(ours)])])
    holdfast = serve(transferred.config(tmp_path, ours, {"above": above, "below": below}, transferred.secondary_of(["above"], ["below"]),
                                        source=ours.address))
    knot = name_server(Knot, below.place, [Zone(APEX, primaries=[Peer(ours)])])
    transferred.same(Records(holdfast), knot)
    began = nsd.update(APEX, transferred.zone(2, "new A 192.0.2.9"))
    wait_for(lambda: knot.ask(f"new.{APEX}") == {"192.0.2.9"}, lambda: f"{holdfast.log}\n{knot.log()[-3000:]}")
    took = time.monotonic() - began
    print(f"a change of NSD's after {took:.2f} s")
    assert took <= NOTIFIED
