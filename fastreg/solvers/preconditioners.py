"""Preconditioners for conjugate gradients on H = scale X' W X scale + D, X centred for an intercept.

Where one side of X is short, and X dense or small, H or its dual (n x n) is factored by Cholesky; so is H
where rows are sparse enough to be multiplied out. Conjugate gradients then need a few steps, however
ill-conditioned H is. Of a dense X that is too large for that a sample of the rows is factored, some ten for
each column, which leaves few steps too (Avron, Maymounkov, Toledo 2010). Elsewhere the diagonal has to do. A
preconditioner changes how soon the answer is found, never the answer.
"""

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from fastreg.solvers.passes import inner_product

# A product of matrices does so many operations in the time in which conjugate gradients read one entry.
_SPEED_OF_PRODUCTS = 16
# Factoring may cost as much as so many steps of conjugate gradients: a quadratic is factored once, and the
# columns of sparse rows (indicators of categories, most often) are far from orthogonal.
_STEPS_FOR_A_QUADRATIC = 50
_STEPS_FOR_A_MODEL = 5
_STEPS_FOR_SPARSE_ROWS = 20
# Adding to a matrix that no cache holds costs so many times as much as reading an entry.
_CACHED, _COST_UNCACHED = 1 << 17, 4
# Rows sampled for each column: at best, and at least. They are multiplied in single precision, twice as fast.
_ROWS_PER_COLUMN, _LEAST_ROWS_PER_COLUMN = 16, 4
_SPEED_OF_SINGLE_PRODUCTS = 2 * _SPEED_OF_PRODUCTS
_RUN = 8  # rows sampled one after the other: their entries of a column share a cache line
# What is added to the diagonal, as a share of it: a factor must survive columns that are alike.
_RIDGE = 1e-12
_DUAL_RIDGE = 1e-5
_SAMPLE_RIDGE = 1e-6
_BLOCK_ENTRIES = 1 << 20


def preconditioner(problem, curvatures, penalty_curvatures):
    """Return the function that applies an approximate inverse of H to a vector, and whether it is H's own.

    Both ask the caller to limit BLAS (`Crew.limit_blas`), which takes longer than a small product.

    Parameters
    ----------
    curvatures : array of n_samples
        W, all positive.
    penalty_curvatures : array of n_features
        D.
    """
    factored = factoring(problem)
    if factored is not None:
        try:
            return factored(problem, curvatures, penalty_curvatures), factored is not _factored_sample
        except LinAlgError:
            pass  # X holds numbers too far apart
    _, diagonal = _moments(problem, curvatures, penalty_curvatures)
    inverse = np.where(diagonal > 0, 1.0 / np.where(diagonal > 0, diagonal, 1.0), 0.0)
    return lambda vector: inverse * vector, False


def _moments(problem, curvatures, penalty_curvatures):
    """Return what is subtracted from each column of X, 0 without an intercept, and the diagonal of H."""
    total = curvatures.sum()
    centring = float(problem.has_intercept)
    mass, squares = problem.matrix.all.moments(curvatures, total, centring)
    return centring * mass / total, problem.scale**2 * squares + penalty_curvatures


def factoring(problem):
    """Return the function that factors H or its dual; None where it would cost more than it saves."""
    matrix = problem.matrix
    n_samples, n_features = matrix.shape
    short = min(n_samples, n_features)
    steps = _STEPS_FOR_A_QUADRATIC if problem.uniform else _STEPS_FOR_A_MODEL
    if matrix.may_be_dense and short * n_samples * n_features <= 2 * matrix.nnz * steps * _SPEED_OF_PRODUCTS:
        return _factored if n_features <= n_samples else _factored_dual
    if matrix.is_dense and _rows_to_sample(matrix, steps) > 0:
        return _factored_sample
    if matrix.by_rows and matrix.pairs_of_entries is not None:
        cost = 1 if n_features * n_features <= _CACHED else _COST_UNCACHED
        factor = n_features**3 // (3 * _SPEED_OF_PRODUCTS)
        steps = max(steps, _STEPS_FOR_SPARSE_ROWS)
        if cost * matrix.pairs_of_entries + factor <= 2 * matrix.nnz * steps:
            return _factored_pairs
    return None


