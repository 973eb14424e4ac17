"""The iterate of stochastic gradient descent: how a row is predicted, and how the weights move.

`Cumulative` is for penalties whose prox is soft_threshold(w, t) * r with numbers t and r that all weights
share. A row adds its gradient step to z, and then

    D <- (D + t) r,    z <- z r,    w = soft_threshold(z, D)

so that a weight is moved by what its gradient steps amount to in excess of the thresholds of all steps so
far (Tsuruoka, Tsujii and Ananiadou 2009; regularised dual averaging, Xiao 2010; McMahan 2011). Without
thresholds this is the proximal step. With them, plain proximal steps forget what a weight at 0 owes: each
row that touches a weight lifts it from 0 again, and the last iterate is hardly sparse and far worse.

D is one number for all weights. So is P, the product of the factors r: with z = P u and D = P Q,

    w = P soft_threshold(u, Q)

changes from step to step although u stays as it is until a row touches it: a row costs its non-zeros,
whatever the step sizes.

The sums of the iterates, for their mean, are found likewise. A weight behind u adds up over steps 1 to m to

    area(u, m) = sign(u) (|u| A_i - B_i),    A_i = sum of P,    B_i = sum of P Q    over steps 1 to i

where i is m or, where |u| < Q_m, the last step at which Q was below |u|, found by bisection: from then on
the weight was 0. When a row changes u at step m, area(old, m) - area(new, m) is added to its sum.

`Proximal` takes the proximal step of any penalty, weight by weight, after every row.
"""

from typing import NamedTuple

import numpy as np

from fastreg.jit import elementwise, expose
from fastreg.numerics import soft_threshold

# P below which all u are rewritten for P = 1: far from underflow; and, where areas are subtracted, before
# they lose more than three digits.
_LEAST_SHARE = 1e-20
_LEAST_SHARE_SUMMED = 1e-3


class _Weights(NamedTuple):
    """The weights of one problem behind their u; the fields are P, 1 / P and Q."""

    held: np.ndarray
    share: float
    inverse: float
    threshold: float

    def read(self, j):
        """Return weight j."""
        return self.share * soft_threshold(self.held[j], self.threshold)

    def add(self, j, amount):
        """Add a gradient step of weight j."""
        self.held[j] += amount * self.inverse


class _SummedWeights(NamedTuple):
    """As `_Weights`, with the sums of weights over steps; ``history`` holds Q, A and B after each step."""

    held: np.ndarray
    inverse: float
    threshold: float
    sums: np.ndarray
    history: np.ndarray
    steps: int

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
        """Add a gradient step of weight j."""
        before = self.area(self.held[j])
        self.held[j] += amount * self.inverse
        self.sums[j] += before - self.area(self.held[j])


for _name in ("read", "add", "area"):
    expose(_name)  # the views are made inside kernels, which expose only what is in their signatures


@elementwise
def _weights(model, k):
    """Return the view of the weights of problem k."""
    share = model.clock[k, 0]
    return _Weights(model.held[k], share, 1 / share, model.clock[k, 1])


@elementwise
def _write_out(model, k):
    """Write the weights of problem k into ``coef``."""
    view = _weights(model, k)
    coef = model.coef[k]
    for j in range(coef.size):
        coef[j] = view.read(j)


@elementwise
def _restart(model, k):
    """Rewrite u and Q of problem k for P = 1."""
    share = model.clock[k, 0]
    held = model.held[k]
    for j in range(held.size):
        held[j] *= share
    model.clock[k, 0] = 1.0
    model.clock[k, 1] *= share


class Cumulative(NamedTuple):
    """Weights in excess of the thresholds of all steps so far.

    Attributes
    ----------
    coef : array of (n_problems, n_features)
        The weights, once they are written out by `settle`.
    intercept : array of n_problems
    held : array of (n_problems, n_features)
        The u of each weight.
    clock : array of (n_problems, 2)
        P and Q.
    """

    coef: np.ndarray
    intercept: np.ndarray
    held: np.ndarray
    clock: np.ndarray

    def predict(self, design, i, k):
        """Return the prediction of problem k for row i."""
        return design.dot_through(i, _weights(self, k)) + self.intercept[k]

    def move(self, design, i, change, step, penalty, k, now):
        """Add change * row i to the weights, then take a step of the penalty."""
        share = self.clock[k, 0]
        if change != 0:
            design.axpy_through(i, change, _weights(self, k))
        self.clock[k, 1] += penalty.threshold(step, 0) / share
        self.clock[k, 0] = share * penalty.shrinkage(step, 0)
        if self.clock[k, 0] < _LEAST_SHARE:
            _restart(self, k)

    def settle(self, k):
        """Write out the weights of problem k; z and D are then u and Q."""
        _write_out(self, k)
        _restart(self, k)


class CumulativeSummed(NamedTuple):
    """As `Cumulative`, with the sums of the iterates.

    Attributes
    ----------
    coef, intercept, held : arrays
        As in `Cumulative`.
    clock : array of (n_problems, 3)
        P, Q and the steps in the history.
    sums : array of (n_problems, n_features)
        Of the weights after each counted step; complete after `settle`.
    intercept_sums, counts : arrays of n_problems
        Sum of the intercepts, and how many iterates were counted.
    history : array of (n_problems, 3, capacity + 1)
        Q, A and B after each step; A and B are 0 before the first.
    counted_from : float
        The step from which on iterates are counted.
    """

    coef: np.ndarray
    intercept: np.ndarray
    held: np.ndarray
    clock: np.ndarray
    sums: np.ndarray
    intercept_sums: np.ndarray
    counts: np.ndarray
    history: np.ndarray
    counted_from: float

    def predict(self, design, i, k):
        """Return the prediction of problem k for row i."""
        return design.dot_through(i, _weights(self, k)) + self.intercept[k]

    def _summed(self, k):
        """Return the view of the weights of problem k that knows their sums."""
        return _SummedWeights(
            self.held[k],
            1 / self.clock[k, 0],
            self.clock[k, 1],
            self.sums[k],
            self.history[k],
            int(self.clock[k, 2]),
        )

    def move(self, design, i, change, step, penalty, k, now):
        """Add change * row i to the weights, take a step of the penalty, count the iterate."""
        if change != 0:
            design.axpy_through(i, change, self._summed(k))
        share = self.clock[k, 0]
        threshold = self.clock[k, 1] + penalty.threshold(step, 0) / share
        share *= penalty.shrinkage(step, 0)
        steps = int(self.clock[k, 2]) + 1
        counted = 1.0 if now >= self.counted_from else 0.0
        history = self.history[k]
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
        """As `Cumulative.settle`; complete the sums and begin a new history too."""
        view = self._summed(k)
        for j in range(view.held.size):
            self.sums[k, j] += view.area(view.held[j])
        _write_out(self, k)
        _restart(self, k)
        self.clock[k, 2] = 0.0


class Proximal(NamedTuple):
    """Weights that each take their own proximal step after every row.

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
        """Add change * row i to the weights, then take a step of the penalty."""
        coef = self.coef[k]
        if change != 0:
            design.axpy(i, change, 1.0, coef)
        for j in range(coef.size):
            coef[j] = penalty.prox(coef[j], step, j)

    def settle(self, k):
        """Do nothing: the weights are written out."""


class ProximalSummed(NamedTuple):
    """As `Proximal`, with the sums of the iterates; attributes as in `CumulativeSummed`."""

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
        """Add change * row i to the weights, take a step of the penalty, count the iterate."""
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
