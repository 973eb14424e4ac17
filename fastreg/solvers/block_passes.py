"""Kernels over the columns of a working set of groups: copies, products, rotations into eigenvectors.

The eigenvectors of block b are the columns of a matrix whose rows begin at vectors[offsets[b]].
"""

import numpy as np

from fastreg.jit import elementwise, kernel, reduction
from fastreg.solvers.passes import copy_into, dot

_MOST_JACOBI_SWEEPS = 15
_ROUNDING = 1e-32  # of squares
_TINY = np.finfo(np.float64).tiny


@elementwise
def add_rows(rows, start, stop, amounts, out):
    """Add amounts[k] * rows[k] to out, for k in start:stop, four rows at a time."""
    last = start + (stop - start) // 4 * 4
    for k in range(start, last, 4):
        first = rows[k]
        second = rows[k + 1]
        third = rows[k + 2]
        fourth = rows[k + 3]
        a = amounts[k]
        b = amounts[k + 1]
        c = amounts[k + 2]
        d = amounts[k + 3]
        for i in range(out.size):
            out[i] += (a * first[i] + b * second[i]) + (c * third[i] + d * fourth[i])
    for k in range(last, stop):
        row = rows[k]
        a = amounts[k]
        for i in range(out.size):
            out[i] += a * row[i]


@reduction
def read_rows(rows, start, stop, vector, out):
    """Write the dot products of rows start:stop with a vector, four rows at a time."""
    last = start + (stop - start) // 4 * 4
    for k in range(start, last, 4):
        first = rows[k]
        second = rows[k + 1]
        third = rows[k + 2]
        fourth = rows[k + 3]
        a = 0.0
        b = 0.0
        c = 0.0
        d = 0.0
        for i in range(vector.size):
            a += first[i] * vector[i]
            b += second[i] * vector[i]
            c += third[i] * vector[i]
            d += fourth[i] * vector[i]
        out[k] = a
        out[k + 1] = b
        out[k + 2] = c
        out[k + 3] = d
    for k in range(last, stop):
        row = rows[k]
        a = 0.0
        for i in range(vector.size):
            a += row[i] * vector[i]
        out[k] = a


@elementwise
def rotate_vector(starts, offsets, vectors, x, scratch):
    """Write a vector in the eigenvectors of each block, in place."""
    for b in range(starts.size - 1):
        size = starts[b + 1] - starts[b]
        for k in range(size):
            total = 0.0
            for m in range(size):
                total += vectors[offsets[b] + m * size + k] * x[starts[b] + m]
            scratch[k] = total
        for k in range(size):
            x[starts[b] + k] = scratch[k]


@elementwise
def rotate_back(starts, offsets, vectors, x, scratch):
    """Undo `rotate_vector`."""
    for b in range(starts.size - 1):
        size = starts[b + 1] - starts[b]
        for k in range(size):
            total = 0.0
            for m in range(size):
                total += vectors[offsets[b] + k * size + m] * x[starts[b] + m]
            scratch[k] = total
        for k in range(size):
            x[starts[b] + k] = scratch[k]


@reduction
def _tile(rows, k, columns, m, out):
    """Write the products of four rows with two columns."""
    first = rows[k]
    second = rows[k + 1]
    third = rows[k + 2]
    fourth = rows[k + 3]
    left = columns[m]
    right = columns[m + 1]
    a = 0.0
    b = 0.0
    c = 0.0
    d = 0.0
    e = 0.0
    f = 0.0
    g = 0.0
    h = 0.0
    for i in range(left.size):
        a += first[i] * left[i]
        b += first[i] * right[i]
        c += second[i] * left[i]
        d += second[i] * right[i]
        e += third[i] * left[i]
        f += third[i] * right[i]
        g += fourth[i] * left[i]
        h += fourth[i] * right[i]
    out[k, m] = a
    out[k, m + 1] = b
    out[k + 1, m] = c
    out[k + 1, m + 1] = d
    out[k + 2, m] = e
    out[k + 2, m + 1] = f
    out[k + 3, m] = g
    out[k + 3, m + 1] = h


@elementwise
def _jacobi(size, gram, vectors):
    """Diagonalise a small Gram matrix by Jacobi's rotations; its rows lie one after the other.

    Unlike LAPACK's these keep the small eigenvalues of columns of very different length to full precision
    (Demmel and Veselic 1992).
    """
    for k in range(size * size):
        vectors[k] = 0.0
    for k in range(size):
        vectors[k * size + k] = 1.0
    for _ in range(_MOST_JACOBI_SWEEPS):
        rotated = False
        for p in range(size):
            for q in range(p + 1, size):
                across = gram[p * size + q]
                first = gram[p * size + p]
                second = gram[q * size + q]
                if across * across <= _ROUNDING * max(first, 0.0) * max(second, 0.0) or across == 0:
                    continue
                rotated = True
                ratio = (second - first) / (2 * across)
                tangent = 1 / (abs(ratio) + np.sqrt(1 + ratio * ratio))
                if ratio < 0:
                    tangent = -tangent
                cosine = 1 / np.sqrt(1 + tangent * tangent)
                sine = tangent * cosine
                gram[p * size + p] = first - tangent * across
                gram[q * size + q] = second + tangent * across
                gram[p * size + q] = 0.0
                gram[q * size + p] = 0.0
                for k in range(size):
                    if k != p and k != q:
                        left = gram[p * size + k]
                        right = gram[q * size + k]
                        gram[p * size + k] = cosine * left - sine * right
                        gram[q * size + k] = sine * left + cosine * right
                        gram[k * size + p] = gram[p * size + k]
                        gram[k * size + q] = gram[q * size + k]
                    left = vectors[k * size + p]
                    right = vectors[k * size + q]
                    vectors[k * size + p] = cosine * left - sine * right
                    vectors[k * size + q] = sine * left + cosine * right
        if not rotated:
            break


