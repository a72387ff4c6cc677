"""Catalog zones (RFC 9432): a zone that is added on the primary appears on the secondaries, and one that is removed goes.

BIND, Knot and PowerDNS as consumers of our catalog, and each with a catalog that we consume. NSD 4.6.1 knows none.
"""

import signal
import subprocess

import dns.rcode
import pytest

import transfer_client
import transferred
from name_servers import READER, Bind, Knot, Peer, PowerDns, Transfers, Zone, name_server, place, wait_for  # noqa: F401
from transfer_client import Key
from transferred import OURS

CATALOG = "catalog.example."
A, B, C = "a.example.", "b.example.", "c.example."


def text(serial):
    return f"$TTL 60\n@ SOA ns1.example. hostmaster.example. {serial} 7200 3600 1209600 60\n@ NS ns1.example.\n@ TXT \"version {serial}\"\n"


def catalog_text(serial, members, version="2"):
    """One made by hand; each member under its first label, or (label, zone)."""
    lines = [f"$TTL 0\n@ SOA invalid. invalid. {serial} 7200 3600 1209600 60\n@ NS invalid.\nversion TXT \"{version}\"\n"]
    for member in members:
        label, zone = member if isinstance(member, tuple) else (member.split(".")[0], member)
        lines.append(f"{label}.zones PTR {zone}\n")
    return "".join(lines)


# ---- others as consumers

class ConsumingBind(Bind):
    def _prepare(self):
        super()._prepare()
        file = self.directory / "named.conf"
        primaries = " ".join(f"{peer.place.address} port {peer.place.port} key {peer.key.name};" for peer in self.zones[CATALOG].primaries)
        file.write_text(file.read_text().replace("ixfr-from-differences yes;", f"""ixfr-from-differences yes;
  allow-notify {{ {OURS}; }}; allow-transfer {{ {READER}; }};
  catalog-zones {{ zone "{CATALOG}" default-primaries {{ {primaries} }} in-memory yes min-update-interval 1; }};"""))


class ConsumingKnot(Knot):
    def _prepare(self):
        super()._prepare()
        file = self.directory / "knot.conf"
        template = ("template:\n- id: member\n  zonefile-sync: -1\n  zonefile-load: none\n  journal-content: all\n  master: peer0\n"
                    "  acl: [reader, peer0]\n")
        file.write_text(file.read_text().replace("\nzone:\n", f"\n{template}zone:\n")
                        + "  catalog-role: interpret\n  catalog-template: member\n")


class ConsumingPowerDns(PowerDns):
    """It asks for the zones in a catalog without the catalog's key, and 4.7 cannot take a catalog by IXFR."""

    def _prepare(self):
        super()._prepare()
        self._util("set-meta", CATALOG, "IXFR", "0")
        self._util("set-kind", CATALOG, "consumer")


class OurCatalog:
    """A holdfast that makes a catalog of its zones."""

    def __init__(self, serve, place, directory, kind):
        self.directory, self.place, self.peer = directory, place(OURS), Peer(place(kind.address), None if kind is ConsumingPowerDns else Key("catalog.key."))
        self.zones = [A, B]
        for zone in (A, B, C):
            (directory / f"{zone}zone").write_text(text(1))
        self.holdfast = serve(self.config())

    def config(self):
        zones = "".join(f'[[zone]]\nname = "{zone}"\nfile = "{zone}zone"\ncatalog = "fleet"\n' for zone in self.zones)
        return (f'[server]\nlisten = ["{self.place.address}:{self.place.port}"]\nstate = "{self.directory / "state"}"\n'
                f'[control]\nlisten = "127.0.0.1:0"\n[peer.reader]\nnetworks = ["{READER}/32"]\nnotify = false\n'
                f'[catalog.fleet]\nzone = "{CATALOG}"\nsecondaries = ["other", "reader"]\n{zones}'
                + transferred.declared(self.directory, {"other": self.peer}))

    def change(self, *zones):
        self.zones = zones
        self.holdfast.config.write_text(self.config())
        self.reload()

    def reload(self):
        self.holdfast.process.send_signal(signal.SIGHUP)


@pytest.mark.parametrize("kind", [ConsumingBind, ConsumingKnot, ConsumingPowerDns], ids=lambda kind: kind.name)
def test_others_serve_what_our_catalog_lists(serve, name_server, place, tmp_path, kind):
    ours = OurCatalog(serve, place, tmp_path, kind)
    other = name_server(kind, ours.peer.place, [Zone(CATALOG, primaries=[Peer(ours.place, ours.peer.key)])])

    def seen():
        return {zone: other.serial(zone) for zone in (A, B, C)}

    def wait_until(a, b, c):
        wait_for(lambda: seen() == {A: a, B: b, C: c}, lambda: f"{seen()}\n{ours.holdfast.log}\n{other.log()[-4000:]}")

    wait_until(1, 1, None)
    ours.change(A, B, C)
    wait_until(1, 1, 1)
    ours.change(A, C)
    wait_until(1, None, 1)
    (tmp_path / f"{A}zone").write_text(text(2))
    ours.reload()
    wait_until(2, None, 1)
    assert other.taken(C) == Transfers(1, 0), "what is listed as before is left as it is"
    ours.change(A, B, C)
    wait_until(2, 1, 1)


