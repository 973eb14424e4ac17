"""Rules by which one strength of many is chosen."""

import numpy as np
from scipy.special import gammaln

RULES = "min", "1se"  # by the loss on rows left out
CRITERIA = "aic", "aicc", "bic", "ebic"  # by the fit of all rows
_WHO_KNOWS = {
    **dict.fromkeys(RULES, "fastreg.cross_validate"),
    **dict.fromkeys(CRITERIA, "fastreg.information_criteria"),
}


def checked_rule(rule, known):
    """Return a rule that is among those known here, or say who knows it."""
    if rule not in known:
        elsewhere = f", or call {_WHO_KNOWS[rule]}" if rule in _WHO_KNOWS else ""
        raise ValueError(
            f"rule={rule!r} is unknown here: pass one of {', '.join(map(repr, known))}{elsewhere}."
        )
    return rule


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


def criteria(deviances, parameters, sizes, *, count, n_features, gamma):
    r"""Return AIC, AICc, BIC and EBIC by name: what a fit costs, the least is the best.

    .. math::

        AIC = D + 2 k \qquad AICc = AIC + \frac{2 k (k + 1)}{n - k - 1} \qquad BIC = D + k \log n
        \qquad EBIC = BIC + 2 \gamma \log \binom{p}{m}

    Parameters
    ----------
    deviances : array of n_strengths
        D, -2 log likelihood.
    parameters : array of n_strengths
        k, degrees of freedom. AICc is infinite from n - 1 on.
    sizes : int array of n_strengths
        m, how many features (or groups) are in the model.
    count : float
        n.
    n_features : int
        p, how many there are to choose from.
    gamma : float

    References
    ----------
    Akaike 1974; Hurvich, Tsai 1989; Schwarz 1978; Chen, Chen 2008.
    """
    left = count - parameters - 1
    correction = 2 * parameters * (parameters + 1) / np.where(left > 0, left, 1.0)
    aic = deviances + 2 * parameters
    bic = deviances + parameters * np.log(count)
    models = gammaln(n_features + 1) - gammaln(sizes + 1) - gammaln(n_features - sizes + 1)
    return {
        "aic": aic,
        "aicc": aic + np.where(left > 0, correction, np.inf),
        "bic": bic,
        "ebic": bic + 2 * gamma * models,
    }
