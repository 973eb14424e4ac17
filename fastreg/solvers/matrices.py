"""The matrix X behind two views: a stack of columns, or a stack of rows.

This is the one file that names the two designs. Everything a solver asks of X goes through the
methods here, which run on a crew and count what they read, or through a design in a kernel.
"""

import copy

import numpy as np
import scipy.sparse as sp

from fastreg import team
from fastreg.designs import Dense, Sparse
from fastreg.solvers import passes
from fastreg.solvers.pairs import DensePairs, SparsePairs
from fastreg.solvers.transposing import transposed

# A sparse X of at most so many entries, stored or not, may be made dense for a while.
_MOST_ENTRIES_DENSIFIED = 1 << 22
_SPARE = 0.05  # of X, what each of several fits side by side may use for Gram matrices
_LEAST_SPARE = 4_000_000
_MOST_GRAMS = 8  # partial sums of outer products
_PAIRS_PER_CALL = 20_000_000  # so that Ctrl-C is heard


class ColumnReader:
    """Some columns of X, or all, each of which a kernel can read for itself.

    Attributes
    ----------
    design, positions : design, int array
        Column k is vector positions[k].
    entries : int array
        How many entries each has; ``n_entries`` in all.
    """

    def __init__(self, matrix, design, positions, entries, bounds=None):
        self._matrix = matrix
        self.design = design
        self.positions = positions
        self.entries = entries
        self.n_entries = int(entries.sum())
        self._bounds = self._cut() if bounds is None else bounds

    def _cut(self):
        """Return blocks of about equal work: besides its entries a column costs the penalty's functions."""
        work = np.concatenate([[0], np.cumsum(self.entries + 20)])
        return team.blocks_by_size(work, self.positions.size, int(work[-1]))

    def score(self, slopes, features, scale, penalty, coef, free, gradient, scores):
        """Run the fused pass (`passes.score_columns`); return its partial sums."""
        partial = np.empty((len(self._bounds) - 1, 4))
        self._matrix.crew.each(
            passes.score_columns, self._bounds, self.design, self.positions, features, scale, slopes, penalty,
            coef, free, gradient, scores, partial,
        )  # fmt: skip
        self._matrix.count_product(self.n_entries)
        return partial

    def pairs(self, order):
        """Return the products of every pair of these columns, in some order, not computed yet."""
        crew, positions = self._matrix.crew, self.positions[order]
        if isinstance(self.design, Dense):
            return DensePairs(crew, self.design.values, positions)
        return SparsePairs(crew, self.design, positions, self.entries[order], self._matrix.shape[0])

    def combination(self, a, out):
        """Write the sum of a[k] * column k."""
        chosen = np.flatnonzero(a)
        entries = int(self.entries[chosen].sum())
        self._matrix.sum_of_vectors(
            passes.accumulate, self.design, chosen.size, entries, out, self.positions[chosen], a[chosen]
        )

    def sums(self, weights):
        """Return the sum of weights * x of each column."""
        out = np.empty(self.positions.size)
        self._matrix.crew.each(passes.column_sums, self._bounds, self.design, self.positions, weights, out)
        self._matrix.count_product(self.n_entries)
        return out

    def moments(self, weights, total_weight, centring):
        """Return the sums of weights * x (if centred) and of weights * (x - centring * mean)**2 of each."""
        mass, squares = np.empty((2, self.positions.size))
        self._matrix.crew.each(
            passes.column_moments, self._bounds, self.design, self.positions, weights, total_weight, centring,
            mass, squares,
        )  # fmt: skip
        self._matrix.count_product(self.n_entries)
        return mass, squares


