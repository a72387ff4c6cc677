"""Every C++ file looks as .clang-format says. To repair: clang-format -i FILE."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_sources_are_formatted():
    listed = subprocess.run(["git", "ls-files", "*.h", "*.cpp"], cwd=ROOT, check=True, capture_output=True, text=True)
    files = [name for name in listed.stdout.split() if (ROOT / name).exists()]
    assert files
    checked = subprocess.run(["clang-format", "--dry-run", "-Werror", *files], cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
