"""Block coordinate descent on a quadratic model plus a penalty of the norms of blocks.

    model(w) = loss + slope.d + d'Hd / 2 + sum_g phi_g(|w_g|_2),    d = w - w at the start

Each block is written in the eigenvectors of its own part of H, where that part is diagonal and norms are
what they were. The exact minimiser over a block, all others fixed, is then a problem in one number
(Yang and Hastie 2024, arXiv 2405.08631): with diagonal h and pull c = h * w_g - slope_g it is

    w = c / (h + theta),   theta * r in the subdifferential of phi_g at r = |w|_2,

and theta * r grows with theta, so that the root is bracketed. As theta / phi' and 1 / r are both nearly
straight in theta, Newton's method on their difference needs two or three steps (More and Sorensen 1983).
"""

from typing import NamedTuple

import numpy as np

from fastreg.jit import elementwise, kernel, reduction, stop_requested
from fastreg.solvers.acceleration import MEMORY, extrapolate
from fastreg.solvers.block_passes import add_rows, read_rows, rotate_back, rotate_vector
from fastreg.solvers.passes import copy_into

# What `descend` reports, by position.
EPOCHS, UPDATES, GAP, VIOLATION = range(4)

_INSIDE = 1 - 2.0**-50  # as in `columns`
_MOST_ROOT_STEPS = 100


class GramModel(NamedTuple):
    """The model by its Hessian: a step of a block costs its size times that of the working set.

    Attributes
    ----------
    hessian : array of (size, size)
    slopes : array of size
        Of the loss, at the iterate.
    first_slopes, first_coef : arrays of size
        Both at the start.
    first_loss : float
    """

    hessian: np.ndarray
    slopes: np.ndarray
    first_slopes: np.ndarray
    first_coef: np.ndarray
    first_loss: float

    def begin(self, coef, starts, offsets, vectors, scratch):
        """Take rotated weights, and the slopes there, not rotated yet, as the start."""
        rotate_vector(starts, offsets, vectors, self.slopes, scratch)
        copy_into(self.slopes, self.first_slopes)
        copy_into(coef, self.first_coef)

    @elementwise
    def read_slopes(self, start, stop, out):
        """Write the slopes in the weights start:stop."""
        for k in range(start, stop):
            out[k] = self.slopes[k]

    def move(self, start, stop, changes):
        """Add changes to the weights start:stop."""
        add_rows(self.hessian, start, stop, changes, self.slopes)

    @reduction
    def loss(self, coef):
        """Return the quadratic model of the loss at the iterate."""
        total = 0.0
        for k in range(coef.size):
            total += (self.slopes[k] + self.first_slopes[k]) * (coef[k] - self.first_coef[k])
        return self.first_loss + 0.5 * total


class ResidualModel(NamedTuple):
    """The model by its columns: a step of a block costs its size times the rows.

    Attributes
    ----------
    columns : array of (size, n_samples)
        Centred, scaled and times the root of the curvatures: Hessian = columns @ columns.T.
    residual : array of n_samples
        With slopes = columns @ residual.
    """

    columns: np.ndarray
    residual: np.ndarray

    def begin(self, coef, starts, offsets, vectors, scratch):
        """Do nothing: the columns are rotated already."""

    def read_slopes(self, start, stop, out):
        """Write the slopes in the weights start:stop."""
        read_rows(self.columns, start, stop, self.residual, out)

    def move(self, start, stop, changes):
        """Add changes to the weights start:stop."""
        add_rows(self.columns, start, stop, changes, self.residual)

    @reduction
    def loss(self, coef):
        """Return the quadratic model of the loss at the iterate."""
        total = 0.0
        for i in range(self.residual.size):
            total += self.residual[i] * self.residual[i]
        return 0.5 * total


@elementwise
def _norm(x):
    squares = 0.0
    for i in range(x.size):
        squares += x[i] * x[i]
    return np.sqrt(squares)


