"""Keys for transfers: `holdfast keygen tsig` makes them, `holdfast check` says whether they can be used."""

import base64
import json
import os
import re
import subprocess

import dns.message
import dns.tsig
import pytest

SIZES = {"hmac-md5": 16, "hmac-sha1": 20, "hmac-sha224": 28, "hmac-sha256": 32, "hmac-sha256-128": 32,
         "hmac-sha384": 48, "hmac-sha384-192": 48, "hmac-sha512": 64, "hmac-sha512-256": 64}
SITE = """[server]
state = "state"
[key.xfr]
file = "xfr.key"
[peer.ns2]
addresses = ["192.0.2.53"]
key = "xfr"
[[zone]]
name = "example.com"
primaries = ["ns2"]
"""


def run(*words, **options):
    return subprocess.run([os.environ["HOLDFAST"], *words], capture_output=True, text=True, **options)


def secret_of(text):
    return re.search(r'secret "([^"]+)"', text)[1]


@pytest.fixture
def site(tmp_path):
    """A directory with a configuration whose zone is transferred with a key."""
    (tmp_path / "site.toml").write_text(SITE)
    with open(tmp_path / "xfr.key", "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        assert subprocess.run([os.environ["HOLDFAST"], "keygen", "tsig", "xfr"], stdout=file).returncode == 0
    return tmp_path


@pytest.mark.parametrize("algorithm", SIZES)
def test_keys_are_as_long_as_the_hash(algorithm):
    made = run("keygen", "tsig", "--algorithm", algorithm, "XFR.example")
    assert made.returncode == 0 and made.stderr == ""
    statement = [line for line in made.stdout.splitlines() if not line.startswith("#")]
    assert statement[:2] == ['key "xfr.example." {', f"\talgorithm {algorithm};"] and statement[3:] == ["};"]
    assert len(base64.b64decode(secret_of(made.stdout))) == SIZES[algorithm]


def test_no_two_keys_are_the_same():
    assert len({run("keygen", "tsig", "xfr").stdout for _ in range(5)}) == 5


@pytest.mark.parametrize("words", [[], ["tsig"], ["tsig", "a..b"], ["tsig", 'a"b'], ["tsig", "."],
                                   ["tsig", "xfr", "--algorithm", "hmac-sha3"], ["dnssec", "example.com"]])
def test_what_is_no_key_is_refused(words):
    made = run("keygen", *words)
    assert made.returncode == 2 and made.stdout == "" and made.stderr != ""


def test_others_read_such_a_key():
    made = run("keygen", "tsig", "xfr").stdout
    key = dns.tsig.Key("xfr.", secret_of(made), "hmac-sha256")
    query = dns.message.make_query("example.com", "SOA")
    query.use_tsig(key)
    assert dns.message.from_wire(query.to_wire(), keyring=key).had_tsig


def test_check_reads_keys(site):
    done = run("check", site / "site.toml")
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "example.com.: transferred from ns2\n")
    told = json.loads(run("check", "--json", site / "site.toml").stdout)
    assert told == {"ok": True, "problems": [], "zones": [{"name": "example.com.", "ok": True, "primaries": ["ns2"]}]}


def test_check_refuses_keys_that_others_read(site):
    secret = secret_of((site / "xfr.key").read_text())
    (site / "xfr.key").chmod(0o644)
    done = run("check", site / "site.toml")
    assert done.returncode == 2
    assert done.stderr == (f"{site}/xfr.key: has mode 0644, so others could read or change the secret; chmod 0640\n")
    assert secret not in done.stdout + done.stderr


def test_check_refuses_keys_that_are_none_and_never_shows_them(site):
    text = (site / "xfr.key").read_text()
    for broken in [text.replace('key "', 'key '), text.replace("};", "}"), text.replace("=", ""), text + text,
                   text.replace("algorithm", "secret"), text.replace("hmac-sha256", secret_of(text))]:
        (site / "xfr.key").write_text(broken)
        done = run("check", site / "site.toml")
        assert done.returncode == 2 and re.match(r".*/xfr\.key:\d+: ", done.stderr), (broken, done.stderr)
        assert secret_of(text)[:8] not in done.stdout + done.stderr


def test_check_tells_a_key_that_is_not_there(site):
    (site / "xfr.key").unlink()
    done = run("check", site / "site.toml")
    assert done.stderr == f"{site}/xfr.key: cannot be opened: No such file or directory\n" and done.returncode == 2
