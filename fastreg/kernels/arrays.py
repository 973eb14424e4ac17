"""Terms over arrays: the value, the gradient and the proximal step of a vector."""

import numpy as np
from numpy.typing import ArrayLike

from fastreg.jit import checked, completed, kernel, kind_of_penalty, noun
from fastreg.numerics import norm, scaling
from fastreg.penalties.fields import checked_field

_CPU = 1  # kDLCPU of DLPack


@kernel
def _value(penalty, weights):
    result = 0.0
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


@kernel
def _group_value(penalty, weights, starts):
    result = 0.0
    for g in range(starts.size - 1):
        result += penalty.value(norm(weights[starts[g] : starts[g + 1]]), g)
    return result


@kernel
def _group_gradient(penalty, weights, starts, out):
    for g in range(starts.size - 1):
        length = norm(weights[starts[g] : starts[g + 1]])
        factor = penalty.gradient(length, g) / length if length > 0 else 0.0
        for j in range(starts[g], starts[g + 1]):
            out[j] = weights[j] * factor + 0.0


@kernel
def _group_prox(penalty, weights, step, starts, out):
    for g in range(starts.size - 1):
        length = norm(weights[starts[g] : starts[g + 1]])
        factor = scaling(penalty.prox(length, step, g), length)
        for j in range(starts[g], starts[g + 1]):
            out[j] = weights[j] * factor + 0.0


@kernel
def _loss(loss, y, predictions):
    result = 0.0
    for i in range(predictions.size):
        result += loss.value(y[i], predictions[i])
    return result


@kernel
def _slopes(loss, y, predictions, out):
    for i in range(predictions.size):
        out[i] = loss.slope(y[i], predictions[i])


def _numbers(name, x):
    """Return x as a contiguous read-only float32 or float64 vector."""
    if hasattr(x, "__dlpack__") and not isinstance(x, np.ndarray):
        device, number = x.__dlpack_device__()
        if device != _CPU:
            raise ValueError(
                f"{name} lies on device {number} of DLPack's kind {int(device)}: "
                f"the kernels run on the CPU, so copy it there first."
            )
        x = np.from_dlpack(x)
    x = np.asarray(x)
    if x.ndim != 1:
        raise ValueError(f"{name} has {x.ndim} dimensions: pass a vector.")
    if x.dtype.kind not in "fiub":
        raise TypeError(f"{name} holds {x.dtype}: pass real numbers.")
    x = np.ascontiguousarray(x, dtype=x.dtype if x.dtype in (np.float32, np.float64) else np.float64).view()
    x.flags.writeable = False
    return x


def _fitting(term, x, y):
    """Return the term checked for x, and the targets of a loss."""
    name = type(term).__name__
    if noun(type(term)) != "loss":
        if y is not None:
            raise TypeError(f"y was given with {name}, which is no loss: penalties take weights only.")
        return checked(term, kind_of_penalty(term), x.size, x.dtype), None
    if y is None:
        raise TypeError(f"{name} is a loss and needs targets: pass y, one for each prediction.")
    if hasattr(term, "evaluate"):
        raise TypeError(
            f"{name} takes one prediction per class: this takes losses of one prediction per row."
        )
    term = checked(term, "loss", 0, x.dtype)
    y = _numbers("y", y)
    if y.size != x.size:
        raise ValueError(f"y has {y.size} targets for {x.size} predictions: pass one for each.")
    own = getattr(term, "checked_target", None)
    return term, _numbers("y", y if own is None else own(y)).astype(x.dtype, copy=False)


def _in_groups(penalty):
    """Return the order that puts the members of each group side by side, and where each group starts."""
    starts = np.concatenate([[0], np.cumsum(np.bincount(penalty.groups))])
    return np.argsort(penalty.groups, kind="stable"), starts


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
        raise ValueError(f"out must be a writable {w.dtype} array of shape {w.shape}, as the input is.")
    return out if out.flags.c_contiguous else np.empty_like(w)


def _finish(result, out):
    if out is not None and result is not out:
        out[:] = result
        return out
    return result


