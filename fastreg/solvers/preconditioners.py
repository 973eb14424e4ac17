"""Preconditioners for conjugate gradients on H = scale X' W X scale + D, X centred for an intercept.

Where one side of X is short, and X dense or small, H or its dual (n x n) is factored by Cholesky:
conjugate gradients then need a few steps, however ill-conditioned H is. Elsewhere the diagonal has to do.
A preconditioner changes how soon the answer is found, never the answer.
"""

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from fastreg.solvers.passes import inner_product

# A product of matrices does so many operations in the time in which conjugate gradients read one entry.
_SPEED_OF_PRODUCTS = 16
# Factoring may cost as much as so many steps of conjugate gradients: a quadratic is factored once.
_STEPS_FOR_A_QUADRATIC = 50
_STEPS_FOR_A_MODEL = 5
# What is added to the diagonal, as a share of it: a factor must survive columns that are alike.
_RIDGE = 1e-12
_DUAL_RIDGE = 1e-5
_BLOCK_ENTRIES = 1 << 20


def preconditioner(problem, curvatures, mean, diagonal, penalty_curvatures):
    """Return the function that applies an approximate inverse of H to a vector.

    Both ask the caller to hold `team.single_threaded_blas`, which takes longer than a small product.

    Parameters
    ----------
    curvatures : array of n_samples
        W, all positive.
    mean : array of n_features
        What is subtracted from each column of X; 0 without an intercept.
    diagonal, penalty_curvatures : arrays of n_features
        Of H, and D.
    """
    n_samples, n_features = problem.matrix.shape
    short = min(n_samples, n_features)
    steps = _STEPS_FOR_A_QUADRATIC if problem.uniform else _STEPS_FOR_A_MODEL
    if short * n_samples * n_features <= 2 * problem.matrix.nnz * steps * _SPEED_OF_PRODUCTS:
        X = problem.matrix.dense()
        if X is not None:
            factored = _factored if n_features <= n_samples else _factored_dual
            try:
                return factored(problem, X, curvatures, mean, diagonal, penalty_curvatures)
            except LinAlgError:
                pass  # X holds numbers too far apart
    inverse = np.where(diagonal > 0, 1.0 / np.where(diagonal > 0, diagonal, 1.0), 0.0)
    return lambda vector: inverse * vector


def _factored(problem, X, curvatures, mean, diagonal, penalty_curvatures):
    """Factor H, equilibrated to a diagonal of ones."""
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
    matrix[np.diag_indices(n_features)] += penalty_curvatures * equal**2 + _RIDGE * n_features
    factor = cho_factor(matrix, overwrite_a=True, check_finite=False)

    return lambda vector: equal * cho_solve(factor, equal * vector, check_finite=False)


def _factored_dual(problem, X, curvatures, mean, diagonal, penalty_curvatures):
    """Factor W^-1 + X D^-1 X' (Woodbury), D raised to a small share of the diagonal where it is 0."""
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
