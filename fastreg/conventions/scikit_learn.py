"""scikit-learn: alpha, C and l1_ratio."""

import numpy as np

from fastreg.conventions.parts import above_0, at_least_0, from_halves, halves_of, share

# scikit-learn's parameters that make a penalty, with scikit-learn's defaults.
_SGD = {"alpha": 1e-4, "l1_ratio": 0.15, "penalty": "l2"}
_DEFAULTS: dict[str, dict] = {
    "Lasso": {"alpha": 1.0},
    "ElasticNet": {"alpha": 1.0, "l1_ratio": 0.5},
    "Ridge": {"alpha": 1.0},
    "LogisticRegression": {"C": 1.0, "l1_ratio": 0.0},
    "SGDClassifier": _SGD,
    "SGDRegressor": _SGD,
}
_SGD_RATIOS = {"l2": 0.0, "l1": 1.0}


def from_scikit_learn(estimator, *, total_weight=None, n_samples=None, **parameters):
    r"""Return the penalty that an estimator of scikit-learn minimises.

    With s_i the sample weights (times the class weights), S their sum and n the number of rows,
    scikit-learn minimises::

        Lasso               sum_i s_i (y_i - z_i)^2 / (2 S) + alpha sum_j |w_j|
        ElasticNet          sum_i s_i (y_i - z_i)^2 / (2 S)
                                + alpha (l1_ratio sum_j |w_j| + (1 - l1_ratio) / 2 sum_j w_j^2)
        Ridge               sum_i s_i (y_i - z_i)^2 + alpha sum_j w_j^2
        LogisticRegression  C sum_i s_i log(1 + exp(-y_i z_i))
                                + l1_ratio sum_j |w_j| + (1 - l1_ratio) / 2 sum_j w_j^2
        SGD*                sum_i s_i loss(y_i, z_i) / n
                                + alpha (l1_ratio sum_j |w_j| + (1 - l1_ratio) / 2 sum_j w_j^2)

    and fastreg sum_i s_i loss(y_i, z_i) / S plus the penalty, with (y - z)^2 / 2 for squares, so that
    the strengths are::

        Lasso               L1: alpha
        ElasticNet          L1: alpha l1_ratio             L2: alpha (1 - l1_ratio) / 2
        Ridge                                              L2: alpha / (2 S)
        LogisticRegression  L1: l1_ratio / (C S)           L2: (1 - l1_ratio) / (2 C S)
        SGD*                L1: alpha l1_ratio n / S       L2: alpha (1 - l1_ratio) n / (2 S)

    Parameters
    ----------
    estimator : str
        'Lasso', 'ElasticNet', 'Ridge', 'LogisticRegression', 'SGDClassifier' or 'SGDRegressor'.
    total_weight : float, optional
        S; the number of rows where nothing is weighted. Ridge and LogisticRegression need it, because
        they sum the loss; SGD* need it with weights; for the others it does not matter.
    n_samples : int, optional
        n, for SGD* with weights.
    **parameters
        scikit-learn's: ``alpha`` or ``C``, and ``l1_ratio`` where the estimator has one; what is left
        out takes scikit-learn's default. ``C=np.inf`` and ``alpha=0`` are no penalty. SGD* take
        ``penalty`` ('l2', 'l1', 'elasticnet', None) too: an ``l1_ratio`` without it means 'elasticnet',
        beside 'l2' or 'l1' it has no meaning, there as here.

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
    >>> from_scikit_learn("Ridge", alpha=3.0, total_weight=100)
    L2(strength=0.015)
    >>> from_scikit_learn("LogisticRegression", C=0.5, l1_ratio=1.0, total_weight=100)
    L1(strength=0.02)
    """
    given = _checked_parameters(estimator, parameters)
    if estimator == "Lasso":
        return from_halves(at_least_0(estimator, "alpha", given["alpha"]), 1.0)
    if estimator == "Ridge":
        return from_halves(
            at_least_0(estimator, "alpha", given["alpha"]) / _total(estimator, total_weight), 0.0
        )
    if estimator == "LogisticRegression":
        total = _total(estimator, total_weight)
        unpenalised = given["C"] == np.inf
        amount = 0.0 if unpenalised else 1 / (above_0(estimator, "C", given["C"]) * total)
        return from_halves(amount, share(estimator, "l1_ratio", given["l1_ratio"]))
    amount = at_least_0(estimator, "alpha", given["alpha"])
    if estimator == "ElasticNet":
        return from_halves(amount, share(estimator, "l1_ratio", given["l1_ratio"]))
    if given["penalty"] is None:
        return from_halves(0.0, 0.0)
    if given["penalty"] not in ("l2", "l1", "elasticnet"):
        raise ValueError(
            f"{estimator}: penalty={given['penalty']!r} is unknown: pass 'l2', 'l1', 'elasticnet' or None."
        )
    ratio = share(estimator, "l1_ratio", _SGD_RATIOS.get(given["penalty"], given["l1_ratio"]))
    return from_halves(amount / _mean_weight(estimator, total_weight, n_samples), ratio)


