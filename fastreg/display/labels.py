"""Where texts stand so that they do not overlap."""

from __future__ import annotations

import numpy as np


def spread(positions: np.ndarray, distance: float, low: float, high: float) -> np.ndarray:
    """Return positions at least `distance` apart, in the same order, with the least sum of squared moves.

    Parameters
    ----------
    positions : ndarray of n
        Where the texts would like to stand.
    distance : float
        Between neighbours.
    low, high : float
        Where the first and the last may stand at most; where that leaves less than `distance` between
        neighbours, they are spread evenly.

    References
    ----------
    Pool adjacent violators: Ayer, Brunk, Ewing, Reid and Silverman, "An empirical distribution function for
    sampling with incomplete information", Annals of Mathematical Statistics 26 (1955).
    """
    count = len(positions)
    if count == 0:
        return positions
    if (count - 1) * distance >= high - low:
        return np.linspace(high, low, count)[np.argsort(np.argsort(-positions, kind="stable"))]
    order = np.argsort(positions, kind="stable")
    offsets = distance * np.arange(count)
    blocks: list[tuple[float, int]] = []
    for wish in positions[order] - offsets:
        mean, size = float(wish), 1
        while blocks and blocks[-1][0] > mean:
            before, others = blocks.pop()
            mean, size = (before * others + mean * size) / (others + size), others + size
        blocks.append((mean, size))
    pooled = np.concatenate([np.full(size, mean) for mean, size in blocks])
    placed = np.empty(count)
    placed[order] = np.clip(pooled, low, high - offsets[-1]) + offsets
    return placed
