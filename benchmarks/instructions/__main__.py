"""Count the instructions of the hot kernels under callgrind, and compare them with what is written down.

    python -m benchmarks.instructions            # prints
    python -m benchmarks.instructions --check    # fails where a kernel takes 5 % more than is written down
    python -m benchmarks.instructions --write    # writes benchmarks/expected/instructions.json

What is counted is the slope: the difference between n runs and 2n, over n, so that what surrounds the kernel
does not count. All is compiled for one processor (`benchmarks/target.py`), by a process that runs before.
"""

import argparse
import gc
import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from ..target import environment

EXPECTED = Path(__file__).parents[1] / "expected" / "instructions.json"
TOLERANCE = 0.05  # two runs of the same code differ by a hundredth of that
OK, NOT_MEASURED, MORE = 0, 2, 4
COMPILERS = "numba", "llvmlite", "numpy", "scipy"


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


def measure():
    """Return the instructions of one run of each workload."""
    if platform.machine() != "x86_64":
        raise OSError(f"instructions are counted on x86-64 only: this machine is {platform.machine()}.")
    if shutil.which("valgrind") is None:
        raise FileNotFoundError("valgrind is not on the path: install it (apt-get install valgrind).")
    child = [sys.executable, "-m", "benchmarks.instructions", "--child"]
    with tempfile.TemporaryDirectory() as folder:
        variables = {"FASTREG_CACHE_DIR": f"{folder}/cache", **environment()}
        subprocess.run(child, env=variables, check=True)
        callgrind = "valgrind", "--tool=callgrind", "--quiet", "--instr-atstart=no"
        subprocess.run([*callgrind, f"--callgrind-out-file={folder}/out", *child], env=variables, check=True)
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


def versions():
    """Return the versions of what compiles and computes; with others the figures differ for other reasons."""
    return {"python": platform.python_version(), **{name: version(name) for name in COMPILERS}}


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


def main():
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.instructions", description=__doc__.splitlines()[0]
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--check", action="store_true", help=f"fail with status {MORE} where a kernel takes 5 %% more"
    )
    what.add_argument(
        "--write", action="store_true", help="write the figures to benchmarks/expected/instructions.json"
    )
    what.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        count()
        return OK
    try:
        found = measure()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"nothing was measured: {error}", file=sys.stderr)
        return NOT_MEASURED
    if not asked.check:
        for name, number in found.items():
            print(f"{name:50}  {number:12,}")
        if asked.write:
            EXPECTED.parent.mkdir(exist_ok=True)
            EXPECTED.write_text(
                json.dumps({"instructions": found, "versions": versions()}, indent=1, sort_keys=True) + "\n"
            )
        return OK
    expected = json.loads(EXPECTED.read_text())
    lines, grown = compare(found, expected["instructions"])
    print("\n".join(lines))
    if expected["versions"] != versions():
        print(f"not judged: the figures are of {expected['versions']}, this is {versions()}")
        return OK
    for name in grown:
        print(f"more than {TOLERANCE:.0%} above what is expected, or not expected at all: {name}")
    return MORE if grown else OK


if __name__ == "__main__":
    sys.exit(main())
