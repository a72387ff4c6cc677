"""100,000 broken packets at the running program: it stays, it is silent where it has to be, and it goes on answering."""

import contextlib
import random
import socket
import struct

import dns.message

SEED = 20260101
UDP_PACKETS = 80_000
TCP_PACKETS = 20_000
WINDOW = 50        # packets on their way at a time: what a socket's buffer holds in any case
NORMAL = 0xFFFF    # the identifier of the normal query that closes a window
PATIENCE = 20      # seconds; a sanitizer on a busy machine is slow

ZONE = """
$TTL 60
@    SOA ns1 hostmaster 1 7200 3600 1209600 300
     NS  ns1
ns1  A   192.0.2.53
www  A   192.0.2.1
*.w  TXT "wildcard"
to   CNAME x.old
old  DNAME new
x.new A  192.0.2.2
del  NS  ns.del
ns.del A 192.0.2.3
""" + "".join(f"big A 10.0.0.{i}\n" for i in range(60))
CONFIG = """
[server]
listen = ["127.0.0.1:0"]
nsid = "test"

[[zone]]
name = "demo.example"
file = "demo.example.zone"
"""

GOOD = [dns.message.make_query(f"{name}demo.example", rdtype, use_edns=edns, payload=payload, want_dnssec=edns == 0).to_wire()
        for name, rdtype in (("www.", "A"), ("", "ANY"), ("a.b.w.", "TXT"), ("to.", "A"), ("y.old.", "CNAME"),
                             ("x.del.", "A"), ("big.", "A"), ("none.", "AAAA"))
        for edns, payload in ((False, 0), (0, 512), (0, 4096))]


def mutate(chance, packet):
    """One of the ways to break a packet."""
    at = chance.randrange(len(packet) or 1)
    kind = chance.randrange(9)
    if kind == 0:
        packet[at:at + 1] = [chance.randrange(256)]
    elif kind == 1:
        packet[at:at + 1] = [chance.choice((0, 1, 12, 0x3F, 0x40, 0x7F, 0x80, 0xBF, 0xC0, 0xFF))]
    elif kind == 2:
        del packet[at:]
    elif kind == 3:
        packet[at:] = chance.choice(GOOD)[at:]
    elif kind == 4:
        packet[at:at + 2] = struct.pack("!H", 0xC000 | chance.choice((at, at + 2, chance.randrange(64), 0x3FFF)))
    elif kind == 5:
        at = 4 + chance.randrange(8)  # the counts
        packet[at:at + 1] = [chance.choice((0, 1, 2, 3, 255))]
    elif kind == 6:
        packet[2:4] = chance.randbytes(2)
    elif kind == 7:
        packet[at:at] = chance.randbytes(chance.randrange(80))
    else:
        packet += b"\0" + chance.randbytes(2) + b"\0\1\0\0\0\0\0\0"
        packet[11:12] = [chance.randrange(8)]


def broken_packet(chance, number):
    """Broken, but with an identifier to know its answer by."""
    packet = bytearray(chance.choice(GOOD))
    for _ in range(chance.randrange(1, 5)):
        mutate(chance, packet)
    packet[:2] = struct.pack("!H", number)[:len(packet)]
    return bytes(packet)


def is_query(packet):
    return len(packet) >= 12 and not packet[2] & 0x80


def numbers(packets):
    return [struct.unpack_from("!H", packet)[0] for packet in packets]


def normal_query():
    return dns.message.make_query("www.demo.example", "A", id=NORMAL).to_wire()


def check_replies(replies):
    for reply in replies:
        assert len(reply) >= 12 and reply[2] & 0x80, reply.hex()


def test_broken_packets_over_udp(serve):
    holdfast = serve(CONFIG, {"demo.example.zone": ZONE})
    chance = random.Random(SEED)
    answered = 0
    for _ in range(UDP_PACKETS // 1000):
        # A new port for each thousand, so that each worker gets some.
        with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as udp:
            udp.connect((holdfast.address, holdfast.port))
            udp.settimeout(PATIENCE)
            for start in range(0, 1000, WINDOW):
                packets = [broken_packet(chance, start + i) for i in range(WINDOW)]
                for packet in packets + [normal_query()]:
                    udp.send(packet)
                replies = []
                while not replies or numbers(replies[-1:]) != [NORMAL]:  # a worker answers in the order of arrival
                    replies.append(udp.recv(65535))
                check_replies(replies)
                assert numbers(replies[:-1]) == numbers(filter(is_query, packets))
                answered += len(replies) - 1
                assert len(dns.message.from_wire(replies[-1]).answer[0]) == 1
    assert UDP_PACKETS / 2 < answered < UDP_PACKETS


def exchange(holdfast, octets):
    """Sends octets and the end of them; what comes back until the server has closed, as messages."""
    received = bytearray()
    with socket.create_connection((holdfast.address, holdfast.port), PATIENCE) as tcp:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):  # it need not take what follows a broken message
            tcp.sendall(octets)
            tcp.shutdown(socket.SHUT_WR)
            while part := tcp.recv(65535):
                received += part
    replies = []
    while len(received) >= 2:
        size = struct.unpack_from("!H", received)[0]
        replies.append(bytes(received[2:2 + size]))
        del received[:2 + size]
    return replies


def framed(packet, size=None):
    return struct.pack("!H", len(packet) if size is None else size) + packet


def test_broken_packets_over_tcp(serve):
    holdfast = serve(CONFIG, {"demo.example.zone": ZONE})
    chance = random.Random(SEED)
    answered = 0
    for _ in range(TCP_PACKETS // 1000):
        for start in range(0, 1000, 10):
            # What is no query ends the connection, so it goes last.
            packets = sorted((broken_packet(chance, start + i) for i in range(10)), key=is_query, reverse=True)
            lie = chance.choice([None] * 5 + [0, 1, 11, 12, 0xFFFF])  # about the size of the last one
            frames = [framed(packet) for packet in packets[:-1]] + [framed(packets[-1], lie)]
            replies = exchange(holdfast, b"".join(frames))
            check_replies(replies)
            assert lie is not None or numbers(replies) == numbers(filter(is_query, packets))
            answered += len(replies)
        (reply,) = exchange(holdfast, framed(normal_query()))
        assert len(dns.message.from_wire(reply).answer[0]) == 1
    assert TCP_PACKETS / 2 < answered < TCP_PACKETS
