"""Shards of the features: what several threads learn of the same rows, each of its own weights.

A row of many entries is cut where the shards end. Each shard predicts its part of a batch of rows; the parts
are added in the order of the shards, and each shard moves its weights. How the features are cut depends on
the first rows only, so that it is the same for any number of threads and for data that come in chunks.
"""

from typing import NamedTuple

import numpy as np

from fastreg import team
from fastreg.jit import kernel

ROWS_IN_BATCH = 32
_ENTRIES_PER_SHARD = 48  # of a row: to end one loop and begin another costs as much as several entries
_MOST_SHARDS = 16
_FEWEST_FEATURES = 1024  # of fewer, the rows of a batch would move the same


class Shards(NamedTuple):
    """How the features are cut.

    Attributes
    ----------
    features : int64 array of n_shards + 1
        Shard s holds features[s]:features[s + 1].
    cuts : uint32 array of (n_samples, n_shards + 1)
        Where each row is cut, counted from its first entry; empty for a single shard.
    """

    features: np.ndarray
    cuts: np.ndarray


def undivided(n_features):
    """Return a single shard."""
    return Shards(np.array([0, n_features]), np.empty((0, 0), dtype=np.uint32))


def entries_of_first_rows(matrix):
    """Return how many entries the first rows have, on average; all of a dense matrix."""
    rows = min(ROWS_IN_BATCH, matrix.shape[0])
    return matrix.positions_in_first(rows).size / rows or matrix.shape[1]


def divide(matrix):
    """Return the features at which rows are cut: where the first rows are cut into equal parts.

    The number of shards is a power of 2, for crews to share them evenly.
    """
    n_features = matrix.shape[1]
    positions = matrix.positions_in_first(ROWS_IN_BATCH)
    rows = min(ROWS_IN_BATCH, matrix.shape[0])
    affordable = positions.size // (rows * _ENTRIES_PER_SHARD)
    if affordable < 2 or n_features < _FEWEST_FEATURES:
        return np.array([0, n_features])
    n_shards = min(1 << (affordable.bit_length() - 1), _MOST_SHARDS)
    inner = np.sort(positions)[positions.size * np.arange(1, n_shards) // n_shards].astype(np.int64)
    return np.unique([0, *inner, n_features])


@kernel
def cut_rows(block, start, stop, design, features, cuts):
    """Write where rows start:stop are cut."""
    for i in range(start, stop):
        first, last = design.span(i)
        for shard in range(1, features.size - 1):
            cuts[i, shard] = design.count_before(i, features[shard])
        cuts[i, 0] = 0
        cuts[i, features.size - 1] = last - first


def cut(matrix, features):
    """Return the `Shards` that begin and end at some features."""
    if features.size == 2:
        return undivided(matrix.shape[1])
    cuts = np.empty((matrix.shape[0], features.size), dtype=np.uint32)
    matrix.crew.each(cut_rows, team.blocks(matrix.shape[0], 10 * cuts.size), matrix.design, features, cuts)
    return Shards(features, cuts)
