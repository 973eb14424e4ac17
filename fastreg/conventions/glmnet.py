"""glmnet: lambda, alpha and penalty.factor."""

from fastreg.conventions.parts import (
    at_least_0,
    halves,
    nonnegative_array,
    parts_of,
    share,
    simplest_term,
)
from fastreg.conventions.target import measured

_FAMILIES = "gaussian", "binomial"


def from_glmnet(
    family, *, lam, alpha=1.0, penalty_factor=None, y=None, sample_weight=None, fit_intercept=True
):
    r"""Return the penalty that R's glmnet minimises.

    With s_i the observation weights scaled to sum 1, predictions z_i and factors f_j scaled to mean 1,
    glmnet minimises (Friedman, Hastie, Tibshirani 2010)::

        gaussian  sum_i s_i (y_i - z_i)^2 / 2
                      + lambda sum_j f_j (alpha |w_j| + (1 - alpha) / (2 sd) w_j^2)
        binomial  sum_i s_i log(1 + exp(-y_i z_i))
                      + lambda sum_j f_j (alpha |w_j| + (1 - alpha) / 2 w_j^2)

    where sd is the weighted deviation of y with divisor n. glmnet's documentation leaves sd out, but glmnet
    divides y by it before anything else and multiplies the weights w back, and of the two parts of the
    penalty only the L1 part goes along. fastreg's mean loss is the same, so the strengths are lambda alpha
    of L1 and lambda (1 - alpha) / (2 sd) of L2. ``standardize`` means the same in both: whether w_j stands
    for w_j times the deviation (divisor n) of column j.

    Parameters
    ----------
    family : str
        'gaussian' or 'binomial', the built-in families.
    lam : float
        glmnet's ``lambda`` for one fit.
    alpha : float
        Share of the L1 part in glmnet's halves.
    penalty_factor : array of n_features, optional
        glmnet's ``penalty.factor``, 0 for an unpenalised feature; its scale does not matter.
    y, sample_weight : arrays of n_samples, optional
        The training target and weights, from which sd is computed; needed for gaussian with alpha below 1.
    fit_intercept : bool
        Without an intercept sd is the root mean square of y, as in glmnet from 4.0 on (before, sd was the
        same with and without).

    Returns
    -------
    penalty : NoPenalty, L1, L2 or ElasticNet
        The simplest that says it.

    Raises
    ------
    ValueError
        If a parameter is impossible, or y is missing.

    Examples
    --------
    >>> from_glmnet("binomial", lam=0.2, alpha=0.0)
    L2(strength=0.1)
    >>> from_glmnet("gaussian", lam=0.2, alpha=0.0, y=[1.0, 3.0, 5.0, 7.0, 9.0, 11.0, 13.0])
    L2(strength=0.025)
    """
    _check_family(family)
    lam, alpha = at_least_0("glmnet", "lam", lam), share("glmnet", "alpha", alpha)
    factors = None
    if penalty_factor is not None:
        factors = nonnegative_array("glmnet", "penalty_factor", penalty_factor)
        if not factors.any():
            raise ValueError("glmnet: penalty_factor is 0 for every feature: pass lam=0 instead.")
        factors = factors / factors.mean()
    l2 = lam * (1 - alpha) / 2
    if l2:
        l2 /= _deviation(family, y, sample_weight, fit_intercept)
    return simplest_term(lam * alpha, l2, factors)


def to_glmnet(family, penalty, *, y=None, sample_weight=None, fit_intercept=True):
    """Return glmnet's parameters for a penalty: the inverse of `from_glmnet`.

    Parameters
    ----------
    family : str
        'gaussian' or 'binomial'.
    penalty : NoPenalty, L1, L2 or ElasticNet
        With a number as strength, or one per feature.
    y, sample_weight, fit_intercept
        As for `from_glmnet`; y is needed for gaussian with an L2 part.

    Returns
    -------
    parameters : dict
        ``lam`` (glmnet's ``lambda``), ``alpha``, and ``penalty_factor`` where the features differ.

    Raises
    ------
    ValueError
        If glmnet cannot express the penalty, or y is missing.

    Examples
    --------
    >>> from fastreg.penalties import ElasticNet
    >>> to_glmnet("binomial", ElasticNet(0.75, 2 / 3))
    {'lam': 1.0, 'alpha': 0.5}
    """
    _check_family(family)
    l1, l2, factors = parts_of("glmnet", penalty)
    if l2:
        l2 *= _deviation(family, y, sample_weight, fit_intercept)
    lam, alpha = halves(l1, l2)
    return {"lam": lam, "alpha": alpha} | ({} if factors is None else {"penalty_factor": factors})


def _check_family(family):
    if family not in _FAMILIES:
        raise ValueError(f"glmnet: family={family!r} has no translation: pass one of {', '.join(_FAMILIES)}.")


def _deviation(family, y, sample_weight, fit_intercept):
    """Return what glmnet divides the target by."""
    if family == "binomial":
        return 1.0
    target = measured("glmnet", y, sample_weight)
    deviation = target.deviation if fit_intercept else target.root_mean_square
    if not deviation > 0:
        raise ValueError("glmnet fits no constant y: pass a target that varies.")
    return deviation
