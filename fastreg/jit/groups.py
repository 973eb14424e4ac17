"""The `groups` field of a block penalty: which features belong together."""

from numbers import Integral

import numpy as np


def group_numbers(owner, groups, n_features):
    """Return the number of each feature's group, 0, 1, ...

    Parameters
    ----------
    owner : str
        Who asks, for the error.
    groups : int, sequence of index sequences, or array of n_features
        A size: neighbours form groups of so many features. Lists: group g holds the features groups[g].
        Labels, of any type that can be sorted: features of one label form a group, numbered in sorted order.
    n_features : int

    Returns
    -------
    read-only int64 array of n_features

    Raises
    ------
    ValueError
        If a feature is in no group or in two, a group is empty, or the sizes do not add up.
    """
    if isinstance(groups, Integral) and not isinstance(groups, bool):
        return _by_size(owner, int(groups), n_features)
    if isinstance(groups, np.ndarray) and groups.ndim == 1:
        labels = groups
    else:
        try:
            parts = list(groups)
        except TypeError:
            raise TypeError(f"{owner}.groups={groups!r} {_REMEDY}.") from None
        if parts and all(np.ndim(part) == 1 for part in parts):
            return _by_lists(owner, parts, n_features)
        if any(np.ndim(part) for part in parts):
            raise TypeError(f"{owner}.groups mixes numbers and lists: it {_REMEDY}.")
        labels = np.asarray(parts)
    if labels.shape != (n_features,):
        raise ValueError(
            f"{owner}.groups holds {labels.size} labels for {n_features} features: pass one per feature "
            f"(np.repeat(np.arange(len(sizes)), sizes) makes them of sizes)."
        )
    return _frozen(labels if _are_numbers(labels) else np.unique(labels, return_inverse=True)[1])


_REMEDY = "is no partition: pass a size, a list of index lists, or one label per feature"


def _by_size(owner, size, n_features):
    if size < 1 or n_features % size:
        raise ValueError(
            f"{owner}.groups={size} does not divide {n_features} features: pass a divisor, a list of index "
            f"lists, or one label per feature."
        )
    return _frozen(np.repeat(np.arange(n_features // size), size))


def _by_lists(owner, parts, n_features):
    numbers = np.full(n_features, -1)
    for number, part in enumerate(parts):
        members = np.asarray(part)
        if members.size == 0:
            raise ValueError(f"{owner}.groups[{number}] is empty: leave it out.")
        if members.dtype.kind not in "iu" or members.min() < 0 or members.max() >= n_features:
            raise ValueError(
                f"{owner}.groups[{number}] holds something else than indices of the {n_features} features: "
                f"pass integers from 0 to {n_features - 1}."
            )
        taken = members[numbers[members] >= 0]
        numbers[members] = number
        if taken.size or np.unique(members).size < members.size:
            twice = taken[0] if taken.size else np.flatnonzero(np.bincount(members) > 1)[0]
            raise ValueError(
                f"{owner}.groups names feature {twice} twice: every feature belongs to one group "
                f"(for groups that overlap, repeat the column in X)."
            )
    left = np.flatnonzero(numbers < 0)
    if left.size:
        raise ValueError(
            f"{owner}.groups leaves out feature {left[0]}: put it into a group, of its own if need be."
        )
    return _frozen(numbers)


def _are_numbers(labels):
    """Tell whether labels are group numbers already, as on every strength of a path but the first."""
    return (
        labels.dtype == np.int64
        and labels.min() == 0
        and labels.max() < labels.size
        and bool(np.all(np.bincount(labels)))
    )


def _frozen(numbers):
    numbers = np.ascontiguousarray(numbers, dtype=np.int64).view()
    numbers.flags.writeable = False
    return numbers
