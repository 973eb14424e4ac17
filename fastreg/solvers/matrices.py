"""The matrix X behind two views: a stack of columns, or a stack of rows.

This is the one file that names the two designs. Everything a solver asks of X goes through the
methods here or through a design in a kernel.
"""

import numpy as np
import scipy.sparse as sp

from fastreg import team
from fastreg.designs import Dense, Sparse
from fastreg.solvers import passes


def _partials(count, length, bytes_of_matrix, work):
    """Return block bounds for sums into vectors of ``length``; their buffers stay below X / 8."""
    bounds = team.blocks(count, work)
    affordable = max(1, bytes_of_matrix // (64 * max(1, length)))
    if len(bounds) - 1 > affordable:
        bounds = [count * block // affordable for block in range(affordable + 1)]
    return bounds


class _Stack:
    """What both views share: sizes, and the sum of vectors in fixed order."""

    def __init__(self, design, n_vectors, length, nnz, n_bytes):
        self.design = design
        self.nnz = nnz
        self.n_bytes = n_bytes
        self.entry_bytes = n_bytes // max(1, nnz)
        self._identity = np.arange(n_vectors)
        self._length = length

    def _bounds(self):
        if isinstance(self.design, Sparse):
            return team.blocks_by_size(self.design.indptr, self._identity.size, self.nnz)
        bounds = team.blocks(self._identity.size, self.nnz)
        return [*(bound // 4 * 4 for bound in bounds[:-1]), bounds[-1]]  # vectors are read in fours

    def _products(self, crew, v, out):
        crew.each(passes.vector_products, self._bounds(), self.design, v, out)

    def _combine(self, crew, positions, a, out, nnz):
        if positions.size == 0:
            out[:] = 0
            return
        bounds = _partials(positions.size, self._length, self.n_bytes, nnz)
        partial = np.empty((len(bounds) - 1, self._length))
        crew.each(passes.accumulate, bounds, self.design, positions, a, partial)
        crew.each(passes.add_partials, team.blocks(self._length, partial.size), partial, out)


class ColumnMatrix(_Stack):
    """X as a stack of columns: Fortran order, or CSC."""

    def __init__(self, design, shape, nnz, n_bytes):
        super().__init__(design, shape[1], shape[0], nnz, n_bytes)
        self.shape = shape

    def entries(self, columns):
        """Return the number of stored entries of each of some columns."""
        if isinstance(self.design, Sparse):
            return self.design.indptr[columns + 1] - self.design.indptr[columns]
        return np.full(columns.size, self.shape[0])

    def score(self, crew, slopes, scale, penalty, coef, free, gradient, scores):
        """Run the fused pass over all columns; return its partial sums."""
        bounds = [*dict.fromkeys(self._bounds())]
        partial = np.empty((len(bounds) - 1, 4))
        crew.each(
            passes.score_columns, bounds, self.design, self._identity, self._identity, scale, slopes,
            penalty, coef, free, gradient, scores, partial,
        )  # fmt: skip
        return partial

    def moments(self, crew, weights, centring):
        """Return the sums of weights * x and weights * (x - centring * mean)**2 of every column."""
        mass, squares = np.empty((2, self.shape[1]))
        crew.each(
            passes.column_moments, self._bounds(), self.design, self._identity, weights, weights.sum(),
            centring, mass, squares,
        )  # fmt: skip
        return mass, squares

    def transpose_product(self, crew, v, out):
        """Write X.T @ v."""
        self._products(crew, v, out)

    def product(self, crew, coef, out):
        """Write X @ coef, reading the columns of its non-zeros only."""
        support = np.flatnonzero(coef)
        if support.size == coef.size:
            support = self._identity
        self._combine(crew, support, coef[support], out, int(self.entries(support).sum()))

    def select(self, columns):
        """Return a design, the positions of some columns in it, and the bytes copied for it."""
        return self.design, columns, 0


class RowMatrix(_Stack):
    """X as a stack of rows: C order, or CSR. Only the columns of a working set are copied."""

    def __init__(self, design, shape, nnz, n_bytes):
        super().__init__(design, shape[0], shape[1], nnz, n_bytes)
        self.shape = shape
        self._columns = np.arange(shape[1])

    def entries(self, columns):
        """Return the number of entries of each of some columns once they are selected."""
        return np.full(columns.size, self.shape[0])

    def score(self, crew, slopes, scale, penalty, coef, free, gradient, scores):
        """Run the full pass row by row, then score the columns; return the partial sums."""
        self.transpose_product(crew, slopes, gradient)
        gradient *= scale
        bounds = team.blocks(self.shape[1], 4 * self.shape[1])
        partial = np.empty((len(bounds) - 1, 4))
        crew.each(
            passes.rescore_columns, bounds, self._columns, penalty, coef, free, gradient, 1.0, scores, partial
        )
        return partial

    def moments(self, crew, weights, centring):
        """Return the sums of weights * x and weights * (x - centring * mean)**2 of every column."""
        mass, squares = np.empty((2, self.shape[1]))
        self.transpose_product(crew, weights, mass)
        mean = centring * mass / weights.sum()
        stored_only = isinstance(self.design, Sparse)  # what is not stored has no square to add
        bounds = _partials(self.shape[0], self._length, self.n_bytes, self.nnz)
        partial = np.empty((len(bounds) - 1, self._length))
        centre = np.zeros_like(mean) if stored_only else mean
        crew.each(passes.accumulate_squares, bounds, self.design, weights, centre, partial)
        crew.each(passes.add_partials, team.blocks(self._length, partial.size), partial, squares)
        return mass, np.maximum(squares - mass * mean, 0.0) if stored_only else squares

    def transpose_product(self, crew, v, out):
        """Write X.T @ v."""
        self._combine(crew, self._identity, v, out, self.nnz)

    def product(self, crew, coef, out):
        """Write X @ coef."""
        self._products(crew, coef, out)

    def select(self, columns):
        """Return a design that holds copies of some columns, their positions, and the bytes copied."""
        if isinstance(self.design, Sparse):
            parts = (self.design.data, self.design.indices.view(np.int32), self.design.indptr)
            chosen = sp.csr_array(parts, shape=self.shape)[:, columns].toarray().T.copy()
        else:
            chosen = np.ascontiguousarray(self.design.values[:, columns].T)
        return Dense(_read_only(chosen)), self._columns[: columns.size], chosen.nbytes


def _read_only(array):
    """Return a view that cannot be written: read-only input or not is then one specialisation."""
    view = array.view()
    view.flags.writeable = False
    return view


def dense_matrix(X):
    """Return the view of a contiguous dense X that reads it in place."""
    if X.flags.f_contiguous:
        return ColumnMatrix(Dense(_read_only(X).T), X.shape, X.size, X.nbytes)
    return RowMatrix(Dense(_read_only(X)), X.shape, X.size, X.nbytes)


def sparse_matrix(X, by_columns):
    """Return the view of a CSC (``by_columns``) or CSR matrix, and the bytes converted."""
    converted = 0
    indices = X.indices
    if indices.dtype == np.int32:
        indices = indices.view(np.uint32)
    else:
        indices = indices.astype(np.uint32)
        converted = indices.nbytes
    parts = [np.ascontiguousarray(part) for part in (X.data, indices, X.indptr.astype(np.int64))]
    view = ColumnMatrix if by_columns else RowMatrix
    n_bytes = parts[0].nbytes + parts[1].nbytes
    return view(Sparse(*map(_read_only, parts)), X.shape, X.nnz, n_bytes), converted
