"""Svmlight files (also called libsvm): `label index:value index:value ...`, one row a line."""

from __future__ import annotations

import math

from .sources import Source
from .tables import Numbered, Table, quoted


def read_svmlight(source: Source, target: str | None) -> Table:
    """Read an svmlight file by scikit-learn's reader; columns bear the numbers of the file."""
    if target is not None:
        raise ValueError(
            f"{source.name} is an svmlight file: its target is the first field of each line, "
            f"so there is no target {target!r} to choose; leave it out."
        )
    import numpy as np
    import scipy.sparse
    from sklearn.datasets import load_svmlight_file

    try:
        with source.stream() as stream:
            X, y = load_svmlight_file(stream, dtype=np.float64, zero_based=True)
    except (ValueError, OverflowError) as error:
        # scikit-learn's reader does not say which line it could not read, so a slower look finds it.
        raise ValueError(_fault(source) or f"{source.name} cannot be read as svmlight: {error}.") from None
    if not (np.isfinite(X.data).all() and np.isfinite(y).all()):
        raise ValueError(_fault(source) or f"{source.name} holds a number that is not finite.")
    if X.nnz == 0:
        raise ValueError(f"{source.name} holds no values.")
    first = 1 if X.indices.min() > 0 else 0
    X = scipy.sparse.csr_array((X.data, X.indices - first, X.indptr), shape=(X.shape[0], X.shape[1] - first))
    return Table(X, y, Numbered("", first, X.shape[1]), "label", f"{source.name} (svmlight)")


def _fault(source: Source) -> str | None:
    """Return the sentence for the first line that breaks the format, if any does."""
    for number, line in enumerate(source.lines(), 1):
        label, *pairs = line.split("#", 1)[0].split() or [""]
        place = f"{source.name}, line {number}"
        if not label:
            continue
        if _number(label) is None:
            return f"{place}: the label {quoted(label)} is not a number."
        if not math.isfinite(float(label)):
            return f"{place}: the label {quoted(label)} is not finite."
        last = -1
        for pair in pairs:
            index, colon, value = pair.partition(":")
            if index == "qid":
                continue
            if not (colon and index.isdecimal()):
                return f"{place}: {quoted(pair)} is not of the form index:value."
            if _number(value) is None:
                return f"{place}: the value in {quoted(pair)} is not a number."
            if not math.isfinite(float(value)):
                return f"{place}: the value in {quoted(pair)} is not finite; fill it in or drop the row."
            if int(index) <= last:
                return (
                    f"{place}: index {index} comes after index {last}; indices must increase within a line."
                )
            if int(index) >= 2**31:
                return f"{place}: index {index} is too large (at most 2147483647)."
            last = int(index)
    return None


def _number(text: str) -> float | None:
    """Return the number that a field holds, None where it holds something else."""
    try:
        return float(text)
    except ValueError:
        return None
