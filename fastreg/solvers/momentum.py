"""Momentum: a gradient step is taken little by little, over the rows after it (heavy ball, Polyak 1964).

    v <- m v - (1 - m) step gradient,    u <- u + v

In the end every step is taken in full, so that step sizes mean what they mean without momentum, and what the
penalty takes beside them still suits. (Heavy balls without the factor 1 - m take steps of step / (1 - m).)

What is still to come of the steps of a weight, its *lag* m v / (1 - m), is the factor m less after each row,
whichever row that is. So z = u + lag takes whole steps, as without momentum, and

    w = P soft_threshold(z - m**(rows since) lag, Q)

with the lag as it was when a row last touched the weight, see `stochastic_models`: a row costs its entries,
whatever the step sizes and the penalty are. The shrinkage P is that of weights and lags.
"""

from typing import NamedTuple

import numpy as np

from fastreg.jit import elementwise, expose
from fastreg.numerics import exp, soft_threshold
from fastreg.solvers.passes import copy_into
from fastreg.solvers.stochastic_models import LEAST_SHARE, Vector
from fastreg.solvers.validation import checked_number


def checked_momentum(momentum):
    """Return a momentum, refused where it is not in [0, 1)."""
    momentum = checked_number("momentum", momentum, 0)
    if momentum >= 1:
        raise ValueError(f"momentum={momentum!r} would take no step ever: pass a number in [0, 1).")
    return momentum


class Lags(NamedTuple):
    """What is still to come of the steps so far.

    Attributes
    ----------
    weights : array of (n_problems, n_features, 2)
        The lag of each weight when a row last touched it, and the number of that row's step; without lazy
        steps the second is 0.
    intercepts : array of n_problems
    """

    weights: np.ndarray
    intercepts: np.ndarray

    @classmethod
    def none(cls, n_problems, n_features):
        """Return the lags before the first row."""
        return cls(np.zeros((n_problems, n_features, 2)), np.zeros(n_problems))


class _Behind(NamedTuple):
    """The weights of one problem over P, behind their z by their lags after step ``now``."""

    held: np.ndarray
    lags: np.ndarray
    k: int
    fading: float
    now: float
    threshold: float
    share: float

    def _left(self, j):
        """Return how much of the lag of weight j is left."""
        return exp(self.fading * (self.now - self.lags[self.k, j, 1])) * self.lags[self.k, j, 0]

    def read(self, j):
        """Return weight j / P."""
        return soft_threshold(self.held[self.k, j] - self._left(j), self.threshold)

    def add(self, j, amount):
        """Let a row take a step of weight j."""
        self.held[self.k, j] += amount
        # What was left before this row, and the step, are both the factor less after it.
        self.lags[self.k, j, 0] = self._left(j) + self.share * amount
        self.lags[self.k, j, 1] = self.now


expose("_left")  # the view is made inside kernels, which expose only what is in their signatures


@elementwise
def _keep(clock, column, change, share):
    """Add a step of the intercept to its lag, and take the part that is due now."""
    lag = clock[column] + change
    clock[0] += (1.0 - share) * lag
    clock[column] = share * lag


