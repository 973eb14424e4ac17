"""Spark ML: regParam, elasticNetParam and standardization."""

import math

import numpy as np

from fastreg.conventions.parts import (
    at_least_0,
    checked_parameters,
    halves,
    share,
    simplest_term,
    uniform_parts_of,
)
from fastreg.conventions.target import measured

_DEFAULTS: dict[str, dict] = {
    "LinearRegression": {"regParam": 0.0, "elasticNetParam": 0.0},
    "LogisticRegression": {"regParam": 0.0, "elasticNetParam": 0.0},
}
_SOLVERS = "normal", "l-bfgs"


def from_spark(estimator, *, y, sample_weight=None, standardization=True, solver="normal", **parameters):
    r"""Return the penalty that an estimator of Spark ML minimises.

    With s_i the weights scaled to sum 1, predictions z_i and r = elasticNetParam, Spark minimises::

        LinearRegression    sum_i s_i (y_i - z_i)^2 / 2
                                + regParam sum_j (r |v_j| + (1 - r) / (2 sd) v_j^2)
        LogisticRegression  sum_i s_i log(1 + exp(-y_i z_i))
                                + regParam sum_j (r |v_j| + (1 - r) / 2 v_j^2)

    where sd is the deviation of y and v_j is w_j with ``standardization=False``, w_j times the deviation of
    column j with True. Spark's documentation leaves sd out; its sources divide y by it before anything else.
    The deviations have divisor n in LinearRegression's normal equations, and n - 1 in its l-bfgs and in
    LogisticRegression (with weights, S - sum_i s_i^2 / S before scaling), where fastreg's ``standardize``
    always has n. With k = 1 for divisor n, k = sqrt(n / (n - 1)) for divisor n - 1, and k_x = k with
    standardization, 1 without, the strengths are regParam r k_x of L1 and regParam (1 - r) k_x^2 / (2 sd) of
    L2, to be used with ``standardize`` as ``standardization``.

    Parameters
    ----------
    estimator : str
        'LinearRegression' (squared loss) or 'LogisticRegression' (two classes).
    y, sample_weight : arrays of n_samples
        The training target, of any two labels for LogisticRegression, and the weights.
    standardization : bool
        Spark's parameter; True is its default.
    solver : str
        'normal' or 'l-bfgs', for LinearRegression: its 'auto' is 'normal' up to 4096 columns and 'l-bfgs'
        beyond.
    **parameters
        Spark's ``regParam`` and ``elasticNetParam``; both are 0 where left out, as there.

    Returns
    -------
    penalty : NoPenalty, L1, L2 or ElasticNet
        The simplest that says it.

    Raises
    ------
    ValueError
        If a parameter is impossible or unknown.

    References
    ----------
    Spark 4.3, ml/optim/WeightedLeastSquares.scala and ml/regression/LinearRegression.scala.

    Examples
    --------
    >>> y = [1.0, 3.0, 5.0, 7.0, 9.0, 11.0, 13.0]
    >>> from_spark("LinearRegression", y=y, regParam=0.2)
    L2(strength=0.025)
    """
    given = checked_parameters("Spark", _DEFAULTS, estimator, parameters)
    amount = at_least_0(estimator, "regParam", given["regParam"])
    ratio = share(estimator, "elasticNetParam", given["elasticNetParam"])
    l1_unit, l2_unit = _units(estimator, y, sample_weight, standardization, solver)
    return simplest_term(amount * ratio * l1_unit, amount * (1 - ratio) / 2 * l2_unit)


def to_spark(estimator, penalty, *, y, sample_weight=None, standardization=True, solver="normal"):
    """Return Spark's parameters for a penalty: the inverse of `from_spark`.

    Parameters
    ----------
    estimator : str
        As for `from_spark`.
    penalty : NoPenalty, L1, L2 or ElasticNet
        With a number as strength.
    y, sample_weight, standardization, solver
        As for `from_spark`.

    Returns
    -------
    parameters : dict
        ``regParam`` and ``elasticNetParam``.

    Raises
    ------
    ValueError
        If Spark cannot express the penalty.

    Examples
    --------
    >>> from fastreg.penalties import L1
    >>> to_spark("LinearRegression", L1(0.1), y=[1.0, 3.0, 5.0])
    {'regParam': 0.1, 'elasticNetParam': 1.0}
    """
    checked_parameters("Spark", _DEFAULTS, estimator, {})
    l1, l2 = uniform_parts_of(estimator, penalty)
    l1_unit, l2_unit = _units(estimator, y, sample_weight, standardization, solver)
    amount, ratio = halves(l1 / l1_unit, l2 / l2_unit)
    return {"regParam": amount, "elasticNetParam": ratio}


def _units(estimator, y, sample_weight, standardization, solver):
    """Return our strengths of the L1 part and of the L2 part for 1 of Spark's."""
    if solver not in _SOLVERS:
        raise ValueError(f"{estimator}: solver={solver!r} is unknown: pass one of {', '.join(_SOLVERS)}.")
    logistic = estimator == "LogisticRegression"
    # Of the labels only their number matters.
    target = measured(estimator, np.zeros(len(y)) if logistic else y, sample_weight)
    unbiased = logistic or solver == "l-bfgs"
    k = math.sqrt(target.correction) if unbiased else 1.0
    deviation = 1.0 if logistic else target.deviation * k
    if not deviation > 0:
        raise ValueError(f"{estimator} of Spark fits no constant y: pass a target that varies.")
    column = k if standardization else 1.0
    return column, column * column / deviation
