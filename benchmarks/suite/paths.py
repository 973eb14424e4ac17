"""Whole paths of strengths: seconds, and exact counts of the work, with the worst gap along the path."""

import functools

import fastreg

from .fits import COUNTERS
from .problems import problem

PROBLEMS = ["wide", "wide-logistic", "tall", "tall-logistic", "text", "text-logistic", "correlated"]


@functools.cache
def follow(name, n_threads=None):
    """Follow a path of 50 strengths to a hundredth of the first."""
    words = problem(name)._asdict()
    words["penalty"] = words["penalty"]._replace(strength=1.0)
    return fastreg.path(**words, strengths=50, ratio=0.01, tol=1e-6, n_threads=n_threads)


class Seconds:
    version = "1"
    params = [PROBLEMS]
    param_names = ["problem"]
    timeout = 600

    def setup(self, name):
        follow(name)

    def time_path(self, name):
        follow.__wrapped__(name)


class Counts:
    version = "1"
    params = [PROBLEMS, COUNTERS]
    param_names = ["problem", "counter"]

    def setup_cache(self):
        found = {}
        for name in PROBLEMS:
            path = follow(name)
            worst = {"gap": path.gaps.max(), "n_nonzero": path.coefs.nnz}
            found[name] = {**path.work._asdict(), **worst}
        return found

    setup_cache.timeout = 600

    def track_work(self, found, name, counter):
        return found[name][counter]
