"""skglm and celer: estimators in the manner of scikit-learn, with weights per feature."""

from fastreg.conventions.parts import (
    amount_of_C,
    at_least_0,
    checked_parameters,
    from_halves,
    halves,
    inverse,
    nonnegative_array,
    parts_of,
    share,
    total,
)

# Their parameters that make a penalty, with their defaults.
_SKGLM: dict[str, dict] = {
    "Lasso": {"alpha": 1.0},
    "WeightedLasso": {"alpha": 1.0, "weights": None},
    "ElasticNet": {"alpha": 1.0, "l1_ratio": 0.5},
    "SparseLogisticRegression": {"alpha": 1.0, "l1_ratio": 1.0},
}
_CELER: dict[str, dict] = {
    "Lasso": {"alpha": 1.0, "weights": None},
    "ElasticNet": {"alpha": 1.0, "l1_ratio": 1.0, "weights": None},
    "LogisticRegression": {"C": 1.0},
}


def from_skglm(estimator, **parameters):
    r"""Return the penalty that an estimator of skglm minimises.

    With n rows and predictions z_i, skglm minimises::

        Lasso                     sum_i (y_i - z_i)^2 / (2 n) + alpha sum_j |w_j|
        WeightedLasso             sum_i (y_i - z_i)^2 / (2 n) + alpha sum_j weights_j |w_j|
        ElasticNet                sum_i (y_i - z_i)^2 / (2 n)
                                      + alpha (l1_ratio sum_j |w_j| + (1 - l1_ratio) / 2 sum_j w_j^2)
        SparseLogisticRegression  sum_i log(1 + exp(-y_i z_i)) / n
                                      + alpha (l1_ratio sum_j |w_j| + (1 - l1_ratio) / 2 sum_j w_j^2)

    fastreg's mean loss is the same, so the strengths are alpha l1_ratio of L1 and alpha (1 - l1_ratio) / 2
    of L2. skglm takes no sample weights and leaves the intercept unpenalised.

    Parameters
    ----------
    estimator : str
        'Lasso', 'WeightedLasso', 'ElasticNet' or 'SparseLogisticRegression'.
    **parameters
        skglm's ``alpha``, ``l1_ratio``, ``weights``; what is left out takes skglm's default.

    Returns
    -------
    penalty : NoPenalty, L1, L2 or ElasticNet
        The simplest that says it.

    Raises
    ------
    ValueError
        If a parameter is impossible or unknown.

    Examples
    --------
    >>> from_skglm("SparseLogisticRegression", alpha=0.1)
    L1(strength=0.1)
    """
    return _from_peer("skglm", _SKGLM, estimator, None, parameters)


def to_skglm(estimator, penalty):
    """Return skglm's parameters for a penalty: the inverse of `from_skglm`.

    Parameters
    ----------
    estimator : str
        As for `from_skglm`.
    penalty : NoPenalty, L1, L2 or ElasticNet
        With one strength per feature for 'WeightedLasso' only; the mean of the weights is 1.

    Returns
    -------
    parameters : dict
        To be passed to the estimator.

    Raises
    ------
    ValueError
        If the estimator cannot express the penalty.

    Examples
    --------
    >>> from fastreg.penalties import L1
    >>> to_skglm("Lasso", L1(0.1))
    {'alpha': 0.1}
    """
    return _to_peer("skglm", _SKGLM, estimator, penalty, None)


def from_celer(estimator, *, total_weight=None, **parameters):
    r"""Return the penalty that an estimator of celer minimises.

    With n rows and predictions z_i, celer minimises::

        Lasso               sum_i (y_i - z_i)^2 / (2 n) + alpha sum_j weights_j |w_j|
        ElasticNet          sum_i (y_i - z_i)^2 / (2 n)
                                + alpha sum_j weights_j (l1_ratio |w_j| + (1 - l1_ratio) / 2 w_j^2)
        LogisticRegression  C sum_i log(1 + exp(-y_i z_i)) + sum_j |w_j|

    With fastreg's mean loss the strengths are alpha l1_ratio of L1 and alpha (1 - l1_ratio) / 2 of L2, and
    1 / (C n) of L1. celer takes no sample weights; its LogisticRegression has no intercept.

    Parameters
    ----------
    estimator : str
        'Lasso', 'ElasticNet' or 'LogisticRegression'.
    total_weight : float, optional
        The number of rows n, which LogisticRegression needs because it sums the loss.
    **parameters
        celer's ``alpha``, ``l1_ratio``, ``weights``, ``C``; what is left out takes celer's default.

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
    >>> from_celer("LogisticRegression", C=0.5, total_weight=100)
    L1(strength=0.02)
    """
    return _from_peer("celer", _CELER, estimator, total_weight, parameters)


def to_celer(estimator, penalty, *, total_weight=None):
    """Return celer's parameters for a penalty: the inverse of `from_celer`.

    Parameters
    ----------
    estimator : str
        As for `from_celer`.
    penalty : NoPenalty, L1, L2 or ElasticNet
        With a number as strength for 'LogisticRegression'; the mean of the weights is 1.
    total_weight : float, optional
        As for `from_celer`.

    Returns
    -------
    parameters : dict
        To be passed to the estimator.

    Raises
    ------
    ValueError
        If the estimator cannot express the penalty.

    Examples
    --------
    >>> from fastreg.penalties import L1
    >>> to_celer("LogisticRegression", L1(0.02), total_weight=100)
    {'C': 0.5}
    """
    return _to_peer("celer", _CELER, estimator, penalty, total_weight)


def _from_peer(library, table, estimator, total_weight, parameters):
    given = checked_parameters(library, table, estimator, parameters)
    if "C" in given:
        return from_halves(amount_of_C(estimator, given["C"]) / total(estimator, total_weight), 1.0)
    ratio = share(estimator, "l1_ratio", given.get("l1_ratio", 1.0))
    weights = given.get("weights")
    factors = None if weights is None else nonnegative_array(estimator, "weights", weights)
    return from_halves(at_least_0(estimator, "alpha", given["alpha"]), ratio, factors)


def _to_peer(library, table, estimator, penalty, total_weight):
    names = checked_parameters(library, table, estimator, {})
    l1, l2, factors = parts_of(estimator, penalty)
    if l2 and "l1_ratio" not in names:
        raise ValueError(f"{estimator} of {library} cannot express {penalty!r}: it has no L2 part.")
    if factors is not None and "weights" not in names:
        raise ValueError(f"{estimator} of {library} has one strength for all features: pass a number.")
    amount, ratio = halves(l1, l2)
    if "C" in names:
        return {"C": inverse(amount * total(estimator, total_weight))}
    expressed = {"alpha": amount, "l1_ratio": ratio, "weights": factors}
    return {name: expressed[name] for name in names}
