"""Cyclic coordinate descent on a quadratic model of the loss plus the penalty.

    model(d) = v.Xd + (Xd + c)'H(Xd + c) / 2 + sum_j penalty_j(w_j + d_j),   H = diag(curvatures)

The constant c (the intercept's part) is minimised out: with mass_j = sum_i h_i x_ij the columns are
centred by mean_j = mass_j / sum_i h_i. Neither X nor the slopes are centred in memory. The true
slopes are ``slopes + shift * h`` and sum to 0, so that

    (x_j - mean_j).(slopes + shift * h) = x_j.slopes + shift * mass_j
    adding a * (x_j - mean_j) to the prediction adds a * h * x_j to slopes and -a * mean_j to shift:

O(nnz_j) for every coordinate, two scalars for the rest. Without an intercept mass and mean are 0.
"""

import numpy as np

from fastreg.jit import at, elementwise, kernel, reduction, stop_requested
from fastreg.solvers.acceleration import MEMORY, extrapolate
from fastreg.solvers.passes import copy_into, sum_of_penalties

_TINY = 1e-300
# What `descend` reports, by position.
EPOCHS, UPDATES, READS, VIOLATION, SHIFT = range(5)


@reduction
def _quadratic(slopes, shift, curvatures):
    """Return half the sum of (slopes + shift * h)**2 / h: the model's loss up to a constant."""
    result = 0.0
    for i in range(slopes.size):
        h = at(curvatures, i)
        v = slopes[i] + shift * h
        result += v * v / max(h, _TINY)  # a row of weight 0 has neither
    return 0.5 * result


@elementwise
def _move(design, j, change, curvatures, slopes, mean):
    """Add change * (x_j - mean) to the prediction; return what that adds to shift."""
    design.axpy(j, change, curvatures, slopes)
    return -change * mean


@kernel
def descend(
    design, positions, features, entries, penalty, curvatures, steps, scale, mass, mean,
    coef, slopes, report, max_epochs, reduction_wanted, abort,
):  # fmt: skip
    """Sweep over the working set until the largest step falls by a factor; all arrays are updated.

    The first sweep visits every column, the later ones those whose weight it left non-zero.

    Parameters
    ----------
    design, positions : design, int array
        Column k of the working set is vector positions[k].
    features : int array
        Its number in the penalty.
    entries : int array
        How many entries of X it has.
    curvatures : float or array of n_samples
        h; one number where it is the same for all rows.
    steps : array
        1 / curvature of the model along each (scaled, centred) column; 0 leaves a column alone.
    scale, mass, mean : arrays
        See the module.
    coef, slopes : arrays
        The iterate, and the slopes of the model at it.
    report : array of 5
        EPOCHS, UPDATES and READS (entries of X) done; VIOLATION of the last epoch, in units of the
        gradient; SHIFT.
    max_epochs : int
    reduction_wanted : float
        Stop once VIOLATION is this share of the first epoch's.
    abort : int64 array
        Abort word, asked before each column.
    """
    size = positions.size
    shift = report[SHIFT]
    active = np.flatnonzero(steps)
    history = np.empty((MEMORY + 1, size))
    matrix = np.empty((MEMORY, MEMORY))
    weights = np.empty(MEMORY)
    candidate = np.empty(size)
    saved = np.empty(slopes.size)
    filled = 0
    newest = -1
    first_violation = 0.0
    for epoch in range(max_epochs):
        violation = 0.0
        for k in active:
            if stop_requested(abort):
                report[SHIFT] = shift
                return
            step = steps[k]
            j = positions[k]
            gradient = scale[k] * (design.dot(j, slopes) + shift * mass[k])
            weight = penalty.prox(coef[k] - step * gradient, step, features[k])
            change = weight - coef[k]
            if change != 0:
                shift += _move(design, j, change * scale[k], curvatures, slopes, mean[k])
                coef[k] = weight
                violation = max(violation, abs(change) / step)
                report[UPDATES] += 1
        report[EPOCHS] += 1
        report[VIOLATION] = violation
        report[READS] += entries[active].sum()
        if epoch == 0:
            first_violation = violation
            active = active[coef[active] != 0]
        if violation <= reduction_wanted * first_violation:
            break
        newest = (newest + 1) % (MEMORY + 1)
        copy_into(coef, history[newest])
        filled += 1
        if filled > MEMORY:
            filled = 0
            if extrapolate(history, newest, matrix, weights, candidate):
                before = _quadratic(slopes, shift, curvatures) + sum_of_penalties(penalty, features, coef)
                copy_into(slopes, saved)
                saved_shift = shift
                for k in range(size):
                    if stop_requested(abort):
                        return  # half-way, and thrown away: only certified iterates are kept
                    change = candidate[k] - coef[k]
                    if change != 0:
                        shift += _move(design, positions[k], change * scale[k], curvatures, slopes, mean[k])
                after = _quadratic(slopes, shift, curvatures) + sum_of_penalties(penalty, features, candidate)
                if after < before:
                    copy_into(candidate, coef)
                else:
                    copy_into(saved, slopes)
                    shift = saved_shift
    report[SHIFT] = shift
