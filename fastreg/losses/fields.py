"""How the fields and the targets of a loss are validated."""

import numpy as np


def checked_amount(term_name, field, value, dtype):
    """Return a field as a number of ``dtype``.

    Raises
    ------
    TypeError
        If it is no number.
    ValueError
        If it is negative or not finite.
    """
    try:
        amount = np.dtype(dtype).type(value)
    except (TypeError, ValueError):
        amount = None
    if np.ndim(amount) or amount is None:
        raise TypeError(f"{term_name}.{field}={value!r} is no number: pass a number of at least 0.")
    if not (np.isfinite(amount) and amount >= 0):
        raise ValueError(f"{term_name}.{field} is {amount:g}: pass a finite number of at least 0.")
    return amount


def checked_labels(loss_name, y):
    """Return ``y``, or refuse labels other than -1 and +1."""
    wrong = y[np.abs(y) != 1]
    if wrong.size:
        raise ValueError(
            f"y holds the label {wrong[0]:g}: the {loss_name} loss takes -1 and +1, encode two classes so."
        )
    return y
