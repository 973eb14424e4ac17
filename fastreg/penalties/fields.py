"""How the fields of a penalty are validated: a number, or one per feature."""

import numpy as np


def checked_strength(term_name, strength, n_features, dtype):
    """Return a strength as a number or an array of ``dtype``.

    Raises
    ------
    TypeError
        If it holds no numbers.
    ValueError
        If it is negative, not finite, or an array of another length than ``n_features``.
    """
    strength = checked_field(term_name, "strength", strength, n_features, dtype)
    low = np.min(strength) if np.size(strength) else 0
    if not np.all(np.isfinite(strength)) or low < 0:
        bad = low if low < 0 else np.asarray(strength)[~np.isfinite(strength)].ravel()[0]
        raise ValueError(
            f"{term_name}.strength is {bad:g}: pass a finite number of at least 0 (0 is no penalty)."
        )
    return strength


def checked_field(term_name, field, value, n_features, dtype):
    """Return a field as a number or a contiguous array of one number per feature."""
    try:
        array = np.asarray(value, dtype=dtype)
    except (TypeError, ValueError):
        raise TypeError(
            f"{term_name}.{field}={value!r} is no number: pass a number or one per feature."
        ) from None
    if array.ndim == 0:
        return array[()]
    if array.shape != (n_features,):
        raise ValueError(
            f"{term_name}.{field} has shape {array.shape}: pass a number, or one per feature ({n_features})."
        )
    return np.ascontiguousarray(array)
