"""What may come in: one sentence for everything that may not, before any work."""

from numbers import Number

import numpy as np
import scipy.sparse as sp

from fastreg import team
from fastreg.solvers import passes


def checked_matrix(X):
    """Return X as a contiguous dense array or a canonical CSC / CSR matrix, and the bytes copied.

    float32 and float64 are kept, other numbers become float64.
    """
    if sp.issparse(X):
        return _checked_sparse(X)
    if isinstance(X, np.matrix):
        X = np.asarray(X)
    array = _as_numbers("X", X)
    if array.ndim != 2:
        hint = (
            "X.reshape(-1, 1) is one column" if array.ndim == 1 else "rows are samples, columns are features"
        )
        raise ValueError(
            f"X has {array.ndim} dimension(s): pass a matrix of (n_samples, n_features); {hint}."
        )
    _refuse_empty(array.shape)
    original = array
    array = _as_float(array)
    if not (array.flags.c_contiguous or array.flags.f_contiguous) or not array.flags.aligned:
        array = np.ascontiguousarray(array)
    return array, 0 if np.shares_memory(array, original) else array.nbytes


def _checked_sparse(X):
    if X.ndim != 2:
        raise ValueError(f"X has {X.ndim} dimension(s): pass a sparse matrix of (n_samples, n_features).")
    _refuse_empty(X.shape)
    if X.dtype.kind not in "fiub":
        raise TypeError(f"X holds {X.dtype}: pass real numbers.")
    if max(X.shape) > np.iinfo(np.uint32).max:
        raise ValueError(
            f"X has shape {X.shape}: at most {np.iinfo(np.uint32).max} rows or columns can be indexed."
        )
    compressed = X if X.format in ("csc", "csr") else X.tocsc()
    copied = 0 if compressed is X else _sparse_bytes(compressed)
    if not compressed.has_canonical_format:  # repeated entries must be added up before they are squared
        if compressed is X:
            compressed = compressed.copy()
            copied += _sparse_bytes(compressed)
        compressed.sum_duplicates()
    data = _as_float(compressed.data)
    if data is not compressed.data:
        copied += data.nbytes
        compressed = type(compressed)((data, compressed.indices, compressed.indptr), shape=compressed.shape)
    return compressed, copied


def _sparse_bytes(X):
    return X.data.nbytes + X.indices.nbytes + X.indptr.nbytes


def _refuse_empty(shape):
    if shape[0] == 0 or shape[1] == 0:
        what = "rows" if shape[0] == 0 else "columns"
        raise ValueError(
            f"X has shape {tuple(shape)} and so no {what}: at least one row and one column are needed."
        )


def _as_float(array):
    return (
        array
        if array.dtype in (np.float32, np.float64) and array.dtype.isnative
        else array.astype(np.float64)
    )


def _as_numbers(name, values):
    try:
        array = np.asarray(values)
        if array.dtype.kind == "O":
            array = array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(
            f"{name} holds something that is no number: encode text and missing values first."
        ) from None
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} holds {array.dtype}: pass real numbers.")
    return array


def checked_vector(name, values, length, per="row"):
    """Return a finite float64 vector of ``length``, one number per row or column of X."""
    array = _as_numbers(name, values)
    if array.ndim == 2 and 1 in array.shape:
        array = array.ravel()
    if array.shape != (length,):
        raise ValueError(f"{name} has shape {array.shape}: pass one number per {per} of X ({length}).")
    array = settled(array)
    wrong = np.flatnonzero(~np.isfinite(array))
    if wrong.size:
        raise ValueError(f"{name}[{wrong[0]}] is {_spelled(array[wrong[0]])}: every entry must be finite.")
    return array


def settled(array):
    """Return an array as contiguous, writable float64, copied if need be: then a kernel is compiled once."""
    return np.require(array, np.float64, ("C", "W"))


def checked_array(name, values, shape):
    """Return a finite float64 array of ``shape``."""
    array = _as_numbers(name, values)
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}: pass an array of shape {shape}.")
    checked_vector(name, array.reshape(-1), array.size)
    return settled(array)


