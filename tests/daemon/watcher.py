"""Asks servers for one name again and again, and prints each change: "<monotonic time> <server> <addresses>"."""

import sys
import time

import dns.exception
import dns.message
import dns.query

EVERY = 0.02  # seconds between two questions

name, *servers = sys.argv[1:]
said = {}
while True:
    for server in servers:
        try:
            answer = dns.query.udp(dns.message.make_query(name, "A"), server, timeout=0.5)
            now = ",".join(sorted(record.address for rrset in answer.answer for record in rrset))
        except (dns.exception.Timeout, OSError):
            now = "silence"
        if said.get(server) != now:
            said[server] = now
            print(time.monotonic(), server, now, flush=True)
    time.sleep(EVERY)
