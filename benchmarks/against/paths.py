"""Whole paths of strengths against other libraries: `python -m benchmarks.against.paths`."""

import argparse
import contextlib
import json
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .path_problems import RECIPES
from .path_solvers import SOLVERS, Worker

TARGETS = (1e-3, 1e-5, 1e-7)
LADDER = tuple(10.0**-k for k in range(2, 17))
WARM = 12  # strengths of the path that compiles and imports, off the clock


class Run(NamedTuple):
    """One timed path; ``gap`` is the worst of all its strengths, ``tol`` in the solver's own meaning."""

    solver: str
    round: int
    tol: float
    seconds: float
    gap: float
    n_nonzero: int


def measure(problem, names, *, rounds, limit, tell=lambda line: None):
    """Follow a path with several solvers, one tolerance of each in turn.

    Parameters
    ----------
    problem : PathProblem
    names : list of str
        Keys of `SOLVERS`.
    rounds : int
        How often the ladder of tolerances is climbed.
    limit : float
        Seconds for one path; a solver that needs more is ended and climbs no higher.
    tell : function
        Called with one line after each path.

    Returns
    -------
    runs : list of Run
    left_out : dict of str
        Why a solver was left out or gave up.
    """
    left_out, workers, runs = {}, {}, []
    with contextlib.ExitStack() as ends:
        for name in names:
            if not SOLVERS[name].installed():
                left_out[name] = "is not installed"
            elif reason := SOLVERS[name].refuses(problem):
                left_out[name] = reason
            else:
                workers[name] = Worker(name, problem)
                ends.callback(workers[name].end)
                found = workers[name].follow(1e-2, max(limit, 120.0), WARM)
                if isinstance(found, str):
                    left_out[name] = found
        for k in range(rounds):
            climbing = [name for name in workers if name not in left_out]
            for tol in LADDER:
                for name in tuple(climbing):
                    found = workers[name].follow(tol, limit, problem.strengths.size)
                    if isinstance(found, str):
                        left_out[name] = found
                        climbing.remove(name)
                        tell(f"{problem.name}, round {k + 1}: {name} {found}")
                        continue
                    gap = float(problem.gaps(found.coefs, found.intercepts).max())
                    runs.append(Run(name, k, tol, found.seconds, gap, found.coefs[:, [-1]].nnz))
                    tell(f"{problem.name}, round {k + 1}: {name} at tol {tol:.0e}: "
                         f"{found.seconds:.2f} s, worst gap {gap:.1e}")  # fmt: skip
                    if gap <= TARGETS[-1] or _settled(runs, name, k):
                        climbing.remove(name)
    return runs, left_out


def _settled(runs, name, k):
    """Return whether the last three tolerances, tight ones, were no better than the one before them."""
    gaps = [run.gap for run in runs if run.solver == name and run.round == k and run.tol <= 1e-8]
    return len(gaps) > 3 and min(gaps[-3:]) > 0.9 * gaps[-4]


def seconds_to(runs, name, target):
    """Return the seconds of the shortest path with no gap above the target, None if there is none."""
    return min((r.seconds for r in runs if r.solver == name and r.gap <= target), default=None)


def row(problem, runs, names):
    """Return the line of the table for one problem; the shortest time to each target in bold."""
    cells = []
    for name in names:
        times = [seconds_to(runs, name, target) for target in TARGETS]
        best = [
            min((t for n in names if (t := seconds_to(runs, n, target)) is not None), default=None)
            for target in TARGETS
        ]
        cells.append(" / ".join(_written(t, t == b) for t, b in zip(times, best, strict=True)))
    return f"| {problem.name} | {' | '.join(cells)} |"


def _written(seconds, is_best):
    if seconds is None:
        return "-"
    return f"**{seconds:.3g}**" if is_best else f"{seconds:.3g}"


def _arguments(words):
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.against.paths",
        description="Seconds of a whole path to a worst gap along it, fastreg against other libraries.",
        epilog="Real data is measured too where FASTREG_DATA names a folder that holds it.",
    )
    for option, known in (("--problems", RECIPES), ("--solvers", SOLVERS)):
        parser.add_argument(
            option, default=list(known), metavar="A,B", type=lambda text: text.split(","),
            help=f"of {', '.join(known)}; all by default",
        )  # fmt: skip
    parser.add_argument("--strengths", type=int, default=100, metavar="N", help="how many (100)")
    parser.add_argument("--ratio", type=float, default=1e-3, help="of the last to the first (0.001)")
    parser.add_argument("--intercept", action="store_true", help="fit one; celer's path has none")
    parser.add_argument("--rounds", type=int, default=2, metavar="N", help="climbs of the ladder (2)")
    parser.add_argument("--limit", type=float, default=60.0, metavar="S", help="seconds for one path (60)")
    parser.add_argument("--out", type=Path, metavar="JSON", help="write every run")
    asked = parser.parse_args(words)
    for chosen, known in ((asked.problems, RECIPES), (asked.solvers, SOLVERS)):
        for name in chosen:
            if name not in known:
                parser.error(f"nothing is called {name!r}: choose from {', '.join(known)}")
    return asked


def main(words=None):
    """Measure, printing each row of the table once it is known."""
    asked = _arguments(words)
    targets = " / ".join(f"{target:.0e}" for target in TARGETS)
    print(f"Seconds to a worst gap of {targets} along the path (best of all rounds, compilation excluded).\n")
    print(f"| problem | {' | '.join(asked.solvers)} |\n|" + "---|" * (1 + len(asked.solvers)), flush=True)
    stored, notes = [], []
    for name in asked.problems:
        problem = RECIPES[name].problem(name, asked.intercept, asked.strengths, asked.ratio)
        runs, left_out = measure(
            problem, asked.solvers, rounds=asked.rounds, limit=asked.limit,
            tell=lambda line: print(line, file=sys.stderr, flush=True),
        )  # fmt: skip
        print(row(problem, runs, asked.solvers), flush=True)
        notes.append(f"- {name}: {problem.described()}.")
        notes += [f"  {solver}: {reason}." for solver, reason in left_out.items()]
        stored.append(
            {
                "name": name,
                "described": problem.described(),
                "left_out": left_out,
                "runs": [run._asdict() for run in runs],
            }
        )
    print("\n" + "\n".join(notes))
    if asked.out:
        asked.out.write_text(json.dumps(stored, indent=1, default=np.ndarray.tolist) + "\n", "utf-8")


if __name__ == "__main__":
    main()
