"""Tables of text (CSV): one record a line, with or without a line of names."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from .sources import Source
from .tables import Numbered, Table, listed, quoted

_DELIMITERS = ",;\t|"
_MISSING = {"", "?", "na", "n/a", "nan", "-nan", "null", "none", "missing"}


class _Layout(NamedTuple):
    """How the records of one file are laid out."""

    delimiter: str
    names: Sequence[str]
    lines_of_names: int
    row_names: bool
    target: int


def read_delimited(source: Source, target: str | None) -> Table:
    """Read a table of numbers; the target may be text, and then names classes."""
    import numpy as np

    layout = _layout(source, target)
    classes: dict[str, int] = {}
    try:
        values = _load(source, layout, None)
    except ValueError:
        values = _load_text_target(source, layout, classes)
    if not np.isfinite(values).all():
        raise ValueError(_fault(source, layout) or f"{source.name} holds a number that is not finite.")
    y = values[:, layout.target].copy()
    columns = [j for j in range(layout.row_names, len(layout.names)) if j != layout.target]
    X = np.asfortranarray(values[:, columns])
    if classes:
        y = np.array(list(classes))[y.astype(np.intp)]
    notes = [
        "CSV",
        *["no line of names"] * (not layout.lines_of_names),
        *["first column left out: names of rows"] * layout.row_names,
        *["target: the last column"] * (target is None),
    ]
    names = [layout.names[j] for j in columns]
    return Table(X, y, names, layout.names[layout.target], f"{source.name} ({', '.join(notes)})")


def _layout(source: Source, target: str | None) -> _Layout:
    """Find out the delimiter, the names and the target from the first two records."""
    options: list[Any] = []
    for delimiter in _DELIMITERS:
        records = list(islice(_records(source, delimiter), 2))
        agree = len({len(cells) for _, cells in records}) == 1
        options.append((agree, len(records[0][1]), -len(options), delimiter, records))
    *_, delimiter, records = max(options)
    line, first = records[0]
    if len(first) < 2:
        raise ValueError(
            f"{source.name}, line {line}: {quoted(first[0])} is one column where two or more are needed, "
            "separated by commas, semicolons, tabs or bars."
        )
    second = records[1][1] if len(records) > 1 else first
    lines_of_names = line if _is_names(first, second) else 0
    if lines_of_names and len(records) == 1:
        raise ValueError(f"{source.name} has a line of names and no rows.")
    unnamed = Numbered("column ", 1, len(first))
    names = [cell or unnamed[j] for j, cell in enumerate(first)] if lines_of_names else unnamed
    # R and pandas write the names (or the numbers) of rows into a first column that bears no name itself.
    row_names = bool(lines_of_names) and not first[0] and len(first) > 2
    return _Layout(
        delimiter, names, lines_of_names, row_names, _target(source, names, bool(lines_of_names), target)
    )


def _is_names(first: list[str], second: list[str]) -> bool:
    """Whether the first record names the columns: a text above a number, or nothing but texts."""
    texts = [_number(cell) is None and cell.lower() not in _MISSING for cell in first]
    above = any(text and _number(cell) is not None for text, cell in zip(texts, second, strict=False))
    return above or all(texts)


def _target(source: Source, names: Sequence[str], named: bool, target: str | None) -> int:
    """Return the place of the target's column, by name, by number where there are no names, or the last."""
    if target is None:
        return len(names) - 1
    if not named and target.isdecimal():
        target = f"column {target}"
    places = [j for j, name in enumerate(names) if name == target]
    if len(places) == 1:
        return places[0]
    if places:
        raise ValueError(
            f"{source.name} has {len(places)} columns called {target!r}; give the target a name of its own."
        )
    raise ValueError(f"{source.name} has no column {target!r} to predict; its columns are {listed(names)}.")


def _records(source: Source, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the records that are not blank, each with the number of its last line."""
    reader = csv.reader(source.lines(), delimiter=delimiter)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise ValueError(f"{source.name}, line {reader.line_num}: {error}.") from None
        if cells is None:
            return
        if cells:
            yield reader.line_num, [cell.strip() for cell in cells]


def _load_text_target(source: Source, layout: _Layout, classes: dict[str, int]) -> Any:
    """Load a table that holds more than numbers: its target is text, or it has a fault to be named."""
    fault = _fault(source, layout, text_target=True)
    if fault is not None:
        raise ValueError(fault)
    try:
        values = _load(source, layout, classes)
    except ValueError as error:
        raise ValueError(f"{source.name} cannot be read as a table of numbers: {error}.") from None
    if sum(_number(name) is not None for name in classes) > len(classes) / 2:
        # Mostly numbers: the text among them is a slip, not a class.
        raise ValueError(_fault(source, layout))
    return values


def _load(source: Source, layout: _Layout, classes: dict[str, int] | None) -> Any:
    """Return all columns as numbers; the target's texts are numbered into `classes` where it is given."""
    import numpy as np

    converters: dict[int | str, Callable[[str], Any]] = {}
    if classes is not None:
        converters[layout.target] = lambda text: classes.setdefault(text.strip(), len(classes))
    if layout.row_names:
        converters[0] = lambda text: 0.0
    return np.loadtxt(
        islice(source.lines(), layout.lines_of_names, None),
        delimiter=layout.delimiter,
        quotechar='"',
        comments=None,
        ndmin=2,
        encoding=None,
        converters=converters,
    )


def _fault(source: Source, layout: _Layout, text_target: bool = False) -> str | None:
    """Return the sentence for the first record that cannot be used, if any cannot."""
    for line, cells in _records(source, layout.delimiter):
        if line <= layout.lines_of_names:
            continue
        place = f"{source.name}, line {line}"
        if len(cells) != len(layout.names):
            return f"{place}: {len(cells)} columns where the first line has {len(layout.names)}."
        for j in range(layout.row_names, len(cells)):
            cell, column = cells[j], f"column {layout.names[j]!r}"
            if cell.lower() in _MISSING:
                return f"{place}: {column} has no value ({quoted(cell)}); fill it in or drop the row."
            number = _number(cell)
            if j == layout.target and text_target:
                continue
            if number is None:
                remedy = "drop the column or put one 0/1 column per value in its place"
                if j == layout.target:
                    remedy = "correct it or drop the row"
                return f"{place}: {column} holds text ({quoted(cell)}) where a number is needed; {remedy}."
            if not math.isfinite(number):
                return (
                    f"{place}: {column} is {quoted(cell)}, which is not finite; fill it in or drop the row."
                )
    return None


def _number(cell: str) -> float | None:
    """Return the number that a cell holds, None where it holds a text."""
    try:
        # Python reads 1_000 as a number, NumPy and every other program as text.
        return None if "_" in cell else float(cell)
    except ValueError:
        return None
