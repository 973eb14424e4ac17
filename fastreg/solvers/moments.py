"""A quadratic loss by its moments: what sums over rows say of it, so that rows are read no more.

A loss of constant curvature k is k (prediction - t_i)**2 / 2 + constant_i with the working target
t_i = -slope_i(0) / k. With z_i the row (x_i, t_i, 1), x and t less a constant near their means so that
centring loses no digits, everything follows from

    moments = sum_i s_i z_i z_i'

The loss of weights w and intercept b is a quadratic form in (w, -1, b). Moments of disjoint rows add up:
those of all rows less those of some are those of the others, which is all that cross-validation asks for.
"""

import functools

import numpy as np

from fastreg.jit import elementwise, kernel
from fastreg.solvers import passes
from fastreg.solvers.gram import mirror

_ROWS_AT_ONCE, _COLUMNS_AT_ONCE = 256, 128  # they and their products stay in the second cache
_PARTS = 4  # partial sums of products, where fewer sets of rows are asked for
_FEWEST_ROWS = 4096  # of such a part


@elementwise
def _row(triangle, k):
    """Return row k of a symmetric matrix, up to the diagonal."""
    start = k * (k + 1) // 2
    return triangle[start : start + k + 1]


@kernel
def _quadratic_form(triangle, support, a):
    """Return a'Ma, by the rows where a is not 0."""
    result = 0.0
    for k in support:
        row = _row(triangle, k)
        result += a[k] * (2 * passes.dot(row[:k], a[:k]) + a[k] * row[k])
    return result


@kernel
def _add_to_triangle(matrix, first, triangle):
    """Add some rows of a symmetric matrix, from the first of them on."""
    for k in range(matrix.shape[0]):
        row, out = matrix[k], _row(triangle, first + k)
        for j in range(out.size):
            out[j] += row[j]


@kernel
def _deviations(triangle, means, total, out):
    """Write moments / total - means means' to a square matrix, all but the last two rows."""
    for k in range(out.shape[0]):
        row, place = _row(triangle, k), out[k]
        for j in range(k + 1):
            place[j] = row[j] / total - means[k] * means[j]


class Moments:
    """Sums over some rows.

    Attributes
    ----------
    triangle : array of (n_features + 2) (n_features + 3) / 2
        The sum of weights_i z_i z_i', row after row up to the diagonal.
    constant : float
        What the losses of these rows have beside the square.
    """

    def __init__(self, triangle, constant):
        self.triangle, self.constant = triangle, constant
        self._size = int(np.sqrt(2 * triangle.size))

    def without(self, part):
        """Return the moments of the rows that are not among those of ``part``."""
        return Moments(self.triangle - part.triangle, self.constant - part.constant)

    @staticmethod
    def sum(parts):
        """Return the moments of the rows of all parts."""
        triangle = functools.reduce(np.add, [part.triangle for part in parts])
        return Moments(triangle, sum(part.constant for part in parts))

    @property
    def total(self):
        """The sum of the weights."""
        return self.triangle[-1]

    @property
    def means(self):
        """The means of z."""
        return _row(self.triangle, self._size - 1) / self.total

    def square(self, coef, intercept):
        """Return the mean of (prediction - t)**2."""
        a = np.concatenate([coef, [-1.0, intercept]])
        return max(0.0, _quadratic_form(self.triangle, np.flatnonzero(a), a)) / self.total

    def normal_equations(self, centred):
        """Return G, c and the mean square of t where w'Gw - 2 c.w + square is the mean of (w.x - t)**2.

        Centred: at the best intercept of each w.
        """
        means = self.means if centred else np.zeros(self._size)
        products = np.empty((self._size - 2, self._size - 2))
        _deviations(self.triangle, means, self.total, products)
        mirror(products)
        target = _row(self.triangle, self._size - 2) / self.total - means[-2] * means[:-1]
        return products, target[:-1], float(target[-1])


