"""Vowpal Wabbit: --l1 and --l2."""

from fastreg.conventions.parts import (
    at_least_0,
    checked_parameters,
    simplest_term,
    total,
    uniform_parts_of,
)

_DEFAULTS: dict[str, dict] = {"squared": {"l1": 0.0, "l2": 0.0}, "logistic": {"l1": 0.0, "l2": 0.0}}

# Its squared loss is (y - prediction)^2, twice ours.
_LOSS_UNITS = {"squared": 2.0, "logistic": 1.0}


def from_vowpal_wabbit(loss_function, *, bfgs=False, total_weight=None, **parameters):
    r"""Return the penalty that Vowpal Wabbit minimises.

    With s_i the importance weights, S their sum and loss (y - z)^2 or log(1 + exp(-y z)), it minimises::

        online  sum_i s_i (loss(y_i, z_i) + l1 sum_j |w_j| + l2 / 2 sum_j w_j^2)
        --bfgs  sum_i s_i loss(y_i, z_i) + l2 / 2 sum_j w_j^2

    Online the penalty is paid with every example, with ``--bfgs`` once. With u = 2 for its squared loss
    (which has no half) and 1 for the logistic one, the strengths are l1 / u of L1 and l2 / (2 u) of L2
    online, and l2 / (2 u S) of L2 with ``--bfgs``. Online this is what ``--sgd`` settles at; the default
    adaptive updates give each weight a step of its own but shrink all by one, and settle elsewhere. The
    constant is penalised too, unless ``--noconstant`` or (``--bfgs``) ``--no_bias_regularization`` is given.

    Parameters
    ----------
    loss_function : str
        'squared' or 'logistic'.
    bfgs : bool
        Whether ``--bfgs`` is given.
    total_weight : float, optional
        S, which ``--bfgs`` needs because it sums the loss and not the penalty.
    **parameters
        ``l1`` and ``l2``, 0 where left out, as there; ``--bfgs`` has no l1.

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
    >>> from_vowpal_wabbit("logistic", l2=0.2)
    L2(strength=0.1)
    >>> from_vowpal_wabbit("squared", l2=20.0, bfgs=True, total_weight=100)
    L2(strength=0.05)
    """
    given = checked_parameters("Vowpal Wabbit", _DEFAULTS, loss_function, parameters)
    l1, l2 = (at_least_0("Vowpal Wabbit", name, given[name]) for name in ("l1", "l2"))
    if bfgs and l1:
        raise ValueError(f"Vowpal Wabbit: --bfgs minimises no L1 part and l1={l1!r}: leave --bfgs out.")
    unit = _loss_unit(loss_function, bfgs, total_weight)
    return simplest_term(l1 / unit, l2 / (2 * unit))


def to_vowpal_wabbit(loss_function, penalty, *, bfgs=False, total_weight=None):
    """Return Vowpal Wabbit's parameters for a penalty: the inverse of `from_vowpal_wabbit`.

    Parameters
    ----------
    loss_function : str
        'squared' or 'logistic'.
    penalty : NoPenalty, L1, L2 or ElasticNet
        With a number as strength.
    bfgs, total_weight
        As for `from_vowpal_wabbit`.

    Returns
    -------
    parameters : dict
        ``l1`` and ``l2``.

    Raises
    ------
    ValueError
        If Vowpal Wabbit cannot express the penalty.

    Examples
    --------
    >>> from fastreg.penalties import L1
    >>> to_vowpal_wabbit("squared", L1(0.1))
    {'l1': 0.2, 'l2': 0.0}
    """
    checked_parameters("Vowpal Wabbit", _DEFAULTS, loss_function, {})
    l1, l2 = uniform_parts_of("Vowpal Wabbit", penalty)
    if bfgs and l1:
        raise ValueError(f"--bfgs of Vowpal Wabbit cannot express {penalty!r}: leave --bfgs out.")
    unit = _loss_unit(loss_function, bfgs, total_weight)
    return {"l1": l1 * unit, "l2": 2 * l2 * unit}


def _loss_unit(loss_function, bfgs, total_weight):
    """Return how much of our mean loss its objective holds."""
    return _LOSS_UNITS[loss_function] * (total("--bfgs", total_weight) if bfgs else 1.0)
