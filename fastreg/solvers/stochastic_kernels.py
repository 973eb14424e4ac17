"""Kernels of stochastic gradient descent, and the words they know a problem by.

A *target* is a NamedTuple with ``label(i, k)`` and ``weight(y, k)``: what row i is in problem k, and what
its class weighs there. A *rule* is one with ``length(step, value, design, i)``: how far row i moves the
weights. A *model* is the iterate, see `stochastic_models`.
"""

from typing import NamedTuple

import numpy as np

from fastreg.jit import kernel

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


@kernel
def visit_rows(
    block, start, stop, problems, design, n_samples, order, size, steps, rates, target, sample_weight,
    loss, penalty, rule, intercept_rate, model, now, losses,
):  # fmt: skip
    """Let each of some problems learn from some blocks of rows.

    Parameters
    ----------
    block, start, stop : int
        The problems are problems[start:stop].
    order, size : int array, int
        The blocks of rows, in the order of the visit, and the rows in each but the last.
    steps : array
        The step size at each row of the visit; times rates[k] in problem k.
    intercept_rate : float
        Step size of the intercept as a share of that of the weights.
    now : float
        The number of the first of these steps since learning began.
    losses : array of n_problems
        The weighted loss of each row, before it is learned from, is added.
    """
    for p in range(start, stop):
        k = problems[p]
        total = losses[k]
        seen = 0
        for position in range(order.size):
            first = order[position] * size
            for i in range(first, min(first + size, n_samples)):
                step = rates[k] * steps[seen]
                y = target.label(i, k)
                weight = sample_weight[i] * target.weight(y, k)
                prediction = model.predict(design, i, k)
                value = loss.value(y, prediction)
                slope = min(max(loss.slope(y, prediction), -_STEEPEST), _STEEPEST)
                change = -rule.length(step, value, design, i) * weight * slope
                model.intercept[k] += intercept_rate * change
                model.move(design, i, change, step, penalty, k, now + seen)
                total += weight * value
                seen += 1
        losses[k] = total


@kernel
def close_epoch(block, start, stop, problems, penalty, model, penalties):
    """Write out the weights of some problems, and their penalties: NaN where a weight is not finite."""
    for p in range(start, stop):
        k = problems[p]
        model.settle(k)
        coef = model.coef[k]
        total = 0.0
        for j in range(coef.size):
            total += penalty.value(coef[j], j) + 0 * coef[j]
        penalties[k] = total


@kernel
def is_shared(penalty, step, n_features):
    """Return whether threshold and shrinkage are known, and the same for every feature."""
    threshold = penalty.threshold(step, 0)
    shrinkage = penalty.shrinkage(step, 0)
    for j in range(n_features):
        if not (penalty.threshold(step, j) == threshold and penalty.shrinkage(step, j) == shrinkage):
            return False
    return True
