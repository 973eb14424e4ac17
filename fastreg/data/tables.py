"""What the readers return."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

if TYPE_CHECKING:
    import numpy as np


class Table(NamedTuple):
    """A data set as it was read.

    Attributes
    ----------
    X : ndarray of shape (n_rows, n_columns), float32 or float64, F order; or scipy.sparse.csr_array
        The columns to learn from, all finite.
    y : ndarray of shape (n_rows,)
        The target: float64, all finite, or text (then it names classes).
    feature_names : sequence of str
        One per column of X.
    target_name : str
        The name of the target's column or array.
    source : str
        Where the data came from, with what the reader decided by itself, for people.
    """

    X: Any
    y: np.ndarray
    feature_names: Sequence[str]
    target_name: str
    source: str


class Rows(NamedTuple):
    """The columns of a model as a file holds them, to predict from.

    Attributes
    ----------
    X : as that of `Table`
        In the order of the model's columns.
    y : ndarray of shape (n_rows,) or None
        The target as it stands in the file, numbers or text, without a look at its values; None where the
        file does not hold it.
    source : str
        As that of `Table`.
    """

    X: Any
    y: np.ndarray | None
    source: str


class Numbered(Sequence[str]):
    """Names that are a prefix and a number: wide files have millions of columns and no names for them.

    Parameters
    ----------
    prefix : str
        What stands before the number.
    first : int
        The number of the first name.
    count : int
        How many names there are.
    """

    def __init__(self, prefix: str, first: int, count: int):
        self.prefix = prefix
        self.numbers = range(first, first + count)

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, position: int) -> str: ...
    @overload
    def __getitem__(self, position: slice) -> list[str]: ...
    def __getitem__(self, position: int | slice) -> str | list[str]:
        chosen = self.numbers[position]
        return f"{self.prefix}{chosen}" if isinstance(chosen, int) else [f"{self.prefix}{n}" for n in chosen]


def listed(names: Sequence[str], most: int = 8) -> str:
    """Return the first names for an error sentence, and say how many were left out."""
    shown = ", ".join(repr(str(name)) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def quoted(text: str, most: int = 40) -> str:
    """Return a piece of a file for an error sentence: escaped, and cut where it is long."""
    return repr(text if len(text) <= most else text[: most - 1] + "…")
