"""Data as blocks of rows, read again whenever they are asked for: no more than one is in memory."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .svmlight import SvmlightRows

if TYPE_CHECKING:
    import numpy as np

# Rows that are learned from side by side are never torn apart: solvers take powers of two, far fewer.
_ALIGNED = 256
_BLOCK_BYTES = 16_000_000


class Blocks:
    """Blocks of rows; `blocks` makes them.

    Parameters
    ----------
    source : ArrayRows or SvmlightRows
        Yields a pair (X, y) per block.
    rows : int
        Of every block but the last.
    """

    def __init__(self, source: ArrayRows | SvmlightRows, rows: int):
        self._source = source
        self.rows = rows

    def __iter__(self) -> Iterator[tuple[Any, np.ndarray]]:
        """Yield pairs (X, y), from the first row on."""
        return self._source.cut(self.rows)


def blocks(
    X: Any,
    y: Any = None,
    *,
    rows: int | None = None,
    n_features: int | None = None,
    first: int = 1,
) -> Blocks:
    """Cut data into blocks of rows, for `SGDClassifier.fit_blocks` and `SGDRegressor.fit_blocks`.

    Parameters
    ----------
    X : array or sparse matrix of (n_samples, n_features), or str or path-like
        Rows, or the name of an svmlight file, plain or packed. Blocks of an array are views. Of a memory map
        in C order (``np.load(name, mmap_mode="r")``) every block is mapped by itself, so that no more of the
        file than that stays in memory; of other maps every page that was read may.
    y : array of n_samples
        Their targets; an svmlight file holds its own.
    rows : int, optional
        How many a block holds: by default some 16 MB of them, in a multiple of 256. With ``shuffle=False``
        the fit does not depend on it if it is a multiple of 32.
    n_features : int, optional
        Of an svmlight file: how many columns the matrix gets. By default the file is read once to see.
    first : int, optional
        The index of the first column of an svmlight file: 1 as the format has it, or 0. Where ``n_features``
        is left out, the file tells by its smallest index.

    Returns
    -------
    Blocks
        Can be iterated over again and again.

    Raises
    ------
    ValueError, TypeError
        Where X and y do not fit together, in one sentence; while it is iterated over, where the file is
        damaged: see `read`.
    OSError
        Where the file cannot be opened.

    Examples
    --------
    >>> import numpy as np
    >>> [len(y) for X, y in blocks(np.eye(600), np.arange(600), rows=256)]
    [256, 256, 88]
    """
    if rows is not None and not (isinstance(rows, int) and rows > 0):
        raise ValueError(f"rows={rows!r} is out of range: pass an integer of at least 1.")
    if isinstance(X, (str, os.PathLike)):
        if y is not None:
            raise TypeError("y was passed beside a file, which holds its own targets: leave it out.")
        file = SvmlightRows(X, n_features, first)
        return Blocks(file, rows or _fitting(file.bytes_per_row))
    if y is None:
        raise TypeError("y is missing: pass one target per row of X.")
    if not (hasattr(X, "shape") and hasattr(X, "dtype")):
        raise TypeError(f"X is of type {type(X).__name__}: pass an array, a sparse matrix or a file name.")
    array = ArrayRows(X, y)
    return Blocks(array, rows or _fitting(array.bytes_per_row))


def _fitting(bytes_per_row: float) -> int:
    """Return how many rows fill a block."""
    return max(1, int(_BLOCK_BYTES / max(1.0, bytes_per_row) / _ALIGNED)) * _ALIGNED


class ArrayRows:
    """Rows of an array or a sparse matrix.

    Parameters
    ----------
    X : array or sparse matrix of (n_samples, n_features)
    y : array of n_samples
    """

    def __init__(self, X: Any, y: Any):
        if len(X.shape) != 2 or X.shape[0] != len(y):
            raise ValueError(
                f"X has shape {tuple(X.shape)} and y {len(y)} entries: pass a matrix and one target per row."
            )
        self._X = X.tocsr() if hasattr(X, "tocsr") else X
        self._y = y
        entries = self._X.nnz if hasattr(X, "tocsr") else self._X.size
        self.bytes_per_row = self._X.dtype.itemsize * entries / max(1, X.shape[0])

    def cut(self, rows: int) -> Iterator[tuple[Any, np.ndarray]]:
        """Yield pairs (X, y) of so many rows."""
        source = _file_of(self._X)
        for start in range(0, self._X.shape[0], rows):
            stop = min(start + rows, self._X.shape[0])
            X = self._X[start:stop] if source is None else _mapped(self._X, *source, start, stop)
            yield X, self._y[start:stop]


def _file_of(X: Any) -> tuple[Any, int] | None:
    """Return the file behind a memory map in C order, and where in it X begins; None for other arrays."""
    import numpy as np

    root = X
    while isinstance(getattr(root, "base", None), np.memmap):
        root = root.base
    # A map that may be written to but not saved differs from its file.
    if not (isinstance(root, np.memmap) and X.flags.c_contiguous and root.mode in ("r", "r+", "w+")):
        return None
    if not isinstance(root.base, mmap.mmap) or not isinstance(root.filename, (str, os.PathLike)):
        return None
    addresses = (array.__array_interface__["data"][0] for array in (X, root))
    return root.filename, root.offset + next(addresses) - next(addresses)


def _mapped(X: Any, file: Any, offset: int, start: int, stop: int) -> np.ndarray:
    """Map some rows of a file by themselves: their pages are given back when the block is dropped."""
    import numpy as np

    shape = stop - start, X.shape[1]
    row_bytes = X.dtype.itemsize * X.shape[1]
    return np.memmap(file, X.dtype, "r", offset + start * row_bytes, shape)
