"""Whole fits of smooth penalties: seconds, and exact counts of the work, which no noise can move."""

import fastreg

from .fits import COUNTERS, SMOOTH, counts, fit
from .problems import problem


class Seconds:
    version = "1"
    params = [SMOOTH, [1e-4, 1e-8], [1, 2]]
    param_names = ["problem", "tol", "n_threads"]

    def setup(self, name, tol, n_threads):
        fit(name, n_threads=n_threads)

    def time_solve(self, name, tol, n_threads):
        fastreg.solve(**problem(name)._asdict(), tol=tol, n_threads=n_threads)


class Counts:
    version = "1"
    params = [SMOOTH, COUNTERS]
    param_names = ["problem", "counter"]

    def setup_cache(self):
        return counts(SMOOTH)

    setup_cache.timeout = 600

    def track_work(self, found, name, counter):
        return found[name][counter]
