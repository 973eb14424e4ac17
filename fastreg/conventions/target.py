"""The deviation of the target, by which glmnet and Spark divide it, and of the columns."""

from typing import NamedTuple

import numpy as np

from fastreg.conventions.parts import nonnegative_array


class Target(NamedTuple):
    """What the translations need to know of y and the sample weights.

    Attributes
    ----------
    deviation : float
        sqrt(sum_i s_i (y_i - mean)^2 / S), with the weighted mean.
    root_mean_square : float
        sqrt(sum_i s_i y_i^2 / S).
    correction : float
        S / (S - sum_i s_i^2 / S), which makes a 1/S variance unbiased; n / (n - 1) without weights.
    """

    deviation: float
    root_mean_square: float
    correction: float


def measured(owner, y, sample_weight):
    """Return the `Target` of y and the weights, None for weights 1."""
    try:
        y = np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError):
        y = np.empty(0)
    if y.ndim != 1 or y.size < 2 or not np.all(np.isfinite(y)):
        raise ValueError(f"{owner} standardises by the target: pass y, the numbers that it is trained on.")
    if sample_weight is None:
        weights = np.ones(y.size)
    else:
        weights = nonnegative_array(owner, "sample_weight", sample_weight)
    if weights.size != y.size or np.count_nonzero(weights) < 2:
        raise ValueError(f"{owner}: sample_weight does not fit y: pass one weight per row, two above 0.")
    weights = weights / weights.sum()
    mean = weights @ y
    return Target(
        float(np.sqrt(weights @ (y - mean) ** 2)),
        float(np.sqrt(weights @ y**2)),
        float(1 / (1 - weights @ weights)),
    )
