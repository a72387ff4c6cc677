"""`holdfast zone`: its files are what BIND, NSD, Knot and PowerDNS read, and it tells how they differ from us."""

import json
import os
import subprocess

import pytest

import made_zones
import transferred
from name_servers import ALL, Peer, Place, Zone, name_server, place, wait_for  # noqa: F401
from transfer_client import Key
from transferred import APEX, MEMBERS, OURS, Records

CHECKERS = {
    "named-checkzone": ["named-checkzone", "-i", "none", "-k", "ignore"],
    "kzonecheck": ["kzonecheck", "-o"],
    "nsd-checkzone": ["/usr/sbin/nsd-checkzone"],
}


def run(*words):
    return subprocess.run([os.environ["HOLDFAST"], "zone", *map(str, words)], capture_output=True, text=True, timeout=60)


def asked_of(holdfast):
    holdfast.get("/healthz")
    return "--control", holdfast.control.removeprefix("http://")


@pytest.fixture
def made(serve, tmp_path):
    """A holdfast that serves every kind of zone, {apex: its file}, {apex: what it exports}."""
    zones = made_zones.make(1)
    config = '[server]\nlisten = ["127.0.0.1:0"]\n[control]\nlisten = "127.0.0.1:0"\n'
    config += "".join(f'[[zone]]\nname = "{apex}"\nfile = "{apex}zone"\n' for apex in zones)
    holdfast = serve(config, {f"{apex}zone": text for apex, text in zones.items()})
    exported = {}
    for apex in zones:
        exported[apex] = tmp_path / f"{apex}exported"
        done = run("export", apex, "-o", exported[apex], *asked_of(holdfast))
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), apex
    return holdfast, {apex: tmp_path / f"{apex}zone" for apex in zones}, exported


def accepts(checker, apex, file):
    name = apex.rstrip(".") if checker != "kzonecheck" else apex
    done = subprocess.run([*CHECKERS[checker], name, file], capture_output=True, text=True, errors="replace", timeout=60)
    return done.returncode == 0, done.stdout + done.stderr


def as_bind_reads(apex, file):
    done = subprocess.run(["named-compilezone", "-i", "none", "-k", "ignore", "-s", "full", "-o", "-", apex, file],
                          capture_output=True, text=True, errors="replace", timeout=60)
    return done.returncode, [line.lower() for line in done.stdout.splitlines() if not line.startswith("zone ")]


def test_what_is_exported_is_what_was_read(made):
    holdfast, files, exported = made
    for apex, file in files.items():
        for other in (exported[apex], apex):
            done = run("diff", file, other, "--zone", apex, *asked_of(holdfast))
            assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), (apex, other)
        assert as_bind_reads(apex, exported[apex]) == as_bind_reads(apex, file), apex
        for checker in CHECKERS:
            accepted, said = accepts(checker, apex, exported[apex])
            assert accepted or not accepts(checker, apex, file)[0], f"{checker} of {apex}: {said}"


# BIND and Knot refuse names in odd.test., BIND the size of RRsets in big.test.; PowerDNS lacks types and has other escapes.
HARD = {"BIND": ["types.test.", "alias.test.", "wild.test."], "NSD": ["types.test.", "odd.test.", "big.test.", "alias.test."],
        "Knot": ["types.test.", "big.test.", "alias.test."]}


@pytest.mark.parametrize("name", HARD)
def test_others_serve_what_is_exported_as_it_was(made, name_server, place, name):
    _, files, exported = made
    us = Peer(Place(OURS, 9))  # discard: nobody listens to its NOTIFY
    there = place(ALL[name].address)
    name_server(ALL[name], there, [Zone(apex, exported[apex].read_text(), secondaries=[us]) for apex in HARD[name]])
    for apex in HARD[name]:
        done = run("diff", files[apex], f"@{there.address}:{there.port}", "--zone", apex)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), apex


class Site:
    """A holdfast with a live name, and one secondary."""

    def __init__(self, serve, name_server, place, directory, name, port, key):
        self.directory, self.key = directory, key
        self.there = Peer(place(ALL[name].address), key)
        us = Peer(place(OURS), key)
        zone = transferred.primary_of({name: self.there}) + transferred.pool(port)
        config = transferred.config(directory, us.place, {name: self.there}, zone)
        self.holdfast = serve(config, {f"{APEX}zone": transferred.zone(1)})
        self.records = Records(self.holdfast)
        # It lets us read with the key only, or by our address; it learns of new versions from us.
        self.secondary = name_server(ALL[name], self.there.place, [Zone(APEX, primaries=[us], secondaries=[us])])
        transferred.same(self.records, self.secondary)

    @property
    def server(self):
        return f"@{self.there.place.address}:{self.there.place.port}"

    def compare(self, *words, with_key=True):
        signed = ("--key", next(self.directory.glob("*.key"))) if self.key and with_key else ()
        return run("compare", APEX, self.server, *signed, *asked_of(self.holdfast), *words)


@pytest.fixture
def site(serve, name_server, place, free_port, tmp_path):
    return lambda name, key=None: Site(serve, name_server, place, tmp_path, name, free_port(*MEMBERS), key)


