"""ANAME to what the server itself serves, and reloads that lead elsewhere."""

import signal
import time

import pytest

from aname import (APEX, BEHIND, FILES, PATIENCE, SLOW, ZONE, Answer, aliases, authority, config, run,  # noqa: F401
                   silent, wait_for, wait_for_first)
from forger import Forger

OWN = """
[[zone]]
name = "example.org"
file = "example.org.zone"
live = [{ name = "shop", pool = "shop" }]

[pool.shop]
members = [{ address = "192.0.2.1" }, { address = "192.0.2.2" }, { address = "2001:db8::1" }]
"""


def test_a_target_of_ours_is_answered_from_what_we_have(serve, silent):  # noqa: F811
    live = ('{ name = "@", aname = "shop.example.org" }', '{ name = "plain", aname = "host.example.com" }',
            '{ name = "far", aname = ["to.example.org", "missing.example.org"] }')
    files = {"example.com.zone": ZONE, "example.org.zone": ZONE + "to CNAME shop\n"}
    holdfast = serve(config(*live, ports=[silent.getsockname()[1]], more=OWN), files)
    both = ["192.0.2.1", "192.0.2.2"]
    assert Answer(holdfast).addresses == Answer(holdfast, "far.example.com").addresses == both
    assert Answer(holdfast, rdtype="AAAA").addresses == ["2001:db8::1"]
    assert Answer(holdfast, "plain.example.com").addresses == ["192.0.2.80", "192.0.2.81"]
    assert aliases(holdfast)["shop.example.org.", "A"]["upstream"] == "own"

    code, said = run(holdfast, "drain", "shop/192.0.2.1", "--reason", "kernel update")
    assert code == 0, said
    took = [wait_for(lambda name=name: Answer(holdfast, name).addresses == ["192.0.2.2"])
            for name in ("example.com", "far.example.com")]
    assert run(holdfast, "release", "shop/192.0.2.1")[0] == 0
    took.append(wait_for(lambda: Answer(holdfast).addresses == both))
    print("drain and release served after", ", ".join(f"{seconds:.2f} s" for seconds in took))
    assert max(took) <= BEHIND

    (holdfast.config.parent / "example.com.zone").write_text(ZONE.replace("192.0.2.81", "192.0.2.82"))
    holdfast.process.send_signal(signal.SIGHUP)
    took = wait_for(lambda: Answer(holdfast, "plain.example.com").addresses == ["192.0.2.80", "192.0.2.82"])
    print(f"another file served after {took:.2f} s")
    assert took <= BEHIND
    with pytest.raises(BlockingIOError):  # nobody was asked
        silent.recv(512)


def test_a_target_of_ours_may_lead_further(serve, authority):  # noqa: F811
    _, port = authority("cdn A 198.51.100.1", ttl=300)  # it refuses to answer for other names
    live = (APEX, '{ name = "second", aname = "www.example.com" }',
            '{ name = "third", aname = "second.example.com" }',
            '{ name = "out", aname = "outside.example.com" }')
    zone = ZONE + "www CNAME @\noutside CNAME cdn.example.net.\n"
    holdfast = serve(config(*live, ports=[port]), {"example.com.zone": zone})
    for name in ("", "out.", "second.", "third."):
        wait_for(lambda name=name: Answer(holdfast, f"{name}example.com").addresses == ["198.51.100.1"], limit=BEHIND)
    asked, = holdfast.json("/api/v1/aliases")["upstreams"]
    assert asked["refusals"] == 0, "it was asked for names of ours"


def test_a_reload_leads_to_another_target_at_once(serve, authority, free_port):  # noqa: F811
    _, port = authority("cdn A 198.51.100.1\nother A 198.51.100.2", ttl=300)
    slow = Forger(free_port("127.0.0.1"), port, delay=0.2)
    try:
        holdfast = serve(config(APEX, ports=[slow.port], resolver=SLOW), FILES)
        wait_for_first(holdfast, ["198.51.100.1"])
        holdfast.config.write_text(config(APEX.replace("cdn", "other"), ports=[slow.port], resolver=SLOW))
        holdfast.process.send_signal(signal.SIGHUP)
        begun = time.monotonic()
        while (answer := Answer(holdfast)).addresses != ["198.51.100.2"]:
            assert (answer.rcode, answer.addresses) == ("NOERROR", ["198.51.100.1"])
            assert time.monotonic() < begun + PATIENCE
        wait_for(lambda: {target for target, _ in aliases(holdfast)} == {"other.example.net."}, limit=BEHIND)
    finally:
        slow.stop()
