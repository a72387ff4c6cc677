"""Monitors of type smtp and a real Postfix: what is said to port 25 and to port 587 (submission), and what when it ends."""

import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

import pytest

from conftest import DEMO_ZONE, START_LIMIT, Log

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="Postfix is started by root alone")

CONFIG = """
[server]
listen = ["127.0.0.1:0"]
"""

# Postfix starts an smtpd when somebody connects, which takes a while on a busy machine: hence 9 s.
MONITOR = """
[monitor.{name}]
type = "smtp"
interval = "10s"
timeout = "9s"
fall = 1
rise = 1
{options}
[pool.{name}]
monitor = "{name}"
members = [{{ address = "127.0.0.1" }}]
"""

MAIN_CF = """
compatibility_level = 3.6
queue_directory = {directory}/queue
data_directory = {directory}/data
myhostname = mx.example.com
inet_interfaces = loopback-only
alias_maps =
local_recipient_maps =
maillog_file = /dev/stdout
smtpd_tls_chain_files = {key}, {certificate}
smtpd_tls_security_level = may
smtpd_tls_CAfile = {certificate}
"""

MASTER_CF = """
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt -o smtpd_tls_req_ccert=yes -o smtpd_banner=$myhostname
tlsmgr  unix       - - n 1000? 1 tlsmgr
anvil   unix       - - n -     1 anvil
rewrite unix       - - n -     - trivial-rewrite
postlog unix-dgram n - n -     1 postlogd
"""


@pytest.fixture
def postfix(certificate):
    """postfix(smtp, submission) starts a Postfix with a queue and configuration of its own on two ports of loopback."""
    user = pwd.getpwnam("postfix")
    directory = pathlib.Path(tempfile.mkdtemp(prefix="holdfast-postfix-"))  # below tmp_path its own user sees nothing
    directory.chmod(0o755)
    for name in ("etc", "queue", "queue/pid"):
        (directory / name).mkdir()
    for name in ("data", "queue/private", "queue/public"):
        (directory / name).mkdir(mode=0o700)
        os.chown(directory / name, user.pw_uid, user.pw_gid)
    for path in certificate:
        shutil.copy(path, directory)
    started = []

    def start(smtp, submission):
        (directory / "etc/main.cf").write_text(MAIN_CF.format(
            directory=directory, certificate=directory / certificate[0].name, key=directory / certificate[1].name))
        (directory / "etc/master.cf").write_text(MASTER_CF.format(smtp=smtp, submission=submission))
        started.append(subprocess.Popen(["/usr/lib/postfix/sbin/master", "-c", directory / "etc", "-d"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True))
        Log(started[-1].stdout).wait_for("daemon started")
        return started[-1]

    yield start
    for process in started:
        process.terminate()  # it ends what it started
        process.wait()
    shutil.rmtree(directory)


def test_smtp_of_postfix(serve, postfix, free_port, certificate):
    smtp, submission = free_port("127.0.0.1"), free_port("127.0.0.1")
    over_tls = f'starttls = true\nhost = "mx.example.com"\nca_file = "{certificate[0]}"'
    monitors = {
        "banner": f"port = {smtp}",
        "ehlo": f"port = {smtp}\nehlo = true",
        "starttls": f"port = {smtp}\n{over_tls}",
        "submission": f'port = {submission}\n{over_tls}\nclient_certificate = "{certificate[0]}"\nclient_key = "{certificate[1]}"',
        "stranger": f"port = {submission}\n{over_tls}",
        "other": f'port = {submission}\nstarttls = true\nhost = "mail.example.com"\nca_file = "{certificate[0]}"',
    }
    config = CONFIG + "".join(MONITOR.format(name=name, options=options) for name, options in monitors.items())
    config += '[[zone]]\nname = "demo.example"\nfile = "demo.example.zone"\nlive = [\n'
    config += "".join(f'{{ name = "{name}", pool = "{name}" }},\n' for name in monitors) + "]\n"

    server = postfix(smtp, submission)
    holdfast = serve(config, {"demo.example.zone": DEMO_ZONE})
    for name in ("banner", "ehlo", "starttls"):
        found = holdfast.log.wait_for(rf"{name} 127.0.0.1:{smtp}: \w+ -> up; passed \((.*?)\); .*by hand: (.*)")
        assert found[1] == "220 mx.example.com ESMTP Postfix"
        shown = subprocess.run(["sh", "-c", found[2]], capture_output=True, text=True, timeout=START_LIMIT,
                               stdin=subprocess.DEVNULL)
        assert ("Verification: OK" if name == "starttls" else found[1]) in shown.stdout + shown.stderr
    assert holdfast.log.wait_for(rf"submission 127.0.0.1:{submission}: \w+ -> up; passed \((.*?)\);")[1] == "220 mx.example.com"
    refused = holdfast.log.wait_for(rf"other 127.0.0.1:{submission}: \w+ -> down; (tls_handshake .*?\));")
    assert refused[1] == "tls_handshake (name mismatch: the certificate is for mx.example.com)"

    unknown = holdfast.log.wait_for(rf"stranger 127.0.0.1:{submission}: \w+ -> down; (.*?\));")
    assert unknown[1].startswith("bad_banner (after EHLO: 421 ") and "certificate" in unknown[1]

    server.terminate()
    server.wait()
    for name in ("banner", "ehlo", "starttls", "submission"):
        holdfast.log.wait_for(rf"{name} 127.0.0.1:\d+: up -> down; (refused|reset|bad_banner|header_timeout) ")
