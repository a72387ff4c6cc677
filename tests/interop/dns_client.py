"""Many questions at once to one server, and answers as values that can be compared."""

import contextlib
import select
import socket
import struct
from dataclasses import dataclass, field
from typing import NamedTuple

import dns.flags
import dns.message
import dns.name

from made_questions import Question

WINDOW = 64      # questions on their way at a time
PATIENCE = 2     # seconds without an answer before what is missing is asked again
TRIES = 5


class Record(NamedTuple):
    owner: dns.name.Name
    rdtype: int
    ttl: int
    data: bytes  # names in it as DNSSEC wants them (RFC 4034 6.2)


@dataclass
class Answer:
    rcode: int
    authoritative: bool
    truncated: bool
    answer: set[Record]
    authority: set[Record]
    additional: set[Record]
    edns: tuple[int, bool] | None  # version, DO
    repeats: bool = field(compare=False)  # whether a section has a record twice


def read(octets: bytes, question: Question) -> Answer:
    """Reads a reply whole; what is wrong whatever the other server says is an error here."""
    message = dns.message.from_wire(octets, one_rr_per_rrset=True)
    assert message.flags & dns.flags.QR
    assert [(asked.name.labels, asked.rdtype) for asked in message.question] == \
        [(question.name.labels, question.rdtype)], "the question is not copied, letter case included"
    sections = [[Record(rrset.name.canonicalize(), rrset.rdtype, rrset.ttl, rrset[0].to_digestable()) for rrset in section]
                for section in (message.answer, message.authority, message.additional)]
    edns = (message.edns, bool(message.ednsflags & dns.flags.DO)) if message.edns >= 0 else None
    return Answer(message.rcode(), bool(message.flags & dns.flags.AA), bool(message.flags & dns.flags.TC),
                  *map(set, sections), edns, any(len(set(section)) < len(section) for section in sections))


def ask_udp(port: int, wires: dict[int, bytes]) -> dict[int, bytes]:
    replies: dict[int, bytes] = {}
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as udp:
        udp.connect(("127.0.0.1", port))
        for _ in range(TRIES):
            waiting = [number for number in wires if number not in replies]
            for i in range(0, len(waiting), WINDOW):
                window = set(waiting[i:i + WINDOW])
                for number in window:
                    udp.send(wires[number])
                while window and select.select([udp], [], [], PATIENCE)[0]:
                    reply = udp.recv(65535)
                    number = struct.unpack_from("!H", reply)[0]
                    window.discard(number)
                    replies[number] = reply
    return replies


def ask_tcp(port: int, wires: dict[int, bytes]) -> dict[int, bytes]:
    """Pipelined, a window on each connection."""
    replies: dict[int, bytes] = {}
    numbers = list(wires)
    for i in range(0, len(numbers), WINDOW):
        window = numbers[i:i + WINDOW]
        with socket.create_connection(("127.0.0.1", port), PATIENCE * TRIES) as tcp, tcp.makefile("rb") as stream:
            tcp.sendall(b"".join(struct.pack("!H", len(wires[number])) + wires[number] for number in window))
            for _ in window:
                reply = stream.read(struct.unpack("!H", stream.read(2))[0])
                replies[struct.unpack_from("!H", reply)[0]] = reply
    return replies


def ask_all(port: int, questions: list[Question]) -> list[bytes]:
    """The replies, in the order of the questions. Every question is answered."""
    assert len(questions) <= 0x10000, "an identifier has 16 bits"
    numbered = list(enumerate(questions))
    replies = ask_udp(port, {number: question.wire(number) for number, question in numbered if not question.tcp})
    replies |= ask_tcp(port, {number: question.wire(number) for number, question in numbered if question.tcp})
    missing = [str(question) for number, question in numbered if number not in replies]
    assert not missing, f"{len(missing)} questions without an answer, the first: {missing[0]}"
    return [replies[number] for number, _ in numbered]