class _Stack:
    """What both views share: sizes, counting, products in fixed blocks and fixed order."""

    by_rows = False

    def __init__(self, crew, counter, design, shape, n_vectors, nnz, n_bytes):
        self.crew = crew
        self.counter = counter
        self.design = design
        self.shape = shape
        self.nnz = nnz
        self.n_bytes = n_bytes
        self.spare_bytes = np.inf  # for Gram matrices
        self._bytes_for_sums = n_bytes // 8  # that are partial
        self._entry_bytes = n_bytes // max(1, nnz)
        self._vectors = np.arange(n_vectors)
        self._length = shape[0] + shape[1] - n_vectors
        self._stack = design.values if isinstance(design, Dense) else None  # the vectors as one array

    def lent_to(self, crew, counter):
        """Return the same matrix, read by one thread of several that fit side by side and share the memory.

        It counts for itself, makes no partial sums, and has a share of X to spare for Gram matrices.
        """
        lent = copy.copy(self)
        lent.crew, lent.counter = crew, counter
        lent._bytes_for_sums = 0
        lent.spare_bytes = max(_LEAST_SPARE, _SPARE * self.n_bytes)
        return lent

    def count_entries(self, entries):
        """Count entries of X that were read."""
        self.counter.bytes_read += int(entries) * self._entry_bytes

    def count_product(self, entries):
        """Count a product with columns or rows of so many entries in all."""
        self.count_entries(entries)
        self.counter.full_passes += int(entries == self.nnz)

    @property
    def is_dense(self):
        """Whether X is a dense array."""
        return isinstance(self.design, Dense)

    @property
    def may_be_dense(self):
        """Whether X is a dense array, or a sparse one that is small enough to be made one."""
        return self._stack is not None or self.shape[0] * self.shape[1] <= _MOST_ENTRIES_DENSIFIED

    def dense(self):
        """Return X as an array (n_samples, n_features), a view if it is one."""
        if self._stack is None:
            data, indices, indptr = self.design
            parts = data, indices.astype(np.int64), indptr
            self._stack = sp.csr_array(parts, shape=(self._vectors.size, self._length)).toarray()
            self.counter.bytes_copied += self._stack.nbytes
        return self._stack.T if isinstance(self, ColumnMatrix) else self._stack

    def _bounds(self):
        if isinstance(self.design, Sparse):
            return team.blocks_by_size(self.design.indptr, self._vectors.size, self.nnz)
        bounds = team.blocks(self._vectors.size, self.nnz)
        eights = [bound // 8 * 8 for bound in bounds[:-1]]  # dense vectors are read in eights
        return [*dict.fromkeys(eights), bounds[-1]]

    def _products(self, v, out):
        self.crew.each(passes.vector_products, self._bounds(), self.design, v, out)
        self.count_product(self.nnz)

    def sum_of_vectors(self, kernel, design, count, entries, out, *arguments):
        """Write the sum that ``kernel`` takes over ``count`` vectors, by partial sums where there is room."""
        bounds = team.blocks(count, entries)
        affordable = max(1, self._bytes_for_sums // (8 * out.size))
        if len(bounds) - 1 > affordable:
            bounds = [count * block // affordable for block in range(affordable + 1)]
        partial = np.empty((len(bounds) - 1, out.size))
        self.crew.each(kernel, bounds, design, *arguments, partial)
        self.crew.each(passes.add_partials, team.blocks(out.size, partial.size), partial, out)
        self.count_product(entries)


class ColumnMatrix(_Stack):
    """X as a stack of columns: Fortran order, or CSC."""

    def __init__(self, crew, counter, design, shape, nnz, n_bytes):
        super().__init__(crew, counter, design, shape, shape[1], nnz, n_bytes)

    @property
    def features(self):
        """The numbers of all columns."""
        return self._vectors

    @property
    def all(self):
        """A reader of all columns; made when it is asked for, as a matrix that keeps it is never freed."""
        entries = self._entries(self._vectors)
        return ColumnReader(self, self.design, self._vectors, entries, self._bounds())

    def _entries(self, columns):
        if isinstance(self.design, Sparse):
            return self.design.indptr[columns + 1] - self.design.indptr[columns]
        return np.full(columns.size, self.shape[0])

    def select(self, columns):
        """Return a reader of some columns, in place."""
        return ColumnReader(self, self.design, columns, self._entries(columns))

    def as_rows(self):
        """Return a copy that is read by rows."""
        if not isinstance(self.design, Sparse):
            return row_matrix(self.crew, self.counter, self.design.values.T)
        parts = transposed(self.crew, *self.design, self.shape[0])
        n_bytes = parts[0].nbytes + parts[1].nbytes
        self.counter.bytes_copied += n_bytes
        design = Sparse(*map(_read_only, parts))
        return RowMatrix(self.crew, self.counter, design, self.shape, self.nnz, n_bytes)

    def transpose_product(self, v, out):
        """Write X.T @ v."""
        self._products(v, out)

    def product(self, coef, out):
        """Write X @ coef, reading the columns of its non-zeros only."""
        support = np.flatnonzero(coef)
        if support.size == 0:
            out[:] = 0
            return
        entries = int(self._entries(support).sum())
        self.sum_of_vectors(
            passes.accumulate, self.design, support.size, entries, out, support, coef[support]
        )


class RowMatrix(_Stack):
    """X as a stack of rows: C order, or CSR. Only the columns of a working set are copied."""

    by_rows = True

    def __init__(self, crew, counter, design, shape, nnz, n_bytes):
        super().__init__(crew, counter, design, shape, shape[0], nnz, n_bytes)

    @property
    def features(self):
        """The numbers of all columns."""
        return np.arange(self.shape[1])

    @property
    def all(self):
        """The matrix: it reads all columns by reading all rows."""
        return self

    def as_rows(self):
        """Return the matrix itself."""
        return self

    def entries_per_column(self):
        """Return how many entries each column has, those stored if rows are sparse."""
        if not isinstance(self.design, Sparse):
            return np.full(self.shape[1], self.shape[0])
        counts = np.zeros(self.shape[1], dtype=np.int64)
        passes.count_by_position(self.design, self._vectors, counts)
        return counts

    def positions_in_first(self, count):
        """Return the columns of all stored entries of the first rows; none of a dense matrix."""
        if not isinstance(self.design, Sparse):
            return np.empty(0, dtype=np.uint32)
        return self.design.indices[: self.design.indptr[min(count, self.shape[0])]]

    def select(self, columns):
        """Return a reader of copies of some columns."""
        if isinstance(self.design, Sparse):
            parts = (self.design.data, self.design.indices.view(np.int32), self.design.indptr)
            chosen = sp.csr_array(parts, shape=self.shape)[:, columns].toarray().T.copy()
        else:
            chosen = np.empty((columns.size, self.shape[0]), dtype=self.design.values.dtype)
            bounds = team.blocks(self.shape[0], 4 * chosen.size)  # an entry costs a cache miss
            self.crew.each(passes.copy_entries, bounds, self.design, columns, chosen)
        self.counter.bytes_copied += chosen.nbytes
        entries = np.full(columns.size, self.shape[0])
        return ColumnReader(self, Dense(_read_only(chosen)), np.arange(columns.size), entries)

    def score(self, slopes, features, scale, penalty, coef, free, gradient, scores):
        """Run the full pass row by row, then score the columns; return the partial sums."""
        self.transpose_product(slopes, gradient)
        gradient *= scale
        return rescore(self.crew, features, penalty, coef, free, gradient, 1.0, scores)

    def moments(self, weights, total_weight, centring):
        """Return the sums of weights * x and of weights * (x - centring * mean)**2 of every column.

        Without centring nobody asks for the first, and it is 0.
        """
        mass, squares = np.zeros((2, self.shape[1]))
        if centring:
            self.transpose_product(weights, mass)
        mean = centring * mass / total_weight
        stored_only = isinstance(self.design, Sparse)  # what is not stored has no square to add
        centre = np.zeros_like(mean) if stored_only else mean
        self.sum_of_vectors(
            passes.accumulate_squares, self.design, self._vectors.size, self.nnz, squares, weights, centre
        )
        return mass, np.maximum(squares - mass * mean, 0.0) if stored_only else squares

    @property
    def pairs_of_entries(self):
        """How many products of two entries of one row there are, where rows are sparse; else None."""
        if not isinstance(self.design, Sparse):
            return None
        sizes = np.diff(self.design.indptr)
        return int(sizes @ (sizes + 1)) // 2

    def gram(self, weights):
        """Return the sum of weights_i x_i x_i', from the pairs of entries of sparse rows."""
        n_samples, n_features = self.shape
        pairs = self.pairs_of_entries
        parts = max(1, min(_MOST_GRAMS, n_samples, pairs // (16 * n_features * n_features)))
        pieces = -(-pairs // (parts * _PAIRS_PER_CALL))
        partial = np.zeros((parts, n_features, n_features))
        for piece in range(pieces):
            self.crew.each(
                passes.accumulate_pairs, range(parts + 1), self.design, n_samples, parts, piece, pieces,
                weights, partial,
            )  # fmt: skip
        self.count_product(self.nnz)
        half = partial.sum(axis=0)
        return half + half.T - np.diag(half.diagonal())

    def transpose_product(self, v, out):
        """Write X.T @ v."""
        self.sum_of_vectors(
            passes.accumulate, self.design, self._vectors.size, self.nnz, out, self._vectors, v
        )

    def product(self, coef, out):
        """Write X @ coef."""
        if coef.any():
            self._products(coef, out)
        else:
            out[:] = 0


def rescore(crew, features, penalty, coef, free, gradient, dual_scale, scores):
    """Score columns whose gradient is known (`passes.rescore_columns`); return the partial sums."""
    bounds = team.blocks(features.size, 4 * features.size)
    partial = np.empty((len(bounds) - 1, 4))
    crew.each(
        passes.rescore_columns, bounds, features, penalty, coef, free, gradient, dual_scale, scores, partial
    )
    return partial


def _read_only(array):
    """Return a view that cannot be written: read-only input or not is then one specialisation."""
    view = array.view()
    view.flags.writeable = False
    return view


def dense_matrix(crew, counter, X):
    """Return the view of a contiguous dense X that reads it in place."""
    if X.flags.f_contiguous:
        return ColumnMatrix(crew, counter, Dense(_read_only(X).T), X.shape, X.size, X.nbytes)
    return row_matrix(crew, counter, X)


def row_matrix(crew, counter, X):
    """Return the view by rows of X in any layout, converted and counted where it has another."""
    if sp.issparse(X):
        return sparse_matrix(crew, counter, X, by_columns=False)
    if not X.flags.c_contiguous:
        X = np.ascontiguousarray(X)
        counter.bytes_copied += X.nbytes
    return RowMatrix(crew, counter, Dense(_read_only(X)), X.shape, X.size, X.nbytes)


def sparse_matrix(crew, counter, X, by_columns):
    """Return the view by columns or by rows of a CSC or CSR matrix, converted (and counted) if need be."""
    indices = X.indices
    if indices.dtype == np.int32:
        indices = indices.view(np.uint32)
    else:
        indices = indices.astype(np.uint32)
        counter.bytes_copied += indices.nbytes
    parts = [np.ascontiguousarray(part) for part in (X.data, indices, X.indptr.astype(np.int64))]
    if by_columns != (X.format == "csc"):
        parts = transposed(crew, *map(_read_only, parts), X.shape[int(by_columns)])
        counter.bytes_copied += parts[0].nbytes + parts[1].nbytes
    view = ColumnMatrix if by_columns else RowMatrix
    n_bytes = parts[0].nbytes + parts[1].nbytes
    return view(crew, counter, Sparse(*map(_read_only, parts)), X.shape, X.nnz, n_bytes)
