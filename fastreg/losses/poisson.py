"""The Poisson loss."""

from typing import NamedTuple

import numpy as np

from fastreg.numerics import entropy_term, exp, log


class Poisson(NamedTuple):
    r"""Half the deviance of counts whose mean is exp(p).

    .. math:: loss(y, p) = \exp(p) - y p + y \log y - y

    For targets of at least 0. It is 0 at p = log y.
    """

    def value(self, y, prediction):
        """Return exp(prediction) - y * prediction + y log(y) - y."""
        return exp(prediction) - y * prediction + (entropy_term(y) - y)

    def slope(self, y, prediction):
        """Return exp(prediction) - y."""
        return exp(prediction) - y

    def curvature(self, y, prediction):
        """Return exp(prediction)."""
        return exp(prediction)

    def conjugate(self, y, u):
        """Return (y + u) log(y + u) - u - y log(y) for u >= -y, else infinity."""
        rate = y + u
        if rate < 0:
            return np.inf
        if rate == 0 or y == 0:
            return entropy_term(rate) - u - entropy_term(y)
        return u * log(y) + (rate * np.log1p(u / y) - u)  # not as a difference of two large numbers

    def deviance(self, total, count):
        """Return -2 log likelihood, less that of exact predictions, of rows whose losses add up to this."""
        return 2 * total

    def checked_target(self, y):
        """Return ``y``, or refuse negative counts."""
        if y.min() < 0:
            raise ValueError(f"y holds {y.min():g}: the Poisson loss takes counts of at least 0.")
        return y
