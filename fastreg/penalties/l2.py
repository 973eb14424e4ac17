"""The L2 penalty (ridge, weight decay)."""

from typing import NamedTuple

import numpy as np

from fastreg.jit import at
from fastreg.numerics import shrink
from fastreg.penalties.fields import checked_strength


class L2(NamedTuple):
    """The sum of squares, without a half (Hoerl and Kennard 1970): all weights shrink, none becomes 0.

    .. math:: penalty_j(w) = strength_j w^2

    Parameters
    ----------
    strength : float or array of n_features
        At least 0; 0 leaves a feature unpenalised.
    """

    strength: float | np.ndarray

    def value(self, weight, j):
        """Return strength * weight**2."""
        return at(self.strength, j) * weight * weight

    def gradient(self, weight, j):
        """Return 2 * strength * weight."""
        return 2 * at(self.strength, j) * weight

    def prox(self, weight, step, j):
        """Return the shrunken weight."""
        return shrink(weight, 2 * step * at(self.strength, j))

    def threshold(self, step, j):
        """Return 0."""
        return 0.0

    def shrinkage(self, step, j):
        """Return 1 / (1 + 2 * step * strength)."""
        return 1 / (1 + 2 * step * at(self.strength, j))

    def curvature(self, weight, j):
        """Return 2 * strength."""
        return 2 * at(self.strength, j) + weight * 0

    def conjugate(self, u, j):
        """Return u**2 / (4 * strength); without strength 0 at u = 0, infinity elsewhere."""
        strength = at(self.strength, j)
        if strength > 0:
            return u * u / (4 * strength)
        return 0.0 if u == 0 else np.inf

    def maximiser(self, u, j):
        """Return u / (2 * strength), infinite without strength."""
        strength = at(self.strength, j)
        if strength > 0:
            return u / (2 * strength)
        return 0.0 if u == 0 else np.inf * u

    def checked(self, n_features, dtype):
        """Return a validated copy with fields of ``dtype``."""
        return L2(checked_strength("L2", self.strength, n_features, dtype))
