"""The elastic net penalty."""

from typing import NamedTuple

import numpy as np

from fastreg.jit import at
from fastreg.numerics import prox_elastic_net, soft_threshold
from fastreg.penalties.fields import checked_field, checked_strength


class ElasticNet(NamedTuple):
    r"""A mixture of `L1` and `L2`, without halves (Zou and Hastie 2005).

    .. math:: penalty_j(w) = strength_j (l1\_ratio |w| + (1 - l1\_ratio) w^2)

    Parameters
    ----------
    strength : float or array of n_features
        At least 0; 0 leaves a feature unpenalised.
    l1_ratio : float
        Share of the L1 part, in [0, 1]. scikit-learn's parameter of that name mixes in halves and
        differs.
    """

    strength: float | np.ndarray
    l1_ratio: float

    def value(self, weight, j):
        """Return strength * (l1_ratio * abs(weight) + (1 - l1_ratio) * weight**2)."""
        return at(self.strength, j) * (self.l1_ratio * abs(weight) + (1 - self.l1_ratio) * weight * weight)

    def gradient(self, weight, j):
        """Return the derivative; at weight 0 the subgradient of least norm, 0."""
        return at(self.strength, j) * (self.l1_ratio * np.sign(weight) + 2 * (1 - self.l1_ratio) * weight)

    def prox(self, weight, step, j):
        """Return the weight soft-thresholded by the L1 part, then shrunken by the L2 part."""
        amount = step * at(self.strength, j)
        return prox_elastic_net(weight, amount * self.l1_ratio, 2 * amount * (1 - self.l1_ratio))

    def threshold(self, step, j):
        """Return step * strength * l1_ratio."""
        return step * at(self.strength, j) * self.l1_ratio

    def shrinkage(self, step, j):
        """Return 1 / (1 + 2 * step * strength * (1 - l1_ratio))."""
        return 1 / (1 + 2 * step * at(self.strength, j) * (1 - self.l1_ratio))

    def conjugate(self, u, j):
        """Return max(abs(u) - l1, 0)**2 / (4 * l2); without an L2 part 0 or infinity."""
        excess = abs(u) - at(self.strength, j) * self.l1_ratio
        l2 = at(self.strength, j) * (1 - self.l1_ratio)
        if excess <= 0:
            return 0.0
        return excess * excess / (4 * l2) if l2 > 0 else np.inf

    def maximiser(self, u, j):
        """Return the soft-thresholded u over 2 * l2, infinite without an L2 part."""
        l1 = at(self.strength, j) * self.l1_ratio
        l2 = at(self.strength, j) * (1 - self.l1_ratio)
        if abs(u) <= l1:
            return 0.0
        return soft_threshold(u, l1) / (2 * l2) if l2 > 0 else np.inf * u

    def critical_strength(self, gradient, j):
        """Return abs(gradient) / (strength * l1_ratio), 0 where nothing is penalised."""
        strength = at(self.strength, j)
        if strength == 0 or gradient == 0:
            return gradient * 0
        return abs(gradient) / (strength * self.l1_ratio) if self.l1_ratio > 0 else np.inf * abs(gradient)

    def stiffness(self, weight, j):
        """Return infinity at the kink of an L1 part, 2 * strength * (1 - l1_ratio) elsewhere."""
        if weight == 0 and at(self.strength, j) * self.l1_ratio > 0:
            return np.inf
        return 2 * at(self.strength, j) * (1 - self.l1_ratio)

    def checked(self, n_features, dtype):
        """Return a validated copy with fields of ``dtype``."""
        ratio = checked_field("ElasticNet", "l1_ratio", self.l1_ratio, n_features, dtype)
        if np.ndim(ratio) or not 0 <= ratio <= 1:
            raise ValueError(f"ElasticNet.l1_ratio={self.l1_ratio!r} is no share: pass a number in [0, 1].")
        return ElasticNet(checked_strength("ElasticNet", self.strength, n_features, dtype), ratio)
