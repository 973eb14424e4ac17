"""Whole paths of strengths: seconds, and the exact work, with the worst gap along the path."""

import functools

import fastreg

from .problems import problem
from .warm import Warm

PROBLEMS = ["wide", "tall", "text-logistic", "correlated"]


@functools.cache
def follow(name, n_threads=None):
    """Follow a path of 50 strengths to a hundredth of the first."""
    words = problem(name)._asdict()
    words["penalty"] = words["penalty"]._replace(strength=1.0)
    return fastreg.path(**words, strengths=50, ratio=0.01, tol=1e-6, n_threads=n_threads)


class Seconds(Warm):
    version = "1"
    params = [PROBLEMS]
    param_names = ["problem"]
    timeout = 600

    def warm(self, name):
        follow(name)

    def time_path(self, name):
        follow.__wrapped__(name)


class Work:
    version = "2"
    params = [PROBLEMS]
    param_names = ["problem"]

    def setup_cache(self):
        return {name: (follow(name).work.bytes_read, float(follow(name).gaps.max())) for name in PROBLEMS}

    setup_cache.timeout = 600

    def track_bytes_read(self, found, name):
        return found[name][0]

    track_bytes_read.unit = "bytes"

    def track_worst_gap(self, found, name):
        return found[name][1]
