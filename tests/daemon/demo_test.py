"""./dev run, as a newcomer uses it: wait for the three lines, paste them, press Ctrl-C."""

import os
import pathlib
import re
import signal
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(pathlib.Path(os.environ["HOLDFAST"]).parent != ROOT / "build" / "dev",
                                reason="./dev run starts the program of the preset dev")


def paste(line):
    return subprocess.run(line, shell=True, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_three_lines_show_the_failover(ending):
    demo = subprocess.Popen(["./dev", "run"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            start_new_session=True)
    try:
        output, lines = "", []
        while len(lines) < 3:
            line = demo.stdout.readline()
            assert line, f"./dev run ended:\n{output}"
            output += line
            if found := re.match(r"  (\S[^#]*)", line):
                lines.append(found[1])
        ask, stop, ask_again = lines
        assert sorted(paste(ask)) == ["127.0.0.1", "127.0.0.2"]
        paste(stop)
        assert paste(ask_again) == ["127.0.0.1"]
    finally:
        # Ctrl-C reaches everything in the terminal; a service manager's SIGTERM only the script.
        if ending == signal.SIGINT:
            os.killpg(demo.pid, signal.SIGINT)
        else:
            demo.terminate()
        demo.communicate(timeout=30)
    left = subprocess.run(["ps", "-o", "args=", "--sid", str(demo.pid)], capture_output=True, text=True).stdout
    assert left == "", "still there after the demo ended"
