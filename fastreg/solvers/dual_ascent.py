"""Stochastic dual coordinate ascent: the first, fast part of the way where the penalty is quadratic.

With slopes u_i and weights s_i the dual of sum_i s_i loss(z_i) + sum_j D_j w_j**2 / 2 fixes the weights,

    w_j = -1 / D_j sum_i s_i u_i x_ij,

and a step on one u_i is the proximal step of the loss at prediction z_i. With q_i = s_i sum_j x_ij**2 / D_j

    u_i <- loss'(t)  where  t + q_i (loss'(t) - u_i) = z_i.

An epoch reads each row once. Where rows are not too alike it does what several steps of conjugate gradients
do, which read X as often. The last digits are left to Newton steps.

Rows are visited in shuffled buckets of consecutive rows. Two shards of the buckets are worked on at once,
each with its own copy of the weights; the copies are merged a few times per epoch. Where both shards move the
same way their sum moves too far, so each takes steps as if q_i were larger by a factor, its `caution`: from
1, right for moves that are orthogonal, to 2, right for any. It follows from what the last merge saw. There
are two shards however many threads there are: the result does not depend on threads.

An intercept b asks for sum_i s_i u_i = 0. It stays while rows are visited, and is moved against that sum at
each merge, as fast as the sum was seen to answer.

Shalev-Shwartz, Zhang 2013 (the ascent); Ma, Smith, Jaggi and others 2015 (adding the moves of shards);
Ioannou, Mendler-Duenner, Parnell 2019 (buckets, copies, merging).
"""

import numpy as np

from fastreg import team
from fastreg.jit import at, completed, elementwise, kernel, reduction
from fastreg.solvers.passes import smooth_terms

_BUCKET = 16  # rows that are visited one after the other: their order in memory
_MOST_EPOCHS = 60
# Where a step meets in the loss, on average, more than so many times the curvature of its penalty, conjugate
# gradients are faster: sooner for a quadratic, which they solve in one go.
_MOST_CROWDED, _MOST_CROWDED_QUADRATIC = 10.0, 0.25
# An epoch that leaves more than this share of the slack is slow; so many of them in a row are the last.
_SLOW = 0.5
_SLOW_EPOCHS = 2
# The slack met on the way is that of weights which have moved on since.
_AHEAD = 0.3
_CAUTION_ABOVE_SEEN = 1.2
_MOST_MERGES = 16
_ENTRIES_PER_MERGE = 8  # for each weight that is merged
_FASTEST_INTERCEPT = 32.0  # in Newton steps per epoch
_SEGMENT = 8_000_000  # entries read by one call of the kernel, so that Ctrl-C is heard
_PROXIMAL_STEPS = 20


@elementwise
def proximal_point(loss, y, before, slope, factor):
    """Return t with t + factor * (loss'(t) - slope) = before, by Newton steps inside a bracket."""
    error = factor * (loss.slope(y, before) - slope)
    enough = 1e-3 * abs(error)
    point = before
    low = before - max(error, 0.0)
    high = before - min(error, 0.0)
    for _ in range(_PROXIMAL_STEPS):
        if not abs(error) > enough:
            break
        if error > 0:
            high = point
        else:
            low = point
        point -= error / (1.0 + factor * loss.curvature(y, point))
        if not low < point < high:
            point = 0.5 * (low + high)
        error = point - before + factor * (loss.slope(y, point) - slope)
    return point


@kernel
def row_factors(block, start, stop, design, weights, spread, factors):
    """Write q of rows start:stop."""
    for i in range(start, stop):
        factors[i] = weights[i] * design.weighted_squares(i, spread, 0.0, 0.0)


