"""Preconditioners for conjugate gradients on H = scale X' W X scale + D, X centred for an intercept.

Where one side of X is short, and X dense or small, H or its dual (n x n) is factored by Cholesky; so is H
where rows are sparse enough to be multiplied out. Conjugate gradients then need a few steps, however
ill-conditioned H is. Elsewhere the diagonal has to do. A preconditioner changes how soon the answer is found,
never the answer.
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
# What is added to the diagonal, as a share of it: a factor must survive columns that are alike.
_RIDGE = 1e-12
_DUAL_RIDGE = 1e-5
_BLOCK_ENTRIES = 1 << 20


def preconditioner(problem, curvatures, penalty_curvatures):
    """Return the function that applies an approximate inverse of H to a vector, and whether it is near H's.

    Both ask the caller to hold `team.single_threaded_blas`, which takes longer than a small product.

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
            return factored(problem, curvatures, penalty_curvatures), True
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
    if matrix.by_rows and matrix.pairs_of_entries is not None:
        cost = 1 if n_features * n_features <= _CACHED else _COST_UNCACHED
        factor = n_features**3 // (3 * _SPEED_OF_PRODUCTS)
        steps = max(steps, _STEPS_FOR_SPARSE_ROWS)
        if cost * matrix.pairs_of_entries + factor <= 2 * matrix.nnz * steps:
            return _factored_pairs
    return None


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
    factor = cho_factor(matrix, overwrite_a=True, check_finite=False)
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


def _sum_of_squares(problem, long, short, block_of):
    """Return the sum of B' B over blocks B of (some, short) that ``block_of(start, stop)`` makes."""
    height = max(1, min(_BLOCK_ENTRIES // short, 4 * short))
    number = -(-long // height)
    # Partial sums may take as much memory as a few blocks.
    parts = max(1, min(number, 8, 8 * _BLOCK_ENTRIES // (short * short)))
    partial = np.zeros((parts, short, short))

    def add(part, start, stop):
        for block in range(start, stop):
            piece = block_of(block * height, min(long, (block + 1) * height))
            partial[part] += piece.T @ piece

    problem.crew.each(add, [number * part // parts for part in range(parts + 1)])
    problem.matrix.count_product(long * short)
    return partial.sum(axis=0)
