"""Anderson extrapolation of a sequence of iterates (Bertrand and Massias 2021, arXiv 2011.10065)."""

from fastreg.jit import elementwise, reduction

MEMORY = 5  # steps that are combined; MEMORY + 1 iterates are kept


@reduction
def _dot_of_steps(after, before, other_after, other_before):
    result = 0.0
    for i in range(after.size):
        result += (after[i] - before[i]) * (other_after[i] - other_before[i])
    return result


@elementwise
def solve_ones(matrix, solution):
    """Solve matrix @ solution = 1 for a small positive definite matrix; return whether it could be.

    ``matrix`` is overwritten by its Cholesky factor.
    """
    size = solution.size
    for i in range(size):
        for k in range(i + 1):
            value = matrix[i, k]
            for m in range(k):
                value -= matrix[i, m] * matrix[k, m]
            if i == k:
                if not value > 0:
                    return False
                matrix[i, i] = value**0.5
            else:
                matrix[i, k] = value / matrix[k, k]
    for i in range(size):
        value = 1.0
        for m in range(i):
            value -= matrix[i, m] * solution[m]
        solution[i] = value / matrix[i, i]
    for i in range(size - 1, -1, -1):
        value = solution[i]
        for m in range(i + 1, size):
            value -= matrix[m, i] * solution[m]
        solution[i] = value / matrix[i, i]
    return True


@elementwise
def extrapolate(history, newest, matrix, weights, out):
    """Write the affine combination of recent iterates whose step is smallest; return whether it exists.

    Parameters
    ----------
    history : array of (MEMORY + 1, size)
        The last iterates, in a ring.
    newest : int
        Row of the latest one.
    matrix : array of (MEMORY, MEMORY)
        Scratch.
    weights : array of MEMORY
        Scratch.
    out : array of size
        Receives sum_k c_k w_k, where sum_k c_k = 1 and sum_k c_k (w_k - w_{k-1}) has least norm.
    """
    rows = history.shape[0]
    largest = 0.0
    for i in range(MEMORY):
        after = (newest + 2 + i) % rows
        before = (newest + 1 + i) % rows
        for k in range(i + 1):
            matrix[i, k] = _dot_of_steps(
                history[after],
                history[before],
                history[(newest + 2 + k) % rows],
                history[(newest + 1 + k) % rows],
            )
        largest = max(largest, matrix[i, i])
    if largest == 0:
        return False
    for i in range(MEMORY):
        matrix[i, i] += 1e-12 * largest  # steps that have become parallel
    if not solve_ones(matrix, weights):
        return False
    total = 0.0
    for i in range(MEMORY):
        total += weights[i]
    for position in range(out.size):
        out[position] = 0.0
    for i in range(MEMORY):
        share = weights[i] / total
        row = history[(newest + 2 + i) % rows]
        for position in range(out.size):
            out[position] += share * row[position]
    return True
