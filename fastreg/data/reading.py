"""One door to all readers: the content says which one is asked, not the name of the file."""

from __future__ import annotations

import os
import re

from .sources import Source
from .tables import Table

_ZIP = b"PK"
# No comma or colon in a value: a CSV that starts with "2024-05-17 12:30:00," is not svmlight.
_SVMLIGHT_LINE = re.compile(r"\S+(\s+qid:\d+)?(\s+-?\d+:[-+.\w]+)+\s*(#|$)")
_LOOKED_AT = 65536


def read(path: str | os.PathLike[str], target: str | None = None) -> Table:
    """Read a data file: svmlight, CSV (each may be packed by gzip, bzip2 or xz) or npz.

    Parameters
    ----------
    path : str or path-like
        The file. What it is follows from its content: an npz archive, lines of `label index:value ...`
        (svmlight), else a table with one record a line, separated by commas, semicolons, tabs or bars.
    target : str, optional
        The column (CSV) or array (npz) to predict; by default the last column, or the array `y`. An svmlight
        file has one target only.

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
    start = source.start(_LOOKED_AT)
    if start.startswith(_ZIP):
        from .archives import read_archive

        return read_archive(source, target)
    if not start.strip():
        raise ValueError(f"{source.name} is empty.")
    text = start.decode("utf-8", errors="replace")
    if any(_SVMLIGHT_LINE.match(line) for line in text.splitlines()[:50]):
        from .svmlight import read_svmlight

        return read_svmlight(source, target)
    from .delimited import read_delimited

    return read_delimited(source, target)
