"""Bounds on the weights, around any penalty."""

from typing import NamedTuple

import numpy as np

from fastreg.jit import at, checked
from fastreg.penalties.fields import checked_field


class Bounded(NamedTuple):
    r"""A penalty whose weights must stay within bounds: ``Bounded(L1(0.1), 0, np.inf)`` is non-negative.

    .. math:: penalty_j(w) = inner_j(w) \text{ if } lower_j \le w \le upper_j, \text{ else } \infty

    In one dimension the prox of a convex function restricted to an interval is the clipped prox
    (Bauschke and Combettes, Proposition 24.47).

    Parameters
    ----------
    penalty : NamedTuple
        A convex penalty.
    lower, upper : float or array of n_features
        With lower <= 0 <= upper, so that the weight 0 is allowed; infinite is no bound.
    """

    penalty: NamedTuple
    lower: float | np.ndarray
    upper: float | np.ndarray

    def value(self, weight, j):
        """Return the inner value within the bounds, infinity outside."""
        if weight < at(self.lower, j) or weight > at(self.upper, j):
            return np.inf
        return self.penalty.value(weight, j)

    def prox(self, weight, step, j):
        """Return the inner prox, clipped."""
        return min(max(self.penalty.prox(weight, step, j), at(self.lower, j)), at(self.upper, j))

    def maximiser(self, u, j):
        """Return the inner maximiser, clipped."""
        return min(max(self.penalty.maximiser(u, j), at(self.lower, j)), at(self.upper, j))

    def conjugate(self, u, j):
        """Return u * w - value(w) at the maximiser w, infinite where that is infinite."""
        weight = self.maximiser(u, j)
        if abs(weight) == np.inf:
            return np.inf
        return u * weight - self.penalty.value(weight, j)

    def critical_strength(self, gradient, j):
        """Return the inner critical strength, 0 where a bound at 0 holds the weight already."""
        held = (gradient < 0 and at(self.upper, j) == 0) or (gradient > 0 and at(self.lower, j) == 0)
        return gradient * 0 if held else self.penalty.critical_strength(gradient, j)

    def stiffness(self, weight, j):
        """Return infinity at a bound, the inner stiffness between them."""
        if weight <= at(self.lower, j) or weight >= at(self.upper, j):
            return np.inf
        return self.penalty.stiffness(weight, j)

    @property
    def strength(self):
        """The strength of the inner penalty."""
        return self.penalty.strength

    def with_strength(self, strength):
        """Return the same bounds around the inner penalty at another strength."""
        return self._replace(penalty=self.penalty._replace(strength=strength))

    def checked(self, n_features, dtype):
        """Return a validated copy with fields of ``dtype``."""
        inner = checked(self.penalty, "penalty", n_features, dtype)
        lower = checked_field("Bounded", "lower", self.lower, n_features, dtype)
        upper = checked_field("Bounded", "upper", self.upper, n_features, dtype)
        if not (np.all(lower <= 0) and np.all(upper >= 0)):
            raise ValueError(
                f"Bounded(lower={self.lower!r}, upper={self.upper!r}) shuts out the weight 0: "
                f"pass lower <= 0 <= upper."
            )
        return Bounded(inner, lower, upper)
