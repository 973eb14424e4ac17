"""The squared epsilon-insensitive loss."""

from typing import NamedTuple

import numpy as np

from fastreg.losses.fields import checked_amount


class SquaredEpsilonInsensitive(NamedTuple):
    """Errors up to epsilon cost nothing, what exceeds it its square: without the kinks.

    .. math:: loss(y, p) = max(0, |y - p| - epsilon)^2

    Parameters
    ----------
    epsilon : float
        At least 0, in the units of y.
    """

    epsilon: float

    def value(self, y, prediction):
        """Return max(0, abs(y - prediction) - epsilon)**2."""
        excess = max(abs(prediction - y) - self.epsilon, 0.0)
        return excess * excess

    def slope(self, y, prediction):
        """Return the derivative in the prediction."""
        return 2 * np.sign(prediction - y) * max(abs(prediction - y) - self.epsilon, 0.0)

    def curvature(self, y, prediction):
        """Return 2 where the error reaches epsilon, else 0."""
        return 2.0 if abs(prediction - y) >= self.epsilon else 0.0

    def curvature_bound(self, y):
        """Return 2."""
        return 2.0

    def conjugate(self, y, u):
        """Return u**2 / 4 + u * y + epsilon * abs(u)."""
        return 0.25 * u * u + u * y + self.epsilon * abs(u)

    def checked(self, n_features, dtype):
        """Return a validated copy with fields of ``dtype``."""
        amount = checked_amount("SquaredEpsilonInsensitive", "epsilon", self.epsilon, dtype)
        return SquaredEpsilonInsensitive(amount)
