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
the weight was 0. The sum kept of a weight is too small by area(u, m) while the weight is alive, |u| >= Q: so
nothing is added to it while u stays. Whether a weight was alive when it was last touched is kept too, and
where rows touch a weight that stays at 0 its sum is right as it is.

`Proximal` takes the proximal step of any penalty, weight by weight, after every row.

A model has these methods. Rows are first predicted, entry by entry or in parts; then each is taken: what it
changes for all weights is done on the clock, what it means for its own weights is noted; then its weights
are moved.

    predict(design, i, first, last, penalty, k, clock)
    take(worker, i, push, length, step, penalty, intercept_rate, k, now, clock, note)
    move(worker, design, i, first, last, penalty, k, note)
    settle(worker, k, start, stop, penalty, clock)
    restart(k, start, stop, clock)
    reopen(clock)

``push`` is the derivative of the row's loss in its prediction. `settle` writes weights start:stop into
``coef`` and completes their sums; `reopen` tells the clock. `take` returns whether numbers grow too small, or
a history too long: then weights are settled and restarted before the next row. ``clock[0]`` is the intercept.
"""

from typing import NamedTuple

import numpy as np

from fastreg.jit import elementwise, expose
from fastreg.numerics import soft_threshold

# P below which all u are rewritten for P = 1: far from underflow; and, where areas are subtracted, before
# they lose more than three digits.
_LEAST_SHARE = 1e-20
_LEAST_SHARE_SUMMED = 1e-3


# Views hold whole arrays, not the row of their problem: to slice them for every row of X costs 100 ns.


class _Vector(NamedTuple):
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


@elementwise
def _until_death(history, own, k, size, steps):
    """Return the sum of a weight with that |u| until Q had grown beyond it, within some steps."""
    last, beyond = 0, steps
    while beyond - last > 1:
        middle = (last + beyond) // 2
        if history[own, k, 0, middle] < size:
            last = middle
        else:
            beyond = middle
    return size * history[own, k, 1, last] - history[own, k, 2, last]


class _Summed(NamedTuple):
    """The u of one problem, and the sums of weights over steps; ``history`` holds Q, A and B after each.

    The numbers are Q, A and B at present, and the steps so far.
    """

    held: np.ndarray
    sums: np.ndarray
    alive: np.ndarray
    history: np.ndarray
    own: int
    k: int
    threshold: float
    shares: float
    products: float
    steps: int

    def add(self, j, amount):
        """Add to the u of weight j."""
        u, alive = self.held[self.k, j], self.alive[self.k, j]
        size = abs(u)
        area = size * self.shares - self.products
        if (size < self.threshold) & (alive > 0):  # one branch, rarely taken
            area = _until_death(self.history, self.own, self.k, size, self.steps)
        lacking = np.copysign(area, u) * alive
        u += amount
        size = abs(u)
        alive = 1 if size >= self.threshold else 0
        self.held[self.k, j] = u
        self.sums[self.k, j] += lacking - np.copysign(size * self.shares - self.products, u) * alive
        self.alive[self.k, j] = alive


for _name in ("read", "add"):
    expose(_name)  # the views are made inside kernels, which expose only what is in their signatures


@elementwise
def _write_out(coef, held, start, stop, clock):
    """Write weights start:stop."""
    for j in range(start, stop):
        coef[j] = clock[1] * soft_threshold(held[j], clock[2])


@elementwise
def _restart(held, start, stop, clock):
    """Rewrite u in start:stop, and Q, for P = 1."""
    for j in range(start, stop):
        held[j] *= clock[1]
    clock[2] *= clock[1]
    clock[1] = 1.0


@elementwise
def _predict(design, i, first, last, held, k, clock):
    """Return the prediction of entries first:last of row i by weights behind u; P, Q are in the clock."""
    if clock[2] == 0:
        return clock[1] * design.dot_between(i, first, last, _Vector(held, k))
    return clock[1] * design.dot_between(i, first, last, _Thresholded(held, k, clock[2]))


class Cumulative(NamedTuple):
    """Weights in excess of the thresholds of all steps so far.

    Attributes
    ----------
    coef : array of (n_problems, n_features)
        The weights, once they are written out by `settle`.
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

    def take(self, worker, i, push, length, step, penalty, intercept_rate, k, now, clock, note):
        """Note the gradient step, move the intercept; take a step of the penalty."""
        change = -length * push
        clock[0] += intercept_rate * change
        note[0] = change / clock[1]
        clock[2] += penalty.threshold(step, 0) / clock[1]
        clock[1] *= penalty.shrinkage(step, 0)
        return clock[1] < _LEAST_SHARE

    def move(self, worker, design, i, first, last, penalty, k, note):
        """Add the gradient step to the weights."""
        if note[0] != 0:
            design.axpy_between(i, first, last, note[0], _Vector(self.held, k))

    def settle(self, worker, k, start, stop, penalty, clock):
        """Write out weights."""
        _write_out(self.coef[k], self.held[k], start, stop, clock)

    def restart(self, k, start, stop, clock):
        """Set P to 1."""
        _restart(self.held[k], start, stop, clock)

    def reopen(self, clock):
        """Do nothing."""


