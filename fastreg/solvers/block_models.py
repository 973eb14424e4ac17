"""The quadratic model over a working set of groups, in the eigenvectors of each group's own part of it.

`ColumnsModel` copies the columns, as a wide dense X asks for, and keeps their products with one another while
there are no more columns than rows. `ProductsModel` keeps the products only, as a sparse or tall X asks for.
"""

import itertools
from typing import NamedTuple

import numpy as np

from fastreg import team
from fastreg.solvers.block_kernels import GramModel, ResidualModel
from fastreg.solvers.block_passes import (
    column_products,
    columns_of_groups,
    diagonalise,
    predictions_along,
    products,
    rotate,
    slopes_of_columns,
)

_LONGEST_JACOBI = 32  # columns of a group that LAPACK would not diagonalise faster
_SMALL = 4_000_000  # element operations of a product that is done without BLAS
_BLOCKS = 8  # of a product of BLAS: fewer columns than a few dozen at a time would slow it down
_SPARSE = 0.1  # share of stored entries up to which a Gram matrix is made without copies of columns
_FEW_ENTRIES = 1 << 20  # of a copy that is always allowed, and
_COPIED = 8  # the part of X that larger ones may have, while products would do


def model_of(problem, partition, curvatures, groups, known=None):
    """Return a model of at least these groups: ``known``, grown, if it fits, else a new one."""
    size = int(partition.sizes[groups].sum())
    if known is not None and known.curvatures is curvatures:
        added = groups[~np.isin(groups, known.groups)]
        grown = known.features.size + int(partition.sizes[added].sum())
        if grown <= min(known.most_columns, 2 * size):
            known.grow(added)
            return known
    n_rows, n_columns = problem.matrix.shape
    sparse = problem.matrix.nnz <= _SPARSE * n_rows * n_columns
    many = size * n_rows > max(_FEW_ENTRIES, n_rows * n_columns // _COPIED)
    products = size <= n_rows and (sparse or many)
    model = (ProductsModel if products else ColumnsModel)(problem, partition, curvatures)
    if size <= n_rows and not products:
        model.most_columns = max(_FEW_ENTRIES // n_rows, n_columns // _COPIED)
    model.grow(groups)
    return model


class _New(NamedTuple):
    """Groups that are being taken in: their columns, where each begins, what is to be written of each."""

    features: np.ndarray
    starts: np.ndarray
    offsets: np.ndarray
    eigenvalues: np.ndarray
    vectors: np.ndarray


class _Model:
    """What both have: groups in the order they came in, and their eigenvectors.

    Attributes
    ----------
    curvatures : array of n_samples
        Of the rows.
    groups : int array
    starts : int array
        Group groups[b] has the entries starts[b]:starts[b + 1].
    features : int array of size
        The column of each entry.
    eigenvalues : array of size
        Of each group's part of the Hessian.
    thetas : array
        Of each group, see `block_kernels.minimise_block`.
    """

    def __init__(self, problem, partition, curvatures):
        self._problem = problem
        self._partition = partition
        self.curvatures = curvatures
        self._total = curvatures.sum()
        self.groups = self.features = np.empty(0, dtype=np.int64)
        self.starts = self._offsets = np.zeros(1, dtype=np.int64)
        self.eigenvalues = self.thetas = self._vectors = np.empty(0)
        self._hessian = np.empty((0, 0))

    def grow(self, groups):
        """Take in more groups."""
        if groups.size == 0:
            return
        partition = self._partition
        before = self.features.size
        starts = _after(partition.sizes[groups])
        offsets = _after(partition.sizes[groups] ** 2)
        # Entry k of the new ones is entry k - starts[b] of its group, the b-th.
        shift = np.repeat(partition.starts[groups] - starts[:-1], partition.sizes[groups])
        features = partition.members[np.arange(starts[-1]) + shift]
        eigenvalues, vectors = np.empty(starts[-1]), np.empty(offsets[-1])
        self.groups = np.concatenate([self.groups, groups])
        self.starts = np.concatenate([self.starts, before + starts[1:]])
        self.features = np.concatenate([self.features, features])
        self.thetas = np.concatenate([self.thetas, np.zeros(groups.size)])
        self.eigenvalues = np.concatenate([self.eigenvalues, eigenvalues])
        self._offsets = np.concatenate([self._offsets, self._offsets[-1] + offsets[1:]])
        self._vectors = np.concatenate([self._vectors, vectors])
        here = self.eigenvalues[before:], self._vectors[self._vectors.size - vectors.size :]
        self._take(_New(features, starts, offsets, *here))

    def epoch_cost(self):
        """Return the element operations of a sweep over all groups."""
        return self.features.size * (20 + self.features.size)

    def at(self, slopes, row_slopes):
        """Return the model at slopes in the weights and in the rows for `descend`, and its ``full_every``."""
        loss = 0.5 * float((row_slopes * row_slopes / self.curvatures).sum())
        first_slopes, first_coef = np.empty((2, slopes.size))
        return GramModel(self._hessian, slopes.copy(), first_slopes, first_coef, loss), 1

    def rotation(self):
        """Return where each group's eigenvectors begin, and the eigenvectors."""
        return self._offsets, self._vectors

    def _diagonalise_long(self, new, grams):
        """Diagonalise the Gram matrices of groups that are too long for Jacobi; return those groups."""
        sizes = np.diff(new.starts)
        long = np.flatnonzero(sizes > _LONGEST_JACOBI)
        for b in long:
            here = slice(new.offsets[b], new.offsets[b + 1])
            self._problem.crew.limit_blas()
            values, found = np.linalg.eigh(grams[here].reshape(sizes[b], sizes[b]))
            kept = np.where(values > 1e-14 * values[-1], values, 0.0)
            new.eigenvalues[new.starts[b] : new.starts[b + 1]] = kept
            new.vectors[here] = found.ravel()
        return long

    def _rotated(self, matrix, starts, offsets, vectors):
        out = np.empty_like(matrix)
        bounds = team.blocks(starts.size - 1, offsets[-1] * matrix.shape[1])
        self._problem.crew.each(rotate, bounds, starts, offsets, vectors, matrix, out)
        return out

    def _extend_hessian(self, fresh):
        """Take in the products of all rotated columns with the new ones, the last of them."""
        size, before = fresh.shape[0], self._hessian.shape[0]
        if before == 0:
            self._hessian = fresh
            return
        hessian = np.empty((size, size))
        hessian[:before, :before] = self._hessian
        hessian[:, before:] = fresh
        hessian[before:, :before] = fresh[:before].T
        self._hessian = hessian


class ColumnsModel(_Model):
    """The model of a dense X.

    Attributes
    ----------
    most_columns : float
        How many columns it may grow to.
    """

    most_columns = np.inf

    def __init__(self, problem, partition, curvatures):
        super().__init__(problem, partition, curvatures)
        self._roots = np.sqrt(curvatures)
        self._columns = np.empty((0, curvatures.size))

    def epoch_cost(self):
        """Return the element operations of a sweep over all groups."""
        if self._hessian is None:
            return self.features.size * (20 + 2 * self._roots.size)
        return super().epoch_cost()

    def at(self, slopes, row_slopes):
        """Return what `_Model.at` does; by columns where they outnumber the rows."""
        if self._hessian is not None:
            return super().at(slopes, row_slopes)
        return ResidualModel(self._columns, row_slopes / self._roots), 5

    def slopes(self, row_slopes):
        """Return the slopes in the weights of slopes in the rows, whose sum is 0."""
        out = np.empty(self.features.size)
        slopes_of_columns(self._columns, self.starts, *self.rotation(), row_slopes / self._roots, out)
        return out

    def predictions(self, direction):
        """Return the change of the predictions, up to a constant, along a direction of the weights."""
        out = np.empty(self._roots.size)
        predictions_along(self._columns, self.starts, *self.rotation(), direction.copy(), out)
        return out / self._roots

    def _take(self, new):
        problem = self._problem
        reader = problem.matrix.select(new.features)
        columns = np.empty((new.features.size, self._roots.size))
        grams = np.empty(new.vectors.size)
        bounds = team.blocks(new.starts.size - 1, 4 * columns.size)
        problem.crew.each(
            columns_of_groups, bounds, reader.design, reader.positions, problem.scale[new.features],
            self.curvatures, self._roots, self._total, float(problem.has_intercept), new.starts, new.offsets,
            _LONGEST_JACOBI, columns, grams, new.vectors, new.eigenvalues,
        )  # fmt: skip
        problem.matrix.count_entries(reader.n_entries)
        problem.counter.bytes_copied += columns.nbytes
        for b in self._diagonalise_long(new, grams):
            part = slice(new.starts[b], new.starts[b + 1])
            whole = np.array([0, part.stop - part.start])
            vectors = new.vectors[new.offsets[b] : new.offsets[b + 1]]
            columns[part] = self._rotated(columns[part], whole, whole * whole, vectors)
        self._columns = np.concatenate([self._columns, columns]) if self._columns.size else columns
        if self._hessian is not None and self.features.size <= self._roots.size:
            self._extend_hessian(self._products(columns))
        else:
            self._hessian = None

    def _products(self, columns):
        """Return the products of all columns with these."""
        rows, crew = self._columns, self._problem.crew
        out = np.empty((rows.shape[0], columns.shape[0]))
        if out.size * columns.shape[1] <= _SMALL:  # holding back the threads of BLAS would cost more
            products(0, 0, rows.shape[0], rows, columns, out)
            return out

        def multiply(_, start, stop):
            np.matmul(rows[start:stop], columns.T, out=out[start:stop])

        crew.limit_blas()
        crew.each(multiply, [rows.shape[0] * block // _BLOCKS for block in range(_BLOCKS + 1)])
        return out


class ProductsModel(_Model):
    """The model of a sparse or tall X with no more columns than rows in the working set."""

    def __init__(self, problem, partition, curvatures):
        super().__init__(problem, partition, curvatures)
        self._scale = self._mean = np.empty(0)

    @property
    def most_columns(self):
        """How many columns it may grow to."""
        return self.curvatures.size

    def slopes(self, row_slopes):
        """Return the slopes in the weights of slopes in the rows."""
        problem = self._problem
        reader = problem.matrix.select(self.features)
        out = np.empty(self.features.size)
        problem.crew.each(
            column_products, team.blocks(out.size, reader.n_entries), reader.design, reader.positions,
            problem.scale[self.features], row_slopes, out,
        )  # fmt: skip
        problem.matrix.count_entries(reader.n_entries)
        return out

    def predictions(self, direction):
        """Return the change of the predictions along a direction of the weights."""
        problem = self._problem
        coef = np.zeros(problem.scale.size)
        coef[self.features] = direction * problem.scale[self.features]
        out = np.empty(problem.y.size)
        problem.matrix.product(coef, out)
        return out

    def _take(self, new):
        problem, size, count = self._problem, self.features.size, new.features.size
        whole = problem.matrix.select(self.features)
        centring = float(problem.has_intercept)
        mass, squares = problem.matrix.select(new.features).moments(self.curvatures, self._total, centring)
        mean = centring * mass / self._total
        # A column that is constant up to rounding cannot be told from the intercept.
        usable = squares > 1e-26 * mass * mean + np.finfo(np.float64).tiny
        self._scale = np.concatenate([self._scale, np.where(usable, problem.scale[new.features], 0.0)])
        self._mean = np.concatenate([self._mean, mean])
        pairs = whole.pairs(np.arange(size))
        products = np.zeros((size, size))
        centre = self._mean if pairs.centred else np.zeros(size)
        weights = float(self.curvatures[0]) if problem.uniform else self.curvatures
        pairs.add(size - count, size, weights, centre, products)
        products = products[size - count :]
        if not pairs.centred:
            products -= mean[:, None] * (self._total * self._mean)
        square = np.tril(products[:, size - count :])
        products[:, size - count :] = square + np.tril(square, -1).T
        products *= self._scale * self._scale[size - count :, None]
        places = np.arange(size - count, size)
        parts = [
            products[a:b, places[a] : places[b - 1] + 1].ravel() for a, b in itertools.pairwise(new.starts)
        ]
        grams = np.concatenate(parts)
        bounds = team.blocks(new.starts.size - 1, 40 * grams.size)
        problem.crew.each(
            diagonalise, bounds, new.starts, new.offsets, _LONGEST_JACOBI, grams, new.vectors, new.eigenvalues
        )
        self._diagonalise_long(new, grams)
        half = self._rotated(products, new.starts, new.offsets, new.vectors).T.copy()
        self._extend_hessian(self._rotated(half, self.starts, self._offsets, self._vectors))


def _after(sizes):
    """Return where each of some pieces begins that lie one after the other, and where the last ends."""
    starts = np.zeros(sizes.size + 1, dtype=np.int64)
    np.cumsum(sizes, out=starts[1:])
    return starts
