"""`holdfast zone` with a running server, and files that people write."""

import json
import os
import re
import subprocess

import pytest

from conftest import is_sanitized
from name_servers import wait_for

CONFIG = """
[server]
listen = ["127.0.0.1:0"]
[control]
listen = "127.0.0.1:0"
[[zone]]
name = "example.com"
file = "example.com.zone"
live = [{ name = "www", pool = "shop" }]
[[zone]]
name = "broken.example"
file = "broken.example.zone"
[pool.shop]
members = [{ address = "198.51.100.1" }, { address = "198.51.100.2" }]
"""
ZONE = """$TTL 300
@   SOA ns1 hostmaster 7 7200 3600 1209600 300
@   NS  ns1
ns1 A   192.0.2.53
www A   192.0.2.1
"""


def run(*words, **options):
    return subprocess.run([os.environ["HOLDFAST"], "zone", *map(str, words)], capture_output=True, text=True, timeout=60, **options)


@pytest.fixture
def asked(serve):
    holdfast = serve(CONFIG, {"example.com.zone": ZONE, "broken.example.zone": "no zone"})
    holdfast.get("/healthz")
    return "--control", holdfast.control.removeprefix("http://")


def test_the_file_is_exported(asked):
    done = run("export", "example.com", *asked)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == """\
; serial 7
$ORIGIN example.com.
$TTL 300
@                       300     IN SOA     ns1.example.com. hostmaster.example.com. 7 7200 3600 1209600 300
@                       300     IN NS      ns1.example.com.
ns1                     300     IN A       192.0.2.53
www                     300     IN A       192.0.2.1
"""


def test_live_names_are_exported_as_secondaries_would_have_them(asked):
    done = run("export", "EXAMPLE.com.", "--live", *asked)
    assert done.returncode == 0 and "; serial 7; live names with what they answer everybody\n" in done.stdout
    assert [line.split() for line in done.stdout.splitlines() if line.startswith("www")] == [
        ["www", "30", "IN", "A", "198.51.100.1"], ["www", "30", "IN", "A", "198.51.100.2"]]


def test_a_file_is_replaced_only_by_a_whole_one(asked, tmp_path):
    file = tmp_path / "out.zone"
    for zone in ("example.org", "broken.example"):
        file.write_text("old")
        done = run("export", zone, "-o", file, *asked)
        assert (done.returncode, done.stdout) == (2, "") and zone in done.stderr and "holdfast status" in done.stderr
        assert file.read_text() == "old"
    assert run("export", "example.com", "-o", file, *asked).returncode == 0
    assert file.read_text() == run("export", "example.com", *asked).stdout
    assert sorted(other.name for other in tmp_path.iterdir() if other.name.startswith("out")) == ["out.zone"]
    assert run("export", "example.com", "-o", tmp_path / "none" / "out.zone", *asked).returncode == 2


def test_what_is_exported_over_the_file_is_what_was_served(serve, tmp_path):
    """Under its serial: a reload is no new version, though live names have made some meanwhile."""
    peer = '[peer.reader]\nnetworks = ["127.0.0.1/32"]\nnotify = false\n'
    config = CONFIG.replace("[control]", f'state = "{tmp_path}/state"\n[control]').replace("live =", 'secondaries = ["reader"]\nlive =') + peer
    holdfast = serve(config, {"example.com.zone": ZONE, "broken.example.zone": "no zone"})
    holdfast.get("/healthz")
    asked = "--control", holdfast.control.removeprefix("http://")

    def holdfast_says(*words):
        return subprocess.run([os.environ["HOLDFAST"], *words, *asked], capture_output=True, text=True, timeout=60)

    def serial():
        return holdfast.ask("example.com", "SOA").answer[0][0].serial

    before = serial()
    assert holdfast_says("drain", "198.51.100.1", "--reason", "test", "--author", "test").returncode == 0
    wait_for(lambda: serial() != before, "a version without the member")
    now = serial()
    assert run("export", "example.com", "-o", tmp_path / "example.com.zone", *asked).returncode == 0
    assert f"; serial {now}\n" in (tmp_path / "example.com.zone").read_text()
    assert holdfast_says("reload", "example.com").returncode == 0
    assert serial() == now


def test_a_full_disk_is_told(asked):
    with open("/dev/full", "w") as full:
        done = subprocess.run([os.environ["HOLDFAST"], "zone", "export", "example.com", *asked], stdout=full, stderr=subprocess.PIPE,
                              text=True, timeout=60)
    assert done.returncode == 2


