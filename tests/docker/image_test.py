"""The image is built and asked where no container engine runs: buildah, over a base that debootstrap makes.

Takes minutes and root, hence only in `./dev test --large`. The base is kept in build/image/.
"""

import json
import os
import pathlib
import shlex
import shutil
import signal
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "image"
BASE = "docker.io/library/debian:12-slim"  # the Dockerfile's FROM
ENVIRONMENT = {**os.environ, "STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot", "BUILDAH_FORMAT": "docker"}

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="debootstrap and buildah's chroot isolation need root")


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, env=ENVIRONMENT, cwd=ROOT)
    assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
    return done.stdout


def words(*command):
    """A buildah command over a storage of our own."""
    return ["buildah", "--root", str(WORK / "storage"), "--runroot", str(WORK / "run"), "--storage-driver", "vfs", *command]


def buildah(*command):
    return run(*words(*command))


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
        buildah("add", "--quiet", empty, str(make_base()))
        buildah("commit", "--quiet", "--rm", empty, BASE)
    buildah("bud", "--isolation", "chroot", "--pull-never", "--tag", "holdfast", "--file", "docker/Dockerfile", ".")
    buildah("rmi", "--prune")  # the image of the last time
    return "localhost/holdfast"


@pytest.fixture(scope="module")
def settings(image):
    return json.loads(buildah("inspect", "--type", "image", image))["Docker"]["config"]


@pytest.fixture
def container(image):
    name = buildah("from", "--pull-never", image).strip()
    yield name
    buildah("rm", name)


@pytest.fixture
def running(container, settings):
    """What an engine would do: the image's own command, in a network of its own where port 53 is free for all."""
    setup = "ip link set lo up && echo 53 > /proc/sys/net/ipv4/ip_unprivileged_port_start && exec "
    command = shlex.join(words("run", container, "--", *settings["Entrypoint"], *settings["Cmd"]))
    process = subprocess.Popen(["unshare", "--net", "sh", "-c", setup + command], stderr=subprocess.PIPE, text=True,
                               env=ENVIRONMENT, start_new_session=True)
    log = []
    for line in process.stderr:
        log.append(line)
        if "control on" in line:
            break
    else:
        pytest.fail("".join(log))
    yield process
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=30)


def inside(running, *command):
    """Runs a command in the network of what is running."""
    return run("nsenter", "--net", "--target", running.pid, *command)


def test_runs_as_somebody_without_rights(settings):
    assert settings["User"] == "holdfast"


def test_has_no_tools_to_build_with(container):
    buildah("run", container, "--", "sh", "-c", "! command -v g++ && ! command -v cmake && ! command -v ccache")


def test_answers_dig_over_udp_and_tcp(running):
    dig = ["dig", "@127.0.0.1", "+short"]
    assert sorted(inside(running, *dig, "www.demo.example").split()) == ["172.30.53.11", "172.30.53.12"]
    assert inside(running, *dig, "+tcp", "demo.example", "NS").split() == ["ns1.demo.example."]


def test_health_check_tells_well_from_ill(container, settings, running):
    check = words("run", container, "--", *settings["Healthcheck"]["Test"][1:])
    inside(running, *check)
    with pytest.raises(AssertionError):
        run("unshare", "--net", *check)  # where nothing listens