class RowsOfMoments:
    """The rows of a dense X under a quadratic loss, from which moments are taken.

    Attributes
    ----------
    curvature : float
        k.
    centres, centre : array of n_features, float
        What columns and target are less by; 0 without an intercept.
    """

    def __init__(self, problem):
        self._weights = problem.weights
        self._X = problem.matrix.dense()
        n_samples, n_features = self._X.shape
        losses, scratch, slopes, curvatures = np.empty((4, n_samples))
        at_zero = np.zeros(n_samples) if problem.offset is None else problem.offset
        passes.evaluate_rows(
            0, 0, n_samples, problem.loss, problem.y, np.ones(n_samples), at_zero, 0.0, scratch, slopes,
            curvatures, np.empty((1, 4)),
        )  # fmt: skip
        passes.row_losses(0, 0, n_samples, problem.loss, problem.y, at_zero, losses)
        self.curvature = float(curvatures[0])
        self._target = -slopes / self.curvature
        self._constants = losses - 0.5 * self.curvature * self._target**2
        self.centres, self.centre = np.zeros(n_features), 0.0
        if problem.has_intercept:
            problem.matrix.transpose_product(self._weights, self.centres)
            self.centre = float(passes.inner_product(self._weights, self._target))

    def moments(self, matrix, sets):
        """Return the `Moments` of each of some sets of rows, in one pass over them.

        Parameters
        ----------
        matrix : ColumnMatrix or RowMatrix
            X, with the crew that does the work and the counter of it.
        sets : list of int arrays
            Sorted.
        """
        size = self.centres.size + 2
        most = max(1, _PARTS // len(sets))  # follows from the data only, never from the crew
        counts = [max(1, min(most, rows.size // _FEWEST_ROWS)) for rows in sets]
        parts = [
            part for rows, count in zip(sets, counts, strict=True) for part in np.array_split(rows, count)
        ]
        triangles = [np.zeros(size * (size + 1) // 2) for _ in parts]
        matrix.crew.limit_blas()
        matrix.crew.each(self._add_rows, range(len(parts) + 1), parts, triangles)
        matrix.count_product(sum(rows.size for rows in sets) * self.centres.size)
        found, start = [], 0
        for rows, count in zip(sets, counts, strict=True):
            mine = triangles[start : start + count]
            constant = passes.inner_product(self._weights[rows], self._constants[rows])
            found.append(Moments(functools.reduce(np.add, mine), float(constant)))
            start += count
        return found

    def _add_rows(self, part, _start, _stop, parts, triangles):
        rows, size = parts[part], self.centres.size + 2
        by_columns = self._X.flags.f_contiguous
        stack = np.empty((min(_ROWS_AT_ONCE, rows.size), size), order="F" if by_columns else "C")
        products = np.empty((min(_COLUMNS_AT_ONCE, size), size))
        for first in range(0, rows.size, _ROWS_AT_ONCE):
            chosen = rows[first : first + _ROWS_AT_ONCE]
            if chosen[-1] - chosen[0] == chosen.size - 1:
                chosen = slice(chosen[0], chosen[-1] + 1)
                x = self._X[chosen]
            else:
                x = np.take(self._X.T, chosen, axis=1).T if by_columns else np.take(self._X, chosen, axis=0)
            weights = self._weights[chosen]
            z = stack[: weights.size]
            np.subtract(x, self.centres, out=z[:, :-2])
            np.subtract(self._target[chosen], self.centre, out=z[:, -2])
            z[:, -1] = 1.0
            z *= np.sqrt(weights)[:, None]
            for left in range(0, size, _COLUMNS_AT_ONCE):
                panel = z[:, left : left + _COLUMNS_AT_ONCE]
                right = left + panel.shape[1]
                np.matmul(panel.T, z[:, :right], out=products[: right - left, :right])
                _add_to_triangle(products[: right - left], left, triangles[part])
