"""Tables of text (CSV): one record a line, with or without a line of names."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from .matching import Columns, check_dropped, matched, matched_by_number
from .sources import Source
from .tables import Numbered, Rows, Table, listed, quoted

_DELIMITERS = ",;\t|"
_MISSING = {"", "?", "na", "n/a", "nan", "-nan", "null", "none", "missing"}

# Says what is wrong with a cell, None where nothing is.
_Finder = Callable[[str], str | None]


class _Layout(NamedTuple):
    """How the records of one file are laid out."""

    delimiter: str
    names: Sequence[str]
    lines_of_names: int
    left_out: frozenset[int]

    def columns(self) -> list[int]:
        """Return the places of the columns that are looked at."""
        return [j for j in range(len(self.names)) if j not in self.left_out]

    def only(self, places: Iterable[int]) -> _Layout:
        """Return the layout that leaves out all columns but these."""
        return self._replace(left_out=frozenset(range(len(self.names))) - {*places})


def read_delimited(source: Source, target: str | None, dropped: Sequence[str]) -> Table:
    """Read a table of numbers; the target may be text, and then names classes."""
    import numpy as np

    layout = _layout(source, _is_names, least=2)
    check_dropped(source.name, layout.names, dropped)
    layout = layout.only(j for j in layout.columns() if layout.names[j] not in dropped)
    place = _target(source, layout, target)
    columns = [j for j in layout.columns() if j != place]
    classes: dict[str, int] = {}
    no_number = _no_number_nor_target if target is None else _no_number
    try:
        values = _load(source, layout, {})
    except ValueError:
        values = _load_text_target(source, layout, place, classes, no_number)
    if not np.isfinite(values).all():
        raise ValueError(_fault(source, layout, place, _no_target))
    y = values[:, place].copy()
    if classes:
        y = np.array(list(classes))[y.astype(np.intp)]
    names = [layout.names[j] for j in columns]
    if not columns:
        raise ValueError(f"{source.name} has no column to predict {layout.names[place]!r} from.")
    told = _told(source, layout, *["target: the last column"] * (target is None))
    return Table(np.asfortranarray(values[:, columns]), y, names, layout.names[place], told)


def read_delimited_rows(source: Source, columns: Columns) -> Rows:
    """Read the columns of a model from a table; what its target holds is returned as text."""
    import numpy as np

    known = {*columns.names}
    # Names that are numbers are recognised here, where it is known which names to look for.
    layout = _layout(source, lambda first, second: known <= {*first} or _is_names(first, second), least=1)
    if isinstance(layout.names, Numbered):
        places = matched_by_number(source.name, layout.names, columns, "line of names")
    else:
        places = matched(source.name, layout.names, columns, layout.left_out)
    target = places.target
    layout = layout.only(places.columns if target is None else [*places.columns, target])
    texts: dict[str, int] = {}
    try:
        values = _load(source, layout, {} if target is None else {target: _numbering(texts)})
    except ValueError as error:
        raise ValueError(_fault(source, layout, target, _anything) or _unreadable(source, error)) from None
    X = values[:, list(places.columns)]
    if not np.isfinite(X).all():
        raise ValueError(_fault(source, layout, target, _anything))
    y = None if target is None else np.array(list(texts))[values[:, target].astype(np.intp)]
    return Rows(np.asfortranarray(X), y, _told(source, layout))


def _told(source: Source, layout: _Layout, *notes: str) -> str:
    """Say what was read and what was decided about it."""
    nameless = _unnamed(1)[0]
    names = [layout.names[j] for j in sorted(layout.left_out)]
    names = ["names of rows in the first column" if name == nameless else name for name in names]
    decided = [
        *["no line of names"] * (not layout.lines_of_names),
        *[f"left out: {', '.join(names)}"] * bool(names),
    ]
    return f"{source.name} ({', '.join(['CSV', *decided, *notes])})"


def _layout(source: Source, is_names: Callable[[list[str], list[str]], bool], least: int) -> _Layout:
    """Find out the delimiter and the names from the first two records; `least` columns are needed."""
    options: list[Any] = []
    for delimiter in _DELIMITERS:
        records = list(islice(_records(source, delimiter), 2))
        agree = len({len(cells) for _, cells in records}) == 1
        options.append((agree, len(records[0][1]), -len(options), delimiter, records))
    *_, delimiter, records = max(options)
    line, first = records[0]
    if len(first) < least:
        raise ValueError(
            f"{source.name}, line {line}: {quoted(first[0])} is one column where two or more are needed, "
            "separated by commas, semicolons, tabs or bars."
        )
    second = records[1][1] if len(records) > 1 else first
    lines_of_names = line if is_names(first, second) else 0
    if lines_of_names and len(records) == 1:
        raise ValueError(f"{source.name} has a line of names and no rows.")
    unnamed = _unnamed(len(first))
    names = [cell or unnamed[j] for j, cell in enumerate(first)] if lines_of_names else unnamed
    # R and pandas write the names (or the numbers) of rows into a first column that bears no name itself.
    row_names = bool(lines_of_names) and not first[0] and len(first) > 1
    return _Layout(delimiter, names, lines_of_names, frozenset([0] if row_names else []))


def _unnamed(count: int) -> Numbered:
    """Return what columns are called that bear no names."""
    return Numbered("column ", 1, count)


def _is_names(first: list[str], second: list[str]) -> bool:
    """Whether the first record names the columns: a text above a number, or nothing but texts."""
    texts = [_number(cell) is None and cell.lower() not in _MISSING for cell in first]
    above = any(text and _number(cell) is not None for text, cell in zip(texts, second, strict=False))
    return above or all(texts)


def _target(source: Source, layout: _Layout, target: str | None) -> int:
    """Return the place of the target's column, by name, by number where there are no names, or the last."""
    names = layout.names
    if target is None:
        if not layout.columns():
            raise ValueError(f"{source.name} has no column left to predict.")
        return layout.columns()[-1]
    if not layout.lines_of_names and target.isdecimal():
        target = f"column {target}"
    places = [j for j, name in enumerate(names) if name == target and j not in layout.left_out]
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


