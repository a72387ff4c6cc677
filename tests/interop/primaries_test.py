"""A holdfast as secondary of BIND, NSD, Knot and PowerDNS: it has what they have, soon after they say so."""

import time

import pytest

import transfer_client
import transferred
from name_servers import ALL, READER, Peer, Transfers, Zone, name_server, place, wait_for  # noqa: F401
from transfer_client import Key
from transferred import APEX, OURS, Records

NOTIFIED = 2  # seconds from a primary's new version to ours
OTHER = 5  # seconds until another primary is used when one is dead


class Site:
    """A holdfast and its primaries, by their names in the order in which it prefers them."""

    def __init__(self, serve, name_server, place, directory, names, with_key):
        self._serve, self.directory, self.place = serve, directory, place(OURS)
        self.peers = {name: Peer(place(ALL[name].address), Key(f"{name}.{APEX}".lower()) if with_key else None) for name in names}
        self.primaries = {name: name_server(ALL[name], peer.place, [Zone(APEX, transferred.zone(1), secondaries=[Peer(self.place, peer.key)])])
                          for name, peer in self.peers.items()}

    def start(self):
        zone = transferred.secondary_of(self.peers)
        self.holdfast = self._serve(transferred.config(self.directory, self.place, self.peers, zone))
        self.records = Records(self.holdfast)
        return self

    def seconds_until(self, serial, began, limit):
        wait_for(lambda: self.records.serial() == serial, lambda: self.holdfast.log, 10 * limit)
        return time.monotonic() - began


@pytest.fixture
def site(serve, name_server, place, tmp_path):
    return lambda *names, with_key=True: Site(serve, name_server, place, tmp_path, names, with_key)


@pytest.mark.parametrize("with_key", [True, False])
@pytest.mark.parametrize("name", ALL)
def test_loads_and_follows(site, name, with_key):
    here = site(name, with_key=with_key)
    began = time.monotonic()
    here.start()
    primary, = here.primaries.values()
    print(f"loaded after {here.seconds_until(1, began, OTHER):.2f} s")
    transferred.same(here.records, primary)
    texts = [transferred.zone(2, "new A 192.0.2.101\nnew TXT new\nhost7 TXT new\ndeep.er.new TXT new\n*.wild TXT other\n"),
             transferred.zone(3).replace("mail      A      192.0.2.25\n", "").replace("host8 A", "host8 60 A"),
             transferred.zone(4)]
    for serial, text in enumerate(texts, 2):
        took = here.seconds_until(serial, primary.update(APEX, text), NOTIFIED)
        print(f"serial {serial} after {took:.2f} s")
        assert took <= NOTIFIED
        transferred.same(here.records, primary)
    changes = len(texts)
    assert primary.given(APEX) == (Transfers(1, changes) if primary.sends_ixfr else Transfers(1 + changes, 0))


def test_the_whole_zone_comes_where_the_primary_does_not_know_what_changed(site):
    here = site("BIND").start()
    here.seconds_until(1, time.monotonic(), OTHER)
    bind, = here.primaries.values()
    bind.stop()
    bind.file(APEX).write_text(transferred.zone(7, "new TXT new"))
    bind.start()  # there is no journal yet
    here.seconds_until(7, time.monotonic(), OTHER)
    transferred.same(here.records, bind)
    assert bind.given(APEX) == Transfers(2, 0)


def test_an_ixfr_that_adds_what_is_there_leaves_the_zone_as_the_primary_has_it(site):
    """NSD 4.6.1 sends such, of names whose types do not stand in the order of their numbers."""
    names = "".join(f"host{i} AAAA 2001:db8::{i}\nhost{i} MX 10 mail\n" for i in range(9))
    here = site("NSD")
    nsd, = here.primaries.values()
    nsd.update(APEX, transferred.zone(2, names))
    here.start().seconds_until(2, time.monotonic(), OTHER)
    transferred.same(here.records, nsd)
    here.seconds_until(3, nsd.update(APEX, transferred.zone(3, names + "new A 192.0.2.101")), NOTIFIED)
    seen = transfer_client.ixfr(nsd.place, APEX, 2, source=READER)
    assert sum("2001:db8::" in record for record in seen) > 1, "it does so no longer: this test says nothing"
    transferred.same(here.records, nsd)


@pytest.mark.parametrize("name", ALL)
def test_serves_on_without_its_primary_and_follows_it_when_it_is_back(site, name):
    here = site(name).start()
    here.seconds_until(1, time.monotonic(), OTHER)
    primary, = here.primaries.values()
    transferred.same(here.records, primary)
    had = here.records.axfr()
    primary.stop()
    assert here.records.axfr() == had
    here.holdfast.kill()
    here.start()
    wait_for(lambda: here.records.serial() == 1, lambda: here.holdfast.log)
    assert here.records.axfr() == had, "after a start, too, that finds no primary"
    primary.start()
    took = here.seconds_until(2, primary.update(APEX, transferred.zone(2, "back TXT back")), NOTIFIED)
    assert took <= NOTIFIED, took
    transferred.same(here.records, primary)


def test_the_second_primary_is_used_when_the_first_is_dead(site):
    here = site("Knot", "NSD")
    knot, nsd = here.primaries.values()
    began = time.monotonic()
    here.start()
    here.seconds_until(1, began, OTHER)
    knot.stop()
    took = here.seconds_until(2, nsd.update(APEX, transferred.zone(2, "of TXT nsd")), OTHER)
    print(f"the second after {took:.2f} s")
    assert took <= OTHER
    transferred.same(here.records, nsd)

    # The first is behind when it is back: what is there stays, until it is ahead.
    knot.start()
    took = here.seconds_until(3, knot.update(APEX, transferred.zone(3, "of TXT knot")), NOTIFIED)
    assert took <= NOTIFIED, took
    transferred.same(here.records, knot)


def test_starts_from_the_second_primary_when_the_first_is_dead(site):
    here = site("Knot", "NSD")
    here.primaries["Knot"].stop()
    began = time.monotonic()
    took = here.start().seconds_until(1, began, OTHER)
    print(f"loaded after {took:.2f} s")
    assert took <= OTHER
    transferred.same(here.records, here.primaries["NSD"])


def test_a_notify_without_the_key_or_from_elsewhere_changes_nothing(site, name_server, place):
    """Another NSD, with the address of a primary but another key, says that it has a newer version."""
    here = site("Knot").start()
    here.seconds_until(1, time.monotonic(), OTHER)
    forger = name_server(ALL["NSD"], place(ALL["NSD"].address), [Zone(APEX, transferred.zone(9), secondaries=[Peer(here.place, Key("x.example."))])])
    wait_for(lambda: "received notify response error" in forger.log() or "max notify" in forger.log(), forger.log)
    assert here.records.serial() == 1
    assert forger.given(APEX) == Transfers(0, 0)