def value(term: tuple, x: ArrayLike, y: ArrayLike | None = None) -> float:
    """Return the penalty of a vector of weights, or the loss of a vector of predictions.

    Parameters
    ----------
    term : NamedTuple
        A penalty (of single weights or of groups) or a loss (of one prediction per row), fastreg's or yours.
    x : array of n
        Weights, or predictions. float32 is computed in float32, everything else in float64. Arrays of other
        libraries are read through DLPack, where they lie in the memory of the CPU.
    y : array of n or None
        The targets of a loss.

    Returns
    -------
    float
        The sum over all weights, groups or rows (`fastreg.solve` takes the mean of a loss over the rows).

    Raises
    ------
    ValueError, TypeError
        If x or y is no vector of numbers, or the term does not fit them.

    Examples
    --------
    >>> from fastreg.kernels import value
    >>> from fastreg.losses import Squared
    >>> from fastreg.penalties import L2, GroupL2
    >>> round(value(L2(1.0), [0.2, -0.5, 5.0, -1.2, 0.3, -0.1]), 2)
    26.83
    >>> value(GroupL2(1.0, groups=2), [3.0, 4.0, 0.0, 2.0])
    7.0
    >>> value(Squared(), [1.0, 2.0], y=[0.0, 0.0])
    2.5
    """
    numbers = _numbers("x", x)
    term, targets = _fitting(term, numbers, y)
    kind = noun(type(term))
    if kind == "loss":
        return float(_loss(term, targets, numbers))
    if kind == "block penalty":
        order, starts = _in_groups(term)
        return float(_group_value(term, numbers[order], starts))
    return float(_value(term, numbers))


def gradient(
    term: tuple, x: ArrayLike, out: np.ndarray | None = None, y: ArrayLike | None = None
) -> np.ndarray:
    """Return the gradient of `value`; at a kink of a penalty the subgradient of least norm.

    Parameters
    ----------
    term, x, y : see `value`
    out : array like x or None
        Where to write; may be x itself.

    Returns
    -------
    array of n
        Of a loss: its slopes.

    Raises
    ------
    TypeError
        If a penalty has no method ``gradient(weight, j)``.

    Examples
    --------
    >>> from fastreg.kernels import gradient
    >>> from fastreg.losses import Logistic
    >>> gradient(Logistic(), [0.0, 0.0], y=[1.0, -1.0])
    array([-0.5,  0.5])
    """
    numbers = _numbers("x", x)
    term, targets = _fitting(term, numbers, y)
    kind = noun(type(term))
    if kind != "loss" and not hasattr(completed(term), "gradient"):
        raise TypeError(
            f"{type(term).__name__} has no method gradient(weight, j): define it to ask for gradients."
        )
    result = _result(numbers, out)
    if kind == "loss":
        _slopes(term, targets, numbers, result)
    elif kind == "block penalty":
        order, starts = _in_groups(term)
        sorted_result = np.empty_like(numbers)
        _group_gradient(term, numbers[order], starts, sorted_result)
        result[order] = sorted_result
    else:
        _gradient(term, numbers, result)
    return _finish(result, out)


def prox(penalty: tuple, w: ArrayLike, step: float, out: np.ndarray | None = None) -> np.ndarray:
    """Return the proximal step, the u that minimises ``|u - w|**2 / (2 step) + penalty(u)``.

    Parameters
    ----------
    penalty : NamedTuple
        A penalty, of single weights or of groups.
    w : array of n_features
        As x in `value`.
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

    Examples
    --------
    >>> from fastreg.kernels import prox
    >>> from fastreg.penalties import GroupL2
    >>> prox(GroupL2(5.0, groups=[[0, 2], [1]]), [3.0, 1.0, 4.0], 0.5)
    array([1.5, 0. , 2. ])
    """
    weights = _numbers("w", w)
    if noun(type(penalty)) == "loss":
        raise TypeError(f"{type(penalty).__name__} is a loss and has no proximal step: pass a penalty.")
    term, _ = _fitting(penalty, weights, None)
    length = checked_field("prox", "step", step, 0, weights.dtype)
    if not (np.ndim(length) == 0 and 0 < length < np.inf):
        raise ValueError(f"step={step!r} is no step: pass a finite number above 0.")
    result = _result(weights, out)
    if noun(type(term)) == "block penalty":
        order, starts = _in_groups(term)
        sorted_result = np.empty_like(weights)
        _group_prox(term, weights[order], length, starts, sorted_result)
        result[order] = sorted_result
    else:
        _prox(term, weights, length, result)
    return _finish(result, out)
