"""Verdicts outlive the program."""

import socket
import time

PATIENCE = 60  # seconds


def addresses(holdfast):
    return {str(record) for rrset in holdfast.ask("www.demo.example").answer for record in rrset}


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def run(watch, port, server, fall=3):
    return watch(f'type = "tcp"\nport = {port}', "127.0.0.2", "127.0.0.3", fall=fall, rise=3, server=server)


def test_what_is_dead_stays_out_of_answers_over_kill_9(watch, tmp_path, free_port):
    port = free_port("127.0.0.2", "127.0.0.3")
    with socket.create_server(("127.0.0.2", port), backlog=64):
        first = run(watch, port, f'state = "{tmp_path}/state"')
        wait_for(lambda: addresses(first) == {"127.0.0.2"})
        first.log.wait_for(r"web 127\.0\.0\.2:\d+: unknown -> up")
        before = {target["address"]: target for target in first.json("/api/v1/targets")}
        state = tmp_path / "state" / "state.db"
        wait_for(lambda: state.exists() and all(one.encode() in state.read_bytes() + wal(state) for one in before))
        first.kill()

        second = run(watch, port, f'state = "{tmp_path}/state"')
        assert addresses(second) == {"127.0.0.2"}, "three failures in a row take two seconds at least"
        second.log.wait_for(r"verdicts are those of before the restart")
        after = {target["address"]: target for target in second.json("/api/v1/targets")}
        for address in before:
            assert after[address]["verdict"] == before[address]["verdict"]
            assert after[address]["since"] == before[address]["since"]
        wait_for(lambda: not any(target["kept"] for target in second.json("/api/v1/targets")))

        with socket.create_server(("127.0.0.3", port), backlog=64):
            wait_for(lambda: addresses(second) == {"127.0.0.2", "127.0.0.3"})


def test_without_a_state_directory_a_start_begins_anew(watch, tmp_path, free_port):
    port = free_port("127.0.0.2", "127.0.0.3")
    with socket.create_server(("127.0.0.2", port), backlog=64):
        holdfast = run(watch, port, server="", fall=100)  # so that nobody is down at the first question, however late
        assert addresses(holdfast) == {"127.0.0.2", "127.0.0.3"}
        assert not any(target["kept"] for target in holdfast.json("/api/v1/targets"))


def wal(database):
    """What SQLite has not yet put into the file."""
    log = database.with_name(database.name + "-wal")
    return log.read_bytes() if log.exists() else b""
