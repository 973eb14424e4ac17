"""Whole fits of smooth penalties: seconds, and exact counts of the work, which no noise can move."""

import fastreg

from .fits import COUNTERS, SMOOTH, counts, fit
from .problems import problem


class Seconds:
    version = "1"
    params = [SMOOTH, [1e-4, 1e-8]]
    param_names = ["problem", "tol"]

    def setup(self, name, tol):
        fit(name)

    def time_solve(self, name, tol):
        fastreg.solve(**problem(name)._asdict(), tol=tol)


class Counts:
    version = "1"
    params = [SMOOTH, COUNTERS]
    param_names = ["problem", "counter"]

    def setup_cache(self):
        return counts(SMOOTH)

    setup_cache.timeout = 600

    def track_work(self, found, name, counter):
        return found[name][counter]