@elementwise
def _diagonalise(size, gram, vectors, eigenvalues):
    """Write eigenvectors and eigenvalues of a group's Gram matrix, which is used up."""
    lengths = np.empty(size)
    for k in range(size):
        lengths[k] = gram[k * size + k]
    _jacobi(size, gram, vectors)
    for k in range(size):
        uncancelled = 0.0
        for m in range(size):
            uncancelled += vectors[m * size + k] ** 2 * lengths[m]
        value = gram[k * size + k]
        # A direction of no variance up to rounding has none: its weight would be rounding over rounding.
        eigenvalues[k] = value if value > 1e-14 * uncancelled else 0.0


@kernel
def diagonalise(block, start, stop, starts, offsets, longest, grams, vectors, eigenvalues):
    """Write eigenvectors and eigenvalues of the groups of at most ``longest`` columns; grams are used up."""
    for b in range(start, stop):
        size = starts[b + 1] - starts[b]
        if size <= longest:
            here = slice(offsets[b], offsets[b + 1])
            _diagonalise(size, grams[here], vectors[here], eigenvalues[starts[b] : starts[b + 1]])


@kernel
def columns_of_groups(
    block, start, stop, design, positions, scale, curvatures, roots, total, centring, starts, offsets,
    longest, columns, grams, vectors, eigenvalues,
):  # fmt: skip
    """Write the columns of groups, centred, scaled, times the roots of the curvatures, and rotated.

    Groups of more than ``longest`` columns are left unrotated, and their Gram matrices in ``grams``. A column
    that is constant up to rounding becomes 0: it cannot be told from the intercept.
    """
    scratch = np.empty((longest, roots.size))
    for b in range(start, stop):
        size = starts[b + 1] - starts[b]
        for k in range(starts[b], starts[b + 1]):
            mass = design.weighted_sum(positions[k], curvatures)
            mean = centring * mass / total
            squares = design.weighted_squares(positions[k], curvatures, mean, total)
            usable = squares > 1e-26 * mass * mean + _TINY
            factor = scale[k] if usable else 0.0
            row = columns[k]
            for i in range(row.size):
                row[i] = -factor * mean * roots[i]
            design.axpy(positions[k], factor, roots, row)
        gram = grams[offsets[b] : offsets[b + 1]]
        for k in range(size):
            for m in range(k + 1):
                value = dot(columns[starts[b] + k], columns[starts[b] + m])
                gram[k * size + m] = value
                gram[m * size + k] = value
        if size > longest:
            continue
        here = vectors[offsets[b] : offsets[b + 1]]
        _diagonalise(size, gram, here, eigenvalues[starts[b] : starts[b + 1]])
        if size > 1:
            for k in range(size):
                copy_into(columns[starts[b] + k], scratch[k])
            for k in range(size):
                row = columns[starts[b] + k]
                for i in range(row.size):
                    row[i] = 0.0
                for m in range(size):
                    share = here[m * size + k]
                    source = scratch[m]
                    for i in range(row.size):
                        row[i] += share * source[i]


@kernel
def products(block, start, stop, rows, columns, out):
    """Write the products of rows start:stop with all columns, four by two at a time."""
    last = start + (stop - start) // 4 * 4
    pairs = columns.shape[0] // 2 * 2
    for m in range(0, pairs, 2):
        for k in range(start, last, 4):
            _tile(rows, k, columns, m, out)
    for m in range(columns.shape[0]):
        for k in range(last if m < pairs else start, stop):
            out[k, m] = dot(rows[k], columns[m])


@kernel
def column_products(block, start, stop, design, positions, scale, v, out):
    """Write the dot products of scaled columns start:stop with v."""
    for k in range(start, stop):
        out[k] = scale[k] * design.dot(positions[k], v)


@kernel
def rotate(block, start, stop, starts, offsets, vectors, matrix, out):
    """Write each block's rows of a matrix in its eigenvectors: out_g = vectors_g.T @ matrix_g."""
    for b in range(start, stop):
        size = starts[b + 1] - starts[b]
        for k in range(size):
            row = out[starts[b] + k]
            for i in range(row.size):
                row[i] = 0.0
            for m in range(size):
                share = vectors[offsets[b] + m * size + k]
                source = matrix[starts[b] + m]
                for i in range(row.size):
                    row[i] += share * source[i]


@kernel
def slopes_of_columns(columns, starts, offsets, vectors, residual, out):
    """Write the slopes in the weights, not rotated, of slopes of rows over the roots of curvatures."""
    read_rows(columns, 0, columns.shape[0], residual, out)
    rotate_back(starts, offsets, vectors, out, np.empty(out.size))


@kernel
def predictions_along(columns, starts, offsets, vectors, direction, out):
    """Write the change of the predictions, times the roots of the curvatures, along a direction."""
    rotate_vector(starts, offsets, vectors, direction, np.empty(direction.size))
    for i in range(out.size):
        out[i] = 0.0
    add_rows(columns, 0, columns.shape[0], direction, out)
