"""The iterate of stochastic gradient descent: how a row is predicted, and how the weights move.

After each row every weight takes a proximal step of the penalty, touched by the row or not. Where such
a step is w <- soft_threshold(w, t) * r with numbers t and r that all weights share, k of them are one
step of the same form. With P the product of the factors r so far and Q the sum of the thresholds t / P,
each divided by the P before it,

    w = P * soft_threshold(u, Q)    and    u = w / P + sign(w) Q

so that u of a weight stays as it is until a row touches it: P and Q are two numbers for all weights, a
row costs its non-zeros whatever the step sizes, and a weight that has reached 0 stays there. (Lipton
and Elkan 2015 keep the same products and sums in tables; here they are carried along.)

The mean of the iterates is found likewise. Of a weight u, the sum of its values after steps 1 to m is

    area(u, m) = sign(u) (|u| A_i - B_i),    A_i = sum of P,    B_i = sum of P Q    over steps 1 to i

where i is m or the last step at which Q < |u|, found by bisection: from then on the weight was 0. When a
row changes u at step m, area(old, m) - area(new, m) is added to the weight's sum.
"""

from typing import NamedTuple

import numpy as np

from fastreg.jit import elementwise, expose
from fastreg.numerics import soft_threshold

# P below which all weights are written out and P starts afresh at 1: far from underflow; and, where
# areas are subtracted, before they lose more than three digits.
_LEAST_SHARE = 1e-20
_LEAST_SHARE_SUMMED = 1e-3


class _Shrinking(NamedTuple):
    """The weights of one problem behind their u."""

    held: np.ndarray
    share: float
    inverse: float
    threshold: float

    def read(self, j):
        """Return weight j."""
        return self.share * soft_threshold(self.held[j], self.threshold)

    def add(self, j, amount):
        """Add to weight j."""
        weight = self.read(j) + amount
        self.held[j] = weight * self.inverse + np.copysign(self.threshold, weight)


class _Summed(NamedTuple):
    """As `_Shrinking`, with the sums of weights over steps; ``history`` holds Q, A and B after each step."""

    held: np.ndarray
    share: float
    inverse: float
    threshold: float
    sums: np.ndarray
    history: np.ndarray
    steps: int

    def read(self, j):
        """Return weight j."""
        return self.share * soft_threshold(self.held[j], self.threshold)

    def area(self, u):
        """Return the sum of the weight behind u over the steps so far."""
        size = abs(u)
        last = self.steps
        if size < self.threshold:
            beyond = last
            last = 0
            while beyond - last > 1:
                middle = (last + beyond) // 2
                if self.history[0, middle] < size:
                    last = middle
                else:
                    beyond = middle
        return np.copysign(size * self.history[1, last] - self.history[2, last], u)

    def add(self, j, amount):
        """Add to weight j."""
        weight = self.read(j) + amount
        before = self.area(self.held[j])
        self.held[j] = weight * self.inverse + np.copysign(self.threshold, weight)
        self.sums[j] += before - self.area(self.held[j])


for _name in ("read", "add", "area"):
    expose(_name)  # the views are made inside kernels, which expose only what is in their signatures


@elementwise
def _write_out(view, held):
    """Replace every u by its weight."""
    for j in range(held.size):
        held[j] = view.read(j)


class Lazy(NamedTuple):
    """Weights that take their proximal steps when a row reads them.

    Attributes
    ----------
    coef : array of (n_problems, n_features)
        The u of each weight; the weights themselves after `settle`.
    intercept : array of n_problems
    clock : array of (n_problems, 2)
        P and Q.
    """

    coef: np.ndarray
    intercept: np.ndarray
    clock: np.ndarray

    def predict(self, design, i, k):
        """Return the prediction of problem k for row i."""
        view = _Shrinking(self.coef[k], self.clock[k, 0], 1 / self.clock[k, 0], self.clock[k, 1])
        return design.dot_through(i, view) + self.intercept[k]

    def move(self, design, i, change, step, penalty, k, now):
        """Add change * row i to the weights, then let all of them take a proximal step."""
        share = self.clock[k, 0]
        threshold = self.clock[k, 1]
        if change != 0:
            design.axpy_through(i, change, _Shrinking(self.coef[k], share, 1 / share, threshold))
        self.clock[k, 0] = share * penalty.shrinkage(step, 0)
        self.clock[k, 1] = threshold + penalty.threshold(step, 0) / share
        if self.clock[k, 0] < _LEAST_SHARE:
            self.settle(k)

    def settle(self, k):
        """Write out the weights of problem k."""
        _write_out(
            _Shrinking(self.coef[k], self.clock[k, 0], 1 / self.clock[k, 0], self.clock[k, 1]), self.coef[k]
        )
        self.clock[k, 0] = 1.0
        self.clock[k, 1] = 0.0


