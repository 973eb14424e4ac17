"""Kernels of stochastic gradient descent, and the words they know a problem by.

A *target* is a NamedTuple with ``label(i, k)``, ``weight(y, k)`` and ``offset(i)``: what row i is in problem
k, what its class weighs there, and what is added to its prediction. A *rule* is one with
``length(step, value, design, i)``: how far row i moves the weights. A *model* is the iterate, see
`stochastic_models`.
"""

from typing import NamedTuple

import numpy as np

from fastreg.jit import elementwise, kernel, meet, reduction

# A member reads parts of rows, with gaps between: the processor's own prefetching does not see them coming.
_AHEAD = 4  # rows
_WEIGHTS_AT_ONCE = 1024  # they stay in the fastest cache
_STEEPEST = 1e12  # a longer slope is cut, as scikit-learn does, so that one outlier does not overflow


class Values(NamedTuple):
    """One number per row: regression, or labels that are -1 and +1 already."""

    values: np.ndarray

    def label(self, i, k):
        """Return the number of row i."""
        return self.values[i]

    def weight(self, y, k):
        """Return 1."""
        return 1.0

    def offset(self, i):
        """Return 0."""
        return 0.0


class Shifted(NamedTuple):
    """As `Values`, with an offset per row."""

    values: np.ndarray
    offsets: np.ndarray

    def label(self, i, k):
        """Return the number of row i."""
        return self.values[i]

    def weight(self, y, k):
        """Return 1."""
        return 1.0

    def offset(self, i):
        """Return the offset of row i."""
        return self.offsets[i]


class OneAgainstTheRest(NamedTuple):
    """Labels of -1 and +1, made from the class of each row.

    Attributes
    ----------
    codes : int array of n_samples
        The class of each row.
    positive : int array of n_problems
        The class that is +1 in each problem.
    weights, weights_of_rest : arrays of n_problems
        What rows of +1 and of -1 weigh.
    """

    codes: np.ndarray
    positive: np.ndarray
    weights: np.ndarray
    weights_of_rest: np.ndarray

    def label(self, i, k):
        """Return 1 for rows of the problem's class, -1 for the rest."""
        return 1.0 if self.codes[i] == self.positive[k] else -1.0

    def weight(self, y, k):
        """Return the weight of a label."""
        return self.weights[k] if y > 0 else self.weights_of_rest[k]

    def offset(self, i):
        """Return 0."""
        return 0.0


class GradientStep(NamedTuple):
    """A step along the gradient."""

    def length(self, step, value, design, i):
        """Return the step size."""
        return step


class PassiveAggressive(NamedTuple):
    """The step that just undoes the loss of the row, up to a longest one (PA-I, Crammer et al. 2006)."""

    longest: float

    def length(self, step, value, design, i):
        """Return min(longest, loss / |x|^2), 0 for an empty row."""
        squares = design.sum_of_squares(i)
        return min(self.longest, value / squares) if squares > 0 else 0.0


class SoftPassiveAggressive(NamedTuple):
    """A step shorter than the one that undoes the loss of the row (PA-II, Crammer et al. 2006)."""

    aggressiveness: float

    def length(self, step, value, design, i):
        """Return loss / (|x|^2 + 1 / (2 aggressiveness))."""
        return value / (design.sum_of_squares(i) + 0.5 / self.aggressiveness)


class InSteps(NamedTuple):
    """Stands for a penalty that the steps know all of: its thresholds and shrinkages."""


