"""What every translation is made of: the two parts of a penalty, and the checks of a peer's parameters.

Most peers write the elastic net with a half, ``amount * (ratio * |w| + (1 - ratio) / 2 * w^2)``; ours has
none. Between the two stand the parts l1 and l2 of ``l1 * |w| + l2 * w^2``.
"""

from numbers import Real

import numpy as np

from fastreg.penalties import L1, L2, ElasticNet, NoPenalty


def simplest_term(l1, l2):
    """Return the simplest term of value l1 * sum_j abs(w_j) + l2 * sum_j w_j**2."""
    if l2 == 0:
        return L1(l1) if l1 else NoPenalty()
    return ElasticNet(l1 + l2, l1 / (l1 + l2)) if l1 else L2(l2)


def from_halves(amount, ratio):
    """Return the term of value amount * (ratio * abs(w) + (1 - ratio) / 2 * w**2)."""
    return simplest_term(amount * ratio, amount * (1 - ratio) / 2)


def parts_of(peer, penalty):
    """Return the numbers l1 and l2 of a penalty of value l1 * sum_j abs(w_j) + l2 * sum_j w_j**2."""
    match penalty:
        case NoPenalty():
            return 0.0, 0.0
        case L1(strength):
            l1, l2 = strength, 0.0
        case L2(strength):
            l1, l2 = 0.0, strength
        case ElasticNet(strength, ratio):
            ratio = share("ElasticNet", "l1_ratio", ratio)
            l1, l2 = strength * ratio, strength * (1 - ratio)
        case _:
            raise ValueError(f"{peer} cannot express {penalty!r}: pass NoPenalty, L1, L2 or ElasticNet.")
    if np.ndim(strength):
        raise ValueError(
            f"{peer} has one strength for all features, {type(penalty).__name__}.strength is an array: "
            "pass a number, or multiply the columns of X instead."
        )
    at_least_0(type(penalty).__name__, "strength", strength)
    return l1, l2


def halves_of(peer, penalty):
    """Return amount and ratio of amount * (ratio * abs(w) + (1 - ratio) / 2 * w**2)."""
    l1, l2 = parts_of(peer, penalty)
    amount = l1 + 2 * l2
    return amount, l1 / amount if amount else 0.0


def at_least_0(owner, name, value):
    """Return a finite number of at least 0."""
    if not (isinstance(value, Real) and 0 <= value < np.inf):
        raise ValueError(f"{owner}: {name}={value!r} is no strength: pass a finite number of at least 0.")
    return float(value)


def above_0(owner, name, value):
    """Return a finite number above 0."""
    if not (isinstance(value, Real) and 0 < value < np.inf):
        raise ValueError(f"{owner}: {name}={value!r} is impossible: pass a finite number above 0.")
    return float(value)


def share(owner, name, value):
    """Return a number in [0, 1]."""
    if not (isinstance(value, Real) and 0 <= value <= 1):
        raise ValueError(f"{owner}: {name}={value!r} is no share: pass a number in [0, 1].")
    return float(value)
