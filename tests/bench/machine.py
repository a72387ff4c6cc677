"""What the figures were taken on."""

import os
import pathlib
import platform
import re
import shutil
import subprocess


def first(pattern, path):
    found = re.search(pattern, pathlib.Path(path).read_text(), re.M)
    return found[1].strip() if found else "?"


def said(*command):
    if not shutil.which(command[0]):
        return ""
    done = subprocess.run(command, capture_output=True, text=True, cwd=pathlib.Path(__file__).parent)
    return done.stdout.strip() if done.returncode == 0 else ""


def package_version(package):
    return re.sub(r"^\d+:|-[^-]*$", "", said("dpkg-query", "-W", "-f", "${Version}", package))


def describe(kinds):
    changed = " with changes" if said("git", "status", "--porcelain", "--untracked-files=no") else ""
    return {"cpu": first(r"^model name\s*:(.*)", "/proc/cpuinfo"), "cores": os.cpu_count(),
            "virtual": said("systemd-detect-virt", "--vm") or ("yes" if "hypervisor" in first(r"^flags\s*:(.*)", "/proc/cpuinfo") else "no"),
            "memory_gib": round(int(first(r"^MemTotal:\s+(\d+)", "/proc/meminfo")) / 2**20), "kernel": platform.release(),
            "date": said("date", "--utc", "--iso-8601=minutes"),
            "versions": {"holdfast": f"commit {said('git', 'rev-parse', '--short', 'HEAD')}{changed}"}
            | {kind.name: package_version(kind.package) for kind in kinds if kind.package}}
