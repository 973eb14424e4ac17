"""Count the instructions of the hot kernels under callgrind, and compare them with what is written down.

    python -m benchmarks.instructions            # prints
    python -m benchmarks.instructions --check    # fails where a kernel takes 5 % more than is written down
    python -m benchmarks.instructions --write    # writes benchmarks/expected/instructions.json

What is counted is the slope: the difference between n runs and 2n, over n, so that what surrounds the kernel
does not count. All is compiled for one processor (`benchmarks/target.py`), by a process that runs before.
With other versions of what compiles than those written down the figures are printed and not judged.
"""

import argparse
import gc
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ..counters.comparison import other_versions, stored
from ..counters.machine import environment, refusal, versions
from ..exit_codes import Exit

EXPECTED = Path(__file__).parents[1] / "expected" / "instructions.json"
TOLERANCE = 0.05  # two runs of the same code differ by a hundredth of that


def count():
    """Run each workload n times and 2n times, and count both; without valgrind, only run them."""
    from .requests import Counting
    from .workloads import WORKLOADS

    counting = Counting()
    gc.disable()  # a collection now and then would count
    for name, (make, n) in WORKLOADS.items():
        run = make()
        run(n)
        run(2 * n)
        gc.collect()
        counting.count(f"{name}|{n}", run, n)
        counting.count(f"{name}|{2 * n}", run, 2 * n)


def measured():
    """Return the instructions of one run of each workload.

    Raises
    ------
    RuntimeError
        If a process fails.
    """
    child = [sys.executable, "-m", "benchmarks.instructions", "--child"]
    with tempfile.TemporaryDirectory() as folder:
        files = f"--callgrind-out-file={folder}/out"
        callgrind = ["valgrind", "--tool=callgrind", "--quiet", "--instr-atstart=no", files]
        for command in (child, callgrind + child):
            status = subprocess.run(command, env=environment(f"{folder}/cache", 1)).returncode
            if status:
                raise RuntimeError(f"{command[0]} ended with exit code {status}.")
        return slopes(Path(folder))


def slopes(folder):
    """Return the instructions of one run of each workload, from the files that callgrind wrote."""
    counted = {}
    for file in folder.glob("out.*"):
        text = file.read_text()
        label = re.search(r"^desc: Trigger: Client Request: (.+)\|(\d+)$", text, re.MULTILINE)
        total = re.search(r"^totals: (\d+)$", text, re.MULTILINE)
        counted.setdefault(label[1], {})[int(label[2])] = int(total[1])
    return {name: round((of[max(of)] - of[min(of)]) / min(of)) for name, of in sorted(counted.items())}


def compare(found, expected):
    """Return the lines of the table, and the names of those that take more than they may."""
    lines, grown = [], []
    for name in sorted({*found, *expected}):
        was, now = expected.get(name), found.get(name)
        if was is None or now is None:
            lines.append(f"{name:50}  {was or 'new':>12} -> {now or 'gone':>12}")
            grown.append(name)
            continue
        change = now / was - 1
        lines.append(f"{name:50}  {was:12,} -> {now:12,}  {change:+7.1%}")
        if change > TOLERANCE:
            grown.append(name)
    return lines, grown


def main(words=None):
    """Return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.instructions", description=__doc__.splitlines()[0]
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--check", action="store_true", help="compare, and end with 5 where a kernel takes more"
    )
    what.add_argument("--write", action="store_true", help="write what is found to benchmarks/expected")
    what.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(words)
    if asked.child:
        count()
        return Exit.FINE
    missing = shutil.which("valgrind") is None and "valgrind is not on the path: apt-get install valgrind."
    if why := refusal() or missing:
        print(why)
        return Exit.NOTHING_MEASURED
    try:
        found = measured()
    except RuntimeError as error:
        print(error)
        return Exit.RAISED
    if not asked.check:
        for name, number in found.items():
            print(f"{name:50}  {number:12,}")
        if asked.write:
            counts = {name: {"instructions": number} for name, number in found.items()}
            EXPECTED.write_text(stored(counts, versions()), "utf-8")
        return Exit.FINE
    kept = json.loads(EXPECTED.read_text("utf-8"))
    lines, grown = compare(found, {name: of["instructions"] for name, of in kept["counts"].items()})
    print(*lines, sep="\n")
    if others := other_versions(kept["versions"], versions()):
        print(f"Not judged: {EXPECTED.name} was written with other versions, this is {others}.")
        return Exit.FINE
    for name in grown:
        print(f"More than {TOLERANCE:.0%} above what is expected, or not in both: {name}")
    return Exit.COUNTERS_CHANGED if grown else Exit.FINE


if __name__ == "__main__":
    sys.exit(main())
