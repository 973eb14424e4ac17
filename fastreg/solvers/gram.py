"""The Gram matrix of a working set, kept while columns join and leave and while curvatures move a little.

    matrix[k, l] = sum_i h_i (x_ik - c_k) (x_il - c_l)

The centres c stay where they were when a column joined: near the mean, so that `block`, which moves
them to the mean under the present h, loses no digits.
"""

from typing import Any, NamedTuple

import numpy as np

from fastreg.jit import kernel

# Rows whose curvature has moved by less than this share keep the old one in the model. A model that is
# off by a tenth leaves a tenth of the error; the step is accepted by the true objective only.
_STALE = 0.1
# Where more rows than this share have changed, all products are made anew.
_MOST_CHANGED = 0.5
_ROUNDING = 1e-17  # of a squared length, by which centring anew would change it


@kernel
def mirror(matrix):
    """Write the lower triangle over the upper one, in squares that stay in the first cache."""
    size = matrix.shape[0]
    for top in range(0, size, 32):
        for left in range(0, top + 1, 32):
            for k in range(top, min(top + 32, size)):
                for j in range(left, min(left + 32, k)):
                    matrix[j, k] = matrix[k, j]


@kernel
def copy_square(matrix, chosen, out):
    """Copy the rows and columns that bear some numbers to the upper left corner of another matrix."""
    for k in range(chosen.size):
        row, place = matrix[chosen[k]], out[k]
        for j in range(chosen.size):
            place[j] = row[chosen[j]]


@kernel
def _subtract_square(moved, total, matrix):
    """Subtract moved moved' / total."""
    for k in range(moved.size):
        row, amount = matrix[k], moved[k] / total
        for j in range(moved.size):
            row[j] -= amount * moved[j]


class Gram:
    """Products of the columns of a working set under the curvatures of a model.

    Attributes
    ----------
    features : int array
        The columns, in the order of the matrix: those that have been here longest first.
    curvatures : float or array of n_samples
        h, of which some rows may lag behind.
    """

    def __init__(self, has_intercept):
        self._has_intercept = has_intercept
        self.features = np.empty(0, dtype=np.int64)
        self.curvatures = None
        self._matrix = np.empty((0, 0))
        self._centre = np.empty(0)
        self._plan = None

    def settle(self, curvatures):
        """Return the curvatures that a model at ``curvatures`` may use: old ones where they hardly moved."""
        old = self.curvatures
        if old is None or np.ndim(curvatures) == 0 or np.ndim(old) == 0:
            return curvatures
        near = np.abs(curvatures - old) <= _STALE * old
        return old if near.all() else np.where(near, old, curvatures)

    def plan(self, reader, features, curvatures):
        """Return how to come to hold the products of a reader's columns under curvatures of `settle`."""
        usable = self._can_be_updated(curvatures)
        if self._plan is not None and self._plan.reader is reader:  # the next model of the same working set
            return self._plan if usable else self._plan._replace(kept=self._plan.kept[:0])
        stays = np.isin(self.features, features) if usable else np.zeros(self.features.size, dtype=np.bool_)
        old = self.features[stays]
        new = np.flatnonzero(np.isin(features, old, invert=True))
        new = new[np.argsort(-reader.entries[new], kind="stable")]  # the busiest stand close together
        order = np.concatenate([np.searchsorted(features, old), new])
        return _Plan(reader, order, np.flatnonzero(stays), features[order])

    def _can_be_updated(self, curvatures):
        old = self.curvatures
        return (
            old is not None
            and np.ndim(old) == np.ndim(curvatures)
            and np.count_nonzero(old != curvatures) <= _MOST_CHANGED * np.size(old)
        )

    def follow(self, plan, curvatures, mean):
        """Hold what a plan says, under its curvatures; new columns are centred at their mean."""
        known, size = plan.kept.size, plan.order.size
        if known < size or self.features.size > size:
            matrix = np.zeros((size, size))
            copy_square(self._matrix, plan.kept, matrix)
            centre = mean[plan.order] if self._has_intercept and plan.pairs.centred else np.zeros(size)
            centre[:known] = self._centre[plan.kept]
            self._matrix, self._centre = matrix, centre
        change = curvatures - self.curvatures if known else 0.0
        changed = np.any(change)
        if changed:
            plan.pairs.add(0, known, change, self._centre, self._matrix)
        if known < size:
            plan.pairs.add(known, size, curvatures, self._centre, self._matrix)
        if changed or known < size:
            mirror(self._matrix)
        self.features, self.curvatures = plan.features, curvatures
        self._plan = plan._replace(kept=np.arange(size))

    def block(self, scale, mass, total):
        """Return the Gram matrix of scaled columns, centred at their means where there is an intercept.

        It is the matrix itself, not to be written to, where that is so already.
        Columns are in the order of `features`, and so are their scales and masses.
        """
        moved = scale * (mass - total * self._centre) if self._has_intercept else np.zeros(scale.size)
        if np.all(scale == 1) and np.all(moved**2 <= _ROUNDING * total * np.diag(self._matrix)):
            return self._matrix
        matrix = self._matrix * scale
        matrix *= scale[:, None]
        _subtract_square(moved, total, matrix)
        return matrix


class _Plan(NamedTuple):
    """How a Gram matrix comes to hold other columns.

    Attributes
    ----------
    reader : ColumnReader
    order : int array
        Of the reader's columns; those that are known come first.
    kept : int array
        Where the known ones stand now.
    features : int array
        The columns in that order.
    """

    reader: Any
    order: np.ndarray
    kept: np.ndarray
    features: np.ndarray

    @property
    def pairs(self):
        """The products of every pair, not computed yet."""
        return self.reader.pairs(self.order)

    def cost(self, most):
        """Return the work of the products that are not known, in entries of a coordinate step.

        Beyond ``most`` it need not be exact.
        """
        return self.pairs.cost(self.kept.size, most) if self.kept.size < self.order.size else 0
