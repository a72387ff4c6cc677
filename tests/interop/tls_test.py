"""Zone transfer over TLS (RFC 9103), with BIND and NSD as secondaries of a holdfast and as its primaries; queries over TLS (RFC 7858).

Knot speaks it from 3.4 on and PowerDNS only in front of itself, so Debian's do not. NSD 4.6.1 shows its certificate to those that it
asks, and asks nobody for one.
"""

import os
import re
import shutil
import socket
import ssl
import subprocess

import dns.message
import dns.query
import dns.rcode
import pytest

import transferred
from certificates import Authority
from name_servers import Bind, Nsd, Peer, Zone, name_server, place, wait_for  # noqa: F401
from transfer_client import Key
from transferred import APEX, OURS, Records

NAMES = {"BIND": Bind, "NSD": Nsd}
FILE = f"{APEX}zone"
OUR_NAME = "ns1.example.net"
STRANGER = "127.0.0.66"


class Site:
    """A holdfast and what its certificates come from."""

    def __init__(self, serve, name_server, place, free_port, directory, shows):
        self._serve, self._name_server, self.directory, self._place = serve, name_server, directory, place
        self.place, self._free_port, self.shows = place(OURS), free_port, shows
        self.authority = Authority(directory)
        self.tls = self.authority.tls(OUR_NAME, free_port(OURS), shows=shows)
        self.key = Key(f"xfr.{APEX}")

    def us(self):
        return Peer(self.place, self.key, self.tls)

    def peer(self, kind, **how):
        tls = how.get("tls") or self.authority.tls(f"{kind.name.lower()}.example.net", self._free_port(kind.address), shows=self.shows)
        return Peer(self._place(kind.address), self.key, tls)

    def start(self, peers, zone, files=None):
        self.peers = peers
        self.holdfast = self._serve(transferred.config(self.directory, self.place, peers, zone, self.tls), files)
        self.records = Records(self.holdfast)

    def start_primary(self, peers):
        self.start(peers, transferred.primary_of(peers), {FILE: transferred.zone(1)})

    def server(self, kind, peer, **of):
        return self._name_server(kind, peer.place, [Zone(APEX, **of)], peer.tls)

    def reload(self):
        self.holdfast.get("/healthz")
        return subprocess.run([os.environ["HOLDFAST"], "reload", "--control", self.holdfast.control.removeprefix("http://")],
                              capture_output=True, text=True, timeout=30)

    def change(self, text):
        (self.directory / FILE).write_text(text)
        done = self.reload()
        assert done.returncode == 0, done

    def metric(self, name):
        return float(re.search(rf"^{re.escape(name)} (\S+)$", self.holdfast.get("/metrics")[1], re.M)[1])

    def context(self, certificate=None, ca=None):
        """Of a client of ours."""
        context = ssl.create_default_context(cafile=ca or self.tls.ca)
        context.set_alpn_protocols(["dot"])
        if certificate:
            context.load_cert_chain(*certificate)
        return context

    def connect(self, context=None, source=OURS):
        stream = socket.create_connection((OURS, self.tls.port), timeout=30, source_address=(source, 0))
        return (context or self.context()).wrap_socket(stream, server_hostname=OUR_NAME)

    def ask(self, stream, query):
        dns.query.send_tcp(stream, query)
        return dns.query.receive_tcp(stream, one_rr_per_rrset=True, keyring=query.keyring, request_mac=query.mac)[0]

    def axfr(self, context, source=OURS):
        """The RCODE that the first message has; None: there is no TLS."""
        query = dns.message.make_query(APEX, "AXFR")
        query.use_tsig(self.key.ring())
        with self.connect(context, source) as stream:
            return dns.rcode.to_text(self.ask(stream, query).rcode())


@pytest.fixture
def site(serve, name_server, place, free_port, tmp_path):
    """site(shows): who asks for a zone shows its certificate."""
    return lambda shows=False: Site(serve, name_server, place, free_port, tmp_path, shows)


