"""X times a matrix with one column per class, and X.T times another: X is read once for all classes.

A sparse X is held by rows and by columns: each product gathers rows of its operand, which are short and
contiguous, and writes its result in order. Dense blocks go to BLAS.
"""

import copy

import numpy as np
import scipy.sparse as sp

from fastreg import team
from fastreg.solvers.matrices import dense_matrix, rescore, sparse_matrix
from fastreg.solvers.multinomial_passes import wide_moments, wide_products

_BLOCK_ENTRIES = 1 << 18  # of a dense block, which is cast to double if it is not


class WideReader:
    """Some columns of X, or all, scored for all classes.

    Attributes
    ----------
    design, positions : design, int array
        Column k is vector positions[k].
    """

    def __init__(self, matrix, reader):
        self._matrix = matrix
        self.design, self.positions = reader.design, reader.positions
        self.n_entries = reader.n_entries
        work = (reader.n_entries + 8 * self.positions.size) * matrix.width
        self._bounds = team.blocks_by_size(
            np.concatenate([[0], np.cumsum(reader.entries)]), self.positions.size, work
        )

    def transpose_product(self, v, out):
        """Write the columns' products with v, of (n_samples, n_classes)."""
        matrix = self._matrix
        matrix.crew.each(wide_products, self._bounds, self.design, self.positions, v, out)
        matrix.count(self.n_entries)

    def moments(self, curvatures):
        """Return the sums of curvatures * x and curvatures * x**2 for each column and class."""
        matrix = self._matrix
        mass, squares = np.empty((2, self.positions.size, matrix.width))
        matrix.crew.each(wide_moments, self._bounds, self.design, self.positions, curvatures, mass, squares)
        matrix.count(self.n_entries)
        return mass, squares

    def score(self, slopes, features, scale, penalty, coef, free, gradient, scores):
        """Run the full pass, then score the weights; see `passes.rescore_columns`."""
        self.transpose_product(slopes, gradient.reshape(-1, self._matrix.width))
        gradient *= scale
        return rescore(self._matrix.crew, features, penalty, coef, free, gradient, 1.0, scores)


class WideMatrix:
    """X, for products with ``width`` columns at once."""

    def __init__(self, crew, counter, X, width):
        self.crew = crew
        self.counter = counter
        self.shape = X.shape
        self.width = width
        if sp.issparse(X):
            self._dense = None
            self._rows = sparse_matrix(crew, counter, X, by_columns=False)
            self.columns = sparse_matrix(crew, counter, X, by_columns=True)
            self._bounds = team.blocks_by_size(
                self._rows.design.indptr, X.shape[0], (X.nnz + 8 * X.shape[0]) * width
            )
        else:
            self.columns = dense_matrix(crew, counter, X)
            self._dense = self.columns.dense()
        self.nnz = self.columns.nnz
        self._vectors = np.arange(max(X.shape))

    def lent_to(self, crew, counter):
        """Return the same matrix, read by another crew that counts for itself."""
        lent = copy.copy(self)
        lent.crew, lent.counter = crew, counter
        lent.columns = self.columns.lent_to(crew, counter)
        if self._dense is None:
            lent._rows = self._rows.lent_to(crew, counter)
        return lent

    @property
    def all(self):
        """What scores all columns: a `WideReader` or the matrix."""
        return self.reader_of(self.columns.all) if self._dense is None else self

    def count(self, entries):
        """Count a product with so many entries of X."""
        self.columns.count_product(entries)

    def reader_of(self, reader):
        """Return the `WideReader` of the columns that a `ColumnReader` reads."""
        return WideReader(self, reader)

    def product(self, coef, out):
        """Write X @ coef, coef of (n_features, n_classes)."""
        if self._dense is None:
            self.crew.each(wide_products, self._bounds, self._rows.design, self._vectors, coef, out)
        else:

            def multiply(_, start, stop):
                for a, b in _pieces(start, stop, self.shape[1]):
                    np.matmul(self._dense[a:b].astype(np.float64, copy=False), coef, out=out[a:b])

            self._each_dense(multiply, self._dense_bounds())
        self.count(self.nnz)

    def transpose_product(self, v, out):
        """Write X.T @ v, v of (n_samples, n_classes)."""
        if self._dense is None:
            self.all.transpose_product(v, out)
        else:
            out[:] = self._sum_over_rows(lambda X, a, b: X.T @ v[a:b])
            self.count(self.nnz)

    def moments(self, curvatures):
        """Return the sums of curvatures * x and curvatures * x**2 for each column and class."""
        if self._dense is None:
            return self.all.moments(curvatures)
        mass, squares = np.empty((2, self.shape[1], self.width))
        self.transpose_product(curvatures, mass)
        squares[:] = self._sum_over_rows(lambda X, a, b: (X * X).T @ curvatures[a:b])
        self.count(self.nnz)
        return mass, squares

    score = WideReader.score

    @property
    def _matrix(self):
        return self

    def dense(self):
        """Return X as an array of (n_samples, n_features) if it is one, else None."""
        return self._dense

    def _dense_bounds(self):
        return team.blocks(self.shape[0], self.nnz * self.width // 8)

    def _each_dense(self, function, bounds):
        self.crew.limit_blas()
        self.crew.each(function, bounds)

    def _sum_over_rows(self, function):
        """Return the sum of function(X[a:b], a, b), X cast to double, over pieces in a fixed order."""
        bounds = self._dense_bounds()
        size = self.shape[1] * self.width
        number = max(1, min(len(bounds) - 1, self.columns.n_bytes // (64 * size)))
        bounds = [self.shape[0] * block // number for block in range(number + 1)]
        partial = np.zeros((number, self.shape[1], self.width))

        def add(block, start, stop):
            for a, b in _pieces(start, stop, self.shape[1]):
                partial[block] += function(self._dense[a:b].astype(np.float64, copy=False), a, b)

        self._each_dense(add, bounds)
        return partial.sum(axis=0)


def _pieces(start, stop, n_features):
    height = max(1, _BLOCK_ENTRIES // n_features)
    return [(a, min(a + height, stop)) for a in range(start, stop, height)]
