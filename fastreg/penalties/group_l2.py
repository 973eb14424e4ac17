"""The group lasso penalty."""

from typing import Any, NamedTuple

import numpy as np

from fastreg.numerics import soft_threshold
from fastreg.penalties.fields import checked_field, checked_strength


class GroupL2(NamedTuple):
    r"""The sum of the L2 norms of groups of weights (Yuan and Lin 2006): whole groups become exactly 0.

    .. math:: penalty(w) = strength \sum_g weights_g \|w_g\|_2

    Parameters
    ----------
    strength : float
        At least 0; 0 is no penalty.
    groups : int, sequence of index sequences, or array of n_features
        Which features belong together: the size of groups of neighbours, the indices of each group, or a
        label for each feature. Every feature is in one group.
    weights : float, or array of n_groups, or "sqrt"
        At least 0; 0 leaves a group unpenalised. In the order of the index lists, or of the sorted labels.
        1 as in celer and skglm; "sqrt" is the square root of each group's size, as in Yuan and Lin, adelie
        and grpreg, where groups of noise enter no earlier the larger they are.
    """

    strength: float
    groups: Any
    weights: Any = 1.0

    def value(self, norm, g):
        """Return strength * weights_g * abs(norm)."""
        return self.strength * self.weights[g] * abs(norm)

    def gradient(self, norm, g):
        """Return the derivative; at norm 0 the subgradient of least norm, 0."""
        return self.strength * self.weights[g] * np.sign(norm)

    def prox(self, norm, step, g):
        """Return the soft-thresholded norm."""
        return soft_threshold(norm, step * self.strength * self.weights[g])

    def conjugate(self, u, g):
        """Return 0 for abs(u) <= strength * weights_g, infinity elsewhere."""
        return 0.0 if abs(u) <= self.strength * self.weights[g] else np.inf

    def maximiser(self, u, g):
        """Return 0 for abs(u) <= strength * weights_g, else infinity with the sign of u."""
        return 0.0 if abs(u) <= self.strength * self.weights[g] else np.inf * u

    def critical_strength(self, gradient, g):
        """Return abs(gradient) / (strength * weights_g), 0 where nothing is penalised."""
        strength = self.strength * self.weights[g]
        return abs(gradient) / strength if strength > 0 else gradient * 0

    def stiffness(self, norm, g):
        """Return infinity at the kink, 0 elsewhere: along the weights of the group the norm is straight."""
        return np.inf if norm == 0 and self.strength * self.weights[g] > 0 else 0.0

    def checked(self, n_groups, dtype):
        """Return a validated copy with fields of ``dtype``; groups are group numbers already."""
        strength = checked_strength("GroupL2", self.strength, n_groups, dtype)
        if np.ndim(strength):
            raise ValueError(
                "GroupL2.strength is an array: pass a number, and one weight per group as weights."
            )
        weights = self.weights
        if isinstance(weights, str):
            if weights != "sqrt":
                raise ValueError(f"GroupL2.weights={weights!r} is unknown: pass numbers, or 'sqrt'.")
            weights = np.sqrt(np.bincount(self.groups))
        elif np.ndim(weights) == 0:
            weights = np.full(n_groups, weights)  # one type, one compilation
        elif np.shape(weights) != (n_groups,):
            raise ValueError(
                f"GroupL2.weights has shape {np.shape(weights)}: pass a number or one per group ({n_groups})."
            )
        weights = checked_field("GroupL2", "weights", weights, n_groups, dtype)
        wrong = weights[~(np.isfinite(weights) & (weights >= 0))]
        if wrong.size:
            raise ValueError(f"GroupL2.weights holds {wrong[0]:g}: pass finite numbers of at least 0.")
        return GroupL2(strength, self.groups, weights)
