"""Failover as a person sees it: the real program, real dig, and nginx as the origins."""

import time

from conftest import is_sanitized

LIMIT = 10 if is_sanitized() else 2.5  # seconds from an origin's end, or return, to the answers, with interval = "1s" and fall = 1

ZONE = """
$TTL 300
@    SOA ns1 hostmaster 1 7200 3600 1209600 300
     NS  ns1
ns1  A   127.0.0.1
www  A   127.0.0.1
     A   127.0.0.2
"""

CONFIG = """
[server]
listen = ["127.0.0.1:0"]

[control]
listen = "127.0.0.1:0"

[monitor.web]
type     = "http"
port     = %d
interval = "1s"
timeout  = "900ms"
fall     = 1
rise     = 1

[[zone]]
name = "demo.example"
file = "demo.example.zone"
live = [{ name = "www", monitor = "web" }]
"""

BOTH = {"127.0.0.1", "127.0.0.2"}


def seconds_until(holdfast, wanted):
    """Asks until the answer is `wanted`; on the way it may only be what it was before."""
    start = time.monotonic()
    before = holdfast.dig("www.demo.example")
    while (seen := holdfast.dig("www.demo.example")) != wanted:
        assert seen == before, f"{seen} is neither the answer before, {before}, nor {wanted}"
        assert time.monotonic() - start < 10 * LIMIT, f"still {seen} after {10 * LIMIT} s, not {wanted}:\n{holdfast.log}"
    return time.monotonic() - start


def test_a_dead_origin_leaves_the_answers_and_comes_back(serve, origin, free_port):
    port = free_port("127.0.0.1", "127.0.0.2")
    origin("127.0.0.1", port)
    second = origin("127.0.0.2", port)
    holdfast = serve(CONFIG % port, {"demo.example.zone": ZONE})
    seconds_until(holdfast, BOTH)

    # Once: what goes up and down more often is held down for a while.
    second.kill()
    out = seconds_until(holdfast, BOTH - {second.address})
    second.start()
    back = seconds_until(holdfast, BOTH)
    print(f"out of the answers after {out:.2f} s, back after {back:.2f} s")
    assert out <= LIMIT
    assert back <= LIMIT
