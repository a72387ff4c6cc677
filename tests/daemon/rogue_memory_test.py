"""Primaries that never come to an end, in any of the ways in which they can: what a holdfast takes for that has a limit, is given
back, and neither other zones nor the version that is there suffer."""

import contextlib
import re
import selectors
import socket
import struct
import threading
import urllib.request

import pytest

from conftest import START_LIMIT
from name_servers import place, wait_for  # noqa: F401

RECORDS = 10_000_000  # of a zone, at most (zones/load/zone_text.h)
TRANSFERS = 10  # at a time (server/transfer/secondaries.h)
OCTETS = 100  # for each of so many records, beside those of itself: its place among them, and room to grow
LIMIT = 240  # seconds until the limit is met
MANY = 40  # zones

AXFR, IXFR, SOA, NS, A = 252, 251, 6, 2, 1
APEX = b"\xc0\x0c"  # a pointer to the name in the question


def record(owner, type, data):
    return owner + struct.pack(">HHIH", type, 1, 300, len(data)) + data


def soa(serial):
    return record(APEX, SOA, b"\x02ns" + APEX + b"\x05admin" + APEX + struct.pack(">IIIII", serial, 7200, 3600, 1209600, 300))


HEAD = [record(APEX, NS, b"\x02ns" + APEX), record(b"\x02ns" + APEX, A, bytes([192, 0, 2, 53]))]


def framed(question, records, id):
    message = struct.pack(">HHHHHH", id, 0x8400, 1, len(records), 0, 0) + question + b"".join(records)
    return struct.pack(">H", len(message)) + message


def pour(records, times):
    """() -> so many messages of these records, again and again."""
    def play(question, id):
        yield framed(question, [soa(9), *HEAD], id)
        more = framed(question, records, id) * times
        while True:
            yield more
    return play


def pour_changes(question, id):
    """IXFR of steps that are nothing but steps."""
    yield framed(question, [soa(2**31 - 2)], id)
    for serial in range(1, 2**31 - 2, 500):
        yield framed(question, [part for i in range(serial, serial + 500) for part in (soa(i), soa(i + 1))], id)


def trickle(question, id):
    """As slowly as is let."""
    yield framed(question, [soa(9), *HEAD], id)
    more = framed(question, [record(b"\x01a" + APEX, A, bytes([192, 0, 2, 1]))] * 30, id)
    while True:
        yield more
        Rogue.pause.wait(0.1)


def good(serial):
    return lambda question, id: iter([framed(question, [soa(serial), *HEAD, soa(serial)], id)])


