"""A start serves zones from their images: sooner where files are what they were, and in place of files that cannot be used."""

import os
import re
import signal
import subprocess
import time

import pytest

PATIENCE = 20  # seconds
CONFIG = """
[server]
listen = ["127.0.0.1:0"]
state = "{state}"
[control]
listen = "127.0.0.1:0"
[monitor.web]
type = "tcp"
port = 9
[pool.shop]
monitor = "web"
members = [{{ address = "192.0.2.77" }}]
[[zone]]
name = "example.com"
file = "example.com.zone"
{live}
"""
LIVE = 'live = [{ name = "shop", pool = "shop" }]'
HOSTS = 20_000
ZONE = """$TTL 300
@ SOA ns1 admin {serial} 7200 3600 1209600 300
@ NS ns1
ns1 A 127.0.0.1
www A {address}
$INCLUDE hosts.zone
""".format


class Site:
    def __init__(self, serve, directory):
        self._serve, self.directory = serve, directory
        self.image = directory / "state" / "cache" / "zones" / "example.com.zone"
        self.hosts(HOSTS)
        self.put(ZONE(serial=1, address="192.0.2.1"))
        self.holdfast = self.start()
        self.wait_for_image()
        self.stop()

    def put(self, text, name="example.com.zone"):
        (self.directory / name).write_text(text)
        self._pass_a_tick(self.directory / name)

    def hosts(self, count):
        self.put("".join(f"h{i} A 192.0.2.{i % 250}\n" for i in range(count)), "hosts.zone")

    @staticmethod
    def _pass_a_tick(file):
        """What changes within one could be changed again without another time."""
        while time.time() < file.stat().st_ctime + 0.03:
            time.sleep(0.01)

    def start(self, live=""):
        self.holdfast = self._serve(CONFIG.format(state=self.directory / "state", live=live))
        return self.holdfast

    def reload(self):
        self.holdfast.process.send_signal(signal.SIGHUP)

    def wait_for_image(self, other_than=None):
        deadline = time.monotonic() + PATIENCE
        while not self.image.exists() or self.image.stat().st_ino == other_than:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def stop(self):
        self.holdfast.stop()
        self.holdfast.was_killed = True

    def zone(self):
        zone, = self.holdfast.json("/api/v1/zones")
        return zone

    def is_from_image(self):
        return any("zones were read from their images" in line for line in self.holdfast.log.lines)


@pytest.fixture
def site(serve, tmp_path):
    return Site(serve, tmp_path)


def test_a_restart_reads_the_image_and_serves_the_same(site):
    holdfast = site.start()
    assert site.is_from_image()
    assert holdfast.dig("www.example.com") == {"192.0.2.1"}
    assert holdfast.dig(f"h{HOSTS - 1}.example.com") == {f"192.0.2.{(HOSTS - 1) % 250}"}
    assert not site.zone()["problems"]


def test_after_kill_9_too(site):
    site.start().kill()
    site.start()
    assert site.is_from_image()


def test_an_edited_file_counts(site):
    before = site.image.stat().st_ino
    site.put(ZONE(serial=2, address="192.0.2.2"))
    assert site.start().dig("www.example.com") == {"192.0.2.2"}
    assert not site.is_from_image()
    site.wait_for_image(other_than=before)
    site.stop()
    assert site.start().dig("www.example.com") == {"192.0.2.2"}
    assert site.is_from_image()


def test_an_edited_include_counts(site):
    site.hosts(3)
    assert site.start().dig("h19.example.com") == set()
    assert not site.is_from_image()


def test_what_a_reload_read_is_there_after_a_restart(site):
    holdfast = site.start()
    before = site.image.stat().st_ino
    site.put(ZONE(serial=2, address="192.0.2.2"))
    site.reload()
    site.wait_for_image(other_than=before)
    holdfast.kill()
    assert site.start().dig("www.example.com") == {"192.0.2.2"}
    assert site.is_from_image()


@pytest.mark.parametrize("spoil", [lambda file: file.write_text("not a zone\n"), os.remove], ids=["broken", "missing"])
def test_the_last_good_version_is_served_where_the_file_cannot_be_used(site, spoil):
    spoil(site.directory / "example.com.zone")
    holdfast = site.start()
    assert holdfast.dig("www.example.com") == {"192.0.2.1"}
    assert holdfast.log.wait_for(r"\[warning\].*its file cannot be used: what is served is of \d{4}-.*mend the file")
    assert holdfast.log.wait_for(r"\[error\] zones refused: 1")
    zone = site.zone()
    assert zone["refused"] and zone["serving"], zone
    assert "holdfast_zones_refused 1\n" in holdfast.get("/metrics")[1]

    site.put(ZONE(serial=2, address="192.0.2.2"))
    before = site.image.stat().st_ino
    site.reload()
    site.wait_for_image(other_than=before)
    assert holdfast.dig("www.example.com") == {"192.0.2.2"}
    assert not site.zone()["refused"]


def test_a_damaged_image_is_not_used_and_written_again(site):
    octets = bytearray(site.image.read_bytes())
    octets[len(octets) // 2] ^= 1
    site.image.write_bytes(octets)
    before = site.image.stat().st_ino
    holdfast = site.start()
    assert holdfast.dig("www.example.com") == {"192.0.2.1"}
    site.wait_for_image(other_than=before)
    site.stop()
    site.start()
    assert site.is_from_image()


def test_another_build_reads_the_records_and_writes_its_own(site, tmp_path, monkeypatch):
    program = os.environ["HOLDFAST"]
    said = subprocess.run(["readelf", "-n", program], capture_output=True, text=True, check=True).stdout
    build = bytes.fromhex(re.search(r"Build ID: (\w+)", said)[1])
    other = tmp_path / "holdfast-of-another-build"
    other.write_bytes(open(program, "rb").read().replace(build, build[::-1]))
    other.chmod(0o700)
    monkeypatch.setenv("HOLDFAST", str(other))
    before = site.image.stat().st_ino
    assert site.start().dig("www.example.com") == {"192.0.2.1"}
    assert site.is_from_image()
    site.wait_for_image(other_than=before)


def test_other_live_names_take_the_records_of_the_image(site):
    holdfast = site.start(LIVE)
    assert site.is_from_image()
    assert holdfast.dig("shop.example.com") == {"192.0.2.77"}
    assert holdfast.dig("www.example.com") == {"192.0.2.1"}


def test_images_of_zones_that_are_no_more_go(site, serve):
    serve(CONFIG.format(state=site.directory / "state", live="").replace('"example.com"', '"example.org"'))
    deadline = time.monotonic() + PATIENCE
    while site.image.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
