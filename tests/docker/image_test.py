"""The image is built and asked where no container engine runs: buildah, over a base that debootstrap makes.

Takes minutes and root, hence only in `./dev test --large`. The base is kept in build/image/.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "image"
BASE = "docker.io/library/debian:12-slim"  # the Dockerfile's FROM
ENVIRONMENT = {**os.environ, "STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot", "BUILDAH_FORMAT": "docker"}

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="debootstrap and buildah's chroot isolation need root")


def run(*words, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, env=ENVIRONMENT, cwd=ROOT, **options)
    assert done.returncode == 0, f"{words}:\n{done.stdout}{done.stderr}"
    return done.stdout


def buildah(command, *words, **options):
    return run("buildah", "--root", WORK / "storage", "--runroot", WORK / "run", command, *words, **options)


def make_base():
    """A bare Debian 12 as a tar file, with this machine's way to a mirror."""
    base = WORK / "base.tar"
    if not base.exists():
        root = WORK / "base"
        shutil.rmtree(root, ignore_errors=True)
        mirrors = run("apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages", "Codename: bookworm")
        run("debootstrap", "--variant=minbase", "--include=ca-certificates", "bookworm", root, mirrors.split()[0])
        (root / "etc/apt/apt.conf.d/90acquire").write_text(run("apt-config", "dump", "Acquire"))
        run("tar", "--directory", root, "--exclude=./var/cache/apt/archives/*.deb", "--create", "--file", WORK / "part.tar", ".")
        (WORK / "part.tar").rename(base)
        shutil.rmtree(root)
    return base


@pytest.fixture(scope="module")
def image():
    WORK.mkdir(parents=True, exist_ok=True)
    if not buildah("images", "--quiet", "--filter", f"reference={BASE}").strip():
        empty = buildah("from", "scratch").strip()
        buildah("add", "--quiet", empty, make_base())
        buildah("commit", "--quiet", "--rm", empty, BASE)
    buildah("bud", "--isolation", "chroot", "--pull-never", "--tag", "holdfast", "--file", "docker/Dockerfile", ".")
    return "localhost/holdfast"


@pytest.fixture
def container(image):
    name = buildah("from", "--pull-never", image).strip()
    yield name
    buildah("rm", name)


def test_runs_as_somebody_without_rights_and_says_how_it_is(image):
    config = json.loads(buildah("inspect", "--type", "image", image))["Docker"]["config"]
    assert config["User"] == "holdfast"
    assert config["Healthcheck"]["Test"]


def test_has_no_tools_to_build_with(container):
    buildah("run", container, "--", "sh", "-c", "! command -v g++ && ! command -v cmake && ! command -v ccache")


def test_answers_dig(container, tmp_path):
    # Its own configuration, on ports that anybody may bind: chroot isolation has no network of its own.
    shutil.copy(ROOT / "docker" / "demo.example.zone", tmp_path)
    config = (ROOT / "docker" / "holdfast.toml").read_text()
    (tmp_path / "holdfast.toml").write_text(
        config.replace("0.0.0.0:53", "127.0.0.1:0").replace("0.0.0.0:8053", "127.0.0.1:0"))
    tmp_path.chmod(0o755)
    words = ["buildah", "--root", WORK / "storage", "--runroot", WORK / "run", "run", "--volume", f"{tmp_path}:/etc/holdfast:ro",
             container, "--", "holdfast", "serve", "--config", "/etc/holdfast/holdfast.toml"]
    running = subprocess.Popen([str(word) for word in words], stderr=subprocess.PIPE, text=True, env=ENVIRONMENT,
                               start_new_session=True)
    try:
        log = []
        for line in running.stderr:
            log.append(line)
            if found := re.search(r"listening on 127\.0\.0\.1:(\d+) \(udp, tcp\)", line):
                break
        else:
            pytest.fail("".join(log))
        assert run("dig", "@127.0.0.1", "-p", found[1], "+short", "ns1.demo.example").split() == ["172.30.53.2"]
        assert run("dig", "@127.0.0.1", "-p", found[1], "+short", "+tcp", "demo.example", "NS").split() == ["ns1.demo.example."]
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.communicate(timeout=30)
