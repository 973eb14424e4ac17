"""Cross-validation: seconds, memory, and the exact work."""

import functools
import subprocess
import sys

import fastreg

from .memory import RESIDENT, can_be_measured
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


BESIDE_X = (
    RESIDENT
    + """
import gc, sys
import numpy as np, scipy.sparse as sp
import fastreg
from fastreg.losses import Squared
from fastreg.penalties import L1

rng = np.random.default_rng(0)

def dense(n_samples, n_features):
    X = np.empty((n_samples, n_features), order="F")
    for column in X.T:
        column[:] = rng.standard_normal(n_samples)
    return X, X.nbytes, {"folds": 10, "strengths": 100}

def text(n_samples, n_features):
    places = (n_features * rng.random((n_samples, 150)) ** 2).astype(np.int32)  # few words are frequent
    starts = np.arange(0, places.size + 1, 150)
    X = sp.csr_array((rng.random(places.size), places.ravel(), starts), shape=(n_samples, n_features)).tocsc()
    X.sum_duplicates()
    return X, X.data.nbytes + X.indices.nbytes, {"folds": 5, "strengths": 20, "ratio": 0.02}

def grown(n_samples, n_features):
    X, n_bytes, words = make(n_samples, n_features)
    y = X[:, : n_features // 10] @ rng.standard_normal(n_features // 10)
    y += 5 * rng.standard_normal(n_samples)
    gc.collect()
    before = resident("VmRSS")
    forget_highest()
    fastreg.cross_validate(
        X, y, loss=Squared(), penalty=L1(1.0), n_threads=int(sys.argv[2]), **words
    )
    return (resident("VmHWM") - before) / n_bytes

make, *shape = {"moments": (dense, 20_000, 500), "rows": (text, 50_000, 60_000)}[sys.argv[1]]
grown(4000, 200)  # all that it compiles is compiled then
print(grown(*shape))
"""
)


class MemoryBesideX:
    """How far cross-validation raises the memory of a process of its own.

    By moments ten folds of 100 strengths of dense data, by rows five of 20 of text.
    """

    version = "2"
    params = [["moments", "rows"], [1, 2]]
    param_names = ["by", "threads"]
    timeout = 600

    def setup(self, by, n_threads):
        if not can_be_measured():
            raise NotImplementedError  # asv's way to skip

    def track_peak_beside_X(self, by, n_threads):
        words = [sys.executable, "-c", BESIDE_X, by, str(n_threads)]
        return float(subprocess.run(words, capture_output=True, text=True, check=True).stdout)

    track_peak_beside_X.unit = "share of X"


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
