"""Products of every pair of some columns: what a Gram matrix is made of.

Dense columns are copied block by block of rows and multiplied by BLAS. Of sparse columns each row's
entries are listed once; a column then meets only the columns it shares rows with.
"""

import numpy as np

from fastreg import team
from fastreg.solvers import passes

# BLAS does so many multiplications in the time of one entry of a coordinate step.
_SPEED_OF_BLAS = 8
_BLOCK_ENTRIES = 1 << 19
_MOST_PARTS = 4


class DensePairs:
    """Pairs of dense columns.

    Attributes
    ----------
    centred : bool
        Whether `add` takes centres.

    Parameters
    ----------
    crew : Crew
    vectors : array of (n_vectors, n_samples)
        The stack that the columns are in.
    positions : int array
        Which vectors they are.
    """

    centred = True

    def __init__(self, crew, vectors, positions):
        self._crew = crew
        self._vectors = vectors
        self._positions = positions

    def cost(self, first):
        """Return the work of the products of columns first: with all, in entries of a coordinate step."""
        size = self._positions.size
        return self._vectors.shape[1] * (size - first) * (size + first) // 2 // _SPEED_OF_BLAS

    def add(self, first, last, weights, centre, out):
        """Add sum_i weights_i (x_ik - c_k) (x_il - c_l) to out[k, l] for k in first:last and every l <= k.

        The caller holds `team.single_threaded_blas`. Entries right of the diagonal may be written too.
        """
        rows = np.arange(self._vectors.shape[1])
        if np.ndim(weights) and np.count_nonzero(weights) < rows.size // 2:
            rows = np.flatnonzero(weights)
        positions, centre = self._positions[:last], centre[:last, None]
        height = max(64, _BLOCK_ENTRIES // last)
        number = -(-rows.size // height)
        parts = max(1, min(number, _MOST_PARTS))
        partial = np.zeros((parts, last - first, last))
        signed = np.ndim(weights) > 0 and weights.min() < 0

        def multiply(part, start, stop):
            for block in range(start, stop):
                span = rows[block * height : (block + 1) * height]
                if span[-1] - span[0] == span.size - 1:
                    piece = self._vectors[positions, span[0] : span[-1] + 1] - centre
                else:
                    piece = self._vectors[np.ix_(positions, span)] - centre
                weight = weights[span] if np.ndim(weights) else weights
                if signed:
                    partial[part] += (piece[first:] * weight) @ piece.T
                else:
                    piece *= np.sqrt(weight)
                    partial[part] += piece[first:] @ piece.T

        self._crew.each(multiply, [number * part // parts for part in range(parts + 1)])
        for part in partial:
            out[first:last, :last] += part


class SparsePairs:
    """Pairs of sparse columns.

    Parameters
    ----------
    crew : Crew
    design : design
        The stack that the columns are in; it can list its entries by position.
    positions, entries : int arrays
        Which vectors they are, and how many entries each has.
    n_samples : int
    """

    centred = False

    def __init__(self, crew, design, positions, entries, n_samples):
        self._crew = crew
        self._design = design
        self._positions = positions
        self._entries = entries
        self._counts = np.zeros(n_samples, dtype=np.int64)
        passes.count_by_position(design, positions, self._counts)
        self._lists = None

    def cost(self, first):
        """Return the work of the products of columns first: with all, in entries of a coordinate step."""
        old = np.zeros_like(self._counts)
        passes.count_by_position(self._design, self._positions[:first], old)
        listing = 0 if self._lists is not None else 4 * int(self._entries.sum())
        return listing + int((self._counts**2 - old**2).sum()) // 2

    def add(self, first, last, weights, centre, out):
        """Add sum_i weights_i x_ik x_il to out[k, l] for k in first:last and every l <= k; centres are 0."""
        if self._lists is None:
            starts = np.zeros(self._counts.size + 1, dtype=np.int64)
            np.cumsum(self._counts, out=starts[1:])
            numbers = np.empty(starts[-1], dtype=np.uint16)
            values = np.empty(starts[-1])
            passes.list_by_position(self._design, self._positions, starts[:-1].copy(), numbers, values)
            self._lists = starts, numbers, values
        count = last - first
        before = np.zeros(count + 1, dtype=np.int64)
        np.cumsum(self._entries[first:last], out=before[1:])
        bounds = team.blocks_by_size(before, count, 20 * int(before[-1]))
        self._crew.each(
            passes.products_of_pairs, bounds, self._design, self._positions, first, weights, *self._lists, out
        )