def checked_weights(sample_weight, n_samples):
    """Return the sample weights as a vector, None where they are alike."""
    if sample_weight is None:
        return None
    if isinstance(sample_weight, Number):
        checked_number("sample_weight", sample_weight, 0, strict=True)
        return None
    sample_weight = np.asarray(sample_weight)
    if sample_weight.ndim > 1:
        raise ValueError(
            f"Sample weights must be 1D array or scalar, one per row of X ({n_samples}), "
            f"not of shape {sample_weight.shape}."
        )
    weights = checked_vector("sample_weight", sample_weight, n_samples)
    wrong = np.flatnonzero(weights < 0)
    if wrong.size:
        raise ValueError(f"sample_weight[{wrong[0]}] is {weights[wrong[0]]:g}: weights must be at least 0.")
    if not weights.any():
        raise ValueError("sample_weight is zero for every row: at least one weight must be positive.")
    return weights


def normalised_weights(sample_weight, n_samples):
    """Return the sample weights divided by their sum."""
    weights = checked_weights(sample_weight, n_samples)
    if weights is None:
        return np.full(n_samples, 1.0 / n_samples)
    scaled = weights / weights.max()  # the sum of huge weights may overflow
    return scaled / scaled.sum()


def check_held_out(X, y):
    """Refuse one of X_val and y_val without the other."""
    if (X is None) != (y is None):
        missing = "y_val" if y is None else "X_val"
        raise ValueError(f"{missing} is missing: pass X_val and y_val, or neither.")


def check_same_columns(n_features, learned):
    """Refuse rows held out of other features than those learned from."""
    if n_features != learned:
        raise ValueError(f"X_val has {n_features} columns and X {learned}: pass rows of the same features.")


def refuse_nonfinite(crew, X):
    """Refuse NaN and infinity in X, and numbers whose squares are infinite, in one threaded scan."""
    flat = X.data if sp.issparse(X) else (X.T if X.flags.f_contiguous else X).reshape(-1)
    flat = flat.view()
    flat.flags.writeable = False
    bounds = team.blocks(flat.size, flat.size)
    partial = np.zeros((len(bounds) - 1, 1))
    with np.errstate(invalid="ignore"):  # plain Python warns of inf * 0
        crew.each(passes.all_finite, bounds, flat, partial)
    if np.isfinite(partial).all():
        return
    wrong = np.flatnonzero(~np.isfinite(flat))
    if wrong.size == 0:
        wrong = np.flatnonzero(np.abs(flat) > np.sqrt(np.finfo(np.float64).max))
    position = int(wrong[0])
    if sp.issparse(X):
        major, minor = int(np.searchsorted(X.indptr, position, side="right")) - 1, int(X.indices[position])
        row, column = (minor, major) if X.format == "csc" else (major, minor)
    elif X.flags.f_contiguous:
        column, row = divmod(position, X.shape[0])
    else:
        row, column = divmod(position, X.shape[1])
    entry = f"X[{row}, {column}] is {_spelled(flat[position])}"
    if np.isfinite(flat[position]):
        raise ValueError(f"{entry}, whose square is no number any more: scale column {column}.")
    raise ValueError(f"{entry}: every entry must be finite; fill or drop missing values.")


def checked_number(name, value, low, *, strict=False):
    """Return a finite number of at least (``strict``: above) ``low``."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name}={value!r} is no number: pass one{_from(low, strict)}.") from None
    if not (number > low if strict else number >= low) or not np.isfinite(number):
        raise ValueError(f"{name}={value!r} is out of range: pass a finite number{_from(low, strict)}.")
    return number


def _from(low, strict):
    if low == -np.inf:
        return ""
    return f" {'above' if strict else 'of at least'} {low:g}"


def checked_callback(callback):
    """Return a function or None."""
    if callback is not None and not callable(callback):
        raise TypeError(f"callback={callback!r} cannot be called: pass a function, or None.")
    return callback


def checked_count(name, value, low):
    """Return an integer of at least ``low``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < low:
        raise ValueError(f"{name}={value!r} is out of range: pass an integer of at least {low}.")
    return int(value)


def _spelled(number):
    return "NaN" if np.isnan(number) else f"{number:g}"