class LazySummed(NamedTuple):
    """As `Lazy`, with the sums of the iterates.

    Attributes
    ----------
    coef, intercept : arrays
        As in `Lazy`.
    clock : array of (n_problems, 3)
        P, Q and the steps since both started.
    sums : array of (n_problems, n_features)
        Of the weights after each counted step; complete after `settle`.
    intercept_sums, counts : arrays of n_problems
        Sum of the intercepts, and how many iterates were counted.
    history : array of (n_problems, 3, capacity + 1)
        Q, A and B after each step; 0 before the first.
    counted_from : float
        The step from which on iterates are counted.
    """

    coef: np.ndarray
    intercept: np.ndarray
    clock: np.ndarray
    sums: np.ndarray
    intercept_sums: np.ndarray
    counts: np.ndarray
    history: np.ndarray
    counted_from: float

    def predict(self, design, i, k):
        """Return the prediction of problem k for row i."""
        view = _Shrinking(self.coef[k], self.clock[k, 0], 1 / self.clock[k, 0], self.clock[k, 1])
        return design.dot_through(i, view) + self.intercept[k]

    def move(self, design, i, change, step, penalty, k, now):
        """Add change * row i to the weights, let all of them take a proximal step, count the iterate."""
        share = self.clock[k, 0]
        threshold = self.clock[k, 1]
        steps = int(self.clock[k, 2])
        history = self.history[k]
        if change != 0:
            view = _Summed(self.coef[k], share, 1 / share, threshold, self.sums[k], history, steps)
            design.axpy_through(i, change, view)
        threshold += penalty.threshold(step, 0) / share
        share *= penalty.shrinkage(step, 0)
        counted = 1.0 if now >= self.counted_from else 0.0
        steps += 1
        history[0, steps] = threshold
        history[1, steps] = history[1, steps - 1] + counted * share
        history[2, steps] = history[2, steps - 1] + counted * share * threshold
        self.intercept_sums[k] += counted * self.intercept[k]
        self.counts[k] += counted
        self.clock[k, 0] = share
        self.clock[k, 1] = threshold
        self.clock[k, 2] = steps
        if share < _LEAST_SHARE_SUMMED or steps + 1 == history.shape[1]:
            self.settle(k)

    def settle(self, k):
        """Write out the weights of problem k and complete their sums."""
        held = self.coef[k]
        share = self.clock[k, 0]
        steps = int(self.clock[k, 2])
        view = _Summed(held, share, 1 / share, self.clock[k, 1], self.sums[k], self.history[k], steps)
        for j in range(held.size):
            self.sums[k, j] += view.area(held[j])
        _write_out(view, held)
        self.clock[k, 0] = 1.0
        self.clock[k, 1] = 0.0
        self.clock[k, 2] = 0.0


class Eager(NamedTuple):
    """Weights that all take their proximal step after every row: any penalty, and dense rows.

    Attributes
    ----------
    coef : array of (n_problems, n_features)
    intercept : array of n_problems
    """

    coef: np.ndarray
    intercept: np.ndarray

    def predict(self, design, i, k):
        """Return the prediction of problem k for row i."""
        return design.dot(i, self.coef[k]) + self.intercept[k]

    def move(self, design, i, change, step, penalty, k, now):
        """Add change * row i to the weights, then let all of them take a proximal step."""
        coef = self.coef[k]
        if change != 0:
            design.axpy(i, change, 1.0, coef)
        for j in range(coef.size):
            coef[j] = penalty.prox(coef[j], step, j)

    def settle(self, k):
        """Do nothing: the weights are written out."""


class EagerSummed(NamedTuple):
    """As `Eager`, with the sums of the iterates; attributes as in `LazySummed`."""

    coef: np.ndarray
    intercept: np.ndarray
    sums: np.ndarray
    intercept_sums: np.ndarray
    counts: np.ndarray
    counted_from: float

    def predict(self, design, i, k):
        """Return the prediction of problem k for row i."""
        return design.dot(i, self.coef[k]) + self.intercept[k]

    def move(self, design, i, change, step, penalty, k, now):
        """Add change * row i to the weights, let all of them take a proximal step, count the iterate."""
        coef = self.coef[k]
        sums = self.sums[k]
        if change != 0:
            design.axpy(i, change, 1.0, coef)
        counted = 1.0 if now >= self.counted_from else 0.0
        for j in range(coef.size):
            coef[j] = penalty.prox(coef[j], step, j)
            sums[j] += counted * coef[j]
        self.intercept_sums[k] += counted * self.intercept[k]
        self.counts[k] += counted

    def settle(self, k):
        """Do nothing: weights and sums are written out."""
