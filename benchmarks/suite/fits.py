"""One fit of every problem per process: it compiles with the exact types, and serves all that only counts."""

import functools

import fastreg

from .problems import RECIPES, problem

COUNTERS = [*fastreg.Work._fields, "gap", "n_nonzero"]
WITH_A_KINK = [name for name, recipe in RECIPES.items() if recipe.penalty != "L2"]
SMOOTH = [name for name, recipe in RECIPES.items() if recipe.penalty == "L2"]


@functools.cache
def fit(name, tol=1e-6, n_threads=None):
    return fastreg.solve(**problem(name)._asdict(), tol=tol, n_threads=n_threads)


def counts(names):
    """Return the exact counts of the work of each problem, with the gap and the non-zero weights."""
    found = {}
    for name in names:
        solution = fit(name)
        nonzero = int((solution.coef != 0).sum())
        found[name] = {**solution.work._asdict(), "gap": solution.gap, "n_nonzero": nonzero}
    return found
