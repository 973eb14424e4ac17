"""The minimum of a quadratic plus a separable penalty, from its Gram matrix.

    minimise over d:  gradient.d + d'Gd / 2 + sum_j penalty_j(w_j + d_j)

Coordinate descent finds the support: an update costs one row of G, whatever the number of samples. Then a
semismooth Newton step, a Cholesky factor of G on the support, lands on the minimum itself, where plain
coordinate descent would take hundreds of sweeps. A step is accepted only if the model falls, so neither
copies of columns (G is singular) nor a support found too early do harm: coordinate descent goes on.
"""

import numpy as np
from scipy.linalg import lapack

from fastreg.jit import elementwise, kernel, stop_requested
from fastreg.solvers.acceleration import MEMORY, extrapolate
from fastreg.solvers.passes import copy_into
from fastreg.solvers.support import add_row, curvatures_of, factorise, finish

_SETTLED = 3  # sweeps without a change of sign after which the support is taken for found
_LEAST_SWEEPS = 20  # before a Newton step is tried without that
_FACTOR_OF_SWEEPS = 8  # a Cholesky factor of a by a costs as much as a / 8 sweeps
_SMALL = 128  # a system that LAPACK factors no sooner than it is asked to
_PATIENCE = 5  # rounds without progress
_RIDGE = 1e-13  # added to the diagonal, as a share of it: copies of columns leave a factor

# What `sweep` reports, by position.
SWEEPS, UPDATES, FIRST, LAST = range(4)


@elementwise
def _change_of_penalty(penalty, features, before, after):
    result = 0.0
    for k in range(features.size):
        if before[k] != after[k]:
            result += penalty.value(after[k], features[k]) - penalty.value(before[k], features[k])
    return result


@kernel
def sweep(matrix, gradient, features, penalty, steps, coef, report, most, target, abort):
    """Sweep over all coordinates until the largest step is at most ``target`` or signs have settled.

    Parameters
    ----------
    matrix : array of (size, size)
        G.
    gradient, coef : arrays of size
        Of the model, and w; both are updated.
    features : int array
        Numbers in the penalty.
    steps : array of size
        1 / G_kk; 0 leaves a coordinate alone.
    report : array of 4
        SWEEPS and UPDATES done are added; FIRST and LAST are the largest steps of the first and the last
        sweep, in units of the gradient.
    most : int
        Sweeps at most.
    target : float
    abort : int64 array
    """
    size = coef.size
    history = np.empty((MEMORY + 1, size))
    scratch = np.empty((MEMORY, MEMORY))
    weights = np.empty(MEMORY)
    candidate = np.empty(size)
    image = np.empty(size)
    newest = -1
    filled = 0
    settled = 0
    for number in range(most):
        largest = 0.0
        same = True
        for k in range(size):
            step = steps[k]
            if step == 0:
                continue
            weight = penalty.prox(coef[k] - step * gradient[k], step, features[k])
            change = weight - coef[k]
            if change != 0:
                if stop_requested(abort):
                    return
                add_row(change, matrix[k], gradient)
                if np.sign(weight) != np.sign(coef[k]):
                    same = False
                coef[k] = weight
                largest = max(largest, abs(change) / step)
                report[UPDATES] += 1
        report[SWEEPS] += 1
        report[LAST] = largest
        if number == 0:
            report[FIRST] = largest
        settled = settled + 1 if same else 0
        if largest <= target or settled >= _SETTLED:
            return
        newest = (newest + 1) % (MEMORY + 1)
        copy_into(coef, history[newest])
        filled += 1
        if filled > MEMORY:
            filled = 0
            if extrapolate(history, newest, scratch, weights, candidate):
                for k in range(size):
                    image[k] = 0.0
                change_of_loss = 0.0
                for k in range(size):
                    change = candidate[k] - coef[k]
                    if change != 0:
                        add_row(change, matrix[k], image)
                        change_of_loss += change * gradient[k]
                for k in range(size):
                    change_of_loss += 0.5 * (candidate[k] - coef[k]) * image[k]
                if change_of_loss + _change_of_penalty(penalty, features, coef, candidate) < 0:
                    copy_into(candidate, coef)
                    add_row(1.0, image, gradient)


