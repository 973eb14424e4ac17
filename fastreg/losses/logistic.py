"""The logistic loss."""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from fastreg.losses.fields import checked_labels
from fastreg.numerics import entropy_term, log1pexp, sigmoid


class Logistic(NamedTuple):
    r"""The negative log-likelihood of a logistic model, for targets -1 and +1.

    .. math:: loss(y, p) = \log(1 + \exp(-y p))
    """

    def value(self, y, prediction):
        """Return log(1 + exp(-y * prediction))."""
        return log1pexp(-y * prediction)

    def slope(self, y, prediction):
        """Return the derivative in the prediction."""
        return -y * sigmoid(-y * prediction)

    def curvature(self, y, prediction):
        """Return the second derivative in the prediction."""
        share = sigmoid(y * prediction)
        return share * sigmoid(-y * prediction)

    def curvature_bound(self, y):
        """Return 1 / 4, the curvature at prediction 0."""
        return 0.25

    def conjugate(self, y, u):
        """Return sup over p of u * p - value(y, p): an entropy for -y * u in [0, 1], else infinite."""
        share = -y * u
        value = entropy_term(share) + entropy_term(1.0 - share)
        return value if 0 <= share <= 1 else np.inf

    def deviance(self, total, count):
        """Return -2 log likelihood of rows whose losses add up to this."""
        return 2 * total

    def checked_target(self, y):
        """Return ``y``, or refuse labels other than -1 and +1."""
        return checked_labels("logistic", y)

    def probability(self, prediction):
        """Return the probability of +1 at an array of predictions, in plain Python."""
        return expit(prediction)
