"""Who may include whom (CONTRIBUTING.md, "Layout"): server -> zones, health, config; config -> the settings of each."""

import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("server", "zones", "health", "config")
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]')

ALLOWED = {
    "server": lambda header: True,
    "zones": lambda header: header.startswith("zones/"),
    "health": lambda header: header.startswith("health/"),
    "config": lambda header: header.startswith("config/")
    or header in {"zones/settings.h", "health/settings.h", "health/notify/settings.h", "health/notify/quiet.h",
                  "health/notify/template.h", "server/settings.h", "zones/dns/name.h",
                  "zones/dns/canonical_key.h", "zones/dns/type.h", "health/pattern.h",
                  "health/probe/dns_message.h", "health/probe/program.h",
                  "health/verdict/location.h", "health/store/watchlist.h", "zones/geo/country.h",
                  "zones/geo/prefix.h", "zones/geo/region.h", "zones/live/choice.h", "zones/alias/settings.h"},
}


def offences(source, lines):
    """What is wrong with the includes of one file, as "file:line: reason"."""
    folder = source.split("/")[0]
    for number, line in enumerate(lines, start=1):
        found = INCLUDE.match(line)
        if not found:
            continue
        header = found[1]
        if header.split("/")[0] in FOLDERS:
            if not ALLOWED[folder](header):
                yield f"{source}:{number}: {folder} must not see {header}"
        elif '"' in line:
            yield f'{source}:{number}: "{header}" is not named from the root'


def test_includes_follow_the_arrows():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *FOLDERS],
                            cwd=ROOT, check=True, capture_output=True, text=True)
    sources = [name for name in listed.stdout.split() if name.endswith((".h", ".cpp")) and (ROOT / name).exists()]
    assert sources
    assert [offence for source in sources for offence in offences(source, (ROOT / source).open())] == []


def test_sees_what_goes_against_an_arrow():
    assert list(offences("zones/a.cpp", ['#include "health/target.h"']))
    assert list(offences("health/a.cpp", ['#include <zones/zone.h>']))
    assert list(offences("config/a.cpp", ['#include "health/target.h"']))
    assert list(offences("zones/a.cpp", ["", '#  include "zone.h"'])) == ['zones/a.cpp:2: "zone.h" is not named from the root']
    assert not list(offences("server/a.cpp", ['#include "zones/zone.h"', "#include <vector>"]))