def test_our_catalog_is_a_zone_with_versions_for_those_who_may_transfer_it(serve, place, tmp_path):
    ours = OurCatalog(serve, place, tmp_path, Bind)

    def ask(name, rdtype, **options):
        return ours.holdfast.ask(name, rdtype, **options)

    for name, rdtype in ((CATALOG, "SOA"), (f"version.{CATALOG}", "TXT"), (f"version.{CATALOG}", "ANY"), (f"no.{CATALOG}", "A")):
        assert ask(name, rdtype).rcode() == dns.rcode.REFUSED
        assert ask(name, rdtype, tcp=True).rcode() == dns.rcode.REFUSED
    assert ask(A, "SOA").rcode() == dns.rcode.NOERROR
    first = transfer_client.axfr(ours.place, CATALOG, source=READER)
    assert sorted(record.split()[-1] for record in first if " PTR " in record) == [A, B]
    serial = transfer_client.serial_of(first[0])
    assert serial > 1_700_000_000, "without a state it does not go back, either"
    ours.change(A, C)
    wait_for(lambda: transfer_client.serial_of(transfer_client.axfr(ours.place, CATALOG, source=READER)[0]) > serial,
             lambda: ours.holdfast.log)
    changes = transfer_client.ixfr(ours.place, CATALOG, serial, source=READER)
    assert [record.split()[-1] for record in changes if " PTR " in record] == [B, C], "and no other"
    ours.holdfast.stop()
    serve(ours.config())
    assert transfer_client.axfr(ours.place, CATALOG, source=READER)[0] == changes[0], "no other version for a restart"


# ---- others as producers

class ProducingKnot(Knot):
    """Its zones but the catalog are members of that."""

    def _prepare(self):
        super()._prepare()
        self._list()

    def _list(self):
        file = self.directory / "knot.conf"
        text = file.read_text().replace("[transfer, notify]", "[transfer, notify, query]")  # for the SOA of the catalog
        for apex in self.zones:
            role = "generate" if apex == CATALOG else f"member\n  catalog-zone: {CATALOG}"
            text = text.replace(f"- domain: {apex}\n", f"- domain: {apex}\n  catalog-role: {role}\n")
        text = text.replace(f"  file: {self.file(CATALOG)}\n  zonefile-sync: -1\n  zonefile-load: difference\n",
                            "  zonefile-sync: -1\n  zonefile-load: none\n  journal-content: all\n")
        file.write_text(text)

    def serial(self, apex):
        return 0 if apex == CATALOG else super().serial(apex)  # nor does it answer for that

    def change(self, zones):
        self.zones = {zone.apex: zone for zone in zones}
        self._prepare()
        done = subprocess.run(["/usr/sbin/knotc", "-c", self.directory / "knot.conf", "reload"], capture_output=True, text=True)
        assert done.returncode == 0, done


class ProducingPowerDns(PowerDns):
    def _prepare(self):
        super()._prepare()
        self._util("set-kind", CATALOG, "producer")
        for apex in self.zones:
            if apex != CATALOG:
                self._util("set-catalog", apex, CATALOG)


class Consumer:
    """A holdfast that follows a catalog."""

    def __init__(self, serve, directory, place, peer):
        self._serve, self.directory, self.place, self.peer = serve, directory, place, peer
        self.start()

    def start(self, more=""):
        self.holdfast = self._serve(self.config(more))

    def config(self, more=""):
        return (f'[server]\nlisten = ["{self.place.address}:{self.place.port}"]\nstate = "{self.directory / "state"}"\n'
                f'[control]\nlisten = "127.0.0.1:0"\n[catalog.theirs]\nzone = "{CATALOG}"\nprimaries = ["other"]\n{more}'
                + transferred.declared(self.directory, {"other": self.peer}))

    def reload(self, more=""):
        self.holdfast.config.write_text(self.config(more))
        self.holdfast.process.send_signal(signal.SIGHUP)

    def serial(self, apex):
        """None: it is not served; 0: it is not there yet."""
        answer = self.holdfast.ask(apex, "SOA")
        if answer.rcode() == dns.rcode.REFUSED:
            return None
        return answer.answer[0][0].serial if answer.answer else 0

    def wait_until(self, **serials):
        """a = 1, b = None: the zones a.example. and b.example."""
        def seen():
            return {label: self.serial(f"{label}.example.") for label in serials}
        wait_for(lambda: seen() == serials, lambda: f"{seen()}:\n{self.holdfast.log}")

    def zone_in(self, apex):
        return next((zone for zone in self.holdfast.json("/api/v1/transfers")["zones_in"] if zone["zone"] == apex), None)

    def kept(self):
        return {file.name for file in (self.directory / "state" / "zones").iterdir()}