@kernel
def ascend(
    shard, start, stop, design, buckets, segment, segments, caution, loss, y, weights, offset, intercept,
    factors, spread, dual, copies, partial,
):  # fmt: skip
    """Visit one segment of the buckets of a shard.

    partial[shard] = the slack and the curvature met before the steps, what the steps added to sum s_i u_i.
    """
    image = copies[shard]
    slack = 0.0
    curvature = 0.0
    added = 0.0
    parts = 2 * segments
    part = 2 * segment + shard
    for k in range(buckets.size * part // parts, buckets.size * (part + 1) // parts):
        first = buckets[k] * _BUCKET
        for i in range(first, min(first + _BUCKET, y.size)):
            if not weights[i] > 0:
                continue
            before = design.dot(i, image) + intercept + offset[i]
            met = loss.value(y[i], before) + loss.conjugate(y[i], dual[i]) - dual[i] * before
            slack += weights[i] * met
            curvature += weights[i] * loss.curvature(y[i], before)
            slope = loss.slope(y[i], proximal_point(loss, y[i], before, dual[i], caution * factors[i]))
            step = weights[i] * (slope - dual[i])
            added += step
            dual[i] = slope
            design.axpy(i, -caution * step, spread, image)
    partial[shard, 0] = slack
    partial[shard, 1] = curvature
    partial[shard, 2] = added


@reduction
def _merge(merged, left, right, spread, first, caution):
    product = 0.0
    squares = 0.0
    for j in range(merged.size):
        a = left[j] - merged[j]
        b = right[j] - merged[j]
        product += a * b / at(spread, first + j)
        squares += (a * a + b * b) / at(spread, first + j)
        moved = merged[j] + (a + b) / caution
        merged[j] = moved
        left[j] = moved
        right[j] = moved
    return product, squares


@kernel
def merge(block, start, stop, merged, copies, spread, caution, partial):
    """Add the moves of both copies to ``merged``, write it into both.

    partial[block] = inner product of the two moves, sum of their squares.
    """
    partial[block] = _merge(
        merged[start:stop], copies[0, start:stop], copies[1, start:stop], spread, start, caution
    )


class _Ascent:
    """The dual variables of a problem and the weights that belong to them."""

    def __init__(self, problem, penalty_curvatures, intercept):
        self.problem, self.rows = problem, problem.matrix
        n_samples, n_features = self.rows.shape
        spread = problem.scale**2 / penalty_curvatures
        self.spread = float(spread[0]) if np.all(spread == spread[0]) else spread
        self.factors = np.empty(n_samples)
        bounds = team.blocks(n_samples, self.rows.nnz)
        problem.crew.each(row_factors, bounds, self.rows.design, problem.weights, self.spread, self.factors)
        self.offset = np.zeros(n_samples) if problem.offset is None else problem.offset
        self.dual = np.zeros(n_samples)
        self.merged, self.copies = np.zeros(n_features), np.zeros((2, n_features))
        self.intercept = _Intercept(intercept) if problem.has_intercept else None
        self.buckets = np.arange(-(-n_samples // _BUCKET))
        merges = min(_MOST_MERGES, self.rows.nnz // (_ENTRIES_PER_MERGE * n_features))
        self.segments = max(1, merges, -(-self.rows.nnz // _SEGMENT))
        self.caution = 2.0
        self.generator = np.random.default_rng(0)

    def epoch(self):
        """Visit every row once; return the slack that was met."""
        problem = self.problem
        order = self.generator.permutation(self.buckets)
        bounds = team.blocks(self.merged.size, 4 * self.merged.size)
        totals = np.zeros(3)
        for segment in range(self.segments):
            partial, alike = np.empty((2, 3)), np.empty((len(bounds) - 1, 2))
            intercept = self.intercept.value if self.intercept else 0.0
            problem.crew.each(
                ascend, (0, 1, 2), self.rows.design, order, segment, self.segments, self.caution,
                problem.loss, problem.y, problem.weights, self.offset, intercept, self.factors, self.spread,
                self.dual, self.copies, partial,
            )  # fmt: skip
            problem.crew.each(merge, bounds, self.merged, self.copies, self.spread, self.caution, alike)
            product, squares = alike.sum(axis=0)
            seen = 1.0 + 2.0 * product / squares if squares > 0 else 1.0
            self.caution = min(2.0, max(1.0, _CAUTION_ABOVE_SEEN * seen, 0.9 * self.caution))
            found = partial.sum(axis=0)
            totals += found
            if self.intercept:
                self.intercept.move(found[2], found[1] * self.segments, 1.0 / self.segments)
        if self.intercept:
            self.intercept.learn(totals[1])
        problem.counter.epochs += 1
        self.rows.count_product(self.rows.nnz)
        return totals[0]


class _Intercept:
    """An intercept, moved until the weighted sum of the slopes is 0.

    Attributes
    ----------
    pace : float
        How many Newton steps of the intercept alone are made per epoch; the weights, which follow, undo most
        of each.
    """

    def __init__(self, value):
        self.value, self.total, self.pace = value, 0.0, 1.0
        self.before = None

    def move(self, added, curvature, share):
        """Take a share of a step, where the sum of the slopes has grown by ``added``."""
        self.total += added
        if curvature > 0:
            self.value -= share * self.pace * self.total / curvature

    def learn(self, curvature):
        """Set the pace by what the sum answered to the moves of the last epoch, against its curvature."""
        if self.before is not None:
            moved, answer = self.value - self.before[0], self.total - self.before[1]
            if moved * answer > 0:
                pace = curvature * moved / answer
                self.pace = min(max(pace, 1.0), 4.0 * self.pace, _FASTEST_INTERCEPT)
            else:
                self.pace = min(4.0 * self.pace, _FASTEST_INTERCEPT)
        self.before = self.value, self.total


def improve_from_zero(state, tol):
    """Ascend from coefficients 0 while that is fast; return whether the state has moved.

    It asks for a quadratic penalty of every weight, for a loss whose conjugate and largest curvature are
    known, and for a matrix that is read by rows.
    """
    problem = state.problem
    with np.errstate(all="ignore"):  # what is infinite or unknown is too crowded
        curvatures = _quadratic(problem.penalty, state.coef.size)
        bound = completed(problem.loss).curvature_bound(problem.y[0])
        conjugate = completed(problem.loss).conjugate(problem.y[0], 0.0)
        if curvatures is None or np.isnan(conjugate) or not problem.matrix.by_rows:
            return False
        ascent = _Ascent(problem, curvatures, state.intercept)
        crowding = bound * float(problem.weights @ ascent.factors)
    if not crowding <= (_MOST_CROWDED_QUADRATIC if problem.uniform else _MOST_CROWDED):
        return False
    previous, slow = np.inf, 0
    for _ in range(_MOST_EPOCHS):
        gap = ascent.epoch() / problem.objective_at_zero
        slow = slow + 1 if not gap <= _SLOW * previous else 0
        previous = gap
        if gap <= _AHEAD * tol or slow == _SLOW_EPOCHS:
            break
    if not gap < 1:
        return False
    state.coef[:] = ascent.merged / problem.scale
    if ascent.intercept:
        state.intercept = ascent.intercept.value
    return True


def _quadratic(penalty, n_features):
    """Return the curvatures D of a penalty sum_j D_j w_j**2 / 2, all above 0; None if it is none."""
    _, curvatures = smooth_terms(penalty, np.zeros(n_features))
    for weight in (1.0, -3.0):
        slopes, others = smooth_terms(penalty, np.full(n_features, weight))
        if not (np.array_equal(others, curvatures) and np.allclose(slopes, weight * curvatures, rtol=1e-12)):
            return None
    return curvatures if np.all(curvatures > 0) else None
