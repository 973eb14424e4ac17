"""One door to all readers: the content says which one is asked, not the name of the file."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from .matching import Columns
from .sources import Source
from .tables import Rows, Table

_ZIP = b"PK"
# No comma or colon in a value: a CSV that starts with "2024-05-17 12:30:00," is not svmlight.
_SVMLIGHT_LINE = re.compile(r"\S+(\s+qid:\d+)?(\s+-?\d+:[-+.\w]+)+\s*(#|$)")
_LOOKED_AT = 65536


def read(
    path: str | os.PathLike[str], target: str | None = None, form: str = "auto", dropped: Sequence[str] = ()
) -> Table:
    """Read a data file: svmlight, CSV (each may be packed by gzip, bzip2 or xz) or npz.

    Parameters
    ----------
    path : str or path-like
        The file, or "-" for standard input. What it is follows from its content: an npz archive, lines of
        `label index:value ...` (svmlight), else a table with one record a line, separated by commas,
        semicolons, tabs or bars.
    target : str, optional
        The column (CSV) or array (npz) to predict; by default the last column, or the array `y`. An svmlight
        file has one target only.
    form : {"auto", "csv", "svmlight", "npz"}
        What the file is, where its content shall not say it.
    dropped : sequence of str
        Columns that are not looked at and may hold anything.

    Returns
    -------
    Table
        Columns without names are called by their place: `column 1` is the first of a CSV, `x0` the first of
        an npz, and an svmlight file gives the numbers itself.

    Raises
    ------
    ValueError
        Where the file is damaged, ragged, empty, holds text or no finite number where numbers are needed, or
        has no such target: one sentence with the line or the row.
    OSError
        Where the file cannot be opened.
    """
    source = Source(path)
    match _form(source, form):
        case "npz":
            from .archives import read_archive

            return read_archive(source, target, dropped)
        case "svmlight":
            from .svmlight import read_svmlight

            return read_svmlight(source, target, dropped)
        case _:
            from .delimited import read_delimited

            return read_delimited(source, target, dropped)


def read_rows(path: str | os.PathLike[str], columns: Columns, form: str = "auto") -> Rows:
    """Read the columns of a model from a data file: by name, in any order.

    Parameters
    ----------
    path, form : see `read`
    columns : Columns
        The columns to predict from and the target, which the file may hold or not.

    Returns
    -------
    Rows

    Raises
    ------
    ValueError
        As `read`; and where a column of the model is missing or the file has one that the model does not
        know: one sentence that names it.
    OSError
        Where the file cannot be opened.
    """
    source = Source(path)
    match _form(source, form):
        case "npz":
            from .archives import read_archive_rows

            return read_archive_rows(source, columns)
        case "svmlight":
            from .svmlight import read_svmlight_rows

            return read_svmlight_rows(source, columns)
        case _:
            from .delimited import read_delimited_rows

            return read_delimited_rows(source, columns)


def _form(source: Source, form: str) -> str:
    """Return what a source holds: "npz", "svmlight" or "csv"."""
    start = source.start(_LOOKED_AT)
    if not start.strip():
        raise ValueError(f"{source.name} is empty.")
    packed = start.startswith(_ZIP)
    if form == "auto":
        lines = start.decode("utf-8", errors="replace").splitlines()[:50]
        return "npz" if packed else "svmlight" if any(map(_SVMLIGHT_LINE.match, lines)) else "csv"
    if packed != (form == "npz"):
        raise ValueError(
            f"{source.name} is {'an' if packed else 'no'} npz archive, and not {form} as was said."
        )
    return form
