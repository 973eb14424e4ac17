"""Npz archives: `X` and `y`, or the arrays of a scipy.sparse matrix and `y`."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .matching import Columns, check_dropped, matched, matched_by_number
from .sources import Source
from .tables import Numbered, Rows, Table, listed

_COMPRESSED_ARRAYS = ("data", "indices", "indptr", "shape")


def read_archive(source: Source, target: str | None, dropped: Sequence[str]) -> Table:
    """Read an npz archive without ever unpickling; `target` names another array than `y`."""
    with _opened(source) as archive:
        X = _matrix(source.name, archive)
        y = _numbers_or_text(
            source.name, target or "y", _target(source.name, archive, X.shape[0], target or "y")
        )
        names = _names(source.name, archive, X.shape[1])
    check_dropped(source.name, names, dropped)
    if dropped:
        kept = [j for j, name in enumerate(names) if name not in dropped]
        X, names = X[:, kept], [names[j] for j in kept]
    X = _floats(source.name, X, names)
    return Table(X, y, names, target or "y", _told(source, X))


def read_archive_rows(source: Source, columns: Columns) -> Rows:
    """Read the columns of a model from an npz archive."""
    with _opened(source) as archive:
        X = _matrix(source.name, archive)
        names = _names(source.name, archive, X.shape[1])
        if isinstance(names, Numbered):
            places = matched_by_number(source.name, names, columns, "array 'feature_names'")
        else:
            places = matched(source.name, names, columns)
        y = None
        if columns.target in archive.files:
            y = _target(source.name, archive, X.shape[0], columns.target)
        elif places.target is not None:
            y = X[:, [places.target]].toarray().ravel() if _is_sparse(X) else X[:, places.target]
    if not isinstance(places.columns, range):
        X = X[:, places.columns]
    X = _floats(source.name, X, columns.names)
    return Rows(X, y, _told(source, X))


@contextmanager
def _opened(source: Source) -> Iterator[Any]:
    """Open an archive; damage becomes one sentence (ValueError)."""
    import numpy as np

    try:
        with source.raw() as file, np.load(file, allow_pickle=False) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise ValueError(f"{source.name} is damaged or cut off ({error}); fetch or write it again.") from None


def _names(name: str, archive: Any, n_columns: int) -> Sequence[str]:
    """Return the names that the archive gives its columns, or numbers."""
    if "feature_names" in archive.files:
        known = _array(name, "feature_names", archive)
        if known.shape == (n_columns,) and known.dtype.kind == "U":
            return known.tolist()
    return Numbered("x", 0, n_columns)


def _is_sparse(X: Any) -> bool:
    import scipy.sparse

    return scipy.sparse.issparse(X)


def _told(source: Source, X: Any) -> str:
    """Say what was read."""
    return f"{source.name} (npz, {'sparse' if _is_sparse(X) else 'dense'})"


def _floats(name: str, X: Any, feature_names: Sequence[str]) -> Any:
    """Return a matrix that is not empty as finite floats, in F order or as CSR."""
    import numpy as np

    n_rows, n_columns = X.shape
    if 0 in X.shape:
        raise ValueError(f"{name}: the matrix is empty (shape {n_rows} x {n_columns}).")
    if X.dtype not in (np.float32, np.float64):
        X = X.astype(np.float64)
    _check_finite(name, X, feature_names)
    return X if _is_sparse(X) else np.asfortranarray(X)


def _matrix(name: str, archive: Any) -> Any:
    """Return the matrix that the archive holds, dense or as CSR."""
    import scipy.sparse

    names = archive.files
    if "indptr" in names:
        missing = [key for key in _COMPRESSED_ARRAYS if key not in names]
        if missing:
            raise ValueError(f"{name}: a sparse matrix needs the array {missing[0]!r}, which is not there.")
        # scipy.sparse.save_npz stores the format as bytes.
        form = str(_array(name, "format", archive).astype(str)) if "format" in names else "csr"
        if form not in ("csr", "csc"):
            raise ValueError(
                f"{name}: the sparse format is {form!r}; convert the matrix with .tocsr() or .tocsc()."
            )
        build = scipy.sparse.csr_array if form == "csr" else scipy.sparse.csc_array
        data = _numeric(name, "data", archive)
        try:
            indices, indptr, shape = (_array(name, key, archive) for key in _COMPRESSED_ARRAYS[1:])
            X = build((data, indices, indptr), shape=tuple(shape.tolist()))
            X.check_format(full_check=True)
        except (ValueError, TypeError, IndexError) as error:
            raise ValueError(f"{name}: the sparse matrix is damaged: {error}.") from None
        return X.tocsr()
    if any(entry.startswith("xl/") for entry in names):
        raise ValueError(f"{name} is a spreadsheet; save it as CSV.")
    if "X" not in names:
        raise ValueError(
            f"{name} holds {listed(names) or 'nothing'}; "
            "needed are X and y, or data, indices, indptr, shape, format and y."
        )
    X = _numeric(name, "X", archive)
    if X.ndim != 2:
        raise ValueError(f"{name}: the array 'X' has {X.ndim} dimensions where a matrix has 2.")
    return X


def _target(name: str, archive: Any, n_rows: int, key: str) -> Any:
    """Return the target's array, one value a row."""
    if key not in archive.files:
        raise ValueError(f"{name} has no array {key!r} to predict; it holds {listed(archive.files)}.")
    y = _array(name, key, archive)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.shape != (n_rows,):
        raise ValueError(
            f"{name}: the target {key!r} has shape {y.shape} where the matrix has {n_rows} rows."
        )
    if y.dtype.kind in "US":
        return y.astype(str)
    if y.dtype.kind not in "biuf":
        raise ValueError(f"{name}: the target {key!r} has dtype {y.dtype}; store numbers or text.")
    return y.astype(float)


def _numbers_or_text(name: str, key: str, y: Any) -> Any:
    """Return a target whose numbers are all finite."""
    import numpy as np

    if y.dtype.kind == "f" and not np.isfinite(y).all():
        bad = np.flatnonzero(~np.isfinite(y))
        raise ValueError(
            f"{name}, row {bad[0]}: the target {key!r} is {y[bad[0]]}; fill it in or drop the row."
        )
    return y


def _array(name: str, key: str, archive: Any) -> Any:
    """Return an array from the archive; one that would have to be unpickled is refused."""
    try:
        return archive[key]
    except ValueError as error:
        if "pickle" in str(error):
            raise ValueError(
                f"{name}: the array {key!r} holds Python objects; store numbers or text."
            ) from None
        raise ValueError(f"{name}: the array {key!r} is damaged: {error}.") from None


def _numeric(name: str, key: str, archive: Any) -> Any:
    """Return an array of real numbers from the archive."""
    array = _array(name, key, archive)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name}: the array {key!r} has dtype {array.dtype}; store real numbers.")
    return array


def _check_finite(name: str, X: Any, feature_names: Any) -> None:
    """Refuse a matrix that is not finite, naming the first row and its column."""
    import numpy as np
    import scipy.sparse

    stored = X.data if scipy.sparse.issparse(X) else X
    finite = np.isfinite(stored)
    if finite.all():
        return
    if scipy.sparse.issparse(X):
        place = int(np.flatnonzero(~finite)[0])
        row, column = int(np.searchsorted(X.indptr, place, side="right")) - 1, int(X.indices[place])
        value = stored[place]
    else:
        row, column = (int(place[0]) for place in np.nonzero(~finite))
        value = stored[row, column]
    raise ValueError(
        f"{name}, row {row}: column {feature_names[column]!r} is {value}; fill it in or drop the row."
    )
