"""DNS queries in wire form: one at a time, and files of prepared ones for the generator."""

import random
import socket
import struct
import time

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33}
EDNS_SIZE = 1232
MIXED_CASE = 0.2  # of the queries
DNSSEC_OK = 0.5


def name_octets(name):
    return b"".join(bytes((len(label),)) + label.encode() for label in name.rstrip(".").split(".")) + b"\0"


def message(name, kind, identity=0, dnssec_ok=False, network=None):
    """@param network  of the client, told by an option of EDNS (RFC 7871)"""
    option = b""
    if network:
        address = network.network_address.packed[:(network.prefixlen + 7) // 8]
        option = struct.pack("!3H2B", 8, 4 + len(address), 1 if network.version == 4 else 2, network.prefixlen, 0) + address
    return (struct.pack("!6H", identity, 0, 1, 0, 0, 1) + name_octets(name) + struct.pack("!2H", TYPES[kind], 1)
            + struct.pack("!B2H2B2H", 0, 41, EDNS_SIZE, 0, 0, 0x8000 if dnssec_ok else 0, len(option)) + option)


def mixed_case(name, chance):
    bits = chance.getrandbits(len(name))
    return "".join(letter.upper() if bits >> i & 1 else letter for i, letter in enumerate(name))


def write(path, asked, seed=1):
    """A file for the generator; `asked` yields (name, type), or (name, type, network of the client)."""
    chance = random.Random(seed)
    with open(path, "wb") as file:
        for number, (name, kind, *network) in enumerate(asked):
            if chance.random() < MIXED_CASE:
                name = mixed_case(name, chance)
            query = message(name, kind, number & 0xffff, chance.random() < DNSSEC_OK, *network)
            file.write(struct.pack("!H", len(query)) + query)


def ask(port, name, kind, timeout=1.0):
    """(rcode, octets) of the answer over UDP, or None when there is none in time."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(timeout)
        try:
            client.connect(("127.0.0.1", port))
            client.send(message(name, kind, random.getrandbits(16)))
            answer = client.recv(4096)
        except (TimeoutError, ConnectionError):
            return None
    return answer[3] & 15, answer


def wait_for(condition, limit, what, pause=0.002):
    """Seconds until condition() is true."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > limit:
            raise TimeoutError(f"{what}: not within {limit} s")
        time.sleep(pause)
    return time.monotonic() - start