def test_a_million_records_are_exported(serve, tmp_path):
    """A piece at a time: the server does not keep the text."""
    many = 50_000 if is_sanitized() else 1_000_000
    zone = ZONE + "".join(f"host{i} A 10.{i >> 16}.{i >> 8 & 255}.{i & 255}\n" for i in range(many))
    config = CONFIG.replace('live = [{ name = "www", pool = "shop" }]\n', "").split("[[zone]]")[:2]
    holdfast = serve("[[zone]]".join(config), {"example.com.zone": zone})
    holdfast.get("/healthz")
    process = f"/proc/{holdfast.process.pid}"

    def peak():
        with open(f"{process}/status") as status:
            return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) * 1024

    with open(f"{process}/clear_refs", "w") as refs:
        refs.write("5")  # the peak is from now on
    before = peak()
    done = run("export", "example.com", "-o", tmp_path / "out", "--control", holdfast.control.removeprefix("http://"))
    assert done.returncode == 0, done.stderr
    size = (tmp_path / "out").stat().st_size
    assert size > 40 * many and (tmp_path / "out").read_text().count("\n") == many + 7
    assert is_sanitized() or peak() - before < size / 4, (peak() - before, size)  # a sanitizer keeps what is freed


def test_differences_are_told(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("$ORIGIN example.com.\n" + ZONE)
    new.write_text("$ORIGIN example.com.\n" + ZONE.replace(" 7 ", " 8 ").replace("192.0.2.1\n", "192.0.2.2\n"))
    done = run("diff", old, new)
    soa = "example.com. 300 IN SOA ns1.example.com. hostmaster.example.com. {} 7200 3600 1209600 300"
    www = ["- www.example.com. 300 IN A 192.0.2.1", "+ www.example.com. 300 IN A 192.0.2.2"]
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [*www, "- " + soa.format(7), "+ " + soa.format(8)]
    assert run("diff", old, new, "--ignore-serial").stdout.splitlines() == www
    assert run("diff", old, old).returncode == 0
    told = json.loads(run("diff", old, new, "--json", "--ignore-serial").stdout)
    assert told == {"equal": False, "serials": [7, 8],
                    "removed": [{"name": "www.example.com.", "ttl": 300, "type": "A", "data": "192.0.2.1"}],
                    "added": [{"name": "www.example.com.", "ttl": 300, "type": "A", "data": "192.0.2.2"}]}


def test_files_that_do_not_say_their_zone_and_the_running_server(asked, tmp_path):
    file = tmp_path / "example.com.zone"
    assert run("diff", file, "example.com", *asked).returncode == 0
    assert run("diff", file, "example.com", "--live", *asked).returncode == 1
    neither = run("diff", file, file)
    assert neither.returncode == 2 and "--zone NAME" in neither.stderr
    assert run("diff", file, file, "--zone", "example.com").returncode == 0


@pytest.mark.parametrize("words", [["./none", "./none"], ["a/b", "c"], ["one.example", "two.example"], ["@192.0.2.1:0", "example.com"]])
def test_what_cannot_be_read_is_told(words):
    done = run("diff", *words)
    assert done.returncode == 2 and done.stdout == "" and done.stderr.startswith("holdfast zone diff: "), done


def test_a_broken_file_is_told_with_its_place(tmp_path):
    file = tmp_path / "zone"
    file.write_text("$ORIGIN example.com.\n" + ZONE + "bad A 192.0.2\n")
    done = run("diff", file, file)
    assert done.returncode == 2 and f"{file}:7: " in done.stderr


def test_the_manual_page_is_the_one_in_the_repository_and_well_formed():
    page = os.path.join(os.path.dirname(__file__), "../../server/cli/holdfast.8")
    made = subprocess.run([os.environ["HOLDFAST"], "config", "--man"], capture_output=True, text=True)
    assert made.returncode == 0 and made.stdout == open(page).read(), "holdfast config --man > server/cli/holdfast.8"
    shown = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", page], capture_output=True, text=True,
                           env=os.environ | {"LC_ALL": "C.UTF-8", "MANWIDTH": "100"})
    assert (shown.returncode, shown.stderr) == (0, ""), shown.stderr
    text = re.sub(".\b", "", shown.stdout)  # as it is printed in bold
    for word in ("zone compare", "EXIT STATUS", "SIGHUP", "--control", "keygen tsig"):
        assert word in text, word
