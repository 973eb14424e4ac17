"""Cross-validation: seconds and memory beside those of one path, and exact counts of the work."""

import functools

import fastreg

from .problems import problem

# By moments (tall), by rows (the others).
PROBLEMS = ["tall", "wide", "text", "text-logistic"]
WORDS = {"strengths": 50, "ratio": 0.01, "tol": 1e-6}


@functools.cache
def validated(name, n_threads=None):
    """Cross-validate a path of 50 strengths in five folds."""
    words = problem(name)._asdict()
    words["penalty"] = words["penalty"]._replace(strength=1.0)
    return fastreg.cross_validate(**words, **WORDS, folds=5, n_threads=n_threads)


class Seconds:
    version = "1"
    params = [PROBLEMS, [1, 2]]
    param_names = ["problem", "threads"]
    timeout = 600

    def setup(self, name, n_threads):
        validated(name)

    def time_cross_validation(self, name, n_threads):
        validated.__wrapped__(name, n_threads)


class Memory:
    version = "1"
    params = [PROBLEMS]
    param_names = ["problem"]
    timeout = 600

    def peakmem_cross_validation(self, name):
        validated(name)


class Counts:
    version = "1"
    params = [PROBLEMS, list(fastreg.Work._fields)]
    param_names = ["problem", "counter"]

    def setup_cache(self):
        return {name: validated(name).work._asdict() for name in PROBLEMS}

    setup_cache.timeout = 600

    def track_work(self, found, name, counter):
        return found[name][counter]
