"""Visits of all rows: who reads which, in which order, and the writing out of what was learned."""

from itertools import pairwise

import numpy as np

from fastreg import team
from fastreg.jit import new_gate
from fastreg.solvers import stochastic_kernels as kernels
from fastreg.solvers.momentum import CumulativeBehind
from fastreg.solvers.shards import ROWS_IN_BATCH, cut, divide, entries_of_first_rows, undivided
from fastreg.solvers.stochastic_models import Cumulative, CumulativeSummed

_MOST_ROWS_IN_BLOCK = 16
_BLOCKS = 256  # a data set is cut into so many blocks at least, if it has the rows
_VISIT_WORK = 10_000_000  # element operations of one call of the kernel: some 10 ms
_ROW_WORK = 40  # what a row costs besides its entries
_FEW_FEATURES = 256
_WEIGHT_WORK = 4  # what it costs to write out a weight


class Visits:
    """The rows of X, to be learned from by one model in all epochs of a run.

    Parameters
    ----------
    matrix : RowMatrix
    target, rule : NamedTuple
        See `stochastic_kernels`.
    sample_weight : array of n_samples
    loss, penalty : NamedTuple
    intercept_rate : float
    n_problems : int
    features : int array or None
        Where rows are cut, see `shards`; None: by the first rows.
    by_entry : bool
        Whether a row costs its entries, and rows may be cut; otherwise it costs all features too.

    Attributes
    ----------
    features : int array
    members : int
        How many threads learn from the same rows.
    penalty : NamedTuple
        May be replaced by another of its class.
    """

    def __init__(
        self, matrix, target, rule, sample_weight, loss, penalty, intercept_rate, *, n_problems, features,
        by_entry,
    ):  # fmt: skip
        n_samples, n_features = matrix.shape
        self.matrix, self.crew, self.penalty = matrix, matrix.crew, penalty
        self._shards = undivided(n_features)
        if by_entry and type(rule) is kernels.GradientStep:
            self._shards = cut(matrix, divide(matrix) if features is None else features)
        self.features = self._shards.features
        self._n_shards = self.features.size - 1
        self.members = min(self._n_shards, self.crew.most_together) if n_problems == 1 else 1
        self._batch = 1 if self._n_shards == 1 else ROWS_IN_BATCH
        self._size = max(min(n_samples // _BLOCKS, _MOST_ROWS_IN_BLOCK), self._batch)
        self._n_blocks = -(-n_samples // self._size)
        self._per_row = _ROW_WORK + matrix.nnz / n_samples + (0 if by_entry else n_features)
        self._blocks_per_visit = max(1, int(_VISIT_WORK / (self._per_row * self._size)))
        self._rows = matrix.design, n_samples
        self._terms = target, sample_weight, loss, rule, intercept_rate

    @property
    def rows_per_sum(self):
        """After how many rows weights are added up: each if that costs little, else no more than rows do."""
        n_features = self.matrix.shape[1]
        entries = entries_of_first_rows(self.matrix)
        if self._n_shards == 1 and (n_features <= _FEW_FEATURES or 4 * entries >= n_features):
            return 1
        rows = int(4 * n_features / max(entries, 1))
        return max(4 * ROWS_IN_BATCH, -(-rows // ROWS_IN_BATCH) * ROWS_IN_BATCH)

    def epoch(self, model, running, random, schedule, rates, now, losses, most_rows=None):
        """Let a model learn from every row once; return the number of the next step.

        Parameters
        ----------
        running : int array
            The problems that learn.
        random : numpy.random.Generator, numpy.random.RandomState or None
            What shuffles the blocks of rows; None: in their order.
        schedule, rates : NamedTuple, array of n_problems
            The step sizes, see `schedules`, and the share of them that each problem takes.
        now : float
            The number of the first step.
        losses : array of n_problems
            The weighted loss of each row, before it is learned from, is added.
        most_rows : int or None
            Learn from about so many rows only.
        """
        order = np.arange(self._n_blocks)
        if random is not None:
            random.shuffle(order)
        if most_rows is not None:
            order = order[: -(-most_rows // self._size)]
        n_samples = self.matrix.shape[0]
        for first in range(0, order.size, self._blocks_per_visit):
            visited = order[first : first + self._blocks_per_visit]
            lacking = self._n_blocks * self._size - n_samples if self._n_blocks - 1 in visited else 0
            rows = visited.size * self._size - lacking
            steps = schedule.steps(now + np.arange(rows))
            self._visit(model, running, visited, self._known_steps(model, steps, rates), now, losses)
            now += rows
        self.matrix.counter.epochs += running.size * (order.size == self._n_blocks)
        for _ in running:
            self.matrix.count_product(self.matrix.nnz * order.size // self._n_blocks)
        return now

    def _known_steps(self, model, steps, rates):
        """Return the steps as the kernel has them, and the penalty, if there is more to know of it."""
        distinct, rate_of = np.unique(rates, return_inverse=True)
        known = np.empty((distinct.size, steps.size, 3))
        known[:, :, 0] = distinct[:, np.newaxis] * steps
        if not isinstance(model, (Cumulative, CumulativeBehind, CumulativeSummed)):
            return known, rate_of, self.penalty
        kernels.share_steps(self.penalty, 1, known)
        return known, rate_of, kernels.InSteps()

    def _visit(self, model, running, visited, known, now, losses):
        """Let the running problems learn from some blocks of rows: threads share shards or problems."""
        steps, rate_of, penalty = known
        work = self._per_row * steps.shape[1]
        together = self.members > 1 and work >= team.SERIAL_BELOW
        if together:
            ends = np.arange(self.members + 1) * self._n_shards // self.members
            parts = [(0, running.size, *ends[m : m + 2], self.members) for m in range(self.members)]
        else:
            bounds = [0, running.size]
            if running.size * work >= team.SERIAL_BELOW:
                bounds = range(running.size + 1)
            parts = [(first, last, 0, self._n_shards, 1) for first, last in pairwise(bounds)]
        dots = np.empty((4, self._n_shards, self._batch))
        arguments = (
            np.array(parts), dots, running, *self._rows, visited, self._size, self._batch, *self._shards,
            steps, rate_of, *self._terms[:3], penalty, *self._terms[3:], model, now, losses,
        )  # fmt: skip
        if together:
            self.crew.together(kernels.visit_rows, self.members, *arguments)
        else:
            self.crew.each(kernels.visit_rows, range(len(parts) + 1), new_gate(), *arguments)

    def measure(self, model, k):
        """Return the penalty of the weights of problem k, NaN where one is not finite, and their squares."""
        bounds = self._feature_blocks()
        partial = np.empty((len(bounds) - 1, 2))
        self.crew.each(kernels.measure_features, bounds, k, self.penalty, model, partial)
        return partial.sum(axis=0)

    def write_out(self, model, k):
        """Write the weights of problem k into ``coef``."""
        self.crew.each(kernels.write_features, self._feature_blocks(), k, self.penalty, model)

    def write_alone(self, model, k):
        """As `write_out`, after Ctrl-C: the crew takes no more work then."""
        kernels.write_features(0, 0, self.matrix.shape[1], k, self.penalty, model)

    def _feature_blocks(self):
        n_features = self.matrix.shape[1]
        return team.blocks(n_features, _WEIGHT_WORK * n_features)
