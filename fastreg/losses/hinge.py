"""The hinge loss."""

from typing import NamedTuple

import numpy as np

from fastreg.losses.fields import checked_amount, checked_labels


class Hinge(NamedTuple):
    """The loss of the support vector machine (margin 1) and of the perceptron (margin 0).

    .. math:: loss(y, p) = max(0, margin - y p)

    Parameters
    ----------
    margin : float
        At least 0.
    """

    margin: float = 1.0

    def value(self, y, prediction):
        """Return max(0, margin - y * prediction)."""
        return max(self.margin - y * prediction, 0.0)

    def slope(self, y, prediction):
        """Return the derivative in the prediction; at the kink -y, or a perceptron at 0 would never move."""
        return -y if y * prediction <= self.margin else y * 0

    def curvature(self, y, prediction):
        """Return 0, the second derivative beside the kink."""
        return prediction * 0

    def curvature_bound(self, y):
        """Return infinity: the slope jumps."""
        return np.inf

    def conjugate(self, y, u):
        """Return y * u * margin for -y * u in [0, 1], else infinity."""
        return y * u * self.margin if 0 <= -y * u <= 1 else np.inf

    def checked(self, n_features, dtype):
        """Return a validated copy with fields of ``dtype``."""
        return Hinge(checked_amount("Hinge", "margin", self.margin, dtype))

    def checked_target(self, y):
        """Return ``y``, or refuse labels other than -1 and +1."""
        return checked_labels("hinge", y)
