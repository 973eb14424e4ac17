"""Products of every pair of some columns: what a Gram matrix is made of.

Dense columns are copied block by block of rows and multiplied by BLAS. Of sparse columns a few rows at a
time are listed, and the products of each row added: five times faster than column by column.
"""

import numpy as np

from fastreg import team
from fastreg.jit import at, elementwise, gather, kernel, stop_requested
from fastreg.solvers import passes

# BLAS does so many multiplications in the time of one entry of a coordinate step.
_SPEED_OF_BLAS = 12
_BLOCK_ENTRIES = 1 << 17
_LARGE = 1 << 20
_SMALL = 4_000_000  # multiplications
_ROWS_LISTED = 2048
_LISTING = 12  # what listing an entry costs


def _parts(most, first, last):
    """Return into how many sums of their own the rows are cut: few where a sum is large."""
    return max(1, min(most, 2 if (last - first) * last > _LARGE else 4))


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

    def cost(self, first, most):
        """Return the work of the products of columns first: with all, in entries of a coordinate step."""
        size = self._positions.size
        return self._vectors.shape[1] * (size - first) * (size + first) // 2 // _SPEED_OF_BLAS

    def add(self, first, last, weights, centre, out):
        """Add sum_i weights_i (x_ik - c_k) (x_il - c_l) to out[k, l] for k in first:last and every l <= k.

        Entries right of the diagonal may be written too.
        """
        if self._vectors.shape[1] * (last - first) * last <= _SMALL:
            small_products(self._vectors, self._positions[:last], first, weights, centre, out)
            return
        self._crew.limit_blas()
        rows = np.arange(self._vectors.shape[1])
        if np.ndim(weights) and np.count_nonzero(weights) < rows.size // 2:
            rows = np.flatnonzero(weights)
        height = max(256, _BLOCK_ENTRIES // last)
        number = -(-rows.size // height)
        parts = _parts(number, first, last)
        partial = np.zeros((parts, last - first, last))
        positions, centre = self._positions[:last], centre[:last]
        varying = np.ndim(weights) > 0
        signed = varying and weights.min() < 0
        roots = np.sqrt(weights) if varying and not signed else 1.0

        def multiply(part, start, stop):
            piece, product = np.empty(last * height), np.empty((last - first, last))
            for block in range(start, stop):
                span = rows[block * height : (block + 1) * height]
                right = piece[: last * span.size].reshape(last, span.size)
                copy_rows(self._vectors, positions, span, centre, roots, right)
                left = right[first:] * weights[span] if signed else right[first:]
                partial[part] += np.matmul(left, right.T, out=product)

        self._crew.each(multiply, [number * part // parts for part in range(parts + 1)])
        for part in partial:
            out[first:last, :last] += part if varying else weights * part


@kernel
def small_products(vectors, positions, first, weights, centre, out):
    """Add what `DensePairs.add` says, for products that BLAS makes no sooner than it is asked to."""
    weighted = np.empty(vectors.shape[1])
    for k in range(first, positions.size):
        vector = vectors[positions[k]]
        for i in range(weighted.size):
            weighted[i] = at(weights, i) * (vector[i] - centre[k])
        shift = passes.total(weighted)
        for other in range(k + 1):
            out[k, other] += passes.dot(weighted, vectors[positions[other]]) - shift * centre[other]


@kernel
def copy_rows(vectors, positions, rows, centre, factors, out):
    """Write factors_i * (x_ik - c_k) of some rows i and columns k into out[k]."""
    start = rows[0]
    together = rows[-1] - start == rows.size - 1
    for k in range(positions.size):
        vector, target = vectors[positions[k]], out[k]
        if together:
            _copy_span(vector[start : start + rows.size], start, centre[k], factors, target)
        else:
            for i in range(rows.size):
                target[i] = at(factors, rows[i]) * (vector[rows[i]] - centre[k])


@elementwise
def _copy_span(source, start, centre, factors, target):
    for i in range(source.size):
        target[i] = at(factors, start + i) * (source[i] - centre)


class SparsePairs:
    """Pairs of sparse columns.

    Parameters
    ----------
    crew : Crew
    design : design
        The stack that the columns are in.
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
        self._n_samples = n_samples

    def cost(self, first, most):
        """Return the work of the products of columns first: with all, in entries of a coordinate step.

        Where listing alone costs more than ``most``, only that.
        """
        listing = _LISTING * int(self._entries.sum())
        if listing > most:
            return listing
        every, old = np.zeros((2, self._n_samples), dtype=np.int64)
        passes.count_by_position(self._design, self._positions, every)
        passes.count_by_position(self._design, self._positions[:first], old)
        return listing + int((every**2 - old**2).sum()) // 2

    def add(self, first, last, weights, centre, out):
        """Add sum_i weights_i x_ik x_il to out[k, l] for k in first:last and every l <= k; centres are 0."""
        positions, entries = self._positions[:last], int(self._entries[:last].sum())
        parts = _parts(len(team.blocks(self._n_samples, 4 * entries)) - 1, first, last)
        partial = np.zeros((parts, last - first, last))
        bounds = [self._n_samples * part // parts for part in range(parts + 1)]
        self._crew.each(
            products_by_rows, bounds, self._design, positions, first, weights, partial, self._crew.abort
        )
        for part in partial:
            out[first:last, :last] += part


@kernel
def products_by_rows(part, start, stop, design, positions, first, weights, partial, abort):
    """Add the products of columns first: with all before them, over rows start:stop, to partial[part].

    A few rows at a time are listed, number and entry of every column; then each row meets itself.
    """
    size = positions.size
    out = partial[part]
    entry = np.empty(size, dtype=np.int64)
    until = np.empty(size, dtype=np.int64)
    for k in range(size):
        entry[k] = design.first_entry(positions[k], start)
    starts = np.empty(_ROWS_LISTED + 1, dtype=np.int64)
    ends = np.empty(_ROWS_LISTED + 1, dtype=np.int64)
    numbers = np.empty(0, dtype=np.uint16)
    values = np.empty(0)
    for begin in range(start, stop, _ROWS_LISTED):
        if stop_requested(abort):
            return
        end = min(begin + _ROWS_LISTED, stop)
        for i in range(ends.size):
            ends[i] = 0
        for k in range(size):
            until[k] = design.count_until(positions[k], entry[k], begin, end, ends)
        total = 0
        for i in range(ends.size):
            count = ends[i]
            starts[i] = total
            ends[i] = total
            total += count
        if numbers.size < total:
            numbers = np.empty(total, dtype=np.uint16)
            values = np.empty(total)
        for k in range(size):
            design.list_entries(entry[k], until[k], k, begin, ends, numbers, values)
            entry[k] = until[k]
        for i in range(end - begin):
            weight = at(weights, begin + i)
            if weight != 0:
                _add_products_of_row(weight, first, numbers, values, starts[i], ends[i], out)


@gather
def _add_products_of_row(weight, first, numbers, values, start, stop, out):
    # No slices: reference counts would cost more than a short row.
    begin, later = np.uint64(start), np.uint64(stop)
    while later > begin:
        later -= np.uint64(1)
        if numbers[later] < first:
            break
        row = np.uint64(numbers[later] - first)
        amount = weight * values[later]
        for earlier in range(begin, later + np.uint64(1)):
            out[row, np.uint64(numbers[earlier])] += amount * values[earlier]
