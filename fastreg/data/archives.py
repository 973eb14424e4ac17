"""Npz archives: `X` and `y`, or the arrays of a scipy.sparse matrix and `y`."""

from __future__ import annotations

import zipfile
import zlib
from typing import Any

from .sources import Source
from .tables import Numbered, Table, listed

_COMPRESSED_ARRAYS = ("data", "indices", "indptr", "shape")


def read_archive(source: Source, target: str | None) -> Table:
    """Read an npz archive without ever unpickling; `target` names another array than `y`."""
    import numpy as np
    import scipy.sparse

    try:
        with source.raw() as file, np.load(file, allow_pickle=False) as archive:
            names = archive.files
            X = _matrix(source.name, archive)
            y = _target(source.name, archive, X.shape[0], target)
            known = archive["feature_names"] if "feature_names" in names else None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise ValueError(f"{source.name} is damaged or cut off ({error}); fetch or write it again.") from None
    n_rows, n_columns = X.shape
    if 0 in X.shape:
        raise ValueError(f"{source.name}: the matrix is empty (shape {n_rows} x {n_columns}).")
    if known is not None and known.shape == (n_columns,) and known.dtype.kind == "U":
        feature_names: Any = known.tolist()
    else:
        feature_names = Numbered("x", 0, n_columns)
    if X.dtype not in (np.float32, np.float64):
        X = X.astype(np.float64)
    _check_finite(source.name, X, feature_names)
    kind = "sparse" if scipy.sparse.issparse(X) else "dense"
    return Table(X, y, feature_names, target or "y", f"{source.name} (npz, {kind})")


def _matrix(name: str, archive: Any) -> Any:
    """Return the matrix that the archive holds, in F order or as CSR."""
    import numpy as np
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
    if "X" not in names:
        raise ValueError(
            f"{name} holds {listed(names) or 'nothing'}; "
            "needed are X and y, or data, indices, indptr, shape, format and y."
        )
    X = _numeric(name, "X", archive)
    if X.ndim != 2:
        raise ValueError(f"{name}: the array 'X' has {X.ndim} dimensions where a matrix has 2.")
    return np.asfortranarray(X)


def _target(name: str, archive: Any, n_rows: int, target: str | None) -> Any:
    """Return the target's array as float64 or text, one value a row."""
    import numpy as np

    key = target or "y"
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
    y = y.astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(y))
    if len(bad):
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