@elementwise
def minimise_block(penalty, g, curvatures, pull, theta, out):
    """Write the minimiser of sum (h w^2 / 2 - c w) + phi_g(|w|); return its theta.

    Parameters
    ----------
    curvatures, pull : arrays
        h, at least 0, and c, which is 0 where h is.
    theta : float
        A guess, such as that of the last time; 0 for none.
    """
    length = _norm(pull)
    left = penalty.prox(length, 1.0, g)
    if left == 0:
        for i in range(out.size):
            out[i] = 0.0
        return 0.0
    low = 0.0
    high = np.inf
    mean = 0.0
    for i in range(pull.size):
        mean += pull[i] * pull[i] * curvatures[i]
    usual = (length - left) * mean / (length * length * left)  # exact where all h are alike
    if theta <= 0:
        theta = usual
    for _ in range(_MOST_ROOT_STEPS):
        squares = 0.0
        cubes = 0.0
        for i in range(pull.size):
            denominator = curvatures[i] + theta
            w = pull[i] / denominator if curvatures[i] > 0 else 0.0
            squares += w * w
            cubes += w * w / denominator if curvatures[i] > 0 else 0.0
        r = np.sqrt(squares)
        point = r * (1 + theta)
        slope = point - penalty.prox(point, 1.0, g)
        excess = slope - theta * r
        if abs(excess) <= 2e-15 * slope:
            break
        if excess > 0:
            low = theta
        else:
            high = theta
        bend = squares * r - slope * cubes
        following = theta + squares * excess / bend if bend != 0 else -1.0
        if following == theta:
            break
        if not low < following < high:
            following = 2 * low + usual if high == np.inf else 0.5 * (low + high)
            if following <= low or following >= high:
                break
        theta = following
    for i in range(pull.size):
        out[i] = pull[i] / (curvatures[i] + theta) if curvatures[i] > 0 else 0.0
    return theta


@elementwise
def _slack(penalty, groups, starts, free, coef, slopes, dual_scale):
    """Return the slack of all blocks at dual_scale * slopes, and the largest critical strength."""
    slack = 0.0
    critical = 0.0
    for b in range(groups.size):
        if free[b]:
            continue
        product = 0.0
        for k in range(starts[b], starts[b + 1]):
            product += coef[k] * slopes[k]
        slope = _norm(slopes[starts[b] : starts[b + 1]])
        critical = max(critical, penalty.critical_strength(slope, groups[b]))
        value = penalty.value(_norm(coef[starts[b] : starts[b + 1]]), groups[b])
        slack += value + penalty.conjugate(dual_scale * slope, groups[b]) + dual_scale * product
    return slack, critical


@elementwise
def _gap(model, penalty, groups, starts, free, coef, slopes):
    """Return P - D of the model."""
    slack, critical = _slack(penalty, groups, starts, free, coef, slopes, 1.0)
    if not 1 < critical < np.inf:
        return slack
    scale = _INSIDE / critical
    scaled, _ = _slack(penalty, groups, starts, free, coef, slopes, scale)
    return min(slack, scaled + (1 - scale) * (1 - scale) * model.loss(coef))


@elementwise
def _penalty(penalty, groups, starts, coef):
    result = 0.0
    for b in range(groups.size):
        result += penalty.value(_norm(coef[starts[b] : starts[b + 1]]), groups[b])
    return result


@kernel
def penalty_of_blocks(penalty, groups, starts, coef):
    """Return the sum of the penalty over blocks."""
    return _penalty(penalty, groups, starts, coef)


@kernel
def gap_of_blocks(penalty, groups, starts, free, coef, slopes):
    """Return the slack at the slopes; the slack at the largest feasible multiple of them; that multiple."""
    slack, critical = _slack(penalty, groups, starts, free, coef, slopes, 1.0)
    if not 1 < critical < np.inf:
        return slack, slack, 1.0
    scale = _INSIDE / critical
    return slack, _slack(penalty, groups, starts, free, coef, slopes, scale)[0], scale


