"""Instructions per answer, counted by callgrind: the one figure that does not depend on the machine's mood."""

import re
import subprocess

from peers import BUILT

ANSWERS = 20_000


def per_answer(workload, directory):
    """The profile stays in `directory`, for callgrind_annotate."""
    directory.mkdir(parents=True, exist_ok=True)
    zones = directory / f"zones.{workload.name}"
    zones.write_text("".join(f"{apex} {workload.zone_file(apex)}\n" for apex in workload.apexes))
    live = directory / f"live.{workload.name}"
    live.write_text("".join(f"{label}.{workload.apexes[0]} {first} {second}\n" for label, first, second in workload.pools))
    profile = directory / f"callgrind.{workload.name}"
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={profile}",
         BUILT / "tests/bench/holdfast_instructions", zones, live, workload.queries, str(ANSWERS)],
        capture_output=True, text=True)
    total = re.search(r"Collected\s*:\s*(\d+)", done.stderr)
    if done.returncode != 0 or not total:
        raise RuntimeError(f"valgrind ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return int(total[1]) / ANSWERS
