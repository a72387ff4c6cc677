"""Asks for a zone as a secondary does, and reads what comes: over TCP, with or without TSIG."""

import base64
import contextlib
import dataclasses
import os
import socket
import time

import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.tsigkeyring

LIMIT = 60  # seconds of one transfer


@dataclasses.dataclass(frozen=True)
class Key:
    """Of TSIG, hmac-sha256."""
    name: str
    secret: str = dataclasses.field(default_factory=lambda: base64.b64encode(os.urandom(32)).decode())

    def ring(self):
        return dns.tsigkeyring.from_text({self.name: (dns.tsig.HMAC_SHA256, self.secret)})

    def file(self):
        """What `holdfast keygen` and tsig-keygen print."""
        return f'key "{self.name}" {{ algorithm hmac-sha256; secret "{self.secret}"; }};\n'


class Refused(Exception):
    """The other side answered with this, and no record."""


def text(owner, rrset, record):
    return f"{owner} {rrset.ttl} {dns.rdatatype.to_text(rrset.rdtype)} {record}"


def records(message):
    """Those of the answer, in presentation format, in their order."""
    return [text(rrset.name, rrset, record) for rrset in message.answer for record in rrset]


def is_soa(record):
    return record.split(" ", 3)[2] == "SOA"


def serial_of(soa):
    return int(soa.split()[5])


def ask(place, query, source=None, limit=LIMIT):
    """All records that come for a query over TCP, up to the end of the transfer."""
    deadline = time.monotonic() + limit
    with contextlib.closing(socket.socket()) as stream:
        stream.settimeout(limit)
        if source:
            stream.bind((source, 0))
        stream.connect(place)
        dns.query.send_tcp(stream, query)
        mac, context, seen = query.mac, None, []
        with stream.makefile("rb") as octets:
            while not is_whole(seen, query):
                assert time.monotonic() < deadline, f"not whole after {limit} s: {len(seen)} records"
                size = octets.read(2)
                if len(size) < 2:
                    raise EOFError(f"the end of the stream after {len(seen)} records")
                message = dns.message.from_wire(octets.read(int.from_bytes(size, "big")), keyring=query.keyring, request_mac=mac,
                                                xfr=True, one_rr_per_rrset=True, tsig_ctx=context, multi=True)
                assert message.id == query.id and message.flags & dns.flags.QR
                if message.rcode() != dns.rcode.NOERROR:
                    raise Refused(dns.rcode.to_text(message.rcode()))
                assert message.had_tsig or not query.keyring or seen, "the first message is not signed"
                context = message.tsig_ctx
                seen += records(message)
        assert message.had_tsig or not query.keyring, "the last message is not signed"
    return seen


def is_whole(seen, query):
    """Whether these records are a whole transfer (RFC 5936 2.2, RFC 1995 4)."""
    if not seen:
        return False
    if query.question[0].rdtype == dns.rdatatype.IXFR:
        has = query.authority[0][0].serial
        if len(seen) == 1:
            return serial_of(seen[0]) == has
        if is_soa(seen[1]):  # differences: the new SOA stands at the begin, before what comes last, and at the end
            return seen.count(seen[0]) >= 3 and seen[-1] == seen[0]
    return len(seen) > 1 and is_soa(seen[-1])


def axfr(place, apex, key=None, source=None):
    """All records of a zone but the last SOA, in the order in which they come."""
    query = dns.message.make_query(apex, "AXFR")
    if key:
        query.use_tsig(key.ring())
    seen = ask(place, query, source)
    assert seen[0] == seen[-1] and is_soa(seen[0])
    return seen[:-1]


def ixfr(place, apex, serial, key=None, source=None):
    """All records that come for who has that serial."""
    query = dns.message.make_query(apex, "IXFR")
    query.authority.append(dns.rrset.from_text(apex, 0, "IN", "SOA", f". . {serial} 0 0 0 0"))
    if key:
        query.use_tsig(key.ring())
    return ask(place, query, source)
