"""No penalty."""

from typing import NamedTuple

import numpy as np


class NoPenalty(NamedTuple):
    """Nothing: the fit minimises the loss alone.

    .. math:: penalty_j(w) = 0
    """

    def value(self, weight, j):
        """Return 0."""
        return weight * 0

    def gradient(self, weight, j):
        """Return 0."""
        return weight * 0

    def prox(self, weight, step, j):
        """Return the weight as it is."""
        return weight

    def threshold(self, step, j):
        """Return 0."""
        return 0.0

    def shrinkage(self, step, j):
        """Return 1."""
        return 1.0

    def curvature(self, weight, j):
        """Return 0."""
        return weight * 0

    def conjugate(self, u, j):
        """Return 0 at u = 0, infinity elsewhere."""
        return 0.0 if u == 0 else np.inf

    def maximiser(self, u, j):
        """Return 0 at u = 0, else infinity with the sign of u."""
        return 0.0 if u == 0 else np.inf * u

    def critical_strength(self, gradient, j):
        """Return 0: no multiple of nothing holds a weight at 0."""
        return gradient * 0
