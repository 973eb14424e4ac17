"""The squared loss."""

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
