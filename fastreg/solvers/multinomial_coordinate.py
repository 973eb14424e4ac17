"""Block coordinate descent on a quadratic model of the loss plus the penalty, one prediction per class.

    model(D) = sum_i [v_i.T_i + T_i'H_i T_i / 2] + sum_jk penalty_j(W_jk + D_jk),   T = X D + shift

A block is a feature with its weights in all classes: its gradient is one column times the (n_samples,
n_classes) slopes of the model, and a step changes a row of them for each entry of the column. One weight
alone takes the proximal step of its own curvature. The Hessian of a row, diag(q) - q q' for softmax, is at
most twice its diagonal (Gershgorin), so several weights of a block take steps of half that length, side by
side.
"""

from typing import NamedTuple

import numpy as np

from fastreg.jit import elementwise, kernel, stop_requested

# What `descend_wide` reports, by position.
EPOCHS, UPDATES, READS = range(3)
_TOGETHER = 0.5  # of the step of one weight alone, where several weights of a block move
_ENTRIES_PER_ROW = 8  # visited per row of X until the intercepts follow


class _Rows(NamedTuple):
    """What a block step changes: the slopes of the model."""

    loss: NamedTuple
    y: np.ndarray
    weights: np.ndarray
    slopes: np.ndarray
    step: np.ndarray
    model: np.ndarray

    def add(self, i, amount):
        self.loss.add_curve(self.y[i], self.weights[i], self.slopes[i], amount, self.step, self.model[i])


@elementwise
def _propose(penalty, feature, gradient, along, share, coef, step):
    """Write the proximal steps of the weights of a block; return how many move."""
    moving = 0
    for k in range(step.size):
        length = share * along[k]
        step[k] = penalty.prox(coef[k] - length * gradient[k], length, feature) - coef[k]
        moving += step[k] != 0
    return moving


@elementwise
def _move_intercepts(rows, inverse, shift):
    """Minimise the model over the intercepts."""
    sums = np.zeros(shift.size)
    for i in range(rows.y.size):
        row = rows.model[i]
        for k in range(sums.size):
            sums[k] += row[k]
    for k in range(sums.size):
        rows.step[k] = 0.0
        for m in range(sums.size):
            rows.step[k] -= inverse[k, m] * sums[m]
        shift[k] += rows.step[k]
    for i in range(rows.y.size):
        rows.add(i, 1.0)


@kernel
def descend_wide(
    design, positions, features, entries, penalty, loss, y, weights, slopes, steps, scale, inverse,
    coef, model, shift, report, max_epochs, reduction_wanted, abort,
):  # fmt: skip
    """Sweep over the working set until the largest step falls by a factor; the second line is updated.

    The first sweep visits every feature, the later ones those with a non-zero weight.

    Parameters
    ----------
    design, positions, features, entries
        As for `coordinate.descend`.
    slopes : array of (n_samples, n_classes)
        v, weighted, at which the model is made.
    steps : array of (size, n_classes)
        1 / curvature along each weight; 0 leaves it alone.
    scale : array of size
    inverse : array of (n_classes, n_classes)
        Inverse Hessian of the intercepts; 0 where there are none.
    coef, model, shift : arrays
        Weights; slopes of the model; what was added to the intercepts.
    report : array of 3
        EPOCHS, UPDATES and READS (entries of X) done.
    """
    width = shift.size
    active = np.arange(positions.size)
    gradient, step = np.empty(width), np.empty(width)
    rows = _Rows(loss, y, weights, slopes, step, model)
    visited = 0
    first_violation = 0.0
    for epoch in range(max_epochs):
        violation = 0.0
        for f in active:
            if stop_requested(abort):
                return
            design.dots(positions[f], model, gradient)
            for k in range(width):
                gradient[k] *= scale[f]
            along, weights_of = steps[f], coef[f]
            share = 1.0
            moving = _propose(penalty, features[f], gradient, along, share, weights_of, step)
            if moving > 1:
                share = _TOGETHER
                moving = _propose(penalty, features[f], gradient, along, share, weights_of, step)
            report[READS] += entries[f]
            report[UPDATES] += moving
            if moving > 0:
                for k in range(width):
                    if step[k] != 0:
                        violation = max(violation, abs(step[k]) / (share * along[k]))
                        weights_of[k] += step[k]
                        step[k] *= scale[f]
                design.axpy_through(positions[f], 1.0, rows)
                visited += entries[f]
                if visited > _ENTRIES_PER_ROW * y.size:
                    visited = 0
                    _move_intercepts(rows, inverse, shift)
        if visited > 0:
            visited = 0
            _move_intercepts(rows, inverse, shift)
        report[EPOCHS] += 1
        if epoch == 0:
            first_violation = violation
            filled = np.zeros(active.size, dtype=np.bool_)
            for f in active:
                for k in range(width):
                    filled[f] |= coef[f, k] != 0
            active = active[filled]
        if violation <= reduction_wanted * first_violation:
            break
