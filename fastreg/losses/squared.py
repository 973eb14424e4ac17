"""The squared loss."""

from math import inf, log, pi
from typing import NamedTuple


class Squared(NamedTuple):
    """Half the squared error, for any finite target.

    .. math:: loss(y, p) = (y - p)^2 / 2
    """

    def value(self, y, prediction):
        """Return (y - prediction)**2 / 2."""
        return 0.5 * (y - prediction) * (y - prediction)

    def slope(self, y, prediction):
        """Return the derivative in the prediction."""
        return prediction - y

    def curvature(self, y, prediction):
        """Return the second derivative: 1."""
        return 1.0

    def curvature_bound(self, y):
        """Return 1."""
        return 1.0

    def conjugate(self, y, u):
        """Return sup over p of u * p - value(y, p)."""
        return 0.5 * u * u + u * y

    def deviance(self, total, count, variance=None):
        """Return -2 log likelihood of so many normal errors whose losses add up to this.

        Their variance is the likeliest, 2 * total / count, where none is given.
        """
        variance = 2 * total / count if variance is None else variance
        return count * log(2 * pi * variance) + 2 * total / variance if variance > 0 else -inf
