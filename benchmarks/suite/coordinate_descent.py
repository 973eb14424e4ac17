"""Whole fits by coordinate descent: seconds, and the exact counts of the work, which no noise can move."""

import functools

import fastreg

from .problems import RECIPES, problem

COUNTERS = [*fastreg.Work._fields, "gap", "n_nonzero"]


@functools.cache
def fit(name, tol=1e-6):
    """Fit once per process: compiles with the exact types, and serves everything that only counts."""
    return fastreg.solve(**problem(name)._asdict(), tol=tol)


class Seconds:
    version = "1"
    params = [list(RECIPES), [1e-4, 1e-8]]
    param_names = ["problem", "tol"]

    def setup(self, name, tol):
        fit(name)

    def time_solve(self, name, tol):
        fastreg.solve(**problem(name)._asdict(), tol=tol)


class Counts:
    version = "1"
    params = [list(RECIPES), COUNTERS]
    param_names = ["problem", "counter"]

    def setup_cache(self):
        counts = {}
        for name in RECIPES:
            solution = fit(name)
            nonzero = int((solution.coef != 0).sum())
            counts[name] = {**solution.work._asdict(), "gap": solution.gap, "n_nonzero": nonzero}
        return counts

    setup_cache.timeout = 600

    def track_work(self, counts, name, counter):
        return counts[name][counter]
