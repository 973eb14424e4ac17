"""Svmlight files (also called libsvm): `label index:value index:value ...`, one row a line."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO, Any

from .matching import Columns
from .sources import Source
from .tables import Numbered, Rows, Table, listed, quoted

_LOOKED_AT = 1000  # rows


def read_svmlight(source: Source, target: str | None, dropped: Sequence[str]) -> Table:
    """Read an svmlight file by scikit-learn's reader; columns bear the numbers of the file."""
    if dropped:
        raise ValueError(
            f"{source.name} is an svmlight file, whose columns have no names: "
            f"there is no {dropped[0]!r} to drop."
        )
    if target is not None:
        raise ValueError(
            f"{source.name} is an svmlight file: its target is the first field of each line, "
            f"so there is no target {target!r} to choose; leave it out."
        )
    X, y = _load(source)
    if X.nnz == 0:
        raise ValueError(f"{source.name} holds no values.")
    first = 1 if X.indices.min() > 0 else 0
    X = _shifted(X, first, X.shape[1] - first)
    return Table(X, y, Numbered("", first, X.shape[1]), "label", f"{source.name} (svmlight)")


def read_svmlight_rows(source: Source, columns: Columns) -> Rows:
    """Read the columns of a model; an index that a file does not mention is a column of zeros."""
    names = columns.names
    if not (isinstance(names, Numbered) and names.prefix == ""):
        raise ValueError(
            f"{source.name} is an svmlight file, whose columns are numbered, and those of the model are "
            f"called {listed(names)}; give it a CSV or npz file."
        )
    X, y = _load(source)
    first, last = names.numbers.start, names.numbers.stop - 1
    for index in (int(X.indices.min(initial=first)), int(X.indices.max(initial=last))):
        if not first <= index <= last:
            raise ValueError(
                f"{source.name} has a column '{index}' that the model was not fitted with; "
                f"its columns are '{first}' to '{last}'."
            )
    return Rows(_shifted(X, first, len(names)), y, f"{source.name} (svmlight)")


def _load(source: Source) -> tuple[Any, Any]:
    """Return the matrix, its columns numbered as in the file, and the labels."""
    with source.stream() as stream:
        return _parsed(stream, source)


def _parsed(stream: IO[bytes], source: Source) -> tuple[Any, Any]:
    """As `_load`, of some lines of the source."""
    import numpy as np
    from sklearn.datasets import load_svmlight_file

    try:
        X, y = load_svmlight_file(stream, dtype=np.float64, zero_based=True)
    except (ValueError, OverflowError) as error:
        # scikit-learn's reader does not say which line it could not read, so a slower look finds it.
        raise ValueError(_fault(source) or f"{source.name} cannot be read as svmlight: {error}.") from None
    if not (np.isfinite(X.data).all() and np.isfinite(y).all()):
        raise ValueError(_fault(source) or f"{source.name} holds a number that is not finite.")
    return X, y


class SvmlightRows:
    """The rows of an svmlight file, some at a time.

    Parameters
    ----------
    path : str or path-like
    n_features : int or None
        None: the file is read once to see, for ``first`` too.
    first : int
        The index of the first column.
    """

    def __init__(self, path: str | os.PathLike[str], n_features: int | None, first: int):
        self._source = Source(path)
        lines = self._lines(_LOOKED_AT)
        if not lines:
            raise ValueError(f"{self._source.name} holds no rows.")
        self.bytes_per_row = sum(map(len, lines)) / len(lines)
        if n_features is None:
            first, n_features = self._columns()
        if not (first in (0, 1) and isinstance(n_features, int) and n_features > 0):
            raise ValueError(
                f"first={first!r} and n_features={n_features!r} are no columns: pass 0 or 1, and an integer "
                f"of at least 1."
            )
        self._first, self._n_features = first, n_features

    def cut(self, rows: int) -> Iterator[tuple[Any, Any]]:
        """Yield pairs (X, y) of so many rows."""
        last = self._first + self._n_features - 1
        for X, y in self._read(rows):
            for index in (int(X.indices.min(initial=last)), int(X.indices.max(initial=self._first))):
                if not self._first <= index <= last:
                    raise ValueError(
                        f"{self._source.name} has an index {index}, and its columns were said to be "
                        f"{self._first} to {last}: pass another first or n_features, or neither."
                    )
            yield _shifted(X, self._first, self._n_features), y

    def _columns(self) -> tuple[int, int]:
        """Return the first column, by the smallest index, and the number of columns."""
        spans = [(int(X.indices.min()), int(X.indices.max())) for X, _ in self._read(_LOOKED_AT) if X.nnz]
        if not spans:
            raise ValueError(f"{self._source.name} holds no values.")
        first = min(1, *(lowest for lowest, _ in spans))
        return first, max(highest for _, highest in spans) - first + 1

    def _read(self, rows: int) -> Iterator[tuple[Any, Any]]:
        """Yield the matrix and the labels of so many rows, columns numbered as in the file."""
        with self._source.stream() as stream:
            lines = _rows_of(stream)
            while some := list(islice(lines, rows)):
                yield _parsed(io.BytesIO(b"".join(some)), self._source)

    def _lines(self, count: int) -> list[bytes]:
        """Return the first lines that are rows."""
        with self._source.stream() as stream:
            return list(islice(_rows_of(stream), count))


def _rows_of(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines that are rows."""
    return (line for line in stream if line.split(b"#", 1)[0].strip())


def _shifted(X: Any, first: int, n_columns: int) -> Any:
    """Return a matrix without the columns before the first."""
    import scipy.sparse

    return scipy.sparse.csr_array((X.data, X.indices - first, X.indptr), shape=(X.shape[0], n_columns))


def _fault(source: Source) -> str | None:
    """Return the sentence for the first line that breaks the format, if any does."""
    for number, line in enumerate(source.lines(), 1):
        label, *pairs = line.split("#", 1)[0].split() or [""]
        place = f"{source.name}, line {number}"
        if not label:
            continue
        if ":" in label:
            return f"{place}: there is no label before {quoted(label)}; put 0 where it is not known."
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
