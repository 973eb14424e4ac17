"""The squared hinge loss."""

from typing import NamedTuple

import numpy as np

from fastreg.losses.fields import checked_amount, checked_labels


class SquaredHinge(NamedTuple):
    """The square of the hinge loss: the same margin, without the kink.

    .. math:: loss(y, p) = max(0, margin - y p)^2

    Parameters
    ----------
    margin : float
        At least 0.
    """

    margin: float = 1.0

    def value(self, y, prediction):
        """Return max(0, margin - y * prediction)**2."""
        lack = max(self.margin - y * prediction, 0.0)
        return lack * lack

    def slope(self, y, prediction):
        """Return the derivative in the prediction."""
        return -2 * y * max(self.margin - y * prediction, 0.0)

    def curvature(self, y, prediction):
        """Return 2 below the margin, 0 above."""
        return 2.0 if y * prediction < self.margin else 0.0

    def curvature_bound(self, y):
        """Return 2."""
        return 2.0

    def conjugate(self, y, u):
        """Return u**2 / 4 + y * u * margin for -y * u of at least 0, else infinity."""
        return 0.25 * u * u + y * u * self.margin if -y * u >= 0 else np.inf

    def checked(self, n_features, dtype):
        """Return a validated copy with fields of ``dtype``."""
        return SquaredHinge(checked_amount("SquaredHinge", "margin", self.margin, dtype))

    def checked_target(self, y):
        """Return ``y``, or refuse labels other than -1 and +1."""
        return checked_labels("squared hinge", y)
