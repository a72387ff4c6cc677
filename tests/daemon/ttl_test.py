"""The TTL follows what is known: it falls while a member may be about to go down, and comes back with certainty."""

import os
import re
import subprocess
import time

LIMIT = 60  # seconds until something happens that takes a few

ZONE = """
$TTL 300
@    SOA ns1 hostmaster 1 7200 3600 1209600 300
     NS  ns1
ns1  A   127.0.0.1
www  A   127.0.0.1
     A   127.0.0.2
"""

# Nineteen probes, a second apart, after the first that failed: in doubt for so long.
CONFIG = """
[server]
listen = ["127.0.0.1:0"]

[control]
listen = "127.0.0.1:0"

[monitor.web]
type     = "http"
port     = %d
interval = "2s"
retry    = "1s"
timeout  = "1900ms"
fall     = 20
rise     = 1

[[zone]]
name = "demo.example"
file = "demo.example.zone"
live = [{ name = "www", monitor = "web" }]
"""

BOTH = {"127.0.0.1", "127.0.0.2"}


def answer(holdfast):
    """TTL and addresses, as dig prints them."""
    asked = subprocess.run(["dig", f"@{holdfast.address}", "-p", str(holdfast.port), "+noall", "+answer", "+tries=1",
                            "+time=30", "www.demo.example"], capture_output=True, text=True, check=True)
    records = [line.split() for line in asked.stdout.splitlines()]
    (ttl,) = {int(record[1]) for record in records}
    return ttl, {record[4] for record in records}


def until(holdfast, wanted, addresses):
    """All TTLs that were seen until these addresses came with a wanted one."""
    ttls = []
    start = time.monotonic()
    while (seen := answer(holdfast))[0] not in wanted or seen[1] != addresses:
        assert time.monotonic() - start < LIMIT, f"still {seen}, not {wanted}, {addresses}:\n{holdfast.log}"
        ttls.append(seen[0])
        time.sleep(0.05)
    return ttls


def test_a_ttl_falls_with_the_first_failed_probe_and_comes_back(serve, origin, free_port):
    port = free_port("127.0.0.1", "127.0.0.2")
    origin("127.0.0.1", port)
    second = origin("127.0.0.2", port)
    holdfast = serve(CONFIG % port, {"demo.example.zone": ZONE})
    holdfast.log.wait_for(r"127\.0\.0\.1.* up")
    holdfast.log.wait_for(r"127\.0\.0\.2.* up")
    until(holdfast, {30}, BOTH)
    told = str(holdfast.log).count("now answers")

    # While there is time left to look, and to bring it back before it is down.
    second.kill()
    ttls = until(holdfast, range(5, 13), BOTH)
    assert ttls == sorted(ttls, reverse=True) and len(set(ttls)) > 2, f"it shrinks: {ttls}"
    (one,) = holdfast.json("/api/v1/explain?name=www.demo.example")
    assert one["ttl_rule"] == "no more, since 127.0.0.2 may go down soon" and one["served"]
    assert 5 <= one["ttl_seconds"] <= 12
    explained = subprocess.run([os.environ["HOLDFAST"], "explain", "www.demo.example", "--control",
                                holdfast.control.removeprefix("http://")], capture_output=True, text=True)
    said = re.search(r"\n  TTL      (\d+) s: no more, since 127\.0\.0\.2 may go down soon\n", explained.stdout)
    assert said and 5 <= int(said[1]) <= one["ttl_seconds"], explained

    second.start()
    ttls = until(holdfast, {30}, BOTH)
    assert ttls == sorted(ttls, reverse=True) and set(ttls) <= set(range(5, 13)), ttls
    assert str(holdfast.log).count("now answers") == told, f"no word of that:\n{holdfast.log}"
    assert holdfast.json("/api/v1/explain?name=www.demo.example")[0]["since"] == one["since"]

    second.kill()
    until(holdfast, {5}, BOTH)
    until(holdfast, {30}, {"127.0.0.1"})
