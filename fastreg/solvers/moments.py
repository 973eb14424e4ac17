"""A quadratic loss by its moments: what sums over rows say of it, so that rows are read no more.

A loss of constant curvature k is k (prediction - t_i)**2 / 2 + constant_i with the working target
t_i = -slope_i(0) / k. With z_i the row (x_i, t_i, 1), x and t less a constant near their means so that
centring loses no digits, everything follows from

    moments = sum_i s_i z_i z_i'

The loss of weights w and intercept b is a quadratic form in (w, -1, b). Moments of disjoint rows add up:
those of all rows less those of some are those of the others, which is all that cross-validation asks for.
"""

import numpy as np

from fastreg.jit import kernel
from fastreg.solvers import passes

_ROWS_AT_ONCE = 1024
_MOST_PARTS = 4  # partial sums of products


@kernel
def _quadratic_form(matrix, support, a):
    """Return a'Ma, by the rows and columns where a is not 0."""
    result = 0.0
    for k in support:
        row = matrix[k]
        product = 0.0
        for j in support:
            product += a[j] * row[j]
        result += a[k] * product
    return result


class Moments:
    """Sums over some rows.

    Attributes
    ----------
    matrix : array of (n_features + 2, n_features + 2)
        The sum of weights_i z_i z_i'.
    constant : float
        What the losses of these rows have beside the square.
    """

    def __init__(self, matrix, constant):
        self.matrix, self.constant = matrix, constant

    def without(self, part):
        """Return the moments of the rows that are not among those of ``part``."""
        return Moments(self.matrix - part.matrix, self.constant - part.constant)

    @property
    def total(self):
        """The sum of the weights."""
        return self.matrix[-1, -1]

    def square(self, coef, intercept):
        """Return the mean of (prediction - t)**2."""
        a = np.concatenate([coef, [-1.0, intercept]])
        return max(0.0, _quadratic_form(self.matrix, np.flatnonzero(a), a)) / self.total

    def normal_equations(self, centred):
        """Return G, c and the mean square of t where w'Gw - 2 c.w + square is the mean of (w.x - t)**2.

        Centred: at the best intercept of each w.
        """
        means = self.matrix[-1] / self.total
        products = self.matrix[:-2, :-2] / self.total
        target = self.matrix[-2] / self.total
        if centred:
            for row, mean in zip(products, means[:-2], strict=True):  # no second matrix for the outer product
                row -= mean * means[:-2]
            target -= means[-2] * means
        return products, target[:-2], float(target[-2])


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

    def moments(self, matrix, rows=None):
        """Return the `Moments` of some rows, all by default, in one pass over them.

        Parameters
        ----------
        matrix : ColumnMatrix or RowMatrix
            X, with the crew that does the work and the counter of it.
        """
        n_samples, n_features = self._X.shape
        count = n_samples if rows is None else rows.size
        parts = max(1, min(_MOST_PARTS, count // (4 * _ROWS_AT_ONCE)))
        partial = np.zeros((parts, n_features + 2, n_features + 2))
        matrix.crew.limit_blas()
        matrix.crew.each(self._add_rows, [count * part // parts for part in range(parts + 1)], rows, partial)
        matrix.count_product(count * n_features)
        chosen = slice(None) if rows is None else rows
        constant = passes.inner_product(self._weights[chosen], self._constants[chosen])
        return Moments(partial[0] if parts == 1 else partial.sum(axis=0), float(constant))

    def _add_rows(self, part, start, stop, rows, partial):
        n_features = self._X.shape[1]
        order = "F" if self._X.flags.f_contiguous else "C"
        stack = np.empty((min(_ROWS_AT_ONCE, stop - start), n_features + 2), order=order)
        products = np.empty_like(partial[part])
        for first in range(start, stop, _ROWS_AT_ONCE):
            chosen = slice(first, min(first + _ROWS_AT_ONCE, stop))
            if rows is not None:
                chosen = rows[chosen]
            roots = np.sqrt(self._weights[chosen])
            z = stack[: roots.size]
            np.subtract(self._X[chosen], self.centres, out=z[:, :-2])
            np.subtract(self._target[chosen], self.centre, out=z[:, -2])
            z[:, -1] = 1.0
            z *= roots[:, None]
            np.matmul(z.T, z, out=products)
            partial[part] += products