@pytest.mark.parametrize("shows", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_secondary_loads_and_follows(site, name, shows):
    here, kind = site(shows), NAMES[name]
    peer = here.peer(kind)
    here.start_primary({name: peer})
    secondary = here.server(kind, peer, primaries=[here.us()])
    transferred.same(here.records, secondary)
    for serial in (2, 3):
        here.change(transferred.zone(serial, f"new TXT {serial}"))
        transferred.same(here.records, secondary)
    assert secondary.taken(APEX) == (1, 2), secondary.log()
    assert here.metric("holdfast_tls_connections_accepted_total") >= 1
    assert here.metric("holdfast_tls_handshakes_failed_total") == 0


@pytest.mark.parametrize("shows", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_primary_is_loaded_and_followed(site, name, shows):
    here, kind = site(shows), NAMES[name]
    peer = here.peer(kind)
    primary = here.server(kind, peer, text=transferred.zone(1), secondaries=[here.us()])
    here.start({name: peer}, transferred.secondary_of({name: peer}))
    transferred.same(here.records, primary)
    for serial in (2, 3):
        primary.update(APEX, transferred.zone(serial, f"new TXT {serial}"))
        transferred.same(here.records, primary)
    assert primary.given(APEX) == (1, 2), primary.log()
    assert f"({peer.place.address}:{peer.tls.port})" in here.holdfast.get("/api/v1/transfers")[1]


def test_a_primary_that_wants_a_certificate_gets_none_from_who_has_none(site):
    here = site(shows=True)
    peer = here.peer(Bind)
    here.server(Bind, peer, text=transferred.zone(1), secondaries=[here.us()])
    here.tls = here.tls._replace(shows=False)
    here.start({"BIND": peer}, transferred.secondary_of({"BIND": peer}))
    here.holdfast.log.wait_for(r"BIND \(127.0.0.1:\d+\) asked for a certificate, which tls of the peer does not have")
    assert here.records.serial() is None


@pytest.mark.parametrize(("fault", "said"), [
    ("name", "has no certificate for bind.example.net: hostname mismatch"),
    ("authority", "has no certificate for bind.example.net: unable to get local issuer certificate"),
    ("expired", "has no certificate for bind.example.net: certificate has expired"),
])
def test_a_primary_with_a_wrong_certificate_is_not_believed(site, tmp_path, fault, said):
    here = site()
    peer = here.peer(Bind)
    shown = {"name": lambda: here.authority.issue("other.example.net"),
             "authority": lambda: Authority(tmp_path, "stranger").issue("bind.example.net"),
             "expired": lambda: here.authority.issue("bind.example.net", days=-1)}[fault]()
    wrong = Peer(peer.place, peer.key, peer.tls._replace(certificate=shown[0], key=shown[1]))
    here.server(Bind, wrong, text=transferred.zone(1), secondaries=[here.us()])
    here.start({"BIND": peer}, transferred.secondary_of({"BIND": peer}))
    here.holdfast.log.wait_for(re.escape(said))
    assert here.records.serial() is None


@pytest.mark.parametrize(("fault", "said"), [
    ("none", "peer BIND: it shows no certificate"),
    ("name", "peer BIND: it has no certificate for bind.example.net: hostname mismatch"),
    ("authority", "peer BIND: it has no certificate for bind.example.net: unable to get local issuer certificate"),
    ("expired", "peer BIND: it has no certificate for bind.example.net: certificate has expired"),
    ("alpn", 'peer BIND: it does not come over TLS with ALPN "dot"'),
])
def test_a_secondary_with_a_wrong_certificate_is_refused(site, tmp_path, fault, said):
    here = site(shows=True)
    good = here.authority.issue("bind.example.net")
    peer = here.peer(Bind)
    here.start_primary({"BIND": peer})
    assert here.axfr(here.context((peer.tls.certificate, peer.tls.key))) == "NOERROR"
    shown = {"none": lambda: None, "alpn": lambda: good,
             "name": lambda: here.authority.issue("other.example.net"),
             "authority": lambda: Authority(tmp_path, "stranger").issue("bind.example.net"),
             "expired": lambda: here.authority.issue("bind.example.net", days=-1)}[fault]()
    context = here.context(shown)
    if fault == "alpn":
        context = ssl.create_default_context(cafile=here.tls.ca)
        context.load_cert_chain(*shown)
    assert here.axfr(context) == "REFUSED"
    here.holdfast.log.wait_for(f"zone {APEX}: no transfer for {peer.place.address}: {re.escape(said)}")


def test_a_peer_with_tls_gets_nothing_over_tcp(site):
    here = site()
    here.start_primary({"BIND": here.peer(Bind)})
    query = dns.message.make_query(APEX, "AXFR")
    query.use_tsig(here.key.ring())
    with socket.create_connection(here.place, timeout=30) as stream:
        assert here.ask(stream, query).rcode() == dns.rcode.REFUSED
    here.holdfast.log.wait_for('peer BIND: it does not come over TLS')
    assert here.axfr(here.context(), STRANGER) == "REFUSED"
    assert "127.0.0.66" not in str(here.holdfast.log), "of strangers nothing is said"


def test_tls_1_2_is_not_spoken(site):
    here = site()
    here.start_primary({"BIND": here.peer(Bind)})
    context = here.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
        here.connect(context)
    here.holdfast.log.wait_for("no TLS with 127.0.0.1: unsupported protocol")
    assert here.metric("holdfast_tls_handshakes_failed_total") == 1


def test_queries_are_answered(site):
    here = site()
    here.start_primary({"BIND": here.peer(Bind)})
    where = [f"@{OURS}", "-p", str(here.tls.port), f"host3.{APEX}", "A", "+short"]
    for command in (["kdig", *where, "+tls-ca=" + str(here.tls.ca), "+tls-hostname=" + OUR_NAME],
                    ["dig", *where, "+tls", "+tls-ca=" + str(here.tls.ca), "+tls-hostname=" + OUR_NAME]):
        asked = subprocess.run(command, capture_output=True, text=True, timeout=30)
        assert asked.stdout.strip() == "198.51.100.3", (command, asked)
    shaken = subprocess.run(["openssl", "s_client", "-connect", f"{OURS}:{here.tls.port}", "-alpn", "dot", "-CAfile", here.tls.ca,
                             "-verify_hostname", OUR_NAME, "-verify_return_error", "-brief"],
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert "Protocol version: TLSv1.3" in shaken.stderr and "Verification: OK" in shaken.stderr, shaken
    assert 'holdfast_queries_total{transport="tls",type="A",rcode="NOERROR"} 2' in here.holdfast.get("/metrics")[1]


def test_another_certificate_is_shown_after_a_reload_and_a_broken_one_is_not(site, tmp_path):
    here = site()
    here.start_primary({"BIND": here.peer(Bind)})
    successor = Authority(tmp_path, "successor")
    for ours, theirs in zip((here.tls.certificate, here.tls.key), successor.issue(OUR_NAME)):
        shutil.copy(theirs, ours)
    with pytest.raises(ssl.SSLCertVerificationError):
        here.connect(here.context(ca=successor.certificate))
    with here.connect() as before:
        assert here.reload().returncode == 0
        with here.connect(here.context(ca=successor.certificate)) as stream:
            assert here.ask(stream, dns.message.make_query(APEX, "SOA")).answer
        assert here.ask(before, dns.message.make_query(APEX, "SOA")).answer, "who is there stays"
    here.tls.certificate.write_text("rubbish")
    said = here.reload()
    assert f"{here.tls.certificate}: has no certificate as PEM: no start line; TLS goes on with the certificate of before" in said.stderr + said.stdout
    with here.connect(here.context(ca=successor.certificate)):
        pass


def test_check_names_the_files_that_are_wrong(site, tmp_path):
    here = site(shows=True)
    peer = here.peer(Bind)
    lost = peer.tls._replace(ca=tmp_path / "lost.pem")
    broken = here.tls._replace(key=here.authority.issue("other.example.net")[1])
    peers = {"BIND": Peer(peer.place, peer.key, lost)}
    (tmp_path / FILE).write_text(transferred.zone(1))
    (tmp_path / "t.toml").write_text(transferred.config(tmp_path, here.place, peers, transferred.primary_of(peers), broken))
    checked = subprocess.run([os.environ["HOLDFAST"], "check", tmp_path / "t.toml"], capture_output=True, text=True, timeout=30)
    assert checked.returncode == 2
    assert f"{broken.key}: is not the key of the certificate in {broken.certificate}" in checked.stderr
    assert f"{lost.ca}: No such file or directory" in checked.stderr
