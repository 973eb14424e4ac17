"""Folds as index arrays: which rows are learned from, and which are left out."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np


class Fold(NamedTuple):
    """Rows to learn from, and rows to judge by: sorted int arrays."""

    learned: np.ndarray
    held: np.ndarray

    def splits(self, n_samples: int) -> bool:
        """Tell whether every row is in one of the two."""
        return self.learned.size + self.held.size == n_samples and not np.isin(self.held, self.learned).any()


def cover_once(sets: list[np.ndarray], n_samples: int) -> bool:
    """Tell whether every row is in exactly one of some sets of rows."""
    counts = np.zeros(n_samples, dtype=np.int64)
    for rows in sets:
        counts[rows] += 1  # each names a row once
    return bool(np.all(counts == 1))


def folds_of(folds: Any, n_samples: int, groups: Any = None, seed: int = 0) -> list[Fold]:
    """Return the folds that were asked for.

    Parameters
    ----------
    folds : int, array of n_samples, or iterable of (learned, held)
        How many folds of about equal size, drawn at random; the number of each row's fold; or pairs of index
        arrays (or masks), as scikit-learn's splitters yield them.
    n_samples : int
    groups : array of n_samples or None
        Rows that stay together, where folds are drawn at random.
    seed : int

    Raises
    ------
    ValueError, TypeError
        For folds that nothing can be learned from or judged by.
    """
    if isinstance(folds, (int, np.integer)) and not isinstance(folds, bool):
        return _of_numbers(_drawn(int(folds), n_samples, groups, seed))
    if groups is not None:
        raise TypeError("groups is for folds that are drawn at random: pass a number of folds, or no groups.")
    if isinstance(folds, np.ndarray) and folds.ndim == 1:
        if folds.size != n_samples:
            raise ValueError(f"folds has {folds.size} entries: pass one number per row of X ({n_samples}).")
        return _of_numbers(np.unique(folds, return_inverse=True)[1])
    if not isinstance(folds, Iterable) or isinstance(folds, (str, bytes)):
        raise TypeError(
            f"folds={folds!r} are no folds: pass how many, the number of each row's fold, or pairs of index "
            f"arrays."
        )
    found = []
    for number, pair in enumerate(folds):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise TypeError(f"Fold {number} is {pair!r}: pass pairs (learned, held) of index arrays.")
        found.append(Fold(*(_rows(rows, n_samples, number) for rows in pair)))
    if not found:
        raise ValueError("folds is empty: pass at least one pair of index arrays.")
    return found


def _drawn(count, n_samples, groups, seed):
    """Return a fold for each row, drawn at random: folds differ by one row, or by one group, at most."""
    if groups is None:
        members, n_units, unit = np.arange(n_samples), n_samples, "rows"
    else:
        groups = np.asarray(groups)
        if groups.shape != (n_samples,):
            raise ValueError(f"groups has shape {groups.shape}: pass one per row of X ({n_samples}).")
        members = np.unique(groups, return_inverse=True)[1]
        n_units, unit = int(members.max()) + 1, "groups"
    if not 2 <= count <= n_units:
        raise ValueError(f"folds={count} is out of range: pass 2 up to the number of {unit} ({n_units}).")
    return np.random.default_rng(seed).permutation(np.arange(n_units) % count)[members]


def _of_numbers(numbers):
    count = int(numbers.max()) + 1
    if count < 2:
        raise ValueError("folds names a single fold: pass at least 2.")
    return [Fold(np.flatnonzero(numbers != fold), np.flatnonzero(numbers == fold)) for fold in range(count)]


def _rows(rows, n_samples, number):
    rows = np.asarray(rows)
    if rows.dtype == np.bool_ and rows.shape == (n_samples,):
        rows = np.flatnonzero(rows)
    if rows.ndim != 1 or rows.dtype.kind not in "iu":
        raise TypeError(f"Fold {number} holds {rows.dtype} of shape {rows.shape}: pass indices of rows.")
    rows, counts = np.unique(rows.astype(np.int64), return_counts=True)
    if np.any(counts > 1):
        raise ValueError(
            f"Fold {number} names row {rows[np.argmax(counts)]} twice: name it once, with twice the weight."
        )
    if rows.size == 0:
        raise ValueError(
            f"Fold {number} has no rows on one side: each needs some to learn from and some held."
        )
    if rows[0] < 0 or rows[-1] >= n_samples:
        wrong = rows[0] if rows[0] < 0 else rows[-1]
        raise ValueError(f"Fold {number} names row {wrong}, and X has rows 0 to {n_samples - 1}.")
    return rows