def primary(apex, us, serial=1):
    return Zone(apex, text(serial), secondaries=[us])


@pytest.fixture
def meeting(serve, name_server, place, tmp_path):
    """meeting(Kind, zones): a primary with these and its catalog, and a holdfast that follows it."""
    def start(kind, *zones, catalog=None):
        ours, peer = place(OURS), Peer(place(kind.address), Key("catalog.key."))
        us = Peer(ours, peer.key)
        all_zones = [Zone(CATALOG, catalog or catalog_text(1, zones), secondaries=[us]), *(primary(zone, us) for zone in zones)]
        other = name_server(kind, peer.place, all_zones)
        return other, us, Consumer(serve, tmp_path, ours, peer)
    return start


def test_we_serve_what_a_catalog_of_knot_lists(meeting):
    knot, us, ours = meeting(ProducingKnot, A, B)
    ours.wait_until(a=1, b=1, c=None)
    assert ours.zone_in(A)["catalog"] == "theirs" and ours.zone_in(CATALOG)["catalog"] is None
    listed = [Zone(CATALOG, secondaries=[us])]
    knot.change([*listed, primary(A, us), primary(B, us), primary(C, us)])
    ours.wait_until(a=1, b=1, c=1)
    knot.change([*listed, primary(A, us), primary(C, us)])
    ours.wait_until(a=1, b=None, c=1)
    wait_for(lambda: ours.zone_in(B) is None, "it is in the status no more")
    assert not any(name.startswith("b.example") for name in ours.kept())
    assert ours.zone_in(A)["whole"] == 1, "what is listed as before is left as it is"
    assert ours.holdfast.ask(CATALOG, "SOA").rcode() == dns.rcode.REFUSED
    status = subprocess.run([ours.holdfast.process.args[0], "status", "--transfers", "--control", ours.holdfast.control.removeprefix("http://")],
                            capture_output=True, text=True)
    assert "CATALOG" in status.stdout and "theirs" in status.stdout, status


def test_we_serve_what_a_catalog_of_powerdns_lists(meeting):
    _, _, ours = meeting(ProducingPowerDns, A, B)
    ours.wait_until(a=1, b=1, c=None)


def test_a_bad_catalog_leaves_all_as_it_was(meeting):
    bind, us, ours = meeting(Bind, A, B, C)
    ours.wait_until(a=1, b=1, c=1)

    def refused(serial, catalog):
        bind.update(CATALOG, catalog)
        wait_for(lambda: f"serial {serial}, which was refused" in str(ours.zone_in(CATALOG)["failure"]), lambda: ours.holdfast.log)
        ours.wait_until(a=1, b=1, c=1)
        return ours.zone_in(CATALOG)["failure"]

    assert 'a catalog of version "3"' in refused(2, catalog_text(2, [A, B, C], version="3"))
    assert "several PTR records at a.zones" in refused(3, catalog_text(3, [A, B, C, ("a", "d.example.")]))
    assert "it lists a.example. twice" in refused(4, catalog_text(4, [A, B, C, ("x", A)]))
    assert 'only with another may_lose' in refused(5, catalog_text(5, []))
    # The catalog that was good is kept, and its zones are: without their primary, too.
    bind.stop()
    ours.holdfast.stop()
    ours.start()
    ours.wait_until(a=1, b=1, c=1)
    ours.reload('may_lose = "100%"\n')
    bind.start()
    ours.wait_until(a=None, b=None, c=None)
    assert not ours.kept() - {name for name in ours.kept() if name.startswith("catalog")}


def test_a_member_under_another_label_is_another_zone(meeting):
    bind, us, ours = meeting(Bind, A, B)
    ours.wait_until(a=1, b=1)
    assert bind.given(A) == Transfers(1, 0)
    bind.update(CATALOG, catalog_text(2, [("new", A), B]))
    wait_for(lambda: bind.given(A) == Transfers(2, 0), lambda: ours.holdfast.log)
    ours.wait_until(a=1, b=1)
    assert bind.given(B) == Transfers(1, 0)


def test_a_zone_of_the_configuration_goes_before_that_of_a_catalog(meeting):
    bind, us, ours = meeting(Bind, A, B)
    ours.wait_until(a=1, b=1)
    (ours.directory / "own.zone").write_text(text(7))
    ours.reload(f'[[zone]]\nname = "{A}"\nfile = "own.zone"\n')
    ours.wait_until(a=7, b=1)
    ours.holdfast.log.wait_for("a.example. is listed by the catalog theirs, too: that of the configuration counts")
    ours.reload()
    ours.wait_until(a=7, b=1)  # until there is another version at the primary
    bind.update(A, text(8))
    ours.wait_until(a=8, b=1)