@kernel
def add_rows(matrix, rows, amounts, out):
    """Add amounts[k] * matrix[rows[k]] to out."""
    for k in range(rows.size):
        if amounts[k] != 0:
            add_row(amounts[k], matrix[rows[k]], out)


class Quadratic:
    """The model over a working set.

    Parameters
    ----------
    problem : Problem
    matrix : array of (size, size)
        G.
    features : int array
    steps : array
        1 / G_kk, 0 for columns that are left alone.
    """

    def __init__(self, problem, matrix, features, steps):
        self._problem = problem
        self._matrix = matrix
        self._features = features
        self._steps = steps

    def minimise(self, coef, gradient, share):
        """Move coef to where the largest step is at most a share of the first; gradient follows."""
        report = np.zeros(4)
        target, lowest, idle = 0.0, np.inf, 0
        while idle < _PATIENCE and not self._problem.crew.abort[0]:
            self._sweep(self._matrix, gradient, slice(None), coef, report, 1, target)
            target = target or share * report[FIRST]
            if report[LAST] <= target:
                break
            idle = 0 if report[LAST] < 0.9 * lowest else idle + 1
            lowest = min(lowest, report[LAST])
            self._minimise_on_support(coef, gradient, report, 0.5 * target)
        counter = self._problem.counter
        counter.epochs += int(report[SWEEPS])
        counter.coordinate_updates += int(report[UPDATES])

    def _sweep(self, matrix, gradient, chosen, coef, report, most, target):
        problem = self._problem
        problem.crew.alone(
            sweep, most * coef.size * coef.size,
            matrix, gradient, self._features[chosen], problem.penalty, self._steps[chosen], coef, report,
            most, target, problem.crew.abort,
        )  # fmt: skip

    def _minimise_on_support(self, coef, gradient, report, target):
        """Minimise over the weights that are not 0, until the largest step is at most ``target``."""
        support = np.flatnonzero(coef)
        matrix = np.ascontiguousarray(self._matrix[np.ix_(support, support)])
        part, slopes = coef[support], gradient[support]
        most = max(_LEAST_SWEEPS, support.size // _FACTOR_OF_SWEEPS)
        self._sweep(matrix, slopes, support, part, report, most, target)
        if report[LAST] > target and not self._problem.crew.abort[0]:
            self._finish(matrix, slopes, support, part)
        add_rows(self._matrix, support, part - coef[support], gradient)
        coef[support] = part

    def _finish(self, matrix, gradient, support, coef):
        """Move to the minimum for the signs that last, by Newton steps with one Cholesky factor."""
        problem, features = self._problem, self._features[support]
        curvatures = np.empty(coef.size)
        curvatures_of(problem.penalty, features, coef, curvatures)
        members = np.flatnonzero(np.isfinite(curvatures) & (self._steps[support] > 0))
        system = matrix.copy() if members.size == coef.size else matrix[np.ix_(members, members)]
        diagonal = np.diag_indices(members.size)
        system[diagonal] = (system[diagonal] + curvatures[members]) * (1 + _RIDGE * members.size)
        if members.size and self._factorise(system):
            problem.counter.newton_solves += finish(
                system, members, matrix, gradient, features, problem.penalty, coef, problem.crew.abort
            )

    def _factorise(self, system):
        """Overwrite the upper triangle by its Cholesky factor; return whether it could be."""
        if system.shape[0] <= _SMALL:
            return factorise(system)
        self._problem.crew.limit_blas()
        return lapack.dpotrf(system.T, lower=1, clean=0, overwrite_a=1)[1] == 0
