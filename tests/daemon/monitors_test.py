"""Each type of monitor against a real server of its kind, and what is said when that is gone."""

import os
import socket
import subprocess
import time

import pytest

from conftest import DEMO_ZONE, START_LIMIT, demo


@pytest.fixture
def run():
    """run(port, command...) starts a server of loopback, and waits until it listens; it ends with the test."""
    started = []

    def start(port, *command):
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL)
        started.append(process)
        deadline = time.monotonic() + START_LIMIT
        while True:
            assert process.poll() is None, f"{command[0]} ended with {process.returncode}"
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    return process
            assert time.monotonic() < deadline, f"{command[0]} does not listen"
            time.sleep(0.01)

    yield start
    for process in started:
        process.kill()
        process.wait()


# For tests that look at what the one probe said that decided, on a machine that is busy elsewhere for a while.
PATIENT = {"interval": "6s", "timeout": "5s"}


def seen(holdfast, verdict, since=0):
    """The log line of the transition to `verdict`, in those from `since` on, and the target as the API has it then."""
    line = holdfast.log.wait_for(rf"web 127.0.0.1\S*: \S+ -> {verdict}; (.*)", since)[1]
    target, = holdfast.json("/api/v1/status")["targets"]
    return line, target


def check(watch, monitor, run_server):
    """Up while the server is there; down, and then refused, when it is gone. Returns what was said of the first, and
    the command that shows the same by hand."""
    process = run_server()
    holdfast = watch(monitor, "127.0.0.1", fall=3)
    line, target = seen(holdfast, "up")
    assert line.startswith("passed") and target["verdict"] == "up", line
    said = len(holdfast.log.lines)
    process.terminate()
    process.wait()
    down, target = seen(holdfast, "down", said)
    deadline = time.monotonic() + START_LIMIT
    while target["last"]["outcome"] != "refused":  # a probe was perhaps under way when the server ended
        assert target["last"]["outcome"] in ("reset", "header_timeout") and time.monotonic() < deadline, target
        time.sleep(0.05)
        target, = holdfast.json("/api/v1/status")["targets"]
    return line, down.split("; by hand: ")[1]


def by_hand(command, shows):
    """Until it `shows` what it should: it waits no longer than the probe did, and its server may be late."""
    deadline = time.monotonic() + START_LIMIT
    while True:
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=START_LIMIT,
                              stdin=subprocess.DEVNULL)
        if shows(done):
            return
        assert time.monotonic() < deadline, done
        time.sleep(0.1)


def test_dns_of_nsd(watch, nsd, free_port):
    port = free_port("127.0.0.1")
    start = lambda: nsd({"example.com.": DEMO_ZONE + "\nwww A 192.0.2.1\n"}, port)
    monitor = f'type = "dns"\nport = {port}\nquery = "www.example.com"\nquery_type = "A"\nexpect = "192.0.2.1"'
    line, command = check(watch, monitor, start)
    assert line.startswith("passed (NOERROR)")
    start()
    by_hand(command, lambda done: "192.0.2.1" in done.stdout)


def smtpd(run, port, certificate):
    return run(port, "/usr/bin/python3", "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "--tlscert", certificate[0],
               "--tlskey", certificate[1], "--no-requiretls")


def test_smtp(watch, run, free_port, certificate):
    port = free_port("127.0.0.1")
    line, command = check(watch, f'type = "smtp"\nport = {port}\nehlo = true', lambda: smtpd(run, port, certificate))
    assert line.startswith("passed (220 ")
    smtpd(run, port, certificate)
    by_hand(command, lambda done: "\n250 " in done.stdout)


def test_smtp_over_starttls(watch, run, free_port, certificate):
    port = free_port("127.0.0.1")
    monitor = (f'type = "smtp"\nport = {port}\nstarttls = true\nhost = "mx.example.com"\nca_file = "{certificate[0]}"\n'
               f'certificate_days = 14')
    _, command = check(watch, monitor, lambda: smtpd(run, port, certificate))
    smtpd(run, port, certificate)
    by_hand(command, lambda done: "Verification: OK" in done.stderr)


def test_a_certificate_that_expires_soon(watch, run, free_port, certificate):
    port = free_port("127.0.0.1")
    run(port, "openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", certificate[0], "-key", certificate[1],
        "-quiet")
    monitor = (f'type = "tls"\nport = {port}\nhost = "mx.example.com"\nca_file = "{certificate[0]}"\n'
               f'certificate_days = 60')
    holdfast = watch(monitor, "127.0.0.1", **PATIENT)
    line, target = seen(holdfast, "down")
    assert line.startswith("tls_handshake (certificate expires 20")
    assert "and 60 are wanted" in target["last"]["detail"]


SCRIPT = """#!/bin/sh
test -e "$0.down" && { echo "queue of $HOLDFAST_ADDRESS is full"; exit 2; }
echo "$1 for $HOLDFAST_MONITOR"
"""


@pytest.fixture
def checks(tmp_path):
    """A directory with a program, check_queue, that fails as soon as check_queue.down is beside it."""
    directory = tmp_path / "checks"
    directory.mkdir(mode=0o755)
    (directory / "check_queue").write_text(SCRIPT)
    (directory / "check_queue").chmod(0o755)
    return directory


