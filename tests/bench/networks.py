"""Networks that a database in MaxMind's format knows (https://maxmind.github.io/MaxMind-DB/)."""

import ipaddress
import os
import pathlib
import re

DATABASE = pathlib.Path(os.environ.get("HOLDFAST_GEO_DATABASE") or
                        pathlib.Path(__file__).resolve().parents[2] / "build/geo/geo-whois-asn-country.mmdb").absolute()


def known(file=DATABASE):
    """All of IPv4 that it has something about: (first address, length of the prefix)."""
    octets = file.read_bytes()
    metadata = octets[octets.rindex(b"\xab\xcd\xefMaxMind.com"):]

    def told(key):
        """An unsigned integer: the low bits of the octet before it are its size."""
        found = re.search(key, metadata, re.S).end()
        return int.from_bytes(metadata[found + 1:found + 1 + (metadata[found] & 31)], "big")

    nodes, bits = told(b"node_count"), told(b"record_size")

    def children(node):
        pair = int.from_bytes(octets[node * bits // 4:(node + 1) * bits // 4], "big")
        left = pair >> 32 | (pair >> 28 & 15) << 24 if bits == 28 else pair >> bits
        return left, pair & (1 << bits) - 1

    root = 0
    for _ in range(96 if told(b"ip_version") == 6 else 0):
        root = children(root)[0]
    found, waiting = [], [(root, 0, 0)]
    while waiting:
        node, first, length = waiting.pop()
        if node < nodes:
            left, right = children(node)
            waiting += [(right, first | 1 << (31 - length), length + 1), (left, first, length + 1)]
        elif node > nodes:
            found.append((first, length))
    return found


def of_clients(count, chance, among):
    """So many networks as resolvers tell of them (/24), of random addresses. @param among  what known() says"""
    found = {}
    while len(found) < count:
        first, length = chance.choice(among)
        found[ipaddress.IPv4Network(((first | chance.getrandbits(32 - length)) & 0xffffff00, 24))] = None
    return list(found)
