"""The multinomial loss (softmax)."""

from typing import NamedTuple

import numpy as np
from scipy.special import softmax

from fastreg.jit import reduction
from fastreg.numerics import entropy_term, exp, log, log1p_of_unit


class Multinomial(NamedTuple):
    r"""The negative log-likelihood of a multinomial model: one prediction per class, in one row.

    .. math:: loss(y, p) = \log \sum_k \exp(p_k) - p_y

    for y one of 0, 1, ..., n_classes - 1. All classes have weights of their own (the symmetric
    parametrisation). Methods that change a row take it as it is stored, so that no row is copied.

    References
    ----------
    Friedman, Hastie, Tibshirani 2010 (the symmetric parametrisation).
    """

    def value(self, y, prediction):
        """Return log(sum(exp(prediction))) - prediction[y]."""
        return self.evaluate(y, prediction.copy())

    def slope(self, y, prediction):
        """Return the gradient in the predictions: softmax less 1 at y."""
        row = prediction.copy()
        self.evaluate(y, row)
        return row

    @reduction
    def evaluate(self, y, row):
        """Return the value at a row of predictions, which becomes the row of slopes.

        The slope at y is minus the sum of the others, and the value a log1p: neither cancels.
        """
        top = row[0]
        for k in range(row.size):
            top = max(top, row[k])
        below = row[y] - top
        for k in range(row.size):
            row[k] = exp(row[k] - top)
        own = row[y]
        row[y] = 0.0
        others = 0.0
        for k in range(row.size):
            others += row[k]
        share = 1.0 / (others + own)
        for k in range(row.size):
            row[k] *= share
        row[y] = -others * share
        return log1p_of_unit(others / own) if others <= own else log(others + own) - below

    @reduction
    def curve(self, y, weight, slope, direction, out):
        """Write weight times the Hessian times a direction, where ``slope`` is weight times the slopes."""
        mean = weight * direction[y]
        for k in range(out.size):
            mean += slope[k] * direction[k]
        mean = mean / weight if weight > 0 else 0.0
        for k in range(out.size):
            out[k] = slope[k] * (direction[k] - mean)
        out[y] += weight * (direction[y] - mean)

    @reduction
    def add_curve(self, y, weight, slope, amount, direction, out):
        """Add amount times what `curve` writes."""
        mean = weight * direction[y]
        for k in range(out.size):
            mean += slope[k] * direction[k]
        mean = mean / weight if weight > 0 else 0.0
        for k in range(out.size):
            out[k] += amount * (slope[k] * (direction[k] - mean))
        out[y] += amount * (weight * (direction[y] - mean))

    def spread(self, weight, slope):
        """Return weight times a diagonal entry of the Hessian, where ``slope`` is weight times the slope."""
        share = abs(slope)
        return share * (1.0 - share / weight) if weight > 0 else 0.0

    @reduction
    def couple(self, y, weight, slope, out):
        """Add weight times the Hessian to a matrix, where ``slope`` is weight times the slopes."""
        if weight > 0:
            for k in range(slope.size):
                own = slope[k] + (weight if k == y else 0.0)
                share = own / weight
                row = out[k]
                for m in range(slope.size):
                    row[m] -= share * slope[m]
                row[y] -= own
                row[k] += own

    @reduction
    def conjugate(self, y, u):
        """Return the supremum over p of u.p - value(y, p): the entropy of u + 1 at y, a point of the simplex.

        The caller answers for the simplex: multiples in [0, 1] of a row of slopes lead into it.
        """
        result = 0.0
        for k in range(u.size):
            result += entropy_term(max(u[k] + (1.0 if k == y else 0.0), 0.0))
        return result

    def checked_target(self, y):
        """Return ``y`` as class numbers, or refuse what is none."""
        wrong = y[(y < 0) | (y != np.floor(y))]
        if wrong.size:
            raise ValueError(
                f"y holds the label {wrong[0]:g}: the multinomial loss takes class numbers 0, 1, ..., "
                f"as np.unique(y, return_inverse=True)[1] gives them."
            )
        return y.astype(np.int64)

    def probability(self, prediction):
        """Return the probabilities at an array of predictions of (n_samples, n_classes), in plain Python."""
        return softmax(prediction, axis=1)
