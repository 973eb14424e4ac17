"""Preconditioners for conjugate gradients with one prediction per class.

Where there are few weights the whole Hessian is factored by Cholesky, elsewhere its diagonal serves. A
preconditioner changes how soon the answer is found, never the answer.
"""

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from fastreg.jit import kernel
from fastreg.solvers import multinomial_passes as wide
from fastreg.solvers.multinomial_problem import flat_inverse

# Factoring may cost as much as so many steps of conjugate gradients.
_STEPS = 200
_RIDGE = 1e-12
# Sums of squares that are smaller than this share of those about 0 are rounding.
_LEAST_CENTRED = 1e-10
_CONSTANT = 1e-24
_BLOCK_ENTRIES = 1 << 18


@kernel
def _row_hessians(first, loss, y, weights, slopes, out):
    """Add the Hessian of row first + i to out[i]."""
    for i in range(out.shape[0]):
        loss.couple(y[first + i], weights[first + i], slopes[first + i], out[i])


def preconditioner(problem, slopes, penalty_curvatures):
    """Return the function that applies an approximate inverse of the Hessian to a flat vector.

    The caller limits BLAS (`Crew.limit_blas`).

    Parameters
    ----------
    slopes : array of (n_samples, n_classes)
        Where the Hessian is that of.
    penalty_curvatures : array of n_weights
        Second derivatives of the penalty.
    """
    n_samples, size = problem.y.size, problem.numbers.size
    affordable = size + size * size / n_samples <= 4 * _STEPS
    if affordable and problem.matrix.dense() is not None:
        try:
            return _factored(problem, slopes, penalty_curvatures)
        except LinAlgError:
            pass  # X holds numbers too far apart
    spread = np.empty_like(slopes)
    problem.crew.each(wide.spread_rows, problem.row_bounds, problem.loss, problem.weights, slopes, spread)
    mass, squares = problem.matrix.moments(spread)
    if problem.has_intercept:
        totals = spread.sum(axis=0)
        centred = squares - mass * mass / np.where(totals > 0, totals, 1.0)
        squares = np.maximum(centred, _LEAST_CENTRED * squares)
    squares *= (problem.scale**2)[:, None]
    diagonal = squares.reshape(-1) + penalty_curvatures
    inverse = np.where(diagonal > 0, 1.0 / np.where(diagonal > 0, diagonal, 1.0), 0.0)
    return lambda vector: inverse * vector


def _factored(problem, slopes, penalty_curvatures):
    """Factor the Hessian, intercepts minimised out, equilibrated to a diagonal of ones.

    In the directions that change no probability (a number added to a feature's weights in all classes) the
    gradient is 0 and the Hessian singular without a penalty: it gets a curvature there.
    """
    X, width = problem.matrix.dense(), problem.width
    n_samples, n_features = X.shape
    matrix = np.zeros((n_features, width, n_features, width))
    mixed = np.zeros((n_features, width, width))
    centre = problem.weights @ X if problem.has_intercept else 0.0
    height = max(1, _BLOCK_ENTRIES // (n_features + width * width))
    for start in range(0, n_samples, height):
        block = (X[start : start + height] - centre) * problem.scale
        hessians = np.zeros((block.shape[0], width, width))
        _row_hessians(start, problem.loss, problem.y, problem.weights, slopes, hessians)
        mixed += (block.T @ hessians.reshape(-1, width * width)).reshape(mixed.shape)
        for k in range(width):
            for m in range(k + 1):
                part = (block * hessians[:, k, m, None]).T @ block
                matrix[:, k, :, m] += part
                if m < k:
                    matrix[:, m, :, k] += part
    problem.matrix.count(problem.matrix.nnz)
    size = n_features * width
    diagonals = np.einsum("jkjk->jk", matrix)
    gauges = diagonals.mean(axis=1) / width
    matrix[np.arange(n_features), :, np.arange(n_features), :] += gauges[:, None, None]
    matrix = matrix.reshape(size, size)
    coupling = problem.coupling(slopes)
    if problem.has_intercept:
        mixed = mixed.reshape(size, width)
        matrix -= mixed @ flat_inverse(coupling) @ mixed.T
    matrix[np.diag_indices(size)] += penalty_curvatures
    diagonal = np.diag(matrix).copy()
    about_zero = np.outer(problem.weights @ (X * X) * problem.scale**2, np.diag(coupling)).ravel()
    usable = diagonal > _CONSTANT * about_zero  # a constant column cannot be told from the intercepts
    equal = np.where(usable, 1.0 / np.sqrt(np.where(usable, diagonal, 1.0)), 0.0)
    matrix *= equal
    matrix *= equal[:, None]
    matrix[np.diag_indices(size)] += _RIDGE * size + ~usable
    factor = cho_factor(matrix, overwrite_a=True, check_finite=False)
    return lambda vector: equal * cho_solve(factor, equal * vector, check_finite=False)
