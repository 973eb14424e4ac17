"""How fast the fused pass over all features reads X, against plain reading in the same run.

The pass computes gradient, penalty, dual norm, slack and priorities of every column: what one certificate
costs. It is bound by memory, so its speed is a share of the read bandwidth and not a number of seconds.
"""

import functools
import time

import numpy as np

import fastreg
from fastreg import team
from fastreg.losses import Squared
from fastreg.penalties import L1
from fastreg.solvers.problem import assemble
from fastreg.solvers.state import State

from .problems import dense, scattered, text_like

MATRICES = {
    "dense": lambda: dense(20_000, 1_000, 10)[0],
    "dense rows": lambda: np.ascontiguousarray(dense(20_000, 1_000, 10)[0]),
    "dense float32": lambda: dense(20_000, 1_000, 10)[0].astype(np.float32),
    "csc": lambda: scattered(20_000, 20_000, 500),
    "text": lambda: text_like(40_000, 100_000, 250)[0],
}
REPETITIONS = 15


@fastreg.kernel
def read(block, start, stop, words, sums):
    """Add up 64-bit words: integers, because their sum vectorises without reordering anything."""
    part = words[start:stop]
    total = 0
    for i in range(part.size):
        total += part[i]
    sums[block] = total


@functools.cache
def matrix(layout):
    return MATRICES[layout]()


class Pass:
    """The fused pass, ready to run."""

    def __init__(self, layout, crew):
        X = matrix(layout)
        problem = assemble(
            crew, X, np.zeros(X.shape[0]), Squared(), L1(0.1),
            fit_intercept=True, standardize=False, sample_weight=None, offset=None,
        )  # fmt: skip
        self.crew = crew
        self.columns = State(problem).columns
        self.slopes = np.random.default_rng(0).standard_normal(X.shape[0])
        # Written to: pages that are only zero are all one page.
        self.words = np.ones(problem.matrix.n_bytes // 8, dtype=np.int64)
        self.bounds = team.blocks(self.words.size, self.words.size)
        self.sums = np.empty(len(self.bounds) - 1, dtype=np.int64)

    def run(self):
        self.columns.score(self.slopes)

    def read(self):
        self.crew.each(read, self.bounds, self.words, self.sums)

    def fraction_of_read_bandwidth(self):
        """Interleaved, best of some, without the first of each, which compiles."""
        seconds = {self.run: [], self.read: []}
        for _ in range(REPETITIONS):
            for work, taken in seconds.items():
                began = time.perf_counter()
                work()
                taken.append(time.perf_counter() - began)
        return min(seconds[self.read][1:]) / min(seconds[self.run][1:])  # as many bytes in both


class FullPass:
    version = "1"
    params = [list(MATRICES), [1, 2]]
    param_names = ["layout", "n_threads"]

    def track_fraction_of_read_bandwidth(self, layout, n_threads):
        with team.lease(n_threads) as crew:
            return Pass(layout, crew).fraction_of_read_bandwidth()

    track_fraction_of_read_bandwidth.unit = "fraction"
