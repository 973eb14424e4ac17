"""Measure two revisions of fastreg in turn, and say what became slower and why."""

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from ..exit_codes import Exit
from . import history, page
from .arms import Arms, Broken, named
from .rows import ROWS
from .statistics import Verdict, row

_QUICK_ROUNDS = 3


class Review(NamedTuple):
    """Everything that a page says."""

    rows: dict
    environment: dict
    history: dict
    factor: float
    n_rounds: int

    @property
    def exit(self):
        """How the command ends: what is broken before what is slower, and that before other counts."""
        verdicts = [each.verdict for each in self.rows.values()]
        if Verdict.RAISED in verdicts:
            return Exit.RAISED
        if not any(each.time for each in self.rows.values()):
            return Exit.NOTHING_MEASURED
        if Verdict.SLOWER in verdicts:
            return Exit.SLOWER
        changed = any(each.changed for each in self.rows.values())
        return Exit.COUNTERS_CHANGED if changed else Exit.FINE

    @property
    def sentence(self):
        """The headline."""
        slower = [name for name, each in self.rows.items() if each.verdict is Verdict.SLOWER]
        return {
            Exit.RAISED: "A benchmark raised",
            Exit.NOTHING_MEASURED: "Nothing was measured",
            Exit.SLOWER: f"Slower: {', '.join(slower)}",
            Exit.COUNTERS_CHANGED: "No slower, but it works otherwise: exact counts changed",
            Exit.FINE: "No slower, and the same work",
        }[self.exit]


def processor():
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def load():
    """Return how many processes ran or waited in the last minute."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def environment(base, head, found, load_before):
    """Return what a reader must know of the machine, and in what the two arms differ."""
    versions = {arm: found[0][arm]["versions"] for arm in ("base", "head")}
    differing = [
        f"{name} {versions['base'][name]} -> {version}"
        for name, version in versions["head"].items()
        if versions["base"][name] != version
    ]
    return {
        "base": named(base),
        "head": named(head),
        "versions": ", ".join(f"{name} {version}" for name, version in versions["base"].items()),
        "environments differ in": ", ".join(differing) or "nothing but fastreg",
        "processor": f"{processor()}, {os.cpu_count()} threads; load {load_before} before, {load()} after",
    }


def arguments(words):
    """Return the arguments."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review", description=__doc__)
    parser.add_argument("base", help="a revision; . is the working tree as it is")
    parser.add_argument("head", help="a revision, or .")
    parser.add_argument("--rounds", type=int, default=12, help="at least 2 (12)")
    parser.add_argument("--factor", type=float, default=1.05, help="above which a slowdown blocks (1.05)")
    parser.add_argument("--rows", nargs="+", metavar="WORD", help="only rows with one of these in their name")
    parser.add_argument("--quick", action="store_true", help="a few rows and rounds, for trying")
    parser.add_argument("--out", type=Path, default=Path(), help="folder of review.md and review.html (.)")
    parser.add_argument("--limit", type=float, default=600, help="seconds that one process may take (600)")
    asked = parser.parse_args(words)
    if asked.rounds < 2:
        parser.error("--rounds must be at least 2: one round has no spread.")
    if asked.factor <= 1:
        parser.error("--factor must be above 1.")
    return asked


def wanted(asked):
    """Return the names of the rows that are asked for."""
    words = asked.rows or [""]
    return [
        name
        for name, each in ROWS.items()
        if any(word in name for word in words) and (each.quick or asked.rows or not asked.quick)
    ]


def main(words=None):
    """Return the exit code."""
    asked = arguments(words)
    names = wanted(asked)
    if not names:
        print(f"Nothing was measured: the rows are {'; '.join(ROWS)}.")
        return Exit.NOTHING_MEASURED
    n_rounds = _QUICK_ROUNDS if asked.quick else asked.rounds
    load_before = load()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            arms = Arms(asked.base, asked.head, Path(scratch), asked.limit)
            found = arms.rounds(n_rounds, names, lambda line: print(line, file=sys.stderr, flush=True))
        facts = environment(asked.base, asked.head, found, load_before)
    except Broken as error:
        print(error)
        return Exit.RAISED
    results = history.stored_results()
    before = {name: history.seconds_before(results, *ROWS[name].asv) for name in names if ROWS[name].asv}
    rows = {name: row(name, found, asked.factor) for name in names}
    review = Review(rows, facts, before, asked.factor, n_rounds)
    text = page.markdown(review)
    (asked.out / "review.md").write_text(text, "utf-8")
    (asked.out / "review.html").write_text(page.page(review), "utf-8")
    print(text)
    return review.exit


if __name__ == "__main__":
    sys.exit(main())
