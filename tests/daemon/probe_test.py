"""`holdfast probe`: one check by hand, of a URL or of what a configuration watches."""

import json
import os
import subprocess

ZONE = """
$TTL 300
@    SOA ns1 hostmaster 1 7200 3600 1209600 300
     NS  ns1
ns1  A   127.0.0.1
www  A   127.0.0.2
www  A   127.0.0.3
"""

CONFIG = """
[monitor.web]
type   = "http"
port   = %d
expect = "breakfast"

[monitor.other]
type = "ping"

[pool.shop]
monitor = "web"
members = [{ address = "127.0.0.4" }]

[[zone]]
name = "demo.example"
file = "demo.example.zone"
live = [{ name = "www", monitor = "web" }, { name = "shop", pool = "shop" }]
"""


def probe(*words):
    ran = subprocess.run([os.environ["HOLDFAST"], "probe", *words], capture_output=True, text=True, timeout=30)
    assert "Sanitizer" not in ran.stderr, ran.stderr
    return ran.returncode, ran.stdout, ran.stderr


def by_hand(text):
    line, = [line for line in text.splitlines() if line.startswith("  by hand: ")]
    return subprocess.run(["sh", "-c", line.removeprefix("  by hand: ")], capture_output=True, text=True, timeout=20)


def test_a_url(origin, free_port):
    port = free_port("127.0.0.2")
    web = origin("127.0.0.2", port)
    code, out, _ = probe(f"http://www.example.com:{port}/healthz", "--address", "127.0.0.2", "--expect", "breakfast")
    assert code == 0 and out.startswith(f"http 127.0.0.2:{port}: passed (200"), out
    assert "  connect " in out and "total " in out
    assert "I eat DNS for breakfast!" in by_hand(out).stdout

    code, out, _ = probe(f"http://127.0.0.2:{port}/", "--expect", "lunch")
    assert code == 1 and "expect_missing" in out
    web.kill()
    code, out, _ = probe(f"tcp://127.0.0.2:{port}")
    assert code == 1 and out.startswith(f"tcp 127.0.0.2:{port}: refused (Connection refused)\n"), out
    assert by_hand(out).returncode != 0


def test_what_a_monitor_watches(origin, free_port, tmp_path):
    port = free_port("127.0.0.2", "127.0.0.4")
    origin("127.0.0.2", port)
    origin("127.0.0.4", port, text="lunch")
    (tmp_path / "demo.example.zone").write_text(ZONE)
    config = tmp_path / "holdfast.toml"
    config.write_text(CONFIG % port)
    code, out, _ = probe("--config", config, "--monitor", "web", "--json")
    seen = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert [(one["address"], one["observation"]["outcome"]) for one in seen] == [
        ("127.0.0.2", "passed"), ("127.0.0.3", "refused"), ("127.0.0.4", "expect_missing")]
    assert all(one["command"].startswith("curl ") and one["monitor"] == "web" for one in seen)

    code, out, _ = probe("--config", config, "--monitor", "web", "--address", "127.0.0.2")
    assert code == 0 and out.startswith(f"web 127.0.0.2:{port}: passed")


def test_usage(tmp_path):
    config = tmp_path / "holdfast.toml"
    config.write_text(CONFIG % 80)
    for words, says in [
        ([], "say what to check"),
        (["https://www.example.com/"], "--address ADDRESS"),
        (["ftp://127.0.0.1/"], "is no check"),
        (["--config", config], "say what to check"),
        (["http://127.0.0.1/", "--config", config, "--monitor", "web"], "say what to check"),
        (["--config", config, "--monitor", "wep"], 'did you mean "web"?'),
        (["--config", config, "--monitor", "other"], "no address in the file is checked by the monitor"),
        (["--config", config, "--monitor", "other", "--address", "x"], "is no IP address"),
        (["--config", config, "--monitor", "web", "--expect", "x"], "go with a URL"),
        (["--config", config, "--monitor", "web"], "demo.example.zone"),
        (["--config", tmp_path / "none.toml", "--monitor", "web"], "cannot be opened"),
    ]:
        code, out, err = probe(*words)
        assert (code, out) == (2, "") and says in err, (words, err)