class CumulativeSummed(NamedTuple):
    """As `Cumulative`, with the sums of the iterates.

    Attributes
    ----------
    coef, held : arrays
        As in `Cumulative`.
    clock : array of (n_problems, 8)
        Intercept, P, Q, A, B, the steps in the history; the sum of the intercepts, and how many iterates were
        counted.
    sums : array of (n_problems, n_features)
        Of the weights after each counted step; complete after `settle`.
    alive : int8 array of (n_problems, n_features)
        1 if the weight was not at 0 when it was last touched, else 0.
    history : array of (n_workers, n_problems, 3, capacity + 1)
        Q, A and B after each step; A and B are 0 before the first. Each worker writes its own.
    counted_from : float
        The step from which on iterates are counted.
    """

    coef: np.ndarray
    held: np.ndarray
    clock: np.ndarray
    sums: np.ndarray
    alive: np.ndarray
    history: np.ndarray
    counted_from: float

    def _own(self, worker):
        """Return which history a worker writes: workers of different problems share one."""
        return min(worker, self.history.shape[0] - 1)

    def predict(self, design, i, first, last, penalty, k, clock):
        """Return what entries first:last of row i add to the prediction."""
        return _predict(design, i, first, last, self.held, k, clock)

    def take(self, worker, i, push, length, step, penalty, intercept_rate, k, now, clock, note):
        """Note the gradient step, move the intercept; take a step of the penalty, count the iterate."""
        change = -length * push
        clock[0] += intercept_rate * change
        note[0] = change / clock[1]
        for n in range(4):
            note[1 + n] = clock[2 + n]
        threshold = clock[2] + penalty.threshold(step, 0) / clock[1]
        share = clock[1] * penalty.shrinkage(step, 0)
        counted = 1.0 if now >= self.counted_from else 0.0
        steps = int(clock[5]) + 1
        clock[1] = share
        clock[2] = threshold
        clock[3] += counted * share
        clock[4] += counted * share * threshold
        clock[5] = steps
        clock[6] += counted * clock[0]
        clock[7] += counted
        own = self._own(worker)
        for n in range(3):
            self.history[own, k, n, steps] = clock[2 + n]
        return share < _LEAST_SHARE_SUMMED or steps + 1 == self.history.shape[3]

    def _view(self, worker, k, threshold, shares, products, steps):
        own = self._own(worker)
        return _Summed(
            self.held, self.sums, self.alive, self.history, own, k, threshold, shares, products, int(steps)
        )

    def move(self, worker, design, i, first, last, penalty, k, note):
        """Add the gradient step to the weights."""
        if note[0] != 0:
            view = self._view(worker, k, note[1], note[2], note[3], note[4])
            design.axpy_between(i, first, last, note[0], view)

    def settle(self, worker, k, start, stop, penalty, clock):
        """As `Cumulative.settle`; complete the sums too."""
        view = self._view(worker, k, clock[2], clock[3], clock[4], clock[5])
        for j in range(start, stop):
            view.add(j, 0.0)
            u = self.held[k, j]
            self.sums[k, j] += np.copysign(abs(u) * view.shares - view.products, u) * self.alive[k, j]
        _write_out(self.coef[k], self.held[k], start, stop, clock)

    def restart(self, k, start, stop, clock):
        """Set P to 1."""
        _restart(self.held[k], start, stop, clock)

    def reopen(self, clock):
        """Begin a new history."""
        for n in range(3, 6):
            clock[n] = 0.0


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
        return design.dot_between(i, first, last, _Vector(self.coef, k))

    def take(self, worker, i, push, length, step, penalty, intercept_rate, k, now, clock, note):
        """Note the gradient step, move the intercept."""
        note[0] = -length * push
        note[1] = step
        clock[0] += intercept_rate * note[0]
        return False

    def move(self, worker, design, i, first, last, penalty, k, note):
        """Add the gradient step to the weights, then take a step of the penalty."""
        coef = self.coef[k]
        if note[0] != 0:
            design.axpy_between(i, first, last, note[0], _Vector(self.coef, k))
        for j in range(coef.size):
            coef[j] = penalty.prox(coef[j], note[1], j)

    def settle(self, worker, k, start, stop, penalty, clock):
        """Do nothing: the weights are written out."""

    def restart(self, k, start, stop, clock):
        """Do nothing."""

    def reopen(self, clock):
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
        return design.dot_between(i, first, last, _Vector(self.coef, k))

    def take(self, worker, i, push, length, step, penalty, intercept_rate, k, now, clock, note):
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
            design.axpy_between(i, first, last, note[0], _Vector(self.coef, k))
        for j in range(coef.size):
            coef[j] = penalty.prox(coef[j], note[1], j)
            sums[j] += note[2] * coef[j]

    def settle(self, worker, k, start, stop, penalty, clock):
        """Do nothing: weights and sums are written out."""

    def restart(self, k, start, stop, clock):
        """Do nothing."""

    def reopen(self, clock):
        """Do nothing."""
