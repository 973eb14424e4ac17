"""Vectors stored by their non-zero entries."""

from typing import NamedTuple

import numpy as np

from fastreg.jit import at, gather, prefetch

# Positions are unsigned: a signed one costs a test for negative ones at each entry.
_ONE, _TWO, _THREE, _FOUR, _EIGHT = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4), np.uint64(8)
# The processor's own prefetching loses a stream of entries among the jumps through v; this many ahead of
# the reading it arrives in time.
_AHEAD = np.uint64(256)
# Up to three entries that are left over are multiplied by a row of these: a branch on how many there are
# is guessed wrong every other time.
_KEPT = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])


class Sparse(NamedTuple):
    """Vectors stored by their non-zero entries (the columns of a CSC, the rows of a CSR matrix).

    Parameters
    ----------
    data : array of nnz
        The entries.
    indices : uint32 array of nnz
        Their positions; unsigned, as a signed index costs a test for negative ones at each entry.
        In order within a vector for `first_entry` and `count_until`, in any for the rest; none twice.
    indptr : int64 array of n_vectors + 1
        Vector j is data[indptr[j]:indptr[j + 1]].
    """

    data: np.ndarray
    indices: np.ndarray
    indptr: np.ndarray

    # No method slices its arrays: reference counts would cost more than a short vector.

    @gather
    def dot(self, j, v):
        """Return the dot product of vector j and v, in four sums: one waits for each of its additions."""
        data, indices = self.data, self.indices
        k, end = np.uint64(self.indptr[j]), np.uint64(self.indptr[j + 1])
        s0 = s1 = s2 = s3 = 0.0
        while k + _FOUR <= end:
            s0 += data[k] * v[indices[k]]
            s1 += data[k + _ONE] * v[indices[k + _ONE]]
            s2 += data[k + _TWO] * v[indices[k + _TWO]]
            s3 += data[k + _THREE] * v[indices[k + _THREE]]
            k += _FOUR
        while k < end:
            s0 += data[k] * v[indices[k]]
            k += _ONE
        return (s0 + s1) + (s2 + s3)

    @gather
    def products(self, v, start, stop, out):
        """Write the dot products of vectors start:stop with v into out[start:stop]."""
        data, indices, indptr = self.data, self.indices, self.indptr
        last = np.uint64(indptr[indptr.size - 1])
        for j in range(start, stop):
            k, end = np.uint64(indptr[j]), np.uint64(indptr[j + 1])
            s0 = s1 = s2 = s3 = 0.0
            while k + _FOUR <= end:
                prefetch(data, k + _AHEAD)
                prefetch(indices, k + _AHEAD)
                s0 += data[k] * v[indices[k]]
                s1 += data[k + _ONE] * v[indices[k + _ONE]]
                s2 += data[k + _TWO] * v[indices[k + _TWO]]
                s3 += data[k + _THREE] * v[indices[k + _THREE]]
                k += _FOUR
            if k + _FOUR <= last:
                left = end - k
                s0 += _KEPT[left, 0] * data[k] * v[indices[k]]
                s1 += _KEPT[left, 1] * data[k + _ONE] * v[indices[k + _ONE]]
                s2 += _KEPT[left, 2] * data[k + _TWO] * v[indices[k + _TWO]]
            else:
                while k < end:
                    s0 += data[k] * v[indices[k]]
                    k += _ONE
            out[j] = (s0 + s1) + (s2 + s3)

    @gather
    def axpy(self, j, a, scale, v):
        """Add a * scale * vector j to v, elementwise; scale is a number or one per entry of v."""
        data, indices = self.data, self.indices
        k, end = np.uint64(self.indptr[j]), np.uint64(self.indptr[j + 1])
        while k < end:
            i = indices[k]
            v[i] += (a * at(scale, i)) * data[k]
            k += _ONE

    def span(self, j):
        """Return the first entry of vector j and the one after its last."""
        return self.indptr[j], self.indptr[j + 1]

    def fetch_between(self, first, last):
        """Ask for entries first:last, to be read soon: a cache line of 64 bytes holds eight or sixteen."""
        data, indices = self.data, self.indices
        k, end = np.uint64(first), np.uint64(last)
        while k < end:
            prefetch(data, k)
            prefetch(data, k + _EIGHT)
            prefetch(indices, k)
            k += _EIGHT + _EIGHT

    @gather
    def dot_between(self, j, first, last, view):
        """Return the dot product of entries first:last of vector j and what ``view.read(i)`` reads."""
        data, indices = self.data, self.indices
        k, end = np.uint64(first), np.uint64(last)
        s0 = s1 = s2 = s3 = 0.0
        while k + _FOUR <= end:
            s0 += data[k] * view.read(indices[k])
            s1 += data[k + _ONE] * view.read(indices[k + _ONE])
            s2 += data[k + _TWO] * view.read(indices[k + _TWO])
            s3 += data[k + _THREE] * view.read(indices[k + _THREE])
            k += _FOUR
        while k < end:
            s0 += data[k] * view.read(indices[k])
            k += _ONE
        return (s0 + s1) + (s2 + s3)

    @gather
    def axpy_between(self, j, first, last, a, view):
        """Call ``view.add(i, a * entry)`` for entries first:last of vector j."""
        data, indices = self.data, self.indices
        k, end = np.uint64(first), np.uint64(last)
        while k < end:
            view.add(indices[k], a * data[k])
            k += _ONE

    @gather
    def axpy_through(self, j, a, view):
        """Call ``view.add(i, a * entry)`` for every stored entry of vector j."""
        self.axpy_between(j, self.indptr[j], self.indptr[j + 1], a, view)

    @gather
    def weighted_sum(self, j, weights):
        """Return the sum of weights * vector j; weights is a number or one per entry."""
        data, indices = self.data, self.indices
        k, end = np.uint64(self.indptr[j]), np.uint64(self.indptr[j + 1])
        s0 = s1 = s2 = s3 = 0.0
        while k + _FOUR <= end:
            s0 += at(weights, indices[k]) * float(data[k])
            s1 += at(weights, indices[k + _ONE]) * float(data[k + _ONE])
            s2 += at(weights, indices[k + _TWO]) * float(data[k + _TWO])
            s3 += at(weights, indices[k + _THREE]) * float(data[k + _THREE])
            k += _FOUR
        while k < end:
            s0 += at(weights, indices[k]) * float(data[k])
            k += _ONE
        return (s0 + s1) + (s2 + s3)

    @gather
    def weighted_squares(self, j, weights, centre, total_weight):
        """Return the sum of weights * (vector j - centre)**2, where the weights sum to total_weight."""
        data, indices = self.data, self.indices
        k, end = np.uint64(self.indptr[j]), np.uint64(self.indptr[j + 1])
        s0 = s1 = w0 = w1 = 0.0
        while k + _TWO <= end:
            a, b = at(weights, indices[k]), at(weights, indices[k + _ONE])
            x, y = float(data[k]) - centre, float(data[k + _ONE]) - centre
            s0 += a * x * x
            s1 += b * y * y
            w0 += a
            w1 += b
            k += _TWO
        if k < end:
            a, x = at(weights, indices[k]), float(data[k]) - centre
            s0 += a * x * x
            w0 += a
        total = s0 + s1
        missing = total_weight - (w0 + w1)
        # Where every entry is stored this is rounding, which a centre far from 0 would blow up.
        return total + missing * centre * centre if missing > 1e-12 * total_weight else total

    def sum_of_squares(self, j):
        """Return the sum of squares of vector j."""
        return self.weighted_squares(j, 1.0, 0.0, 0.0)

    @gather
    def count_entries(self, j, counts):
        """Add 1 to counts at each position where vector j has an entry."""
        indices = self.indices
        for k in range(np.uint64(self.indptr[j]), np.uint64(self.indptr[j + 1])):
            counts[indices[k]] += 1

    def first_entry(self, j, position):
        """Return the first entry of vector j at ``position`` or after it, its entries being in order."""
        low, high = self.indptr[j], self.indptr[j + 1]
        while low < high:
            middle = (low + high) // 2
            if self.indices[middle] < position:
                low = middle + 1
            else:
                high = middle
        return low

    def count_before(self, j, position):
        """Return how many entries vector j has before ``position``; of a few hundred faster than a search."""
        indices, before, count = self.indices, np.uint32(position), np.uint32(0)
        for k in range(np.uint64(self.indptr[j]), np.uint64(self.indptr[j + 1])):
            count = np.uint32(count + np.uint32(indices[k] < before))
        return np.int64(count)

    def count_until(self, j, entry, start, stop, counts):
        """Add 1 to counts[position - start] for the entries of vector j from ``entry`` on, below ``stop``.

        Returns the entry after them. The entries are in order.
        """
        indices = self.indices
        k, last = np.uint64(entry), np.uint64(self.indptr[j + 1])
        first, end = np.uint64(start), np.uint64(stop)
        while k < last and indices[k] < end:
            counts[np.uint64(indices[k]) - first] += 1
            k += _ONE
        return np.int64(k)

    @gather
    def list_entries(self, entry, stop, number, start, ends, numbers, values):
        """Append ``number`` and the value of entry:stop to the list of each position."""
        data, indices = self.data, self.indices
        first = np.uint64(start)
        for k in range(np.uint64(entry), np.uint64(stop)):
            i = np.uint64(indices[k]) - first
            end = np.uint64(ends[i])
            numbers[end] = number
            values[end] = data[k]
            ends[i] += 1

    @gather
    def combine_squares(self, a, centre, start, stop, out):
        """Add a[j] * (vector j - centre)**2 at its stored entries to out, for j in start:stop."""
        for j in range(start, stop):
            data = self.data[self.indptr[j] : self.indptr[j + 1]]
            indices = self.indices[self.indptr[j] : self.indptr[j + 1]]
            for k in range(data.size):
                i = indices[k]
                distance = data[k] - centre[i]
                out[i] += a[j] * (distance * distance)

    @gather
    def dots(self, j, matrix, out):
        """Write vector j times a matrix into out, four stored entries at a time."""
        data = self.data[self.indptr[j] : self.indptr[j + 1]]
        indices = self.indices[self.indptr[j] : self.indptr[j + 1]]
        last = data.size // 4 * 4
        for k in range(out.size):
            out[k] = 0
        for e in range(0, last, 4):
            a0, a1, a2, a3 = data[e], data[e + 1], data[e + 2], data[e + 3]
            row0, row1 = matrix[indices[e]], matrix[indices[e + 1]]
            row2, row3 = matrix[indices[e + 2]], matrix[indices[e + 3]]
            for k in range(out.size):
                out[k] += (a0 * row0[k] + a1 * row1[k]) + (a2 * row2[k] + a3 * row3[k])
        for e in range(last, data.size):
            a, row = data[e], matrix[indices[e]]
            for k in range(out.size):
                out[k] += a * row[k]

    @gather
    def combine_pairs(self, a, start, stop, out):
        """Add a[j] * x_k * x_l to out[i_k, i_l] for the pairs l <= k of entries of vector j in start:stop."""
        for j in range(start, stop):
            data = self.data[self.indptr[j] : self.indptr[j + 1]]
            indices = self.indices[self.indptr[j] : self.indptr[j + 1]]
            for k in range(data.size):
                row = out[indices[k]]
                scaled = a[j] * data[k]
                for m in range(k + 1):
                    row[indices[m]] += scaled * data[m]
