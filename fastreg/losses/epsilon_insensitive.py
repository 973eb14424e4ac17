"""The epsilon-insensitive loss."""

from typing import NamedTuple

import numpy as np

from fastreg.losses.fields import checked_amount


class EpsilonInsensitive(NamedTuple):
    """The loss of support vector regression: errors up to epsilon cost nothing (Vapnik 1995).

    .. math:: loss(y, p) = max(0, |y - p| - epsilon)

    Parameters
    ----------
    epsilon : float
        At least 0, in the units of y; 0 is the absolute error.
    """

    epsilon: float

    def value(self, y, prediction):
        """Return max(0, abs(y - prediction) - epsilon)."""
        return max(abs(prediction - y) - self.epsilon, 0.0)

    def slope(self, y, prediction):
        """Return the sign of the error, 0 where it costs nothing."""
        return np.sign(prediction - y) if abs(prediction - y) > self.epsilon else prediction * 0

    def curvature(self, y, prediction):
        """Return 0, the second derivative beside the kinks."""
        return prediction * 0

    def curvature_bound(self, y):
        """Return infinity: the slope jumps."""
        return np.inf

    def conjugate(self, y, u):
        """Return u * y + epsilon * abs(u) for abs(u) <= 1, else infinity."""
        return u * y + self.epsilon * abs(u) if abs(u) <= 1 else np.inf

    def checked(self, n_features, dtype):
        """Return a validated copy with fields of ``dtype``."""
        return EpsilonInsensitive(checked_amount("EpsilonInsensitive", "epsilon", self.epsilon, dtype))
