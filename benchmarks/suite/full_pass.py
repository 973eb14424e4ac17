"""How fast the fused pass over all features reads X, against plain reading in the same run.

The pass computes gradient, penalty, dual norm, slack and priorities of every column: what one certificate
costs. It is bound by memory, so its speed is a share of the read bandwidth and not a number of seconds.
"""

import functools

import numpy as np

import fastreg
from fastreg import team
from fastreg.losses import Squared
from fastreg.penalties import L1, ElasticNet, NoPenalty
from fastreg.solvers.problem import assemble
from fastreg.solvers.state import State

from .problems import dense, scattered, text_like
from .turns import shortest

MATRICES = {
    "dense": lambda: dense(20_000, 1_000, 10)[0],
    "dense rows": lambda: np.ascontiguousarray(dense(20_000, 1_000, 10)[0]),
    "dense float32": lambda: dense(20_000, 1_000, 10)[0].astype(np.float32),
    "csc": lambda: scattered(20_000, 20_000, 500),
    "text": lambda: text_like(40_000, 100_000, 250)[0],
}
REPETITIONS = 15
PENALTIES = {"L1": L1(0.1), "elastic net": ElasticNet(0.1, 0.5)}


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

    def __init__(self, layout, crew, penalty=PENALTIES["L1"]):
        X = matrix(layout)
        problem = assemble(
            crew, X, np.zeros(X.shape[0]), Squared(), penalty,
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
        seconds = shortest(REPETITIONS, run=self.run, read=self.read)
        return seconds["read"] / seconds["run"]  # as many bytes in both


class FullPass:
    version = "2"
    params = [list(MATRICES)]
    param_names = ["layout"]

    def track_fraction_of_read_bandwidth(self, layout):
        with team.lease(1) as crew:
            return Pass(layout, crew).fraction_of_read_bandwidth()

    track_fraction_of_read_bandwidth.unit = "fraction"


class Penalty:
    """What the penalty itself costs: seconds of a pass with it over those of a pass without any."""

    version = "1"
    params = [["dense", "csc"], list(PENALTIES)]
    param_names = ["layout", "penalty"]

    def track_seconds_over_unpenalised(self, layout, penalty):
        with team.lease(1) as crew:
            plain, penalised = (Pass(layout, crew, each) for each in (NoPenalty(), PENALTIES[penalty]))
            seconds = shortest(REPETITIONS, plain=plain.run, penalised=penalised.run)
        return seconds["penalised"] / seconds["plain"]

    track_seconds_over_unpenalised.unit = "ratio"