def _load_text_target(
    source: Source, layout: _Layout, target: int, classes: dict[str, int], no_number: _Finder
) -> Any:
    """Load a table that holds more than numbers: its target is text, or it has a fault to be named."""
    fault = _fault(source, layout, target, _no_value, no_number)
    if fault is not None:
        raise ValueError(fault)
    try:
        values = _load(source, layout, {target: _numbering(classes)})
    except ValueError as error:
        raise ValueError(_unreadable(source, error)) from None
    if sum(_number(name) is not None for name in classes) > len(classes) / 2:
        # Mostly numbers: the text among them is a slip, not a class.
        raise ValueError(_fault(source, layout, target, _no_target))
    return values


def _unreadable(source: Source, error: ValueError) -> str:
    """Return the sentence for a table in which no fault was found, and that cannot be read all the same."""
    return f"{source.name} cannot be read as a table of numbers: {error}."


def _numbering(texts: dict[str, int]) -> Callable[[str], int]:
    """Return a converter that numbers the texts of a column in order of appearance."""
    return lambda text: texts.setdefault(text.strip(), len(texts))


def _load(source: Source, layout: _Layout, converters: dict[int | str, Callable[[str], Any]]) -> Any:
    """Return all columns as numbers, those left out as 0."""
    import numpy as np

    converters = {**converters, **{j: lambda text: 0.0 for j in layout.left_out}}
    return np.loadtxt(
        islice(source.lines(), layout.lines_of_names, None),
        delimiter=layout.delimiter,
        quotechar='"',
        comments=None,
        ndmin=2,
        encoding=None,
        converters=converters,
    )


def _fault(
    source: Source,
    layout: _Layout,
    target: int | None,
    of_target: _Finder,
    of_column: _Finder | None = None,
) -> str | None:
    """Return the sentence for the first record that cannot be used, as the finders of faults see it."""
    of_column = of_column or _no_number
    for line, cells in _records(source, layout.delimiter):
        if line <= layout.lines_of_names:
            continue
        place = f"{source.name}, line {line}"
        if len(cells) != len(layout.names):
            return f"{place}: {len(cells)} columns where the first line has {len(layout.names)}."
        for j in layout.columns():
            fault = (of_target if j == target else of_column)(cells[j])
            if fault is not None:
                also = _texts_beside(layout, cells, j, target) if _is_text(cells[j]) and j != target else ""
                return f"{place}: column {layout.names[j]!r} {fault}{also}."
    return None


def _texts_beside(layout: _Layout, cells: Sequence[str], first: int, target: int | None) -> str:
    """Name the other columns of a record that hold text where a number is needed."""
    others = [layout.names[j] for j in layout.columns() if j not in (first, target) and _is_text(cells[j])]
    return f"; there is text in {listed(others)} too" if others else ""


def _is_text(cell: str) -> bool:
    return cell.lower() not in _MISSING and _number(cell.replace(",", ".")) is None


def _anything(cell: str) -> str | None:
    """Find no fault with a cell."""
    return None


def _no_value(cell: str) -> str | None:
    """Say what is wrong with a cell that must not be empty."""
    return f"has no value ({quoted(cell)}); fill it in or drop the row" if cell.lower() in _MISSING else None


def _no_number(cell: str, remedy: str = "encode it (one 0/1 column per value) or drop it") -> str | None:
    """Say what is wrong with a cell that must hold a finite number."""
    number = _number(cell)
    if cell.lower() in _MISSING:
        return _no_value(cell)
    if number is None:
        if _number(cell.replace(",", ".")) is not None:
            remedy = "write a decimal point"
        return f"holds text ({quoted(cell)}) where a number is needed; {remedy}"
    if not math.isfinite(number):
        return f"is {quoted(cell)}, which is not finite; fill it in or drop the row"
    return None


def _no_number_nor_target(cell: str) -> str | None:
    """Say what is wrong with a cell of a column that the reader chose not to be the target."""
    return _no_number(cell, "encode it (one 0/1 column per value), drop it or make it the target")


def _no_target(cell: str) -> str | None:
    """Say what is wrong with a cell of a target of numbers."""
    return _no_number(cell, "correct it or drop the row")


def _number(cell: str) -> float | None:
    """Return the number that a cell holds, None where it holds a text."""
    try:
        # Python reads 1_000 as a number, NumPy and every other program as text.
        return None if "_" in cell else float(cell)
    except ValueError:
        return None