def to_scikit_learn(estimator, penalty, *, total_weight=None, n_samples=None):
    """Return scikit-learn's parameters for a penalty: the inverse of `from_scikit_learn`.

    Parameters
    ----------
    estimator : str
        As for `from_scikit_learn`.
    penalty : NoPenalty, L1, L2 or ElasticNet
        With a number as strength.
    total_weight, n_samples : optional
        As for `from_scikit_learn`.

    Returns
    -------
    parameters : dict
        To be passed to the estimator, in the spelling of scikit-learn 1.8 and later (``C`` and
        ``l1_ratio`` without ``penalty``; an l1_ratio above 0 asks for ``solver='saga'`` there, or
        'liblinear' for 1).

    Raises
    ------
    ValueError
        If the estimator cannot express the penalty.

    Examples
    --------
    >>> from fastreg.penalties import L2
    >>> to_scikit_learn("LogisticRegression", L2(0.01), total_weight=100)
    {'C': 0.5, 'l1_ratio': 0.0}
    """
    _check_estimator_name(estimator)
    amount, ratio = halves_of(estimator, penalty)
    if estimator == "Lasso" and amount and ratio < 1:
        raise ValueError(f"Lasso cannot express {penalty!r}: take ElasticNet, or Ridge without an L1 part.")
    if estimator == "Ridge" and ratio > 0:
        raise ValueError(f"Ridge cannot express {penalty!r}: take ElasticNet, or Lasso without an L2 part.")
    if estimator == "Lasso":
        return {"alpha": amount}
    if estimator == "ElasticNet":
        return {"alpha": amount, "l1_ratio": ratio}
    if estimator == "Ridge":
        return {"alpha": amount * _total(estimator, total_weight)}
    if estimator == "LogisticRegression":
        total = _total(estimator, total_weight)
        return {"C": 1 / (amount * total) if amount else np.inf, "l1_ratio": ratio}
    alpha = amount * _mean_weight(estimator, total_weight, n_samples)
    # alpha = 0 is refused there by the default learning rate, which divides by it.
    return {"penalty": "elasticnet", "alpha": alpha, "l1_ratio": ratio} if amount else {"penalty": None}


def _check_estimator_name(estimator):
    if estimator not in _DEFAULTS:
        raise ValueError(f"estimator={estimator!r} is unknown: pass one of {', '.join(_DEFAULTS)}.")


def _checked_parameters(estimator, parameters):
    """Return the parameters with scikit-learn's defaults where they are left out."""
    _check_estimator_name(estimator)
    defaults = _DEFAULTS[estimator]
    for name in parameters:
        if name not in defaults:
            raise ValueError(
                f"{estimator}: {name}={parameters[name]!r} makes no penalty: pass {', '.join(defaults)}."
            )
    meant = {"penalty": "elasticnet"} if "penalty" in defaults and "l1_ratio" in parameters else {}
    return defaults | meant | parameters


def _total(estimator, total_weight):
    if total_weight is None:
        raise ValueError(f"{estimator} sums the loss: pass total_weight, the sum of the sample weights.")
    return above_0(estimator, "total_weight", total_weight)


def _mean_weight(estimator, total_weight, n_samples):
    """Return S / n, 1 where neither is given."""
    if (total_weight is None) != (n_samples is None):
        raise ValueError(
            f"{estimator} divides the loss by the number of rows: pass total_weight and n_samples, "
            "or neither where nothing is weighted."
        )
    if total_weight is None:
        return 1.0
    return above_0(estimator, "total_weight", total_weight) / above_0(estimator, "n_samples", n_samples)