@pytest.mark.parametrize("with_key", [True, False])
@pytest.mark.parametrize("name", ALL)
def test_secondaries_are_compared(site, name, with_key):
    here = site(name, Key(f"{name}.{APEX}".lower()) if with_key else None)

    def same():
        done = here.compare()  # live names may just have moved
        assert done.returncode in (0, 1) and done.stderr == "", done
        return done.returncode == 0 and done

    done = wait_for(same, lambda: here.compare())
    serial = here.records.serial()
    assert done.stdout == f"{here.server[1:]} holds serial {serial}, ours is {serial}: no record differs\n"

    of_file = here.compare("--static")  # www has what it answers there, and no record in the file
    www = [line for line in of_file.stdout.splitlines() if line.startswith(("+ ", "- ")) and "only" not in line]
    assert of_file.returncode == 1 and {line.split()[1] for line in www} == {f"www.{APEX}"}
    assert {line[0] for line in www} == {"+"}
    if with_key:
        refused = here.compare(with_key=False)
        assert refused.returncode == 2 and refused.stdout == ""
        assert f"allow {OURS} to transfer {APEX} there" in refused.stderr or "sign" in refused.stderr, refused.stderr


@pytest.fixture
def others(serve, name_server, place, tmp_path):
    """others(text, allowed) starts a BIND with such a zone, and a holdfast with a later one; gives both."""
    def start(text, allowed):
        there = place(ALL["BIND"].address)
        bind = name_server(ALL["BIND"], there, [Zone(APEX, text, secondaries=[Peer(Place(OURS, 9))] if allowed else [])])
        config = ('[server]\nlisten = ["127.0.0.1:0"]\n[control]\nlisten = "127.0.0.1:0"\n'
                  f'[[zone]]\nname = "{APEX}"\nfile = "{APEX}zone"\n')
        holdfast = serve(config, {f"{APEX}zone": transferred.zone(7, "new A 192.0.2.101\n")})
        return bind, f"@{there.address}:{there.port}", lambda *words: run("compare", APEX, *asked_of(holdfast), *words)
    return start


def test_a_server_that_is_behind_and_one_that_is_down(others):
    bind, server, compare = others(transferred.zone(5), allowed=True)
    done = compare(server)
    assert done.returncode == 1 and done.stderr == ""
    assert done.stdout == (f"{server[1:]} holds serial 5, ours is 7: 1 record differs\n- only here, + only there\n"
                           f"- new.{APEX} 300 IN A 192.0.2.101\n")
    told = json.loads(compare(server, "--json").stdout)
    assert told == {"zone": APEX, "server": server[1:], "equal": False, "serials": [7, 5], "added": [],
                    "removed": [{"name": f"new.{APEX}", "ttl": 300, "type": "A", "data": "192.0.2.101"}]}
    bind.update(APEX, transferred.zone(6, "new A 192.0.2.101\n"))
    assert compare(server).stdout == f"{server[1:]} holds serial 6, ours is 7: no record differs\n"
    assert compare(server).returncode == 1
    assert compare(server, "--ignore-serial").returncode == 0
    bind.stop()
    down = compare(server)
    assert (down.returncode, down.stdout) == (2, "")
    assert down.stderr == f"holdfast zone compare: {server[1:]} does not accept a connection: Connection refused\n"


def test_a_server_that_refuses(others):
    _, server, compare = others(transferred.zone(5), allowed=False)
    refused = compare(server)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "says REFUSED" in refused.stderr and f"allow {OURS} to transfer {APEX} there" in refused.stderr, refused.stderr


NSD_OVER_TLS = """
server:
  ip-address: {address}@{port}
  tls-port: {port}
  tls-service-key: "{key}"
  tls-service-pem: "{certificate}"
  username: ""
  zonesdir: "{directory}"
  database: ""
  pidfile: ""
  xfrdfile: "{directory}/xfrd.state"
  xfrdir: "{directory}"
  zonelistfile: "{directory}/zone.list"
remote-control:
  control-enable: no
zone:
  name: "{apex}"
  zonefile: "{directory}/zone"
  provide-xfr: 127.0.0.1 NOKEY
"""


def test_over_tls(place, certificate, tmp_path):
    there = place("127.0.0.12")
    for name, text in (("zone", transferred.zone(5)), ("ours", f"$ORIGIN {APEX}\n{transferred.zone(5)}"), ("nsd.conf", NSD_OVER_TLS.format(
            address=there.address, port=there.port, key=certificate[1], certificate=certificate[0], directory=tmp_path, apex=APEX))):
        (tmp_path / name).write_text(text)
    with open(tmp_path / "log", "w") as log:
        nsd = subprocess.Popen(["/usr/sbin/nsd", "-d", "-c", tmp_path / "nsd.conf"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_for(lambda: "nsd started" in (tmp_path / "log").read_text(), lambda: (tmp_path / "log").read_text())
        server = f"@{there.address}:{there.port}"
        trusted = ("--tls", "mx.example.com", "--ca-file", certificate[0])
        done = run("diff", tmp_path / "ours", server, *trusted)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        other = run("diff", tmp_path / "ours", server, "--tls", "ns.example.com", "--ca-file", certificate[0])
        assert other.returncode == 2 and "certificate" in other.stderr, other
        unknown = run("diff", tmp_path / "ours", server, "--tls", "mx.example.com")
        assert unknown.returncode == 2 and "certificate" in unknown.stderr, unknown
    finally:
        nsd.terminate()
        nsd.wait()


def test_what_cannot_be_compared(others, tmp_path):
    _, server, compare = others(transferred.zone(5), allowed=True)
    for words in (["@"], [server[1:]], [server, "--key", tmp_path / "none.key"], ["@none.invalid"]):
        done = compare(*words)
        assert done.returncode == 2 and done.stdout == "" and done.stderr, words
