"""The Huber loss."""

from typing import NamedTuple

import numpy as np

from fastreg.losses.fields import checked_amount


class Huber(NamedTuple):
    """Squared near the target, straight beyond: outliers pull no harder than the threshold (Huber 1964).

    .. math:: loss(y, p) = r^2 / 2 for |r| <= threshold, else threshold (|r| - threshold / 2), r = p - y

    Parameters
    ----------
    threshold : float
        At least 0, in the units of y.
    """

    threshold: float

    def value(self, y, prediction):
        """Return the squared error halved near the target, a straight line beyond."""
        size = abs(prediction - y)
        near = min(size, self.threshold)
        return near * (size - 0.5 * near)

    def slope(self, y, prediction):
        """Return the error, clipped to the threshold."""
        return min(max(prediction - y, -self.threshold), self.threshold)

    def curvature(self, y, prediction):
        """Return 1 near the target, 0 beyond."""
        return 1.0 if abs(prediction - y) < self.threshold else 0.0

    def curvature_bound(self, y):
        """Return 1."""
        return 1.0

    def conjugate(self, y, u):
        """Return u**2 / 2 + u * y for abs(u) <= threshold, else infinity."""
        return 0.5 * u * u + u * y if abs(u) <= self.threshold else np.inf

    def checked(self, n_features, dtype):
        """Return a validated copy with fields of ``dtype``."""
        return Huber(checked_amount("Huber", "threshold", self.threshold, dtype))