@kernel
def visit_rows(
    worker, start, stop, gate, parts, dots, problems, design, n_samples, order, size, batch, features, cuts,
    steps, rate_of, target, sample_weight, loss, penalty, rule, intercept_rate, model, now, losses,
):  # fmt: skip
    """Let some problems learn from some blocks of rows: a batch of rows is predicted, then learned from.

    Parameters
    ----------
    worker, start, stop, gate : int, int, int, array
        Row ``worker`` of parts says what this call does; members wait for each other at the gate.
    parts : int array of (n_workers, 5)
        Its problems are problems[first:last], its shards of features first:last too, and how many members
        work on the shards of the same problems.
    dots : array of (4, n_shards, batch)
        What members tell each other: the predictions of their shards, in its second and third part by turns.
        The others keep away what lies beside it in memory: who writes there would make members wait.
    order, size, batch : int array, int, int
        The blocks of rows, in the order of the visit, the rows in each but the last, and in a batch.
    features, cuts : int arrays
        See `shards`.
    steps : array of (n_rates, n_rows, 3)
        The step size at each row of the visit, and threshold and shrinkage of a penalty that has one for
        all features; those of problem k are steps[rate_of[k]].
    intercept_rate : float
        Step size of the intercept as a share of that of the weights.
    now : float
        The number of the first of these steps since learning began.
    losses : array of n_problems
        The weighted loss of each row, before it is learned from, is added.
    """
    first_problem, last_problem, first_shard, last_shard, members = parts[worker]
    n_shards = features.size - 1
    shared = dots if members > 1 else np.empty((4, n_shards, batch))
    notes = np.empty((batch, 3))
    turn = 1
    for p in range(first_problem, last_problem):
        k = problems[p]
        clock = model.clock[k].copy()
        total = losses[k]
        seen = 0
        for position in range(order.size):
            i = order[position] * size
            end = min(i + size, n_samples)
            while i < end:
                rows = min(batch, end - i)
                turn = 3 - turn
                for r in range(rows):
                    if members > 1 and i + r + _AHEAD < end:
                        first, _ = between(design, i + r + _AHEAD, cuts, first_shard)
                        _, last = between(design, i + r + _AHEAD, cuts, last_shard - 1)
                        design.fetch_between(first, last)
                    for shard in range(first_shard, last_shard):
                        first, last = between(design, i + r, cuts, shard)
                        shared[turn, shard, r] = model.predict(design, i + r, first, last, penalty, k, clock)
                if not meet(gate, members):
                    return
                learned = 0
                due = False
                while learned < rows and not due:
                    row = i + learned
                    prediction = clock[0] + target.offset(row)
                    for shard in range(n_shards):
                        prediction += shared[turn, shard, learned]
                    step = steps[rate_of[k], seen, 0]
                    y = target.label(row, k)
                    weight = sample_weight[row] * target.weight(y, k)
                    value = loss.value(y, prediction)
                    slope = min(max(loss.slope(y, prediction), -_STEEPEST), _STEEPEST)
                    length = rule.length(step, value, design, row)
                    due = model.take(
                        worker, row, weight * slope, length, step, steps[rate_of[k], seen, 1],
                        steps[rate_of[k], seen, 2], intercept_rate, k, now + seen, clock, notes[learned],
                    )  # fmt: skip
                    total += weight * value
                    seen += 1
                    learned += 1
                for r in range(learned):
                    first = between(design, i + r, cuts, first_shard)[0]
                    last = between(design, i + r, cuts, last_shard - 1)[1]
                    model.move(worker, design, i + r, first, last, penalty, k, notes[r])
                if due:
                    model.rest(k, features[first_shard], features[last_shard], clock)
                    model.resume(clock)
                i += learned
        if first_shard == 0:
            losses[k] = total
            for c in range(clock.size):
                model.clock[k, c] = clock[c]


@elementwise
def between(design, i, cuts, shard):
    """Return the first entry of row i in a shard of the features, and the one after its last."""
    first, last = design.span(i)
    if cuts.shape[0] == 0:
        return first, last
    return first + cuts[i, shard], first + cuts[i, shard + 1]


@kernel
def measure_features(block, start, stop, k, penalty, model, partial):
    """Write penalty and squares of weights start:stop of problem k, NaN where one is not finite."""
    clock = model.clock[k]
    space = np.empty(min(stop - start, _WEIGHTS_AT_ONCE))
    total, squares = 0.0, 0.0
    for first in range(start, stop, _WEIGHTS_AT_ONCE):
        last = min(first + _WEIGHTS_AT_ONCE, stop)
        weights = space[: last - first]
        model.write(k, first, last, penalty, clock, weights)
        more, more_squares = _measured(weights, first, penalty)
        total += more
        squares += more_squares
    partial[block, 0], partial[block, 1] = total, squares


@reduction
def _measured(weights, first, penalty):
    total, squares = 0.0, 0.0
    for i in range(weights.size):
        total += penalty.value(weights[i], first + i) + 0 * weights[i]
        squares += weights[i] * weights[i]
    return total, squares


@kernel
def write_features(block, start, stop, k, penalty, model):
    """Write weights start:stop of problem k into ``coef``."""
    model.write(k, start, stop, penalty, model.clock[k], model.coef[k, start:stop])


@kernel
def share_steps(penalty, n_features, steps):
    """Write threshold and shrinkage beside each step size; return whether they suit every feature.

    steps is of (n_rates, n_rows, 3), as `visit_rows` has it; without rows, only the answer is given.
    """
    threshold = penalty.threshold(0.1, 0)
    shrinkage = penalty.shrinkage(0.1, 0)
    for j in range(n_features):
        if not (penalty.threshold(0.1, j) == threshold and penalty.shrinkage(0.1, j) == shrinkage):
            return False
    for rate in range(steps.shape[0]):
        for i in range(steps.shape[1]):
            step = steps[rate, i, 0]
            steps[rate, i, 1] = penalty.threshold(step, 0)
            steps[rate, i, 2] = penalty.shrinkage(step, 0)
    return True


def is_shared(penalty, n_features):
    """Return whether threshold and shrinkage are known, and the same for every feature."""
    return bool(share_steps(penalty, n_features, np.empty((1, 0, 3))))
