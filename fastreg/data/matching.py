"""The columns of a model looked up in a file: by name, in any order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from .tables import Numbered, listed


class Columns(NamedTuple):
    """The columns that a model was fitted with.

    Attributes
    ----------
    names : sequence of str
        The columns to predict from, in the order of the weights.
    target : str
        The column that was learnt.
    dropped : sequence of str
        Columns that a file may have and that are not looked at.
    """

    names: Sequence[str]
    target: str
    dropped: Sequence[str] = ()


class Places(NamedTuple):
    """Where the columns of a model stand in a file.

    Attributes
    ----------
    columns : sequence of int
        In the order of the model.
    target : int or None
        None where the file does not hold the target.
    """

    columns: Sequence[int]
    target: int | None


def check_dropped(name: str, found: Sequence[str], dropped: Sequence[str]) -> None:
    """Refuse to drop a column that is not there: one sentence (ValueError)."""
    for column in dropped:
        if column not in found:
            raise ValueError(f"{name} has no column {column!r} to drop; its columns are {listed(found)}.")


def matched(
    name: str, found: Sequence[str], columns: Columns, left_out: Collection[int] = frozenset()
) -> Places:
    """Return where the columns of a model stand among those of a file.

    Parameters
    ----------
    name : str
        The file, for the sentences.
    found : sequence of str
        Its columns.
    columns : Columns
        Those of the model.
    left_out : collection of int
        Places in the file that are not looked at.

    Raises
    ------
    ValueError
        Where a column of the model is missing, is there twice, or where there is one that the model does not
        know: one sentence that names it.
    """
    kept = [j for j in range(len(found)) if j not in left_out and found[j] not in columns.dropped]
    without = [j for j in kept if found[j] != columns.target]
    if len(kept) - len(without) <= 1 and [found[j] for j in without] == list(columns.names):
        return Places(without, next((j for j in kept if found[j] == columns.target), None))
    places: dict[str, int] = {}
    for j in kept:
        column = found[j]
        if column in places:
            raise ValueError(f"{name} has two columns called {column!r}; give each a name of its own.")
        places[column] = j
    for column in columns.names:
        if column in columns.dropped:
            raise ValueError(f"The column {column!r} cannot be dropped: the model was fitted with it.")
    missing = [column for column in columns.names if column not in places]
    known = {*columns.names, columns.target}
    unknown = [column for column in places if column not in known]
    if missing:
        others = f" and {len(missing) - 1:,} more" if len(missing) > 1 else ""
        ending = (
            f"; {listed(unknown)} {'is' if len(unknown) == 1 else 'are'} unknown to it" if unknown else ""
        )
        raise ValueError(
            f"{name} has no column {missing[0]!r}{others}, which the model was fitted with{ending}."
        )
    if unknown:
        raise ValueError(
            f"{name} has a column {unknown[0]!r} that the model was not fitted with; "
            + (f"drop it and {len(unknown) - 1:,} more." if len(unknown) > 1 else "drop it.")
        )
    return Places([places[column] for column in columns.names], places.get(columns.target))


def matched_by_number(name: str, found: Numbered, columns: Columns, names: str) -> Places:
    """Return where the columns of a model stand in a file that gives its columns no names.

    Parameters
    ----------
    name, columns : see `matched`
    found : Numbered
        What the reader calls the columns of such a file.
    names : str
        Where the file would hold names, for the sentence.

    Raises
    ------
    ValueError
        Where the model was fitted with names, or with another number of columns.
    """
    count = len(columns.names)
    all_names = Numbered(found.prefix, found.numbers.start, count + len(columns.dropped) + 1)
    if not set(columns.names) <= set(all_names):
        raise ValueError(
            f"{name} has no {names}, and the columns of the model are called {listed(columns.names)}; "
            "name those of the file."
        )
    if len(found) == count:
        return Places(range(count), None)
    if set(found) in ({*columns.names, *columns.dropped}, {*columns.names, *columns.dropped, columns.target}):
        return matched(name, found, columns)
    raise ValueError(f"{name} has {len(found):,} columns where the model was fitted with {count:,}.")