class CumulativeBehind(NamedTuple):
    """A model, see `stochastic_models`: weights in excess of the thresholds of all steps, with momentum.

    Attributes
    ----------
    coef, held : arrays of (n_problems, n_features)
        The weights, once they are written out, and z / P.
    clock : array of (n_problems, 5)
        Intercept, P, Q, the number of the last step, and the lag of the intercept.
    lags : array of (n_problems, n_features, 2)
        As in `Lags`, over P.
    share, fading : float
        m and its logarithm.
    """

    coef: np.ndarray
    held: np.ndarray
    clock: np.ndarray
    lags: np.ndarray
    share: float
    fading: float

    def predict(self, design, i, first, last, penalty, k, clock):
        """Return what entries first:last of row i add to the prediction."""
        view = _Behind(self.held, self.lags, k, self.fading, clock[3], clock[2], self.share)
        return clock[1] * design.dot_between(i, first, last, view)

    def take(self, worker, i, push, length, step, threshold, shrinkage, intercept_rate, k, now, clock, note):
        """Note the gradient step, move the intercept; take a step of the penalty."""
        change = -length * push
        _keep(clock, 4, intercept_rate * change, self.share)
        note[0] = change / clock[1]
        note[1] = now
        clock[2] += threshold / clock[1]
        clock[1] *= shrinkage
        clock[3] = now
        return clock[1] < LEAST_SHARE

    def move(self, worker, design, i, first, last, penalty, k, note):
        """Add the gradient step to z and to the lags."""
        if note[0] != 0:
            view = _Behind(self.held, self.lags, k, self.fading, note[1], 0.0, self.share)
            design.axpy_between(i, first, last, note[0], view)

    def write(self, k, start, stop, penalty, clock, out):
        """Write weights start:stop."""
        view = _Behind(self.held, self.lags, k, self.fading, clock[3], clock[2], self.share)
        for i in range(stop - start):
            out[i] = clock[1] * view.read(start + i)

    def rest(self, k, start, stop, clock):
        """Rewrite z and the lags for P = 1."""
        for j in range(start, stop):
            self.held[k, j] *= clock[1]
            self.lags[k, j, 0] *= clock[1]

    def resume(self, clock):
        """Set P to 1."""
        clock[2] *= clock[1]
        clock[1] = 1.0


def beginning_at(held, clock, momentum, lags, done):
    """Return the `CumulativeBehind` that goes on after step ``done``.

    Parameters
    ----------
    held : array of (n_problems, n_features)
        z / P; taken over.
    clock : tuple
        Intercept, P and Q: arrays of n_problems or numbers.
    momentum : float
    lags : Lags
    done : float
    """
    columns = np.broadcast_arrays(*clock, done, lags.intercepts)
    clock = np.column_stack(columns).astype(np.float64)
    return CumulativeBehind(
        np.empty_like(held), held, clock, lags.weights.copy(), float(momentum), float(np.log(momentum))
    )


class _Lag(NamedTuple):
    """The lags of one problem, to be added to."""

    lags: np.ndarray
    k: int

    def add(self, j, amount):
        """Add to lag j."""
        self.lags[self.k, j, 0] += amount


class ProximalBehind(NamedTuple):
    """A model, see `stochastic_models`: each weight takes its own proximal step after every row.

    Attributes
    ----------
    coef : array of (n_problems, n_features)
    clock : array of (n_problems, 2)
        The intercept and its lag.
    lags : array of (n_problems, n_features, 2)
        As in `Lags`.
    share : float
        m.
    """

    coef: np.ndarray
    clock: np.ndarray
    lags: np.ndarray
    share: float

    def predict(self, design, i, first, last, penalty, k, clock):
        """Return what entries first:last of row i add to the prediction."""
        return design.dot_between(i, first, last, Vector(self.coef, k))

    def take(self, worker, i, push, length, step, threshold, shrinkage, intercept_rate, k, now, clock, note):
        """Note the gradient step, move the intercept."""
        note[0] = -length * push
        note[1] = step
        _keep(clock, 1, intercept_rate * note[0], self.share)
        return False

    def move(self, worker, design, i, first, last, penalty, k, note):
        """Add the gradient step to the lags and take the part that is due; then a step of the penalty."""
        coef, lags = self.coef[k], self.lags[k]
        if note[0] != 0:
            design.axpy_between(i, first, last, note[0], _Lag(self.lags, k))
        for j in range(coef.size):
            coef[j] = penalty.prox(coef[j] + (1.0 - self.share) * lags[j, 0], note[1], j)
            lags[j, 0] *= self.share

    def write(self, k, start, stop, penalty, clock, out):
        """Write weights start:stop."""
        copy_into(self.coef[k, start:stop], out)

    def rest(self, k, start, stop, clock):
        """Do nothing."""

    def resume(self, clock):
        """Do nothing."""
