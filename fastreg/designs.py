"""How a matrix is read: as a stack of vectors, dense or sparse.

The vectors are columns for coordinate descent and rows for stochastic gradient, so two classes serve
both. X is never changed; its entries keep their own type while every sum is taken in double.
"""

from typing import NamedTuple

import numpy as np

from fastreg.jit import at, elementwise, gather, prefetch, reduction

# Positions are unsigned: a signed one costs a test for negative ones at each entry.
_ONE, _TWO, _THREE, _FOUR = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
# The processor's own prefetching loses a stream of entries among the jumps through v; this many ahead of
# the reading it arrives in time.
_AHEAD = np.uint64(256)
# Up to three entries that are left over are multiplied by a row of these: a branch on how many there are
# is guessed wrong every other time.
_KEPT = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])


class Dense(NamedTuple):
    """Vectors stored one after the other.

    Parameters
    ----------
    values : C-contiguous array of (n_vectors, length)
        Row k is vector k: ``X`` itself for its rows, ``X.T`` of a Fortran-ordered X for its columns.
    """

    values: np.ndarray

    @reduction
    def dot(self, j, v):
        """Return the dot product of vector j and v."""
        vector = self.values[j]
        total = 0.0
        for i in range(v.size):
            total += vector[i] * v[i]
        return total

    @elementwise
    def axpy(self, j, a, scale, v):
        """Add a * scale * vector j to v, elementwise; scale is a number or one per entry."""
        vector = self.values[j]
        for i in range(v.size):
            v[i] += (a * at(scale, i)) * vector[i]

    @reduction
    def dot_through(self, j, view):
        """Return the dot product of vector j and the vector that ``view.read(i)`` reads."""
        vector = self.values[j]
        total = 0.0
        for i in range(vector.size):
            total += vector[i] * view.read(i)
        return total

    @elementwise
    def axpy_through(self, j, a, view):
        """Call ``view.add(i, a * entry)`` for every entry of vector j."""
        vector = self.values[j]
        for i in range(vector.size):
            view.add(i, a * vector[i])

    @reduction
    def weighted_sum(self, j, weights):
        """Return the sum of weights * vector j; weights is a number or one per entry."""
        vector = self.values[j]
        total = 0.0
        for i in range(vector.size):
            total += at(weights, i) * float(vector[i])
        return total

    @reduction
    def weighted_squares(self, j, weights, centre, total_weight):
        """Return the sum of weights * (vector j - centre)**2, where the weights sum to total_weight."""
        vector = self.values[j]
        total = 0.0
        for i in range(vector.size):
            distance = float(vector[i]) - centre
            total += at(weights, i) * distance * distance
        return total

    def sum_of_squares(self, j):
        """Return the sum of squares of vector j."""
        return self.weighted_squares(j, 1.0, 0.0, 0.0)

    @reduction
    def products(self, v, start, stop, out):
        """Write the dot products of vectors start:stop with v into out[start:stop].

        Eight vectors share each load of v: one at a time reaches two thirds of the read bandwidth.
        """
        last = start + (stop - start) // 8 * 8
        for j in range(start, last, 8):
            x0, x1, x2, x3 = self.values[j], self.values[j + 1], self.values[j + 2], self.values[j + 3]
            x4, x5, x6, x7 = self.values[j + 4], self.values[j + 5], self.values[j + 6], self.values[j + 7]
            s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
            for i in range(v.size):
                s0 += x0[i] * v[i]
                s1 += x1[i] * v[i]
                s2 += x2[i] * v[i]
                s3 += x3[i] * v[i]
                s4 += x4[i] * v[i]
                s5 += x5[i] * v[i]
                s6 += x6[i] * v[i]
                s7 += x7[i] * v[i]
            out[j], out[j + 1], out[j + 2], out[j + 3] = s0, s1, s2, s3
            out[j + 4], out[j + 5], out[j + 6], out[j + 7] = s4, s5, s6, s7
        for j in range(last, stop):
            out[j] = self.dot(j, v)

    @elementwise
    def combine(self, a, start, stop, out):
        """Add a[j] * vector j to out, for j in start:stop, eight vectors at a time."""
        last = start + (stop - start) // 8 * 8
        for j in range(start, last, 8):
            x0, x1, x2, x3 = self.values[j], self.values[j + 1], self.values[j + 2], self.values[j + 3]
            x4, x5, x6, x7 = self.values[j + 4], self.values[j + 5], self.values[j + 6], self.values[j + 7]
            a0, a1, a2, a3, a4, a5, a6, a7 = (
                a[j], a[j + 1], a[j + 2], a[j + 3], a[j + 4], a[j + 5], a[j + 6], a[j + 7],
            )  # fmt: skip
            for i in range(out.size):
                first = (a0 * x0[i] + a1 * x1[i]) + (a2 * x2[i] + a3 * x3[i])
                out[i] += first + ((a4 * x4[i] + a5 * x5[i]) + (a6 * x6[i] + a7 * x7[i]))
        for j in range(last, stop):
            self.axpy(j, a[j], 1.0, out)

    @elementwise
    def copy_entries(self, entries, start, stop, out):
        """Write some entries of vectors start:stop, transposed, into out[:, start:stop].

        Sixteen vectors at a time: whole cache lines of ``out`` are written, few of the vectors are held.
        """
        for first in range(start, stop, 16):
            last = min(first + 16, stop)
            for k in range(entries.size):
                for j in range(first, last):
                    out[k, j] = self.values[j, entries[k]]

    @elementwise
    def combine_squares(self, a, centre, start, stop, out):
        """Add a[j] * (vector j - centre)**2 to out, for j in start:stop; centre is a vector."""
        for j in range(start, stop):
            vector = self.values[j]
            for i in range(out.size):
                distance = vector[i] - centre[i]
                out[i] += a[j] * (distance * distance)

    @elementwise
    def dots(self, j, matrix, out):
        """Write vector j times a matrix into out, four entries of the vector at a time."""
        vector = self.values[j]
        last = vector.size // 4 * 4
        for k in range(out.size):
            out[k] = 0
        for i in range(0, last, 4):
            a0, a1, a2, a3 = vector[i], vector[i + 1], vector[i + 2], vector[i + 3]
            row0, row1, row2, row3 = matrix[i], matrix[i + 1], matrix[i + 2], matrix[i + 3]
            for k in range(out.size):
                out[k] += (a0 * row0[k] + a1 * row1[k]) + (a2 * row2[k] + a3 * row3[k])
        for i in range(last, vector.size):
            a, row = vector[i], matrix[i]
            for k in range(out.size):
                out[k] += a * row[k]


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

    @gather
    def dot_through(self, j, view):
        """Return the dot product of vector j and the vector that ``view.read(i)`` reads."""
        data = self.data[self.indptr[j] : self.indptr[j + 1]]
        indices = self.indices[self.indptr[j] : self.indptr[j + 1]]
        last = data.size // 4 * 4
        s0 = s1 = s2 = s3 = 0.0
        for k in range(0, last, 4):
            s0 += data[k] * view.read(indices[k])
            s1 += data[k + 1] * view.read(indices[k + 1])
            s2 += data[k + 2] * view.read(indices[k + 2])
            s3 += data[k + 3] * view.read(indices[k + 3])
        for k in range(last, data.size):
            s0 += data[k] * view.read(indices[k])
        return (s0 + s1) + (s2 + s3)

    @gather
    def axpy_through(self, j, a, view):
        """Call ``view.add(i, a * entry)`` for every stored entry of vector j."""
        data = self.data[self.indptr[j] : self.indptr[j + 1]]
        indices = self.indices[self.indptr[j] : self.indptr[j + 1]]
        for k in range(data.size):
            view.add(indices[k], a * data[k])

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
