"""Asks servers for one name again and again, and prints each change: "<monotonic time> <server> <addresses>".

Of a server that says nothing for QUIET seconds it prints "silence". A shorter one says nothing of the server: the machine
may have been busy elsewhere, and what a server answers before and after is what counts.
"""

import sys
import time

import dns.exception
import dns.message
import dns.query

EVERY = 0.02  # seconds between two questions
QUIET = 5

name, *servers = sys.argv[1:]
said, heard = {}, dict.fromkeys(servers, time.monotonic())
while True:
    for server in servers:
        try:
            answer = dns.query.udp(dns.message.make_query(name, "A"), server, timeout=0.5)
            heard[server] = time.monotonic()
            now = ",".join(sorted(record.address for rrset in answer.answer for record in rrset))
        except (dns.exception.Timeout, OSError):
            if time.monotonic() - heard[server] < QUIET:
                continue
            now = "silence"
        if said.get(server) != now:
            said[server] = now
            print(time.monotonic(), server, now, flush=True)
    time.sleep(EVERY)
