"""The modified Huber loss."""

from typing import NamedTuple

import numpy as np

from fastreg.losses.fields import checked_labels


class ModifiedHuber(NamedTuple):
    """The squared hinge loss, straight for rows far on the wrong side (Zhang 2004).

    .. math:: loss(y, p) = max(0, 1 - y p)^2 for y p >= -1, else -4 y p
    """

    def value(self, y, prediction):
        """Return max(0, 1 - y * prediction)**2, beyond 2 on the wrong side a straight line."""
        lack = max(1.0 - y * prediction, 0.0)
        near = min(lack, 2.0)
        return near * (2 * lack - near)

    def slope(self, y, prediction):
        """Return the derivative in the prediction."""
        return -2 * y * min(max(1.0 - y * prediction, 0.0), 2.0)

    def curvature(self, y, prediction):
        """Return 2 where the loss is squared, 0 where it is straight."""
        return 2.0 if abs(prediction) < 1 else 0.0

    def curvature_bound(self, y):
        """Return 2."""
        return 2.0

    def conjugate(self, y, u):
        """Return u**2 / 4 + y * u for -y * u in [0, 4], else infinity."""
        return 0.25 * u * u + y * u if 0 <= -y * u <= 4 else np.inf

    def checked_target(self, y):
        """Return ``y``, or refuse labels other than -1 and +1."""
        return checked_labels("modified Huber", y)

    def probability(self, prediction):
        """Return the probability of +1 at an array of predictions (Zhang 2004), in plain Python."""
        return (np.clip(prediction, -1.0, 1.0) + 1.0) / 2.0
