"""What `holdfast check`, `holdfast config` and a wrong command line print, and how they exit."""

import json
import os
import pathlib
import subprocess

import pytest

HOLDFAST = os.environ["HOLDFAST"]
ROOT = pathlib.Path(__file__).resolve().parents[2]

ZONE = """$TTL 300
@    SOA ns1 hostmaster 7 3600 900 604800 300
     NS  ns1
ns1  A   192.0.2.53
www  A   192.0.2.1
"""

GOOD = """[monitor.web]
type = "http"

[[zone]]
name = "example.com"
file = "example.com.zone"
live = [{ name = "www", monitor = "web" }]

[[zone]]
name = "example.net"
file = "example.net.zone"
"""


def run(*words, cwd=None):
    return subprocess.run([HOLDFAST, *map(str, words)], capture_output=True, text=True, cwd=cwd, timeout=60)


@pytest.fixture
def files(tmp_path):
    (tmp_path / "site.toml").write_text(GOOD)
    (tmp_path / "example.com.zone").write_text(ZONE)
    (tmp_path / "example.net.zone").write_text(ZONE)
    return tmp_path


def test_a_good_configuration_is_summed_up(files):
    done = run("check", files / "site.toml")
    assert done.stderr == ""
    assert done.stdout == "example.com.: 4 records, serial 7\nexample.net.: 4 records, serial 7\n"
    assert done.returncode == 0


def test_files_are_found_from_the_configurations_folder(files):
    (files / "elsewhere").mkdir()
    assert run("check", "../site.toml", cwd=files / "elsewhere").returncode == 0


def test_an_agents_own_file_needs_no_zone(tmp_path):
    (tmp_path / "agent.toml").write_text('[self]\nname = "far"\n[store]\nendpoints = ["https://192.0.2.10:2379"]\n')
    done = run("check", tmp_path / "agent.toml")
    assert done.stderr == "" and done.returncode == 0
    assert done.stdout == ("agent far: no zones; `holdfast agent` probes what servers ask for in "
                           "https://192.0.2.10:2379\n")
    assert json.loads(run("check", "--json", tmp_path / "agent.toml").stdout)["ok"]


def test_warnings_alone_are_fine(files):
    (files / "site.toml").write_text(GOOD + '[monitor.idle]\ntype = "http"\n')
    done = run("check", files / "site.toml")
    assert done.stderr == f'{files}/site.toml:12:1: warning: monitor "idle": nothing uses it; no probes will be made\n'
    assert done.returncode == 0


def test_every_problem_of_the_configuration_is_told(files):
    (files / "site.toml").write_text(GOOD.replace("type =", "typ =").replace("file = \"example.net.zone\"\n", ""))
    done = run("check", "site.toml", cwd=files)
    assert done.stderr.splitlines() == [
        'site.toml:2:1: monitor "web": unknown key "typ"; did you mean "type"?',
        'site.toml:9:1: zone "example.net": file is missing; give it, or the primaries to transfer the zone from',
    ]
    assert done.stdout == ""
    assert done.returncode == 2


def test_a_bad_zone_does_not_hide_another(files):
    (files / "example.com.zone").write_text(ZONE + "www  CNAME ns1\n")
    done = run("check", "site.toml", cwd=files)
    assert "example.com.zone:" in done.stderr and "CNAME" in done.stderr
    assert done.stdout == "example.com.: refused\nexample.net.: 4 records, serial 7\n"
    assert done.returncode == 2


def test_a_missing_file_is_told(files):
    done = run("check", "none.toml", cwd=files)
    assert done.stderr == "none.toml: cannot be opened: No such file or directory\n"
    assert done.returncode == 2


def test_json_has_it_all_on_standard_output(files):
    (files / "example.com.zone").write_text("")
    done = run("check", "--json", "site.toml", cwd=files)
    told = json.loads(done.stdout)
    assert done.stderr == "" and done.returncode == 2
    assert told["ok"] is False
    assert {(problem["severity"], pathlib.Path(problem["file"]).name) for problem in told["problems"]} == {
        ("error", "example.com.zone")}
    assert told["zones"] == [{"name": "example.com.", "ok": False},
                             {"name": "example.net.", "ok": True, "records": 4, "serial": 7}]


def test_json_has_places(files):
    (files / "site.toml").write_text(GOOD.replace("type =", "typ ="))
    (problem,) = json.loads(run("check", "--json", "site.toml", cwd=files).stdout)["problems"]
    assert problem == {"file": "site.toml", "line": 2, "column": 1, "severity": "error",
                       "what": 'monitor "web": unknown key "typ"; did you mean "type"?'}


def test_the_documents_are_printed():
    reference, sample = run("config", "--reference"), run("config", "--sample")
    assert reference.stdout == (ROOT / "config/reference.md").read_text() and reference.returncode == 0
    assert sample.stdout == (ROOT / "config/sample.toml").read_text() and sample.returncode == 0


def test_the_demo_is_right():
    assert run("check", ROOT / "config/demo/holdfast.toml").returncode == 0


@pytest.mark.parametrize("words, told", [
    ([], "A command is required"),
    (["chek"], "chek"),
    (["check"], "file is required"),
    (["check", "a.toml", "b.toml"], "b.toml"),
    (["config"], "--reference"),
    (["config", "--reference", "--sample"], "--sample"),
    (["config", "--refrence"], "--refrence"),
])
def test_a_wrong_command_line_says_what_to_do(words, told):
    done = run(*words)
    assert done.returncode == 2 and done.stdout == ""
    assert told in done.stderr and "--help" in done.stderr


@pytest.mark.parametrize("words", [["--help"], ["check", "--help"], ["config", "--help"]])
def test_help_is_not_an_error(words):
    done = run(*words)
    assert done.returncode == 0 and done.stderr == "" and "Usage: holdfast" in done.stdout


def test_the_version_is_told():
    done = run("--version")
    assert done.returncode == 0 and done.stdout.startswith("holdfast ")


def test_output_that_cannot_be_written_is_an_error():
    with open("/dev/full", "w") as full:
        assert subprocess.run([HOLDFAST, "config", "--sample"], stdout=full, timeout=60).returncode == 2