def in_directory(checks):
    return f'[probes]\nexec_directory = "{checks}"\n'


def test_exec(watch, checks):
    holdfast = watch('type = "exec"\ncommand = ["check_queue", "all is well"]', "127.0.0.1",
                     more=in_directory(checks), **PATIENT)
    line, _ = seen(holdfast, "up")
    assert line.startswith("passed (all is well for web); ")
    said = len(holdfast.log.lines)
    (checks / "check_queue.down").touch()
    line, target = seen(holdfast, "down", said)
    assert line.startswith("exec_failed (exit code 2: queue of 127.0.0.1 is full); ")
    assert target["last"]["outcome"] == "exec_failed"
    by_hand(line.split("; by hand: ")[1],
            lambda done: (done.returncode, done.stdout) == (2, "queue of 127.0.0.1 is full\n"))


def test_exec_where_who_starts_us_ignores_the_end_of_children(watch, checks):
    holdfast = watch('type = "exec"\ncommand = ["check_queue", "all is well"]', "127.0.0.1",
                     more=in_directory(checks), prefix=["env", "--ignore-signal=CHLD"], **PATIENT)
    assert seen(holdfast, "(?:up|down)")[0].startswith("passed (all is well for web); ")


def test_a_program_that_others_may_change_is_refused(checks, tmp_path):
    config = demo('type = "exec"\ncommand = ["check_queue"]', "127.0.0.1", more=in_directory(checks) + "allow_loopback = true")
    (tmp_path / "holdfast.toml").write_text(config)
    (tmp_path / "demo.example.zone").write_text(DEMO_ZONE)

    def said():
        done = subprocess.run([os.environ["HOLDFAST"], "check", tmp_path / "holdfast.toml"], capture_output=True, text=True)
        return done.returncode, done.stderr

    assert said() == (0, "")
    (checks / "check_queue").chmod(0o775)
    code, text = said()
    assert code == 2 and text.endswith(': may be written to by others; chmod go-w\n'), text
    (checks / "check_queue").chmod(0o755)
    checks.chmod(0o757)
    code, text = said()
    assert code == 2 and "exec_directory" in text and text.endswith(': may be written to by others; chmod go-w\n'), text
    checks.chmod(0o755)
    tmp_path.chmod(0o757)  # who may rename what is in it may put another in its place
    code, text = said()
    assert code == 2 and text.endswith(f': {tmp_path} may be written to by others; chmod go-w\n'), text


def test_a_combination(watch, origin, free_port, checks):
    port = free_port("127.0.0.1")
    web = origin("127.0.0.1", port)
    parts = f"""
{in_directory(checks)}
[monitor.site]
type = "http"
port = {port}
interval = "6s"
timeout = "5s"
[monitor.queue]
type = "exec"
command = ["check_queue"]
interval = "6s"
timeout = "5s"
"""
    holdfast = watch('type = "all"\nof = ["queue", "site"]', "127.0.0.1", more=parts, **PATIENT)
    line, _ = seen(holdfast, "up")
    assert line.startswith("passed (queue: passed; site: passed); ")
    said = len(holdfast.log.lines)
    (checks / "check_queue.down").touch()
    line, target = seen(holdfast, "down", said)
    assert "queue: exec_failed (exit code 2: queue of 127.0.0.1 is full)" in line
    assert line.split("; by hand: ")[1].count("; curl -q ") == 1
    said = len(holdfast.log.lines)
    (checks / "check_queue.down").unlink()
    holdfast.log.wait_for("web 127.0.0.1: down -> up; passed", said)
    said = len(holdfast.log.lines)
    web.kill()
    holdfast.log.wait_for(r"web 127.0.0.1: up -> down; (refused|reset) \(.*site: (refused|reset)", said)


def in_a_network_of_its_own(*settings):
    """The beginning of a command line: loopback is there, nothing else is, and these sysctls are set."""
    own_user = [] if os.geteuid() == 0 else ["--map-root-user"]
    lines = ["ip link set lo up", *(f"echo {value} > /proc/sys/{path}" for path, value in settings), 'exec "$0" "$@"']
    return ["unshare", "--net", *own_user, "sh", "-e", "-c", "\n".join(lines)]


def test_ping_that_nobody_answers(watch):
    deaf = in_a_network_of_its_own(("net/ipv4/icmp_echo_ignore_all", 1))
    holdfast = watch('type = "ping"', "127.0.0.1", prefix=deaf)
    found = holdfast.log.wait_for(r"web 127.0.0.1: unknown -> down; (\w+) \((.*?)\); .* by hand: (.*)")
    assert found[1] == "ping_timeout" and found[2] == "no echo reply within 900 ms"
    assert found[3] == "ping -n -c 1 -W 0.900 127.0.0.1"


def test_ping_of_an_unreachable_network(watch):
    holdfast = watch('type = "ping"', "192.0.2.1", prefix=in_a_network_of_its_own())
    found = holdfast.log.wait_for(r"web 192.0.2.1: unknown -> down; (\w+) \((.*?)\)")
    assert found[1] == "unreachable" and found[2] == "Network is unreachable"
