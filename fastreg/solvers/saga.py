"""SAGA and SVRG with sparse proximal steps: stochastic gradients whose noise dies out.

The slope u_i that row i had when it was last visited is kept, and with it the mean gradient of all rows,
g_j = (1 / n) sum_i u_i x_ij. Visited again, with slope v_i, the row moves its own weights only,

    w_j <- prox_{step d_j}(w_j - step ((v_i - u_i) x_ij + d_j g_j)),    d_j = n / (rows with an entry j),

which is right on average: what a weight takes too much where it is moved it misses where it is not. For a
convex loss with slopes that grow by at most L along a row, steps of 1 / (3 L) converge linearly where the
objective is strongly convex. In SVRG u and g stay for a round what they were at the certificate that it
began with: no number per row is written, and threads share one table.

Defazio, Bach and Lacoste-Julien 2014 (SAGA); Johnson and Zhang 2013, Xiao and Zhang 2014 (SVRG); Pedregosa,
Leblond and Lacoste-Julien 2017 (the sparse steps).
"""

from typing import NamedTuple

import numpy as np

from fastreg.jit import kernel
from fastreg.solvers.passes import copy_into
from fastreg.solvers.stochastic_models import Vector


class _Moved(NamedTuple):
    """The weights of one problem while a row moves them."""

    coef: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    k: int
    penalty: tuple
    step: float
    share: float

    def read(self, j):
        """Return weight j."""
        return self.coef[self.k, j]

    def add(self, j, amount):
        """Move weight j by what its slope has changed by, times the entry."""
        mean, length = self.mean[self.k, j], self.step * self.spread[j]
        moved = self.coef[self.k, j] - self.step * amount - length * mean
        self.coef[self.k, j] = self.penalty.prox(moved, length, j)
        self.mean[self.k, j] = mean + self.share * amount


class Saga(NamedTuple):
    """A model, see `stochastic_models`.

    Attributes
    ----------
    coef, mean : arrays of (n_problems, n_features)
        Weights and g.
    spread : array of n_features
        d.
    table : array of (n_workers, n_problems, n_samples)
        u; each worker keeps its own.
    clock : array of (n_problems, 2)
        The intercept, and the mean of u.
    """

    coef: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    table: np.ndarray
    clock: np.ndarray

    @classmethod
    def beginning_at(cls, coef, intercept, gradient, slopes, spread, n_workers):
        """Return the model at the slopes of all rows and their mean gradient."""
        table = np.tile(slopes, (n_workers, 1, 1))
        return cls(*_two_rows(coef, gradient), spread, table, np.array([[intercept, slopes.mean()]]))

    def _share(self):
        return 1.0 / self.table.shape[2]

    def predict(self, design, i, first, last, penalty, k, clock):
        """Return what entries first:last of row i add to the prediction."""
        view = _Moved(self.coef, self.mean, self.spread, k, penalty, 0.0, 0.0)
        return design.dot_between(i, first, last, view)

    def take(self, worker, i, push, length, step, threshold, shrinkage, intercept_rate, k, now, clock, note):
        """Note how the slope has changed, move the intercept."""
        own = min(worker, self.table.shape[0] - 1)
        note[0] = push - self.table[own, k, i]
        note[1] = step
        self.table[own, k, i] = push
        clock[0] -= intercept_rate * step * (note[0] + clock[1])
        clock[1] += self._share() * note[0]
        return False

    def move(self, worker, design, i, first, last, penalty, k, note):
        """Move the weights of the row."""
        view = _Moved(self.coef, self.mean, self.spread, k, penalty, note[1], self._share())
        design.axpy_between(i, first, last, note[0], view)

    def write(self, k, start, stop, penalty, clock, out):
        """Write weights start:stop."""
        copy_into(self.coef[k, start:stop], out)

    def rest(self, k, start, stop, clock):
        """Do nothing."""

    def resume(self, clock):
        """Do nothing."""


class Svrg(NamedTuple):
    """A model, see `stochastic_models`.

    Attributes
    ----------
    coef, mean : arrays of (n_problems, n_features)
        Weights and g.
    spread : array of n_features
        d.
    slopes : array of (n_problems, n_samples)
        u.
    clock : array of (n_problems, 2)
        The intercept, and the mean of u.
    """

    coef: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    slopes: np.ndarray
    clock: np.ndarray

    @classmethod
    def beginning_at(cls, coef, intercept, gradient, slopes, spread, n_workers):
        """Return the model at the slopes of all rows and their mean gradient."""
        clock = np.array([[intercept, slopes.mean()]])
        return cls(*_two_rows(coef, gradient), spread, slopes[np.newaxis], clock)

    def predict(self, design, i, first, last, penalty, k, clock):
        """Return what entries first:last of row i add to the prediction."""
        return design.dot_between(i, first, last, Vector(self.coef, k))

    def take(self, worker, i, push, length, step, threshold, shrinkage, intercept_rate, k, now, clock, note):
        """Note how the slope has changed, move the intercept."""
        note[0] = push - self.slopes[k, i]
        note[1] = step
        clock[0] -= intercept_rate * step * (note[0] + clock[1])
        return False

    def move(self, worker, design, i, first, last, penalty, k, note):
        """Move the weights of the row."""
        view = _Moved(self.coef, self.mean, self.spread, k, penalty, note[1], 0.0)
        design.axpy_between(i, first, last, note[0], view)

    def write(self, k, start, stop, penalty, clock, out):
        """Write weights start:stop."""
        copy_into(self.coef[k, start:stop], out)

    def rest(self, k, start, stop, clock):
        """Do nothing."""

    def resume(self, clock):
        """Do nothing."""


def _two_rows(coef, gradient):
    """Return copies of weights and gradient, of a single problem."""
    return coef[np.newaxis].copy(), gradient[np.newaxis].copy()


@kernel
def steepest_row(block, start, stop, design, loss, y, weights, has_intercept, partial):
    """Write the largest L of rows start:stop into partial[block]."""
    largest = 0.0
    for i in range(start, stop):
        squares = design.sum_of_squares(i) + has_intercept
        largest = max(largest, weights[i] * loss.curvature_bound(y[i]) * squares)
    partial[block] = largest
