"""Three and more classes (softmax) against scikit-learn: `python -m benchmarks.against.multinomial`."""

import argparse
import functools
import os
import time
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import sklearn.linear_model
from scipy.special import logsumexp

import fastreg
from benchmarks.suite.problems import real, text_like

TARGETS = (1e-3, 1e-5, 1e-7)
# Each tolerance in the solver's own meaning; the last ones are reached by nobody who is slow.
LADDERS = {
    "fastreg": (1e2, 1e1, 1e0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5),
    "newton-cg": (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7),
    "lbfgs": (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7),
    "newton-cholesky": (1e-2, 1e-4, 1e-6, 1e-8),
    "sag": (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6),
    "saga": (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6),
}
MOST_FACTORED = 3000  # weights of a Hessian that newton-cholesky holds


class Problem(NamedTuple):
    """C * sum of losses + l1_ratio * sum |w| + (1 - l1_ratio) / 2 * sum w^2, as scikit-learn writes it."""

    name: str
    X: np.ndarray | sp.csr_matrix
    y: np.ndarray
    C: float
    l1_ratio: float

    def objective(self, coef, intercept):
        """Compute the objective, divided by C and the number of rows, with nothing but NumPy."""
        scores = self.X @ coef.T + intercept
        loss = (logsumexp(scores, axis=1) - scores[np.arange(self.y.size), self.y]).mean()
        penalty = self.l1_ratio * np.abs(coef).sum() + (1 - self.l1_ratio) / 2 * (coef**2).sum()
        return float(loss + penalty / (self.C * self.y.size))

    def fit(self, solver, tol, max_iter=100_000):
        """Fit with one of scikit-learn's solvers, or fastreg; return seconds and objective."""
        family = fastreg if solver == "fastreg" else sklearn.linear_model
        words = {} if solver == "fastreg" else {"solver": solver}
        model = family.LogisticRegression(
            C=self.C, l1_ratio=self.l1_ratio, tol=tol, max_iter=max_iter, random_state=0, **words
        )
        started = time.perf_counter()
        model.fit(self.X, self.y)
        return time.perf_counter() - started, self.objective(model.coef_, model.intercept_)

    def solvers(self):
        """Return who can solve it."""
        if self.l1_ratio:
            return ["fastreg", "saga"]
        few = self.X.shape[1] * np.unique(self.y).size <= MOST_FACTORED
        return [name for name in LADDERS if few or name != "newton-cholesky"]


def _text():
    X, y = text_like(6000, 20_000, 50)
    return X, np.digitize(y, np.quantile(y, np.linspace(0, 1, 9)[1:-1]))


def _tall():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20_000, 40)) @ (np.eye(40) + 0.1 * rng.standard_normal((40, 40)))
    return X, (X @ rng.standard_normal((40, 6)) / 6 + rng.gumbel(size=(20_000, 6))).argmax(axis=1)


DATA = {"text": _text, "tall": _tall}
for _name in ("news20_bydate_mc", "glmnet_multinomial"):
    _file = Path(os.environ.get("FASTREG_DATA", ".")) / f"{_name}.npz"
    if _file.is_file():
        DATA[_name] = functools.partial(real, _file)


def problem(name, C, l1_ratio):
    """Make a problem: X in rows, double precision, y the numbers of classes."""
    X, y = DATA[name]()
    X = sp.csr_matrix(X) if sp.issparse(X) else np.ascontiguousarray(X)
    codes = np.unique(y, return_inverse=True)[1]
    return Problem(f"{name} C={C:g} l1_ratio={l1_ratio:g}", X, codes, C, l1_ratio)


def measure(problem, names, *, budget, rounds):
    """Climb the ladders, the solvers in turn at each step; return (solver, seconds, objective) of each fit.

    A ladder ends when a solver has spent its budget of seconds, or after its last step.
    """
    runs = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            problem.fit(name, LADDERS[name][0], max_iter=2)  # compiles and imports, off the clock
        for _ in range(rounds):
            spent = dict.fromkeys(names, 0.0)
            for step in range(max(map(len, LADDERS.values()))):
                for name in names:
                    if step < len(LADDERS[name]) and spent[name] < budget:
                        seconds, objective = problem.fit(name, LADDERS[name][step])
                        spent[name] += seconds
                        runs.append((name, seconds, objective))
    return runs


def table(problem, runs, names):
    """Return the rows: seconds of each solver to each target, and how far behind fastreg the best peer is."""
    best = min(objective for *_, objective in runs)
    shares = np.bincount(problem.y) / problem.y.size
    range_ = -(shares * np.log(shares)).sum() - best

    def seconds(name, target):
        reached = [s for other, s, value in runs if other == name and value - best <= target * range_]
        return min(reached, default=np.inf)

    lines = [f"\n{problem.name}: {problem.X.shape[0]:,} x {problem.X.shape[1]:,}, {shares.size} classes"]
    lines += [
        f"  {name:16}" + "".join(f"{seconds(name, target):10.3f}" for target in TARGETS) for name in names
    ]
    peers = [min(seconds(name, target) for name in names if name != "fastreg") for target in TARGETS]
    ratios = (
        peer / seconds("fastreg", target) if peer < np.inf else np.inf
        for peer, target in zip(peers, TARGETS, strict=True)
    )  # fmt: skip
    lines.append(f"  {'best peer / ours':16}" + "".join(f"{ratio:10.1f}" for ratio in ratios))
    return "\n".join(lines)


def main(words=None):
    """Measure, printing a table for each problem once it is known."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against.multinomial", description=__doc__)
    parser.add_argument("--data", choices=list(DATA), nargs="+", default=list(DATA))
    parser.add_argument("--C", type=float, nargs="+", default=[1.0, 10.0])
    parser.add_argument("--l1-ratio", type=float, nargs="+", default=[0.0, 1.0])
    parser.add_argument("--solvers", choices=list(LADDERS), nargs="+", default=list(LADDERS))
    parser.add_argument("--budget", type=float, default=30.0, help="seconds for each solver and round (30)")
    parser.add_argument("--rounds", type=int, default=1, help="climbs of the ladders (1)")
    asked = parser.parse_args(words)
    print("seconds to a suboptimality of " + " / ".join(f"{target:g}" for target in TARGETS))
    for name in asked.data:
        for C in asked.C:
            for l1_ratio in asked.l1_ratio:
                each = problem(name, C, l1_ratio)
                names = [solver for solver in each.solvers() if solver in asked.solvers]
                runs = measure(each, names, budget=asked.budget, rounds=asked.rounds)
                print(table(each, runs, names), flush=True)


if __name__ == "__main__":
    main()
