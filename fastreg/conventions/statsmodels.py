"""statsmodels: the alpha and L1_wt of fit_regularized."""

import numpy as np

from fastreg.conventions.parts import (
    at_least_0,
    checked_parameters,
    from_halves,
    halves,
    mean_weight,
    nonnegative_array,
    parts_of,
    share,
    total,
)

_AVERAGED = {"alpha": 0.0, "L1_wt": 1.0}
_DEFAULTS: dict[str, dict] = {
    "OLS": _AVERAGED,
    "WLS": _AVERAGED,
    "GLM": _AVERAGED,
    "Logit": {"alpha": 0.0},
}


def from_statsmodels(model, *, total_weight=None, n_samples=None, **parameters):
    r"""Return the penalty that ``fit_regularized`` of a model of statsmodels minimises.

    With s_i the weights (of WLS, or freq_weights of GLM), S their sum, n the number of rows, p_j a
    coefficient and z_i a prediction, statsmodels minimises::

        OLS, WLS        sum_i s_i (y_i - z_i)^2 / (2 S)
                            + sum_j alpha_j (L1_wt |p_j| + (1 - L1_wt) / 2 p_j^2)
        GLM (Binomial)  sum_i s_i log(1 + exp(-y_i z_i)) / n
                            + sum_j alpha_j (L1_wt |p_j| + (1 - L1_wt) / 2 p_j^2)
        Logit           sum_i log(1 + exp(-y_i z_i)) + sum_j alpha_j |p_j|

    OLS and WLS have fastreg's mean loss, with strengths alpha L1_wt of L1 and alpha (1 - L1_wt) / 2 of L2.
    GLM divides the weighted sum by n, so its strengths are n / S times these. Logit sums the loss, so its
    strength is alpha / n of L1. statsmodels has no intercept apart: a column of ones is a column, penalised
    unless its alpha is 0.

    Parameters
    ----------
    model : str
        'OLS', 'WLS', 'GLM' (with the Binomial family) or 'Logit'.
    total_weight : float, optional
        The number of rows n, which Logit needs; S for GLM with weights.
    n_samples : int, optional
        n, for GLM with weights.
    **parameters
        ``alpha``, a number or one per column, and ``L1_wt`` where the model has it; what is left out takes
        statsmodels' default.

    Returns
    -------
    penalty : NoPenalty, L1, L2 or ElasticNet
        The simplest that says it.

    Raises
    ------
    ValueError
        If a parameter is impossible or unknown, or total_weight is missing.

    Examples
    --------
    >>> from_statsmodels("Logit", alpha=2.0, total_weight=100)
    L1(strength=0.02)
    """
    given = checked_parameters("statsmodels", _DEFAULTS, model, parameters)
    amount, factors = given["alpha"], None
    if np.ndim(amount):
        amount, factors = 1.0, nonnegative_array(model, "alpha", amount)
    amount = at_least_0(model, "alpha", amount)
    amount /= _loss_unit(model, total_weight, n_samples)
    return from_halves(amount, share(model, "L1_wt", given.get("L1_wt", 1.0)), factors)


def to_statsmodels(model, penalty, *, total_weight=None, n_samples=None):
    """Return the parameters of ``fit_regularized`` for a penalty: the inverse of `from_statsmodels`.

    Parameters
    ----------
    model : str
        As for `from_statsmodels`.
    penalty : NoPenalty, L1, L2 or ElasticNet
        With a number as strength, or one per column.
    total_weight, n_samples : optional
        As for `from_statsmodels`.

    Returns
    -------
    parameters : dict
        ``alpha``, and ``L1_wt`` where the model has it.

    Raises
    ------
    ValueError
        If the model cannot express the penalty.

    Examples
    --------
    >>> from fastreg.penalties import L2
    >>> to_statsmodels("OLS", L2(0.1))
    {'alpha': 0.2, 'L1_wt': 0.0}
    """
    names = checked_parameters("statsmodels", _DEFAULTS, model, {})
    l1, l2, factors = parts_of(model, penalty)
    if l2 and model == "Logit":
        raise ValueError(f"Logit of statsmodels cannot express {penalty!r}: take GLM, which has an L2 part.")
    amount, ratio = halves(l1, l2)
    amount *= _loss_unit(model, total_weight, n_samples)
    expressed = {"alpha": amount if factors is None else amount * factors, "L1_wt": ratio}
    return {name: expressed[name] for name in names}


def _loss_unit(model, total_weight, n_samples):
    """Return how much of our mean loss the model's objective holds."""
    if model == "Logit":
        return total(model, total_weight)
    return mean_weight(model, total_weight, n_samples) if model == "GLM" else 1.0
