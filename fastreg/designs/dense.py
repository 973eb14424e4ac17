"""Vectors stored one after the other."""

from typing import NamedTuple

import numpy as np

from fastreg.jit import at, elementwise, reduction


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

    def span(self, j):
        """Return the first entry of vector j and the one after its last."""
        return 0, self.values.shape[1]

    def count_before(self, j, position):
        """Return how many entries vector j has before ``position``."""
        return position

    @reduction
    def dot_between(self, j, first, last, view):
        """Return the dot product of entries first:last of vector j and what ``view.read(i)`` reads."""
        vector = self.values[j]
        total = 0.0
        # Unsigned numbers cannot be negative: without a test for that the view is read as vectors are.
        for i in range(np.uint64(first), np.uint64(last)):
            total += vector[i] * view.read(i)
        return total

    @elementwise
    def axpy_between(self, j, first, last, a, view):
        """Call ``view.add(i, a * entry)`` for entries first:last of vector j."""
        vector = self.values[j]
        for i in range(np.uint64(first), np.uint64(last)):
            view.add(i, a * vector[i])

    @elementwise
    def axpy_through(self, j, a, view):
        """Call ``view.add(i, a * entry)`` for every entry of vector j."""
        self.axpy_between(j, 0, self.values.shape[1], a, view)

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
