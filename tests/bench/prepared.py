"""A primary that only sends: what it was given, as it is. So all secondaries get the same, as fast as they take it.

Its zone has three kinds of versions: the first is small, the second comes whole, each one after it as a difference.
"""

import socket
import socketserver
import struct
import threading

import questions
import workloads

SOA, NS, A, AXFR, IXFR = 6, 2, 1, 252, 251
LENGTH, HEADER = struct.Struct("!H"), struct.Struct("!6H")
FULL = 60_000  # octets of a message's records
NOTIFY, QR_AA = 4 << 11 | 0x0400, 0x8400


def record(owner, kind, data, ttl=3600):
    return owner + struct.pack("!2HIH", kind, 1, ttl, len(data)) + data


def soa(apex, serial):
    """What workloads.head() says."""
    name = questions.name_octets(apex)
    return record(name, SOA, b"\x03ns1" + name + b"\x0ahostmaster" + name + struct.pack("!5I", serial, 7200, 900, 1209600, 300))


class Stream:
    """Messages as TCP has them, of which identifier and question are those of who asks."""

    def __init__(self, octets):
        self.octets, self.heads, self.questions = bytearray(octets), [], []
        at = 0
        while at < len(octets):
            self.heads.append(at + LENGTH.size)
            if HEADER.unpack_from(octets, self.heads[-1])[2]:
                self.questions.append(octets.index(b"\0", self.heads[-1] + HEADER.size) + 1)
            at += LENGTH.size + LENGTH.unpack_from(octets, at)[0]

    def to(self, identity, kind):
        for head in self.heads:
            LENGTH.pack_into(self.octets, head, identity)
        for question in self.questions:
            LENGTH.pack_into(self.octets, question, kind)
        return self.octets

    @staticmethod
    def of(apex, records):
        octets, name = bytearray(), questions.name_octets(apex)

        def add(some):
            message = HEADER.pack(0, QR_AA, 1, len(some), 0, 0) + name + struct.pack("!2H", AXFR, 1) + b"".join(some)
            octets.extend(LENGTH.pack(len(message)) + message)
        waiting, size = [], 0
        for each in records:
            if size + len(each) > FULL:
                add(waiting)
                waiting, size = [], 0
            waiting.append(each)
            size += len(each)
        add(waiting)
        return Stream(bytes(octets))


class Primary:
    """Runs in threads until close(). The serial of its first version is one before that of the zone file."""

    def __init__(self, port, apex, whole, changes):
        """@param whole    the octets of a transfer of the zone file
        @param changes  numbers of the A records that each further version changes"""
        self.apex, self.name, self.changes, self.serial = apex, questions.name_octets(apex), changes, workloads.SERIAL - 1
        first = soa(apex, self.serial)
        self._small = Stream.of(apex, [first, record(self.name, NS, b"\x03ns1" + self.name), record(b"\x03ns1" + self.name, A, bytes(4)), first])
        self._whole = Stream(whole)
        self._udp = socketserver.ThreadingUDPServer(("127.0.0.1", port), self._handler(self._answer_datagram))
        self._tcp = socketserver.ThreadingTCPServer(("127.0.0.1", port), self._handler(self._answer_stream), bind_and_activate=False)
        self._tcp.allow_reuse_address = self._tcp.daemon_threads = True
        self._tcp.server_bind()
        self._tcp.server_activate()
        for server in (self._udp, self._tcp):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def advance(self, port):
        """The next version is there, and the server at that port is told. Returns its serial."""
        self._difference = self._next() if self.serial >= workloads.SERIAL else None
        self.serial += 1
        question = self.name + struct.pack("!2H", SOA, 1)
        self._udp.socket.sendto(HEADER.pack(1, NOTIFY, 1, 0, 0, 0) + question, ("127.0.0.1", port))
        return self.serial

    def close(self):
        for server in (self._udp, self._tcp):
            server.shutdown()
            server.server_close()

    def _next(self):
        """From this version to the next one."""
        before, after = soa(self.apex, self.serial), soa(self.apex, self.serial + 1)

        def addresses(serial):
            return [record(bytes((len(label),)) + label.encode() + self.name, A, data(number, serial)) for number, label in
                    ((number, workloads.label(number)) for number in self.changes)]
        return Stream.of(self.apex, [after, before, *addresses(self.serial), after, *addresses(self.serial + 1), after])

    @staticmethod
    def _handler(answer):
        return type("Handler", (socketserver.BaseRequestHandler,), {"handle": lambda self: answer(self.request, self.client_address)})

    def _answer_datagram(self, request, client):
        query, udp = request
        if not HEADER.unpack_from(query)[1] & 0x8000:  # else it is the answer to a NOTIFY
            udp.sendto(self._serial_only(query), client)

    def _serial_only(self, query):
        identity = HEADER.unpack_from(query)[0]
        return (HEADER.pack(identity, QR_AA, 1, 1, 0, 0) + query[HEADER.size:HEADER.size + len(self.name) + 4] + soa(self.apex, self.serial))

    def _answer_stream(self, stream, _):
        with stream.makefile("rb") as octets:
            while len(size := octets.read(LENGTH.size)) == LENGTH.size:
                query = octets.read(LENGTH.unpack(size)[0])
                kind = LENGTH.unpack_from(query, HEADER.size + len(self.name))[0]
                stream.sendall(self._reply(query, kind))

    def _reply(self, query, kind):
        identity = HEADER.unpack_from(query)[0]
        if kind in (AXFR, IXFR):
            stream = self._small if self.serial < workloads.SERIAL else self._whole if self.serial == workloads.SERIAL else self._difference
            return stream.to(identity, kind)
        answer = self._serial_only(query)
        return LENGTH.pack(len(answer)) + answer


def data(number, serial):
    """Of the A record with that number in that version; in the zone file it is workloads.address(number)."""
    further = serial - workloads.SERIAL
    return socket.inet_aton(workloads.address(number + (further << 16)))
