"""The group lasso against other libraries: `python -m benchmarks.against.groups`.

Every solver climbs a ladder of its own tolerances; what counts is the duality gap, relative to the objective
at 0, that NumPy finds for the coefficients it returns, and the objective.
"""

import argparse
import importlib.util
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

import fastreg
from benchmarks.suite.group_lasso import MAKERS, problem

TARGETS = (1e-5, 1e-7)
LADDER = tuple(10.0**-k for k in range(2, 15))
SHARES = (0.1, 0.05)  # of the strength from which on every coefficient is 0


@dataclass
class Problem:
    """|y - X w - b|^2 / (2 n) + alpha * sum_g |w_g|_2."""

    X: np.ndarray
    y: np.ndarray
    numbers: np.ndarray
    alpha: float
    lists: list = field(init=False)

    def __post_init__(self):
        count = self.numbers.max() + 1
        self.lists = [np.flatnonzero(self.numbers == g).tolist() for g in range(count)]

    def norms(self, w):
        """Return the L2 norm of each group."""
        return np.sqrt(np.bincount(self.numbers, w * w))

    def bounds(self, coef):
        """Return the objective at the best intercept and a dual bound, over the objective at 0."""
        centred = self.y - self.y.mean()
        residual = self.y - self.X @ coef
        residual -= residual.mean()
        n = self.y.size
        primal = residual @ residual / (2 * n) + self.alpha * self.norms(coef).sum()
        steepest = self.norms(self.X.T @ residual / n).max()
        scaled = residual * min(1.0, self.alpha / steepest)
        dual = (scaled @ centred - scaled @ scaled / 2) / n
        at_zero = centred @ centred / (2 * n)
        return primal / at_zero, dual / at_zero


def _fastreg(p, tol):
    # Its tolerance is relative to twice the objective at 0.
    return fastreg.GroupLasso(groups=p.numbers, alpha=p.alpha, tol=tol / 2).fit(p.X, p.y).coef_


def _celer(p, tol):
    from celer import GroupLasso

    return GroupLasso(groups=p.lists, alpha=p.alpha, tol=tol).fit(p.X, p.y).coef_


def _skglm(p, tol):
    from skglm import GroupLasso

    return GroupLasso(groups=p.lists, alpha=p.alpha, tol=tol).fit(p.X, p.y).coef_


def _adelie(p, tol):
    import adelie

    starts = np.array([part[0] for part in p.lists])
    state = adelie.grpnet(
        p.X, adelie.glm.gaussian(p.y), groups=starts, penalty=np.ones(starts.size), lmda_path=[p.alpha],
        tol=tol, early_exit=False, progress_bar=False,
    )  # fmt: skip
    return state.betas.toarray()[-1]


SOLVERS: dict[str, Callable] = {"fastreg": _fastreg, "adelie": _adelie, "celer": _celer, "skglm": _skglm}


def measure(p, names, repeats):
    """Return the shortest (seconds, objective, dual bound) of every solver and tolerance."""
    runs: dict[str, list] = {name: [] for name in names}
    climbing = list(names)
    for name in names:
        SOLVERS[name](p, LADDER[0])  # compiles
        SOLVERS[name](p, LADDER[4])
    for tol in LADDER:
        best: dict[str, tuple] = {}
        for _ in range(repeats):
            for name in climbing:
                started = time.perf_counter()
                coef = SOLVERS[name](p, tol)
                seconds = time.perf_counter() - started
                if name not in best or seconds < best[name][0]:
                    best[name] = seconds, coef
        for name, (seconds, coef) in best.items():
            primal, dual = p.bounds(coef)
            runs[name].append((seconds, primal, dual))
            if primal - dual <= TARGETS[-1]:
                climbing.remove(name)
    return runs


def _milliseconds(runs, reached):
    fastest = min((run[0] for run in runs if reached(run)), default=None)
    return "-" if fastest is None else f"{1e3 * fastest:.2f}"


def main(words=None):
    """Measure, printing each row of the table once it is known."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against.groups", description=__doc__)
    parser.add_argument("--problems", default=",".join(MAKERS), help="of those, separated by commas")
    parser.add_argument("--repeats", type=int, default=5, help="of every fit; the shortest counts (5)")
    asked = parser.parse_args(words)
    names = [name for name in SOLVERS if importlib.util.find_spec(name)]
    warnings.simplefilter("ignore")  # what a loose tolerance reached is told by the gap
    print("| problem | milliseconds to | " + " | ".join(names) + " |")
    print("|---|---|" + "---|" * len(names))
    for name in asked.problems.split(","):
        X, y, numbers, critical = problem(name)
        for share in SHARES:
            runs = measure(Problem(X, y, numbers, share * critical), names, asked.repeats)
            lowest = min(run[1] for kept in runs.values() for run in kept)
            for target in TARGETS:
                gaps = [_milliseconds(runs[s], lambda r, t=target: r[1] - r[2] <= t) for s in names]
                print(f"| {name}, {share:g} | gap {target:.0e} | " + " | ".join(gaps) + " |", flush=True)
            for target in TARGETS:
                above = [
                    _milliseconds(runs[s], lambda r, t=target, b=lowest: r[1] - b <= t * (1 - b))
                    for s in names
                ]
                print(f"| | suboptimality {target:.0e} | " + " | ".join(above) + " |", flush=True)


if __name__ == "__main__":
    main()