def _rows_to_sample(matrix, steps):
    """Return how many rows it pays to factor, 0 if too few of them."""
    n_samples, n_features = matrix.shape
    affordable = 2 * matrix.nnz * steps * _SPEED_OF_SINGLE_PRODUCTS // (n_features * n_features)
    count = min(_ROWS_PER_COLUMN * n_features, affordable, n_samples // 2)
    return count if count >= _LEAST_ROWS_PER_COLUMN * n_features else 0


def _factored(problem, curvatures, penalty_curvatures):
    """Factor H, equilibrated to a diagonal of ones."""
    mean, diagonal = _moments(problem, curvatures, penalty_curvatures)
    X = problem.matrix.dense()
    n_samples, n_features = problem.matrix.shape
    equal = 1.0 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    spread = problem.scale * equal
    roots = np.sqrt(curvatures)

    def rows(start, stop):
        block = X[start:stop] - mean
        block *= roots[start:stop, None]
        block *= spread
        return block

    matrix = _sum_of_squares(problem, n_samples, n_features, rows)
    return _inverse(matrix, equal, penalty_curvatures)


def _factored_sample(problem, curvatures, penalty_curvatures):
    """Factor H of a sample of the rows, raised to the diagonal of H where it falls short of it."""
    matrix = problem.matrix
    n_samples, n_features = matrix.shape
    mean, diagonal = _moments(problem, curvatures, penalty_curvatures)
    equal = 1.0 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    steps = _STEPS_FOR_A_QUADRATIC if problem.uniform else _STEPS_FOR_A_MODEL
    runs = -(-_rows_to_sample(matrix, steps) // _RUN)
    starts = np.sort(np.random.default_rng(0).choice(n_samples // _RUN, runs, replace=False)) * _RUN
    chosen = (starts[:, None] + np.arange(_RUN)).ravel()
    roots = np.sqrt(curvatures[chosen] * (curvatures.sum() / max(curvatures[chosen].sum(), 1e-300)))
    spread = problem.scale * equal
    columns = matrix.dense().T

    def rows(start, stop):
        block = columns[:, chosen[start:stop]] - mean[:, None]
        block *= roots[start:stop]
        block *= spread[:, None]
        return block.T.astype(np.float32)

    # Few and small blocks: all of this must stay small against X.
    product = _sum_of_squares(problem, chosen.size, n_features, rows, _BLOCK_ENTRIES // 16, 2)
    product = product.astype(np.float64)
    short = np.maximum(1.0 - penalty_curvatures * equal**2 - product.diagonal(), 0.0)
    product[np.diag_indices(n_features)] += np.where(diagonal > 0, short, 0.0) + _SAMPLE_RIDGE * n_features
    return _inverse(product, equal, penalty_curvatures)


def _factored_pairs(problem, curvatures, penalty_curvatures):
    """Factor H, made from the pairs of entries of each row."""
    matrix = problem.matrix.gram(curvatures)
    if problem.has_intercept:
        mass = np.empty(penalty_curvatures.size)
        problem.matrix.transpose_product(curvatures, mass)
        matrix -= np.outer(mass, mass / curvatures.sum())
    diagonal = problem.scale**2 * matrix.diagonal() + penalty_curvatures
    equal = 1.0 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    spread = problem.scale * equal
    matrix *= np.outer(spread, spread)
    return _inverse(matrix, equal, penalty_curvatures)


def _inverse(matrix, equal, penalty_curvatures):
    """Factor matrix + D, equilibrated by ``equal``; return the product with its inverse."""
    size = equal.size
    matrix[np.diag_indices(size)] += penalty_curvatures * equal**2 + _RIDGE * size
    factor = cho_factor(matrix.T, overwrite_a=True, check_finite=False)  # in place: the order of Fortran
    return lambda vector: equal * cho_solve(factor, equal * vector, check_finite=False)


def _factored_dual(problem, curvatures, penalty_curvatures):
    """Factor W^-1 + X D^-1 X' (Woodbury), D raised to a small share of the diagonal where it is 0."""
    mean, diagonal = _moments(problem, curvatures, penalty_curvatures)
    X = problem.matrix.dense()
    n_samples, n_features = problem.matrix.shape
    raised = np.maximum(penalty_curvatures, _DUAL_RIDGE * diagonal.max())
    spread = problem.scale / np.sqrt(raised)

    def columns(start, stop):
        block = X[:, start:stop] - mean[start:stop]
        block *= spread[start:stop]
        return block.T

    matrix = _sum_of_squares(problem, n_features, n_samples, columns)
    matrix[np.diag_indices(n_samples)] += 1.0 / curvatures
    factor = cho_factor(matrix, overwrite_a=True, check_finite=False)
    image, back = np.empty(n_samples), np.empty(n_features)

    def apply(vector):
        scaled = vector / raised
        problem.matrix.product(problem.scale * scaled, image)
        centred = image - inner_product(mean, problem.scale * scaled)
        solved = cho_solve(factor, centred, check_finite=False)
        problem.matrix.transpose_product(solved, back)
        problem.counter.products += 2
        return scaled - problem.scale * (back - mean * solved.sum()) / raised

    return apply


def _sum_of_squares(problem, long, short, block_of, entries=_BLOCK_ENTRIES, most_parts=None):
    """Return the sum of B' B over blocks B of (some, short) that ``block_of(start, stop)`` makes."""
    height = max(1, min(entries // short, 4 * short))
    number = -(-long // height)
    # Partial sums may take as much memory as a few blocks.
    most_parts = most_parts or min(8, 8 * entries // (short * short))
    parts = max(1, min(number, most_parts))
    partial = np.zeros((parts, short, short), dtype=block_of(0, 0).dtype)

    def add(part, start, stop):
        for block in range(start, stop):
            piece = block_of(block * height, min(long, (block + 1) * height))
            partial[part] += piece.T @ piece

    problem.crew.each(add, [number * part // parts for part in range(parts + 1)])
    problem.matrix.count_product(long * short)
    return partial.sum(axis=0)
