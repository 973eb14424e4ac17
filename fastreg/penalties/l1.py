"""The L1 penalty (lasso)."""

from typing import NamedTuple

import numpy as np

from fastreg.jit import at
from fastreg.numerics import soft_threshold
from fastreg.penalties.fields import checked_strength


class L1(NamedTuple):
    """The sum of absolute values (Tibshirani 1996): weights that do not pay become exactly 0.

    .. math:: penalty_j(w) = strength_j |w|

    Parameters
    ----------
    strength : float or array of n_features
        At least 0; 0 leaves a feature unpenalised.
    """

    strength: float | np.ndarray

    def value(self, weight, j):
        """Return strength * abs(weight)."""
        return at(self.strength, j) * abs(weight)

    def gradient(self, weight, j):
        """Return the derivative; at weight 0 the subgradient of least norm, 0."""
        return at(self.strength, j) * np.sign(weight)

    def prox(self, weight, step, j):
        """Return the soft-thresholded weight."""
        return soft_threshold(weight, step * at(self.strength, j))

    def threshold(self, step, j):
        """Return step * strength."""
        return step * at(self.strength, j)

    def shrinkage(self, step, j):
        """Return 1."""
        return 1.0

    def conjugate(self, u, j):
        """Return 0 for abs(u) <= strength, infinity elsewhere."""
        return 0.0 if abs(u) <= at(self.strength, j) else np.inf

    def maximiser(self, u, j):
        """Return 0 for abs(u) <= strength, else infinity with the sign of u."""
        return 0.0 if abs(u) <= at(self.strength, j) else np.inf * u

    def critical_strength(self, gradient, j):
        """Return abs(gradient) / strength, 0 where nothing is penalised."""
        strength = at(self.strength, j)
        return abs(gradient) / strength if strength > 0 else gradient * 0

    def stiffness(self, weight, j):
        """Return infinity at the kink, 0 elsewhere."""
        return np.inf if weight == 0 and at(self.strength, j) > 0 else 0.0

    def checked(self, n_features, dtype):
        """Return a validated copy with fields of ``dtype``."""
        return L1(checked_strength("L1", self.strength, n_features, dtype))
