"""How the program was linked: what an attacker would like to find switched off."""

import os
import re
import subprocess

import pytest

from conftest import is_sanitized

HOLDFAST = os.environ["HOLDFAST"]


def readelf(*options):
    return subprocess.run(["readelf", "--wide", *options, HOLDFAST], check=True, capture_output=True, text=True).stdout


def segments(kind):
    """The flags of the program headers of one kind: ["R E", "RW"]."""
    return [" ".join(found.split()) for found in
            re.findall(rf"^\s+{kind}\s+0x\S+ 0x\S+ 0x\S+ 0x\S+ 0x\S+ ([RWE ]{{3}})", readelf("--program-headers"), re.M)]


def test_is_position_independent():
    assert "PIE" in readelf("--dynamic")


def test_relocations_are_read_only():
    assert segments("GNU_RELRO")
    assert re.search(r"\(FLAGS\).*BIND_NOW|\(BIND_NOW\)", readelf("--dynamic")), "not full RELRO: linked lazily"


def test_nothing_is_writable_and_executable():
    assert segments("LOAD")
    assert [flags for flags in segments("LOAD") + segments("GNU_STACK") if "W" in flags and "E" in flags] == []


def symbols():
    return readelf("--dyn-syms")


sanitized = pytest.mark.skipif(is_sanitized(), reason="a sanitizer takes the place of these")


@sanitized
def test_stack_and_library_calls_are_guarded():
    assert "__stack_chk_fail" in symbols()
    assert re.search(r"__\w+_chk", symbols().replace("__stack_chk_fail", "")), "no _FORTIFY_SOURCE"


@sanitized
def test_indirect_branches_have_landing_pads():
    # Not asked of the whole file: Debian 12 does not build its start files and libraries for CET.
    code = subprocess.run(["objdump", "--disassemble=main", HOLDFAST], check=True, capture_output=True, text=True).stdout
    assert "endbr64" in code
