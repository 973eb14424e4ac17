"""scikit-learn: alpha, C and l1_ratio."""

from fastreg.conventions.parts import (
    amount_of_C,
    at_least_0,
    checked_parameters,
    from_halves,
    halves,
    inverse,
    mean_weight,
    share,
    total,
    uniform_parts_of,
)

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
_SGD_RATIOS = {"l2": 0.0, "l1": 1.0, "elasticnet": None, None: 0.0}


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
    if "l1_ratio" in parameters and "penalty" in _DEFAULTS.get(estimator, {}):
        parameters = {"penalty": "elasticnet"} | parameters
    given = checked_parameters("scikit-learn", _DEFAULTS, estimator, parameters)
    if estimator == "LogisticRegression":
        amount = amount_of_C(estimator, given["C"]) / total(estimator, total_weight)
        return from_halves(amount, share(estimator, "l1_ratio", given["l1_ratio"]))
    amount = at_least_0(estimator, "alpha", given["alpha"])
    if estimator == "Lasso":
        return from_halves(amount, 1.0)
    if estimator == "Ridge":
        return from_halves(amount / total(estimator, total_weight), 0.0)
    if estimator == "ElasticNet":
        return from_halves(amount, share(estimator, "l1_ratio", given["l1_ratio"]))
    if given["penalty"] not in _SGD_RATIOS:
        known = ", ".join(map(repr, _SGD_RATIOS))
        raise ValueError(f"{estimator}: penalty={given['penalty']!r} is unknown: pass one of {known}.")
    if given["penalty"] is None:
        amount = 0.0
    fixed = _SGD_RATIOS[given["penalty"]]
    ratio = share(estimator, "l1_ratio", given["l1_ratio"]) if fixed is None else fixed
    return from_halves(amount / mean_weight(estimator, total_weight, n_samples), ratio)


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
    checked_parameters("scikit-learn", _DEFAULTS, estimator, {})
    amount, ratio = halves(*uniform_parts_of(estimator, penalty))
    if estimator == "Lasso" and amount and ratio < 1:
        raise ValueError(f"Lasso cannot express {penalty!r}: take ElasticNet, or Ridge without an L1 part.")
    if estimator == "Ridge" and ratio > 0:
        raise ValueError(f"Ridge cannot express {penalty!r}: take ElasticNet, or Lasso without an L2 part.")
    if estimator == "Lasso":
        return {"alpha": amount}
    if estimator == "ElasticNet":
        return {"alpha": amount, "l1_ratio": ratio}
    if estimator == "Ridge":
        return {"alpha": amount * total(estimator, total_weight)}
    if estimator == "LogisticRegression":
        return {"C": inverse(amount * total(estimator, total_weight)), "l1_ratio": ratio}
    alpha = amount * mean_weight(estimator, total_weight, n_samples)
    # alpha = 0 is refused there by the default learning rate, which divides by it.
    return {"penalty": "elasticnet", "alpha": alpha, "l1_ratio": ratio} if amount else {"penalty": None}
