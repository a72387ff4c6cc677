"""More peers than a holdfast serves at a time ask for a large zone: some wait, some are closed, all others get it whole, and who asks
what a name is does not notice."""

import contextlib
import re
import selectors
import socket

import dns.message

import transfer_client
import transferred
from name_servers import READER, place, wait_for  # noqa: F401
from transferred import APEX, OURS

STREAMS, CONNECTIONS = 10, 256  # server/transfer/transfer_server.h
BEYOND = 4
RECORDS = 2000
LARGE = "".join(f"large{i} TXT {' '.join(['x' * 250] * 10)}\n" for i in range(RECORDS))  # 5 MB, more than buffers take (tcp_wmem)


def metric(holdfast, name):
    _, text = holdfast.get("/metrics")
    return int(float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.M)[1]))


def ask(stack, at, query):
    """A connection on which that was asked, and of which little is read unless somebody reads."""
    stream = stack.enter_context(contextlib.closing(socket.socket()))
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stream.settimeout(transfer_client.LIMIT)
    stream.bind((READER, 0))
    stream.connect(at)
    stream.sendall(len(query).to_bytes(2, "big") + query)
    return stream


def read_all(streams):
    """How many octets come over each until its end."""
    came = dict.fromkeys(streams, 0)
    with selectors.DefaultSelector() as selector:
        for stream in streams:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(transfer_client.LIMIT)
            assert ready, f"nothing more came: {sorted(came.values())}"
            for key, _ in ready:
                octets = len(key.fileobj.recv(1 << 20))
                came[key.fileobj] += octets
                if octets == 0:
                    selector.unregister(key.fileobj)
    return list(came.values())


def test_peers_wait_for_their_turn_and_only_those_beyond_all_limits_are_closed(serve, place, tmp_path):
    at = place(OURS)
    holdfast = serve(transferred.config(tmp_path, at, {}, transferred.primary_of([])), {f"{APEX}zone": transferred.zone(1, LARGE)})
    whole = transfer_client.axfr(at, APEX, source=READER)
    assert len(whole) > RECORDS
    query = dns.message.make_query(APEX, "AXFR").to_wire()

    with contextlib.ExitStack() as stack:
        streams = [ask(stack, at, query) for _ in range(CONNECTIONS)]
        wait_for(lambda: metric(holdfast, "holdfast_transfers_out_waiting") == CONNECTIONS - STREAMS, "others wait")
        assert metric(holdfast, "holdfast_transfers_out_running") == STREAMS
        for _ in range(BEYOND):
            assert ask(stack, at, query).recv(1) == b""
        assert metric(holdfast, "holdfast_peer_connections_closed_total") == BEYOND
        assert holdfast.ask(f"host1.{APEX}").answer, "who asks for a name is answered"

        for stream in streams:
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            stream.shutdown(socket.SHUT_WR)  # so the end of the transfer is that of the connection
        sizes = set(read_all(streams))
        assert len(sizes) == 1 and sizes.pop() > RECORDS * 2500, "each has it whole"
    wait_for(lambda: metric(holdfast, 'holdfast_transfers_out_total{kind="whole"}') == CONNECTIONS + 1, "all are counted")
    assert metric(holdfast, "holdfast_transfers_out_failed_total") == 0
    assert metric(holdfast, "holdfast_transfers_out_waiting") == metric(holdfast, "holdfast_transfers_out_running") == 0
