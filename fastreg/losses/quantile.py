"""The quantile loss."""

from typing import NamedTuple

import numpy as np

from fastreg.losses.fields import checked_amount


class Quantile(NamedTuple):
    """The loss whose minimum is a quantile of the target (Koenker and Bassett 1978).

    .. math:: loss(y, p) = max(level (y - p), (level - 1) (y - p))

    Parameters
    ----------
    level : float
        In (0, 1): the share of targets below the prediction; 0.5 is half the absolute error.
    """

    level: float = 0.5

    def value(self, y, prediction):
        """Return the larger of level * (y - prediction) and (level - 1) * (y - prediction)."""
        return max(self.level * (y - prediction), (self.level - 1) * (y - prediction))

    def slope(self, y, prediction):
        """Return -level below the target, 1 - level above it, 0 at it."""
        if prediction == y:
            return prediction * 0
        return -self.level if prediction < y else 1 - self.level

    def curvature(self, y, prediction):
        """Return 0, the second derivative beside the kink."""
        return prediction * 0

    def curvature_bound(self, y):
        """Return infinity: the slope jumps."""
        return np.inf

    def conjugate(self, y, u):
        """Return u * y for u in [-level, 1 - level], else infinity."""
        return u * y if -self.level <= u <= 1 - self.level else np.inf

    def checked(self, n_features, dtype):
        """Return a validated copy with fields of ``dtype``."""
        level = checked_amount("Quantile", "level", self.level, dtype)
        if not 0 < level < 1:
            raise ValueError(f"Quantile.level is {level:g}: pass a number between 0 and 1.")
        return Quantile(level)
