"""Broken and odd zones, given to us and to named-checkzone, kzonecheck and nsd-checkzone: who accepts what?

We do what most of them do, but for the cases that say why not.
"""

import os
import pathlib
import subprocess

import pytest

from checker_cases import CASES, HEAD, Case

CHECKERS = {
    "named-checkzone": ["named-checkzone", "-i", "local", "example.com", "zone"],  # local: without asking the network
    "kzonecheck": ["kzonecheck", "-o", "example.com", "zone"],
    "nsd-checkzone": ["/usr/sbin/nsd-checkzone", "example.com", "zone"],
}
PART = "inc A 192.0.2.9\n"  # what the cases include


def run(command: list[str], directory: pathlib.Path) -> tuple[bool, str]:
    done = subprocess.run(command, cwd=directory, capture_output=True, timeout=60, check=False)
    return done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_we_do_what_most_checkers_do(case: Case, tmp_path: pathlib.Path) -> None:
    text = case.text[1:] if case.text.startswith("^") else HEAD + case.text
    (tmp_path / "zone").write_text(text, newline="")
    (tmp_path / "part").write_text(PART)
    theirs = {name: run(command, tmp_path) for name, command in CHECKERS.items()}
    accepted, output = run([os.environ["CHECK_ZONE"], "example.com", "zone"], tmp_path)

    most = sum(accepts for accepts, _ in theirs.values()) >= 2
    report = "\n".join([f"us: {accepted}\n{output}"] + [f"{name}: {accepts}\n{said}" for name, (accepts, said) in theirs.items()])
    if case.differs:
        assert accepted != most, f"no exception is needed here any more\n{report}"
    else:
        assert accepted == most, report


def test_the_table_is_large_and_names_are_unique() -> None:
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)
