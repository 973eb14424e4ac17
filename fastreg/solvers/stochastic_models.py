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

For the mean of the iterates all weights are added up after every so many rows, no more often than rows cost
as much: summing up each weight only where a row touches it would need the last step at which it was not 0.

`Proximal` takes the proximal step of any penalty, weight by weight, after every row.

A model has these methods. Rows are first predicted, entry by entry or in parts; then each is taken: what it
changes for all weights is done on the clock, what it means for its own weights is noted; then its weights
are moved.

    predict(design, i, first, last, penalty, k, clock)
    take(worker, i, push, length, step, threshold, shrinkage, intercept_rate, k, now, clock, note)
    move(worker, design, i, first, last, penalty, k, note)
    write(k, start, stop, penalty, clock, out)
    rest(k, start, stop, clock)
    resume(clock)

``push`` is the derivative of the row's loss in its prediction. `write` writes weights start:stop as they are
now: into ``coef`` only where they are asked for. `take` returns whether something is due for all
weights before the next row: `rest` does it for weights start:stop, and `resume` tells the clock. ``clock[0]``
is the intercept.
"""

from typing import NamedTuple

import numpy as np

from fastreg.jit import elementwise, expose
from fastreg.numerics import soft_threshold
from fastreg.solvers.passes import copy_into

# P below which all u are rewritten for P = 1: far from underflow.
LEAST_SHARE = 1e-20


# Views hold whole arrays, not the row of their problem: to slice them for every row of X costs 100 ns.


class Vector(NamedTuple):
    """One row of an array, to be read and added to."""

    values: np.ndarray
    k: int

    def read(self, j):
        """Return entry j."""
        return self.values[self.k, j]

    def add(self, j, amount):
        """Add to entry j."""
        self.values[self.k, j] += amount


class _Thresholded(NamedTuple):
    """The weights of one problem behind their u, over P."""

    held: np.ndarray
    k: int
    threshold: float

    def read(self, j):
        """Return weight j / P."""
        return soft_threshold(self.held[self.k, j], self.threshold)


for _name in ("read", "add"):
    expose(_name)  # the views are made inside kernels, which expose only what is in their signatures


@elementwise
def _predict(design, i, first, last, held, k, clock):
    """Return the prediction of entries first:last of row i by weights behind u; P, Q are in the clock."""
    if clock[2] == 0:
        return clock[1] * design.dot_between(i, first, last, Vector(held, k))
    return clock[1] * design.dot_between(i, first, last, _Thresholded(held, k, clock[2]))


class Cumulative(NamedTuple):
    """Weights in excess of the thresholds of all steps so far.

    Attributes
    ----------
    coef : array of (n_problems, n_features)
        The weights, once they are written out.
    held : array of (n_problems, n_features)
        The u of each weight.
    clock : array of (n_problems, 3)
        Intercept, P and Q.
    """

    coef: np.ndarray
    held: np.ndarray
    clock: np.ndarray

    def predict(self, design, i, first, last, penalty, k, clock):
        """Return what entries first:last of row i add to the prediction."""
        return _predict(design, i, first, last, self.held, k, clock)

    def take(self, worker, i, push, length, step, threshold, shrinkage, intercept_rate, k, now, clock, note):
        """Note the gradient step, move the intercept; take a step of the penalty."""
        change = -length * push
        clock[0] += intercept_rate * change
        note[0] = change / clock[1]
        clock[2] += threshold / clock[1]
        clock[1] *= shrinkage
        return clock[1] < LEAST_SHARE

    def move(self, worker, design, i, first, last, penalty, k, note):
        """Add the gradient step to the weights."""
        if note[0] != 0:
            design.axpy_between(i, first, last, note[0], Vector(self.held, k))

    def write(self, k, start, stop, penalty, clock, out):
        """Write weights start:stop."""
        held = self.held[k, start:stop]
        for i in range(held.size):
            out[i] = clock[1] * soft_threshold(held[i], clock[2])

    def rest(self, k, start, stop, clock):
        """Rewrite u for P = 1."""
        for j in range(start, stop):
            self.held[k, j] *= clock[1]

    def resume(self, clock):
        """Set P to 1."""
        clock[2] *= clock[1]
        clock[1] = 1.0


class CumulativeSummed(NamedTuple):
    """As `Cumulative`, with the sums of iterates.

    Attributes
    ----------
    coef, held : arrays
        As in `Cumulative`.
    clock : array of (n_problems, 6)
        Intercept, P and Q; whether weights are to be added up now; the sum of the intercepts, and how many
        iterates were counted.
    sums : array of (n_problems, n_features)
        Of the weights after each counted step.
    counted_from, every : float, int
        Steps are counted from the first on that are multiples of the second.
    """

    coef: np.ndarray
    held: np.ndarray
    clock: np.ndarray
    sums: np.ndarray
    counted_from: float
    every: int

    def predict(self, design, i, first, last, penalty, k, clock):
        """Return what entries first:last of row i add to the prediction."""
        return _predict(design, i, first, last, self.held, k, clock)

    def take(self, worker, i, push, length, step, threshold, shrinkage, intercept_rate, k, now, clock, note):
        """Note the gradient step, move the intercept; take a step of the penalty, count the iterate."""
        change = -length * push
        clock[0] += intercept_rate * change
        note[0] = change / clock[1]
        clock[2] += threshold / clock[1]
        clock[1] *= shrinkage
        counted = now >= self.counted_from and now % self.every == 0
        if counted:
            clock[3] = 1.0
            clock[4] += clock[0]
            clock[5] += 1.0
        return counted or clock[1] < LEAST_SHARE

    def move(self, worker, design, i, first, last, penalty, k, note):
        """Add the gradient step to the weights."""
        if note[0] != 0:
            design.axpy_between(i, first, last, note[0], Vector(self.held, k))

    def write(self, k, start, stop, penalty, clock, out):
        """Write weights start:stop."""
        held = self.held[k, start:stop]
        for i in range(held.size):
            out[i] = clock[1] * soft_threshold(held[i], clock[2])

    def rest(self, k, start, stop, clock):
        """Add up weights where that is due; rewrite u for P = 1 where P is small."""
        held, sums = self.held[k], self.sums[k]
        if clock[3] != 0:
            for j in range(start, stop):
                sums[j] += clock[1] * soft_threshold(held[j], clock[2])
        if clock[1] < LEAST_SHARE:
            for j in range(start, stop):
                held[j] *= clock[1]

    def resume(self, clock):
        """Set P to 1 where it was small."""
        clock[3] = 0.0
        if clock[1] < LEAST_SHARE:
            clock[2] *= clock[1]
            clock[1] = 1.0


class Proximal(NamedTuple):
    """Weights that each take their own proximal step after every row.

    Attributes
    ----------
    coef : array of (n_problems, n_features)
    clock : array of (n_problems, 1)
        The intercept.
    """

    coef: np.ndarray
    clock: np.ndarray

    def predict(self, design, i, first, last, penalty, k, clock):
        """Return what entries first:last of row i add to the prediction."""
        return design.dot_between(i, first, last, Vector(self.coef, k))

    def take(self, worker, i, push, length, step, threshold, shrinkage, intercept_rate, k, now, clock, note):
        """Note the gradient step, move the intercept."""
        note[0] = -length * push
        note[1] = step
        clock[0] += intercept_rate * note[0]
        return False

    def move(self, worker, design, i, first, last, penalty, k, note):
        """Add the gradient step to the weights, then take a step of the penalty."""
        coef = self.coef[k]
        if note[0] != 0:
            design.axpy_between(i, first, last, note[0], Vector(self.coef, k))
        for j in range(coef.size):
            coef[j] = penalty.prox(coef[j], note[1], j)

    def write(self, k, start, stop, penalty, clock, out):
        """Write weights start:stop."""
        copy_into(self.coef[k, start:stop], out)

    def rest(self, k, start, stop, clock):
        """Do nothing."""

    def resume(self, clock):
        """Do nothing."""


class ProximalSummed(NamedTuple):
    """As `Proximal`, with the sums of the iterates.

    Attributes
    ----------
    coef, sums : arrays of (n_problems, n_features)
    clock : array of (n_problems, 3)
        The intercept, the sum of the intercepts, and how many iterates were counted.
    counted_from : float
    """

    coef: np.ndarray
    clock: np.ndarray
    sums: np.ndarray
    counted_from: float

    def predict(self, design, i, first, last, penalty, k, clock):
        """Return what entries first:last of row i add to the prediction."""
        return design.dot_between(i, first, last, Vector(self.coef, k))

    def take(self, worker, i, push, length, step, threshold, shrinkage, intercept_rate, k, now, clock, note):
        """Note the gradient step, move the intercept, count the iterate."""
        note[0] = -length * push
        note[1] = step
        note[2] = 1.0 if now >= self.counted_from else 0.0
        clock[0] += intercept_rate * note[0]
        clock[1] += note[2] * clock[0]
        clock[2] += note[2]
        return False

    def move(self, worker, design, i, first, last, penalty, k, note):
        """Add the gradient step to the weights, then take a step of the penalty; sum them."""
        coef = self.coef[k]
        sums = self.sums[k]
        if note[0] != 0:
            design.axpy_between(i, first, last, note[0], Vector(self.coef, k))
        for j in range(coef.size):
            coef[j] = penalty.prox(coef[j], note[1], j)
            sums[j] += note[2] * coef[j]

    def write(self, k, start, stop, penalty, clock, out):
        """Write weights start:stop."""
        copy_into(self.coef[k, start:stop], out)

    def rest(self, k, start, stop, clock):
        """Do nothing."""

    def resume(self, clock):
        """Do nothing."""
