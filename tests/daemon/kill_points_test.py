"""kill -9 at every named point (server/versions/kill_point.h), as versions_kill_test.py has it at random moments.

HOLDFAST_SEED: of the changes, which a failure prints.
"""

import pathlib
import re
import signal

import pytest

import transferred
import versions_kill_test
from name_servers import Knot, Nsd, Peer, Zone, name_server, place, wait_for  # noqa: F401
from transfer_client import Key
from versions_kill_test import FILE, FIRST_SERIAL, Life, beyond, site  # noqa: F401

SOURCES = pathlib.Path(__file__).parents[2] / "server"
POINTS = sorted({name for source in SOURCES.rglob("*.cpp") for name in re.findall(r'kill_point\("(.+?)"\)', source.read_text())})
OF_UPDATES = "update."
OF_LARGE = "changes."  # of changes beside the image, which small zones have none of
OF_SECONDARIES = ("transfer-in.", "image.synced", "image.settled", OF_LARGE)  # images of files do not wait for the disk
PASSINGS = 1, 3  # the first is most likely at the start, the other when it runs
LIMIT = 120  # seconds until one is reached
SMALL = [("A", "192.0.2.1")] * 3000  # records; a whole transfer has several messages
LARGE = [("TXT", " ".join(['"' + 250 * "x" + '"'] * 10))] * 600  # so that a few changes are written beside the image


def kill_at_each(site, edit, points):
    """While all is read, edited, updated and flipped; then all must be the same everywhere."""
    site.life.kill()
    site.read()
    site.write(edit, longest=0.2)
    for point in points:
        for passing in PASSINGS:
            site.life = Life(site.directory / "holdfast.toml", kill_at=f"{point}:{passing}")
            assert site.life.end(LIMIT) == -signal.SIGKILL, f"{point} was not passed {passing} times in {LIMIT} s:\n{site.life.log}"
            site.kills += 1
            site.witness.check()
    site.start()
    site.writers.close()
    site.check_the_last()
    for server in site.below:
        assert site.witness.looks[f"{server.name} AXFR"] > len(points)


def test_there_are_points():
    assert len(POINTS) > 15 and not any(name in "".join(POINTS) for name in ":\\"), POINTS


def test_a_primary_that_is_killed_at_any_point_keeps_what_it_acknowledged(site, place):
    knot, nsd = (Peer(place(kind.address), Key(f"{kind.name}.{versions_kill_test.APEX}".lower())) for kind in (Knot, Nsd))
    peers = {"knot": knot, "nsd": nsd}
    site.edits.fixed = SMALL
    site.configure(transferred.primary_of(peers), peers, takes_updates=True)
    (site.directory / FILE).write_text(site.edits.next(FIRST_SERIAL))
    site.start()
    site.follow((Knot, knot), (Nsd, nsd))
    for server in site.below:
        wait_for(lambda: server.serial(versions_kill_test.APEX) is not None, lambda: f"{site.life.log}\n{server.log()[-3000:]}")
    kill_at_each(site, lambda: site.edit_file(FIRST_SERIAL), [point for point in POINTS if not point.startswith(OF_SECONDARIES)])
    of_updates = [point for point in POINTS if point.startswith(OF_UPDATES)]
    assert site.witness.looks["acknowledged"] > 0
    # Each comes after the one before was acknowledged.
    assert len(of_updates) > 1 and site.witness.acknowledged_updates >= len(of_updates) * (max(PASSINGS) - 1)


@pytest.mark.parametrize("fixed,points", [(SMALL, [point for point in POINTS if not point.startswith((OF_UPDATES, OF_LARGE))]),
                                          (LARGE, [point for point in POINTS if point.startswith((OF_LARGE, "transfer-in."))])],
                         ids=["small", "large"])
def test_a_secondary_that_is_killed_at_any_point_serves_what_its_primary_had(site, name_server, place, fixed, points):
    above, below = Peer(place(Knot.address), Key("above.example.")), Peer(place(Nsd.address), Key("below.example."))
    site.edits.fixed = fixed
    site.configure(transferred.secondary_of(["above"], ["below"]), {"above": above, "below": below})
    serial = FIRST_SERIAL
    knot = name_server(Knot, above.place,
                       [Zone(versions_kill_test.APEX, site.edits.next(serial), secondaries=[Peer(site.place, above.key)])])

    def edit():
        nonlocal serial
        serial = beyond(serial, site.chance.randint(1, 20))
        knot.update(versions_kill_test.APEX, site.edits.next(serial))

    site.start()
    site.follow((Nsd, below))
    wait_for(lambda: site.below[0].serial(versions_kill_test.APEX) is not None,
             lambda: f"{site.life.log}\n{site.below[0].log()[-3000:]}")
    kill_at_each(site, edit, points)