@kernel
def descend(
    model, penalty, groups, starts, offsets, vectors, free, curvatures, coef, thetas, report, target, share,
    full_every, max_epochs, abort,
):  # fmt: skip
    """Rotate the weights, run `_sweeps`, rotate them back; parameters are explained there."""
    scratch = np.empty(coef.size)
    rotate_vector(starts, offsets, vectors, coef, scratch)
    model.begin(coef, starts, offsets, vectors, scratch)
    _sweeps(
        model, penalty, groups, starts, free, curvatures, coef, thetas, report, target, share, full_every,
        max_epochs, abort,
    )  # fmt: skip
    rotate_back(starts, offsets, vectors, coef, scratch)


@elementwise
def _sweeps(
    model, penalty, groups, starts, free, curvatures, coef, thetas, report, target, share, full_every,
    max_epochs, abort,
):  # fmt: skip
    """Sweep over the blocks until the model's gap is at most ``target``; model and coef are updated.

    Parameters
    ----------
    model : GramModel or ResidualModel
    groups, starts : int arrays
        Block b is the penalty's group groups[b], entries starts[b]:starts[b + 1].
    free : bool array
        Blocks that nothing penalises.
    curvatures : array of size
        Eigenvalues of each block.
    coef : array of size
    thetas : array
        Of each block, the last one.
    report : array of 4
        EPOCHS and UPDATES (weights) done, the last GAP, and VIOLATION: the longest step of the last epoch in
        units of the slopes.
    target, share : float
        Stop at this gap, or once the violation is this share of the first epoch's.
    full_every : int
        Each so many epochs all blocks are visited and the gap is computed, else those that are not 0.
    """
    size = coef.size
    slopes = np.empty(size)
    pull = np.empty(size)
    changed = np.empty(size)
    history = np.empty((MEMORY + 1, size))
    matrix = np.empty((MEMORY, MEMORY))
    weights = np.empty(MEMORY)
    candidate = np.empty(size)
    filled = 0
    newest = -1
    first_violation = 0.0
    for epoch in range(max_epochs):
        full = epoch % full_every == 0
        violation = 0.0
        for b in range(groups.size):
            start = starts[b]
            stop = starts[b + 1]
            held = True
            for k in range(start, stop):
                held = held and coef[k] == 0
            if held and not full:
                continue
            if stop_requested(abort):
                return
            model.read_slopes(start, stop, slopes)
            for k in range(start, stop):
                # Where nothing varies the slope is rounding.
                pull[k] = curvatures[k] * coef[k] - slopes[k] if curvatures[k] > 0 else 0.0
            theta = minimise_block(
                penalty, groups[b], curvatures[start:stop], pull[start:stop], thetas[b], changed[start:stop]
            )
            thetas[b] = theta
            step = 0.0
            for k in range(start, stop):
                unseen = free[b] and curvatures[k] == 0
                change = 0.0 if unseen else changed[k] - coef[k]
                coef[k] += change
                changed[k] = change
                step += ((curvatures[k] + theta) * change) ** 2
            if step > 0:
                model.move(start, stop, changed)
                report[UPDATES] += stop - start
            violation = max(violation, np.sqrt(step))
        report[EPOCHS] += 1
        report[VIOLATION] = violation
        first_violation = max(first_violation, violation)
        if full:
            model.read_slopes(0, size, slopes)
            report[GAP] = _gap(model, penalty, groups, starts, free, coef, slopes)
            if report[GAP] <= target or violation <= share * first_violation:
                return
        newest = (newest + 1) % (MEMORY + 1)
        copy_into(coef, history[newest])
        filled += 1
        if filled > MEMORY:
            filled = 0
            if extrapolate(history, newest, matrix, weights, candidate):
                before = model.loss(coef) + _penalty(penalty, groups, starts, coef)
                copy_into(coef, pull)
                _move_to(model, starts, candidate, coef, changed)
                if not model.loss(coef) + _penalty(penalty, groups, starts, coef) < before:
                    _move_to(model, starts, pull, coef, changed)


@elementwise
def _move_to(model, starts, target, coef, changed):
    """Move the iterate to other weights."""
    for b in range(starts.size - 1):
        moved = False
        for k in range(starts[b], starts[b + 1]):
            changed[k] = target[k] - coef[k]
            moved = moved or changed[k] != 0
            coef[k] = target[k]
        if moved:
            model.move(starts[b], starts[b + 1], changed)
