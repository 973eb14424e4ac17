"""Array forms of a penalty: value, gradient and proximal step of a vector of weights."""

import numpy as np
from numpy.typing import ArrayLike

from fastreg.jit import checked, completed, kernel
from fastreg.penalties.fields import checked_field


@kernel
def _value(penalty, weights):
    result = weights.dtype.type(0)
    for j in range(weights.size):
        result += penalty.value(weights[j], j)
    return result


@kernel
def _gradient(penalty, weights, out):
    for j in range(weights.size):
        out[j] = penalty.gradient(weights[j], j)


@kernel
def _prox(penalty, weights, step, out):
    for j in range(weights.size):
        out[j] = penalty.prox(weights[j], step, j)


def _weights(w):
    """Return w as a contiguous read-only float32 or float64 vector."""
    w = np.asarray(w)
    if w.ndim != 1:
        raise ValueError(f"w has {w.ndim} dimensions: pass a vector of weights.")
    if w.dtype.kind not in "fiub":
        raise TypeError(f"w holds {w.dtype}: pass real numbers.")
    w = np.ascontiguousarray(w, dtype=w.dtype if w.dtype in (np.float32, np.float64) else np.float64).view()
    w.flags.writeable = False
    return w


def _result(w, out):
    """Return the array a kernel writes to: ``out`` itself, or a new one where it cannot."""
    if out is None:
        return np.empty_like(w)
    if (
        not isinstance(out, np.ndarray)
        or out.shape != w.shape
        or out.dtype != w.dtype
        or not out.flags.writeable
    ):
        raise ValueError(f"out must be a writable {w.dtype} array of shape {w.shape}, as w is.")
    return out if out.flags.c_contiguous else np.empty_like(w)


def _finish(result, out):
    if out is not None and result is not out:
        out[:] = result
        return out
    return result


def value(penalty: tuple, w: ArrayLike) -> float:
    """Return the penalty of a vector of weights.

    Parameters
    ----------
    penalty : NamedTuple
        A penalty, fastreg's or your own.
    w : array of n_features
        float32 is computed in float32, everything else in float64.

    Returns
    -------
    float

    Raises
    ------
    ValueError, TypeError
        If w is no vector of numbers, or the penalty does not fit it.

    Examples
    --------
    >>> from fastreg.kernels import value
    >>> from fastreg.penalties import L2
    >>> round(value(L2(1.0), [0.2, -0.5, 5.0, -1.2, 0.3, -0.1]), 2)
    26.83
    """
    weights = _weights(w)
    return float(_value(checked(penalty, "penalty", weights.size, weights.dtype), weights))


def gradient(penalty: tuple, w: ArrayLike, out: np.ndarray | None = None) -> np.ndarray:
    """Return the gradient of the penalty; at a kink the subgradient of least norm.

    Parameters
    ----------
    penalty, w : see `value`
    out : array like w or None
        Where to write; may be w itself.

    Returns
    -------
    array of n_features

    Raises
    ------
    TypeError
        If the penalty has no method ``gradient(weight, j)``.
    """
    weights = _weights(w)
    term = checked(penalty, "penalty", weights.size, weights.dtype)
    if not hasattr(completed(term), "gradient"):
        raise TypeError(
            f"{type(term).__name__} has no method gradient(weight, j): define it to ask for gradients."
        )
    result = _result(weights, out)
    _gradient(term, weights, result)
    return _finish(result, out)


def prox(penalty: tuple, w: ArrayLike, step: float, out: np.ndarray | None = None) -> np.ndarray:
    """Return the proximal step, argmin over u of |u - w|**2 / (2 step) + penalty(u).

    Parameters
    ----------
    penalty, w : see `value`
    step : float
        Above 0.
    out : array like w or None
        Where to write; may be w itself.

    Returns
    -------
    array of n_features

    Raises
    ------
    ValueError, TypeError
        As `value`, and for a step that is not above 0.
    """
    weights = _weights(w)
    term = checked(penalty, "penalty", weights.size, weights.dtype)
    length = checked_field("prox", "step", step, 0, weights.dtype)
    if not (np.ndim(length) == 0 and 0 < length < np.inf):
        raise ValueError(f"step={step!r} is no step: pass a finite number above 0.")
    result = _result(weights, out)
    _prox(term, weights, length, result)
    return _finish(result, out)
