"""What every translation is made of: the parts of a penalty, and the checks of a peer's parameters.

Most peers write the elastic net with a half, ``amount * (ratio * |w| + (1 - ratio) / 2 * w^2)``; ours has
none. Between the two stand the parts l1 and l2 of ``l1 * |w| + l2 * w^2``. Weights per feature (penalty
factors) multiply both parts.
"""

from numbers import Real

import numpy as np

from fastreg.penalties import L1, L2, ElasticNet, NoPenalty


def simplest_term(l1, l2, factors=None):
    """Return the simplest term of value sum_j factors_j (l1 * abs(w_j) + l2 * w_j**2)."""
    if l1 == l2 == 0 or (factors is not None and not factors.any()):
        return NoPenalty()
    strength = l1 + l2 if factors is None else (l1 + l2) * factors
    if l2 == 0:
        return L1(strength)
    return ElasticNet(strength, l1 / (l1 + l2)) if l1 else L2(strength)


def from_halves(amount, ratio, factors=None):
    """Return the term of value sum_j factors_j amount * (ratio * abs(w_j) + (1 - ratio) / 2 * w_j**2)."""
    return simplest_term(amount * ratio, amount * (1 - ratio) / 2, factors)


def parts_of(peer, penalty):
    """Return l1, l2 and the factors, whose mean is 1; None where all features are penalised alike."""
    match penalty:
        case NoPenalty():
            return 0.0, 0.0, None
        case L1(strength):
            ratio = 1.0
        case L2(strength):
            ratio = 0.0
        case ElasticNet(strength, ratio):
            ratio = share("ElasticNet", "l1_ratio", ratio)
        case _:
            raise ValueError(f"{peer} cannot express {penalty!r}: pass NoPenalty, L1, L2 or ElasticNet.")
    owner, factors = type(penalty).__name__, None
    if np.ndim(strength):
        strengths = nonnegative_array(owner, "strength", strength)
        strength = strengths.mean()
        factors = strengths / strength if strength else None
    strength = at_least_0(owner, "strength", strength)
    return strength * ratio, strength * (1 - ratio), factors


def uniform_parts_of(peer, penalty):
    """Return l1 and l2 for a peer that penalises all features alike."""
    l1, l2, factors = parts_of(peer, penalty)
    if factors is not None:
        raise ValueError(
            f"{peer} has one strength for all features and {type(penalty).__name__}.strength is an array: "
            "pass a number."
        )
    return l1, l2


def halves(l1, l2):
    """Return amount and ratio of amount * (ratio * abs(w) + (1 - ratio) / 2 * w**2)."""
    amount = l1 + 2 * l2
    return amount, l1 / amount if amount else 0.0


def checked_parameters(library, table, name, parameters):
    """Return the parameters of one entry of the table, with the peer's defaults where they are left out."""
    if name not in table:
        raise ValueError(f"{library} has no {name!r} here: pass one of {', '.join(table)}.")
    for parameter, value in parameters.items():
        if parameter not in table[name]:
            raise ValueError(
                f"{name}: {parameter}={value!r} makes no penalty: pass {', '.join(table[name])}."
            )
    return table[name] | parameters


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


def nonnegative_array(owner, name, values):
    """Return a vector of finite numbers of at least 0."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.empty(0)
    if array.ndim != 1 or array.size == 0 or not np.all(np.isfinite(array)) or array.min() < 0:
        raise ValueError(f"{owner}: {name} is no vector of strengths: pass finite numbers of at least 0.")
    return array


def total(owner, total_weight):
    """Return the sum of the sample weights, which the owner asks for because it sums the loss."""
    if total_weight is None:
        raise ValueError(f"{owner} sums the loss: pass total_weight, the sum of the sample weights.")
    return above_0(owner, "total_weight", total_weight)


def mean_weight(owner, total_weight, n_samples):
    """Return S / n, 1 where neither is given, for an owner that divides the weighted sum by n."""
    if (total_weight is None) != (n_samples is None):
        raise ValueError(
            f"{owner} divides the loss by the number of rows: pass total_weight and n_samples, "
            "or neither where nothing is weighted."
        )
    if total_weight is None:
        return 1.0
    return above_0(owner, "total_weight", total_weight) / above_0(owner, "n_samples", n_samples)


def inverse(amount):
    """Return 1 / amount: C of an amount and the amount of a C; 0 and infinity are each other's."""
    return np.inf if amount == 0 else 1 / amount


def amount_of_C(owner, C):
    """Return 1 / C, 0 for an infinite C."""
    return 0.0 if isinstance(C, Real) and C == np.inf else 1 / above_0(owner, "C", C)
