"""Rules by which one strength of many is chosen."""

import numpy as np

RULES = "min", "1se"


def least(means):
    """Return the entry of the least mean loss, the strongest of several alike.

    Parameters
    ----------
    means : array of n_strengths
        From the strongest down; NaN is never chosen.

    Raises
    ------
    ValueError
        If no mean is a number.
    """
    if np.isnan(means).all():
        raise ValueError(
            "No strength has a loss that is a number: scale the columns of X, or pass other strengths."
        )
    return int(np.nanargmin(means))


def within_one_error(means, errors):
    """Return the strongest entry whose mean loss is within one standard error of the least.

    The simplest model that is not clearly worse than the best (Breiman, Friedman, Olshen, Stone 1984).
    """
    best = least(means)
    error = 0.0 if np.isnan(errors[best]) else errors[best]  # of a single fold it is not known
    return int(np.argmax(means <= means[best] + error))


def mean_and_error(losses, weights):
    """Return mean and standard error over folds of losses (n_strengths, n_folds), folds by their weight."""
    shares = weights / weights.sum()
    means = losses @ shares
    count = losses.shape[1]
    if count < 2:
        return means, np.full(means.size, np.nan)
    spread = ((losses - means[:, None]) ** 2) @ shares
    return means, np.sqrt(spread / (count - 1))