class Rogue:
    """Has the serial that it is to have, over UDP, and sends what it is told to, over TCP."""

    pause = threading.Event()

    def __init__(self, place):
        self.place, self.serial, self.play = place, 1, good(1)
        self.open, self.most, self.sent, self._lock = 0, 0, 0, threading.Lock()
        self._tcp = socket.create_server(place, backlog=MANY)
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(place)
        self._stop, self._stopped = socket.socketpair()
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    def turn(self, serial, play):
        self.serial, self.play = serial, play

    def _listen(self):
        with selectors.DefaultSelector() as ready:
            for one in (self._tcp, self._udp, self._stopped):
                ready.register(one, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    if key.fileobj is self._stopped:
                        return
                    if key.fileobj is self._tcp:
                        stream, _ = self._tcp.accept()
                        self._threads.append(threading.Thread(target=self._serve, args=(stream,)))
                        self._threads[-1].start()
                    else:
                        message, sender = self._udp.recvfrom(512)
                        self._udp.sendto(framed(self._question(message), [soa(self.serial)], self._id(message))[2:], sender)

    @staticmethod
    def _id(message):
        return int.from_bytes(message[:2], "big")

    @staticmethod
    def _question(message):
        return message[12:message.index(b"\0", 12) + 5]

    def _serve(self, stream):
        with self._lock:
            self.open += 1
            self.most = max(self.most, self.open)
        with contextlib.suppress(OSError, struct.error), stream:  # it went
            stream.settimeout(START_LIMIT)
            size, = struct.unpack(">H", stream.recv(2, socket.MSG_WAITALL))
            message = stream.recv(size, socket.MSG_WAITALL)
            for octets in self.play(self._question(message), self._id(message)):
                stream.sendall(octets)
                self.sent += len(octets)
            stream.recv(1)
        with self._lock:
            self.open -= 1

    def close(self):
        Rogue.pause.set()
        self._stop.send(b"x")
        self._threads[0].join()
        self._tcp.close()
        self._udp.close()
        for thread in self._threads:
            thread.join()
        Rogue.pause.clear()


def memory(holdfast, what):
    """VmRSS or VmHWM, octets."""
    with open(f"/proc/{holdfast.process.pid}/status") as status:
        return int(re.search(rf"{what}:\s+(\d+) kB", status.read())[1]) * 1024


CONFIG = """
[server]
listen = ["127.0.0.1:0"]
state = "{state}"
[control]
listen = "127.0.0.1:0"
[peer.rogue]
addresses = ["{place.address}:{place.port}"]
"""
ZONE = '[[zone]]\nname = "z{}.example"\nprimaries = ["rogue"]\n'


@pytest.fixture
def rogue(place):
    with contextlib.closing(Rogue(place("127.0.0.31"))) as rogue:
        yield rogue


@pytest.fixture
def follow(serve, tmp_path, rogue):
    """follow(count): a holdfast that has so many zones of the rogue, which did nothing wrong until then."""
    def start(count):
        holdfast = serve(CONFIG.format(state=tmp_path / "state", place=rogue.place) + "".join(ZONE.format(i) for i in range(count)))
        wait_for(lambda: all(serial_of(holdfast, i) == 1 for i in range(count)), lambda: str(holdfast.log), LIMIT)
        return holdfast
    return start


def reload(holdfast, zones):
    """Also asks primaries whose last transfer failed."""
    holdfast.get("/healthz")  # learns where the control listener is
    names = "&".join(f"zone=z{i}.example" for i in zones)
    urllib.request.urlopen(urllib.request.Request(f"{holdfast.control}/api/v1/reload?{names}", method="POST"), timeout=START_LIMIT).close()


def serial_of(holdfast, zone):
    answer = holdfast.ask(f"z{zone}.example", "SOA").answer
    return answer[0][0].serial if answer else None


SMALL = 64 * 2**20  # octets; more than what a few transfers take
ADDRESS = bytes([192, 0, 2, 1])
# name: (play, what is said of it, the most that it takes)
ROGUES = {
    "records": (pour([record(b"\x01a" + APEX, A, ADDRESS)] * 1500, 20), f"more than {RECORDS} records", RECORDS * (OCTETS + 18)),
    "names": (pour([record(b"\x32%050d" % i + APEX, A, ADDRESS) for i in range(400)], 20), f"more than {RECORDS} records",
              RECORDS * (OCTETS + 67)),
    "messages": (pour([record(b"\x01a" + APEX, A, ADDRESS)], 2000), f"more than {RECORDS} records", RECORDS * (OCTETS + 18)),
    "changes": (pour_changes, "more than 100000 changes", SMALL),
}


@pytest.mark.parametrize("name", ROGUES)
def test_what_has_no_end_takes_what_the_limits_say_and_no_more(name, rogue, follow):
    holdfast = follow(1)
    before = memory(holdfast, "VmRSS")
    play, what, most = ROGUES[name]
    rogue.turn(2**31 - 2 if play is pour_changes else 9, play)
    mark = len(holdfast.log.lines)
    reload(holdfast, [0])
    holdfast.log.wait_for(what, since=mark, limit=LIMIT)
    print(f"{(memory(holdfast, 'VmHWM') - before) / 2**20:.0f} MiB, of {most / 2**20:.0f}")
    assert memory(holdfast, "VmHWM") < before + most
    assert serial_of(holdfast, 0) == 1
    rogue.turn(2**31 - 1, good(2**31 - 1))
    reload(holdfast, [0])
    wait_for(lambda: serial_of(holdfast, 0) == 2**31 - 1, lambda: str(holdfast.log))
    wait_for(lambda: memory(holdfast, "VmRSS") < before + SMALL, lambda: f"{before} {memory(holdfast, 'VmRSS')}")


def test_many_zones_of_a_slow_primary_wait_for_their_turn(rogue, follow):
    holdfast = follow(MANY)
    before = memory(holdfast, "VmRSS")
    rogue.most = 0
    rogue.turn(9, trickle)
    reload(holdfast, range(MANY))
    wait_for(lambda: rogue.open == TRANSFERS, lambda: f"{rogue.open}\n{holdfast.log}")
    wait_for(lambda: rogue.sent > TRANSFERS * 5000, lambda: str(rogue.sent))
    assert rogue.most == TRANSFERS
    assert memory(holdfast, "VmHWM") < before + SMALL
    assert all(serial_of(holdfast, i) == 1 for i in range(MANY))
