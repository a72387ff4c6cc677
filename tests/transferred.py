"""The zone that servers transfer to each other, and how a holdfast is told of them."""

import transfer_client
from name_servers import READER, Place, wait_for

APEX = "example.com."
OURS = "127.0.0.1"  # where holdfast is, and from where it asks and notifies
MEMBERS = ("127.0.0.21", "127.0.0.22")  # of the pool of www
HOSTS = 500  # so many that nobody could take a whole transfer for an incremental one

# Of every kind something that others have to keep as it is. The types of a name stand in the order of their numbers: of
# others NSD 4.6.1 puts into an IXFR what has not changed.
RECORDS = r"""
mx        MX     10 mail
mx        CAA    0 issue "ca.example.net"
mail      A      192.0.2.25
mail      AAAA   2001:db8::25
*.wild    A      192.0.2.7
*.wild    TXT    "wild"
a.b.c.d   TXT    "empty non-terminals above"
txt       TXT    "two" "strings; with a \" and a \\ and \000\255"
txt       TXT    ""
long      TXT    "0123456789012345678901234567890123456789012345678901234567890123456789" "0123456789012345678901234567890123456789"
to-www    60 CNAME www
_s._tcp   SRV    0 1 443 host1
svc       SVCB   2 host1 port=53
svc       HTTPS  1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.1
dn        DNAME  other.example.net.
child     NS     ns.child
child     NS     ns.example.net.
child     DS     12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ns.child  A      192.0.2.99
_443._tcp TLSA   3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ssh       SSHFP  4 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
naptr     NAPTR  10 20 "u" "E2U+sip" "!^.*$!sip:info@example.com!" .
ptr       PTR    host1
hinfo     HINFO  "PC" "unix"
loc       LOC    52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000.00m 10.00m
rp        RP     hostmaster.example.com. txt.example.com.
uri       URI    10 1 "https://www.example.com/"
cert      CERT   1 2 3 AQIDBA==
unknown   TYPE65280 \# 4 01020304
e\.dot    TXT    "a dot in a label"
under_    TXT    "no name of a host"
ttl       0 A    192.0.2.10
"""


def zone(serial, more=""):
    """The text of a zone file. `more`: lines of it."""
    head = f"$ORIGIN {APEX}\n$TTL 300\n@ SOA ns1 hostmaster {serial} 7200 3600 1209600 300\n@ NS ns1\nns1 A 127.0.0.1\n"
    hosts = "".join(f"host{i} A 198.51.100.{i % 250}\n" for i in range(HOSTS))
    return head + RECORDS + hosts + more + "\n"


# ---- holdfast

CONFIG = """
[server]
listen = ["{listen}"]
{server}
[control]
listen = "127.0.0.1:0"
[peer.reader]
networks = ["{reader}/32"]
notify = false
{peers}
[[zone]]
name = "{apex}"
{zone}
"""

POOL = """
live = [{{ name = "www", pool = "shop" }}]
[pool.shop]
monitor = "up"
members = [{members}]
[monitor.up]
type = "tcp"
port = {port}
interval = "1s"
timeout = "900ms"
fall = 1
rise = 1
"""


def pool(port):
    """More lines of [[zone]], and tables: www answers with those of MEMBERS that listen at this port."""
    return POOL.format(port=port, members=", ".join(f'{{ address = "{member}" }}' for member in MEMBERS))


def declared(directory, peers, tls=None, source=None):
    """[peer.NAME] of each in {name: Peer}, and [key.NAME]; the files of these are written. `tls`: how we are met over it. `source`: where
    all of them are asked and notified from."""
    text = ""
    for name, peer in peers.items():
        text += f'[peer.{name}]\naddresses = ["{peer.place.address}:{peer.place.port}"]\n'
        if source:
            text += f'source = ["{source}"]\n'
        if peer.tls:
            shown = f', certificate = "{tls.certificate}", key = "{tls.key}"' if tls.shows else ""
            text += (f'tls = {{ name = "{peer.tls.name}", port = {peer.tls.port}, ca_file = "{peer.tls.ca}", '
                     f'mutual = {str(peer.tls.shows).lower()}{shown} }}\n')
        if peer.key:
            file = directory / f"{name}.key"
            file.touch(0o600)
            file.write_text(peer.key.file())
            text += f'key = "{name}"\n[key.{name}]\nfile = "{file}"\n'
    return text


def listed(names):
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def primary_of(secondaries):
    return f'file = "{APEX}zone"\nsecondaries = {listed([*secondaries, "reader"])}\n'


def secondary_of(primaries, secondaries=()):
    return f'primaries = {listed(primaries)}\nsecondaries = {listed([*secondaries, "reader"])}\n'


def config(directory, place, peers, zone, tls=None, source=None):
    server = f'state = "{directory / "state"}"'
    if tls:
        server += f'\ntls = {{ listen = ["{place.address}:{tls.port}"], certificate = "{tls.certificate}", key = "{tls.key}" }}\ntcp_idle = "1h"'
    return CONFIG.format(listen=f"{place.address}:{place.port}", server=server, reader=READER, peers=declared(directory, peers, tls, source),
                         apex=APEX.rstrip("."), zone=zone)


class Records:
    """What a holdfast answers with and transfers, in the words of a NameServer."""

    def __init__(self, holdfast):
        self.place = Place(holdfast.address, holdfast.port)
        self._holdfast = holdfast

    def axfr(self):
        """Each record is there once."""
        seen = transfer_client.axfr(self.place, APEX, source=READER)
        assert len(set(seen)) == len(seen), "a record is sent twice"
        return set(seen)

    def serial(self):
        """None: it does not answer for the zone."""
        answer = self._holdfast.ask(APEX, "SOA").answer
        return answer[0][0].serial if answer else None

    def www(self):
        return {record.address for rrset in self._holdfast.ask(f"www.{APEX}").answer for record in rrset}


def differences(ours, theirs):
    """In words; empty: there are none."""
    return "\n".join([f"only ours:   {record}" for record in sorted(ours - theirs)]
                     + [f"only theirs: {record}" for record in sorted(theirs - ours)])


def same(ours, server):
    """Waits until a NameServer has all records of a holdfast, and no other. The parts of one may be of several versions for a
    moment, so there is no one answer that tells."""
    def different():
        return differences(ours.axfr(), server.axfr(APEX))

    wait_for(lambda: server.serial(APEX) == ours.serial(),
             lambda: f"serial {server.serial(APEX)} of {server.name} is not {ours.serial()}:\n{server.log()[-4000:]}")
    wait_for(lambda: not different(), lambda: f"{server.name}:\n{different()}")
