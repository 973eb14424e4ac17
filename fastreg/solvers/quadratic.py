"""The minimum of a quadratic plus a separable penalty, from its Gram matrix.

    minimise over d:  gradient.d + d'Gd / 2 + sum_j penalty_j(w_j + d_j)

Coordinate descent finds the support: an update costs one row of G, whatever the number of samples. Then a
semismooth Newton step, a Cholesky factor of G on the support, lands on the minimum itself, where plain
coordinate descent would take hundreds of sweeps. A step is accepted only if the model falls, so neither
copies of columns (G is singular) nor a support found too early do harm: coordinate descent goes on. The
factor stays for as long as the support changes little: then Newton steps come before any sweep.
"""

import numpy as np

from fastreg.jit import cholesky, elementwise, kernel, stop_requested
from fastreg.solvers.acceleration import MEMORY, extrapolate
from fastreg.solvers.factor import RIDGE, Factor, adapt
from fastreg.solvers.gram import copy_square
from fastreg.solvers.passes import copy_into
from fastreg.solvers.support import add_row, curvatures_of, factorise, finish

_SETTLED = 3  # sweeps without a change of sign after which the support is taken for found
_LEAST_SWEEPS = 20  # before a Newton step is tried without that
_FACTOR_OF_SWEEPS = 8  # a Cholesky factor of a by a costs as much as a / 8 sweeps
_SMALL = 128  # a system that LAPACK factors no sooner than it is asked to
_PATIENCE = 5  # rounds without progress
_IGNORED = 1e-3  # of the step that is aimed at: smaller ones are not worth a row of G

# What `sweep` and `follow` report, by position.
SWEEPS, UPDATES, LAST, SOLVES = range(4)


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
        SWEEPS and UPDATES done are added; LAST is the largest step of the last sweep, in units of the
        gradient.
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
    for _ in range(most):
        largest = 0.0
        same = True
        for k in range(size):
            step = steps[k]
            if step == 0:
                continue
            weight = penalty.prox(coef[k] - step * gradient[k], step, features[k])
            change = weight - coef[k]
            largest = max(largest, abs(change) / step)
            if abs(change) > _IGNORED * target * step:
                if stop_requested(abort):
                    return
                add_row(change, matrix[k], gradient)
                if np.sign(weight) != np.sign(coef[k]):
                    same = False
                coef[k] = weight
                report[UPDATES] += 1
        report[SWEEPS] += 1
        report[LAST] = largest
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
def largest_step(gradient, features, penalty, steps, coef):
    """Return the largest step that any coordinate would take, in units of the gradient."""
    largest = 0.0
    for k in range(coef.size):
        step = steps[k]
        if step > 0:
            weight = penalty.prox(coef[k] - step * gradient[k], step, features[k])
            largest = max(largest, abs(weight - coef[k]) / step)
    return largest


@kernel
def follow(
    matrix, gradient, features, penalty, steps, coef, report, target, factor, size, members, kept, abort
):
    """Take Newton steps and sweeps in turn for as long as the factor follows the support.

    Parameters
    ----------
    matrix, gradient, features, penalty, steps, coef, report, target, abort
        As for `sweep`; the systems that were solved are added to SOLVES.
    factor, size, members, kept
        See `factor.adapt`.

    Returns
    -------
    factor, size
    """
    for number in range(_PATIENCE):
        factor, size, follows = adapt(
            factor, size, members, kept, matrix, features, penalty, steps, coef
        )  # fmt: skip
        if follows:
            size, solved = finish(
                factor, size, members, matrix, gradient, features, penalty, coef, abort
            )  # fmt: skip
            report[SOLVES] += solved
        elif number > 0:
            break
        sweep(matrix, gradient, features, penalty, steps, coef, report, 1, target, abort)
        if report[LAST] <= target or stop_requested(abort):
            break
    return factor, size


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
        Whose penalty may change from one minimisation to the next.
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
        self._factor = Factor(steps.size)

    def minimise(self, coef, gradient, share):
        """Move coef to where the largest step is at most a share of the first; gradient follows."""
        problem = self._problem
        report = np.zeros(4)
        target = share * largest_step(gradient, self._features, problem.penalty, self._steps, coef)
        lowest, idle = np.inf, 0
        while idle < _PATIENCE and not problem.crew.abort[0]:
            self._follow(coef, gradient, report, target)
            if report[LAST] <= target:
                break
            idle = 0 if report[LAST] < 0.9 * lowest else idle + 1
            lowest = min(lowest, report[LAST])
            self._minimise_on_support(coef, gradient, report, 0.5 * target)
        counter = problem.counter
        counter.epochs += int(report[SWEEPS])
        counter.coordinate_updates += int(report[UPDATES])
        counter.newton_solves += int(report[SOLVES])

    def _follow(self, coef, gradient, report, target):
        problem, factor = self._problem, self._factor
        factor.rows, factor.size = problem.crew.alone(
            follow, 4 * _PATIENCE * coef.size * coef.size,
            self._matrix, gradient, self._features, problem.penalty, self._steps, coef, report, target,
            factor.rows, factor.size, factor.members, factor.curvatures, problem.crew.abort,
        )  # fmt: skip

    def _minimise_on_support(self, coef, gradient, report, target):
        """Minimise over the weights that are not 0, until the largest step is at most ``target``."""
        problem, support = self._problem, np.flatnonzero(coef)
        self._factor.forget()  # it did not follow, and takes as much room as what comes now
        part, slopes, matrix = coef[support], gradient[support], self._square(support)
        most = max(_LEAST_SWEEPS, support.size // _FACTOR_OF_SWEEPS)
        problem.crew.alone(
            sweep, most * part.size * part.size,
            matrix, slopes, self._features[support], problem.penalty, self._steps[support], part, report,
            most, target, problem.crew.abort,
        )  # fmt: skip
        del matrix
        add_rows(self._matrix, support, part - coef[support], gradient)
        coef[support] = part
        if report[LAST] > target and not problem.crew.abort[0]:
            self._factorise(support[part != 0], part[part != 0])

    def _factorise(self, support, coef):
        """Make the factor of a support anew: `follow` takes the Newton steps."""
        problem = self._problem
        curvatures = np.empty(coef.size)
        curvatures_of(problem.penalty, self._features[support], coef, curvatures)
        movable = np.isfinite(curvatures) & (self._steps[support] > 0)
        members, curvatures = support[movable], curvatures[movable]
        system = self._square(members)
        diagonal = np.diag_indices(members.size)
        system[diagonal] = (system[diagonal] + curvatures) * (1 + RIDGE * members.size)
        if members.size <= _SMALL:
            exists = factorise(system)
        else:
            problem.crew.limit_blas()
            exists = cholesky(system)
        if exists:
            self._factor.take(system, members, curvatures)

    def _square(self, chosen):
        """Return the rows and columns of G that bear some numbers."""
        result = np.empty((chosen.size, chosen.size))
        copy_square(self._matrix, chosen, result)
        return result
