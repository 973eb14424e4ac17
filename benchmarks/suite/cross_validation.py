"""Cross-validation: seconds, memory, and the exact work."""

import functools

import fastreg

from .problems import problem
from .warm import Warm

PROBLEMS = ["tall", "text"]  # by moments, by rows
WORDS = {"strengths": 50, "ratio": 0.01, "tol": 1e-6}


@functools.cache
def validated(name, n_threads=None):
    """Cross-validate a path of 50 strengths in five folds."""
    words = problem(name)._asdict()
    words["penalty"] = words["penalty"]._replace(strength=1.0)
    return fastreg.cross_validate(**words, **WORDS, folds=5, n_threads=n_threads)


class Seconds(Warm):
    version = "2"
    params = [PROBLEMS]
    param_names = ["problem"]
    timeout = 600

    def warm(self, name):
        validated(name)

    def time_cross_validation(self, name):
        validated.__wrapped__(name)


class Memory:
    version = "1"
    params = [PROBLEMS]
    param_names = ["problem"]
    timeout = 600

    def peakmem_cross_validation(self, name):
        validated(name)


class Work:
    version = "2"
    params = [PROBLEMS]
    param_names = ["problem"]

    def setup_cache(self):
        return {name: validated(name).work.bytes_read for name in PROBLEMS}

    setup_cache.timeout = 600

    def track_bytes_read(self, found, name):
        return found[name]

    track_bytes_read.unit = "bytes"
