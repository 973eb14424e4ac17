"""Block coordinate descent on a quadratic model of the loss plus the penalty, one prediction per class.

    model(D) = sum_i [v_i.T_i + T_i'H_i T_i / 2] + sum_jk penalty_j(W_jk + D_jk),   T = X D + shift

A block is a feature with its weights in all classes: its gradient is one column times the (n_samples,
n_classes) slopes of the model, and a step changes a row of them for each entry of the column. The Hessian of
a row, diag(q) - q q' for softmax, is at most twice its diagonal (Gershgorin), so the weights of a block take
proximal steps side by side.
"""

from typing import NamedTuple

import numpy as np

from fastreg.jit import elementwise, kernel, stop_requested

# What `descend_wide` reports, by position.
EPOCHS, UPDATES, READS = range(3)
_ENTRIES_PER_ROW = 8  # visited per row of X until the intercepts follow


class _Rows(NamedTuple):
    """What a block step changes: predictions of the model and its slopes."""

    loss: NamedTuple
    y: np.ndarray
    weights: np.ndarray
    slopes: np.ndarray
    step: np.ndarray
    curved: np.ndarray
    change: np.ndarray
    model: np.ndarray

    def add(self, i, amount):
        self.loss.curve(self.y[i], self.weights[i], self.slopes[i], self.step, self.curved)
        change, model = self.change[i], self.model[i]
        for k in range(self.step.size):
            change[k] += amount * self.step[k]
            model[k] += amount * self.curved[k]


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
    coef, change, model, shift, report, max_epochs, reduction_wanted, abort,
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
        1 / curvature bound along each weight; 0 leaves it alone.
    scale : array of size
    inverse : array of (n_classes, n_classes)
        Inverse Hessian of the intercepts; 0 where there are none.
    coef, change, model, shift : arrays
        Weights; predictions of the model less those at the start; its slopes; the intercepts' part.
    report : array of 3
        EPOCHS, UPDATES and READS (entries of X) done.
    """
    width = shift.size
    active = np.arange(positions.size)
    gradient, curved, step = np.empty(width), np.empty(width), np.empty(width)
    rows = _Rows(loss, y, weights, slopes, step, curved, change, model)
    visited = 0
    first_violation = 0.0
    for epoch in range(max_epochs):
        violation = 0.0
        for f in active:
            if stop_requested(abort):
                return
            design.dots(positions[f], model, gradient)
            moved = False
            for k in range(width):
                along = steps[f, k]
                weight = penalty.prox(coef[f, k] - along * scale[f] * gradient[k], along, features[f])
                delta = weight - coef[f, k]
                step[k] = delta * scale[f]
                if delta != 0:
                    moved = True
                    coef[f, k] = weight
                    violation = max(violation, abs(delta) / along)
                    report[UPDATES] += 1
            report[READS] += entries[f]
            if moved:
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
