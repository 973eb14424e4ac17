"""Proximal Newton over working sets, with coordinate descent inside.

Outer round: one fused pass over all columns gives the certificate and the columns that violate
optimality most; they join the support in the working set. Inner rounds: a quadratic model of the
loss at the current prediction, coordinate descent on it, a step that decreases the objective. For a
quadratic loss the model is exact, and the inner rounds are coordinate descent on the objective itself.
"""

import numpy as np

from fastreg import team
from fastreg.solvers import passes
from fastreg.solvers.coordinate import EPOCHS, READS, SHIFT, UPDATES, descend
from fastreg.solvers.solution import CertificateKind
from fastreg.solvers.state import smallest_slack

FIRST_SIZE = 100  # columns of the first working set
_INNER_SHARE = 0.1  # a working set is solved to this share of the gap over all columns
_MODEL_SHARE = 0.1  # a model is solved until its violations have fallen to this share
_MOST_INNER_ROUNDS = 200
_PATIENCE = 10  # inner rounds without any progress
_KERNEL_WORK = 100_000_000  # element operations of one call of the kernel: 0.1 s
_DAMPING_FIRST, _DAMPING_STEP = 1e-10, 1e3
_SUFFICIENT = 1e-4
_ROUNDING = 4e-16


def improve(problem, state, crew, work, tol, scale_of_gap, previous):
    """Run one outer round; return the working set.

    Parameters
    ----------
    state : State
        Certified; improved in place.
    previous : int array or None
        A working set whose columns stay, because the gap did not fall.
    """
    columns = choose(problem, state, previous)
    fresh = np.any((state.coef[columns] == 0) & (state.scores[columns] > 0))
    share = _INNER_SHARE * state.gap
    target = max(share, 0.5 * tol) if fresh else 0.5 * tol
    subproblem = _Subproblem(problem, state, crew, work, columns, scale_of_gap)
    subproblem.solve(target)
    return columns


def choose(problem, state, previous):
    """Return the working set: support, unpenalised features, and the largest violations."""
    wanted = (state.coef != 0) | problem.free
    if previous is not None:
        wanted[previous] = True
    size = max(FIRST_SIZE, 2 * np.count_nonzero(wanted))
    violating = np.flatnonzero((state.scores > 0) & ~wanted)
    room = size - np.count_nonzero(wanted)
    if violating.size > room:
        order = np.argpartition(-state.scores[violating], room - 1)[:room]
        violating = violating[order]
    wanted[violating] = True
    return np.flatnonzero(wanted)


class _Subproblem:
    """The problem over the columns of one working set."""

    def __init__(self, problem, state, crew, work, columns, scale_of_gap):
        self.problem, self.state, self.crew, self.work = problem, state, crew, work
        self.columns, self.scale_of_gap = columns, scale_of_gap
        self.design, self.positions, copied = problem.matrix.select(columns)
        work.bytes_copied += copied
        self.entries = problem.matrix.entries(columns)
        self.n_entries = int(self.entries.sum())
        self.scale = problem.scale[columns]
        self.free = problem.free[columns]
        self.coef = state.coef[columns]
        self.gradient = state.gradient[columns]
        self.damping = _DAMPING_FIRST
        self.moments_at = None  # curvatures the column moments were computed for
        self.bounds = team.blocks(columns.size, self.n_entries + 20 * columns.size)

    def solve(self, target):
        """Run inner rounds until the gap over these columns is at most ``target``."""
        best, idle = np.inf, 0
        for _ in range(_MOST_INNER_ROUNDS):
            before = self.state.loss + self._penalty()
            if not self._newton_round():
                break
            gap = self._gap()
            if gap <= target:
                break
            fell = self.state.loss + self._penalty() < before - _ROUNDING * abs(before)
            idle = 0 if fell or gap < 0.99 * best else idle + 1
            best = min(best, gap)
            if idle == _PATIENCE:
                break  # rounding: it gets no better
        self.state.coef[self.columns] = self.coef

    def _count_reads(self, entries):
        self.work.bytes_read += entries * self.problem.matrix.entry_bytes

    def _penalty(self):
        return passes.penalty_total(self.problem.penalty, self.columns, self.coef)

    def _gap(self):
        """Return the gap (or residual) of the subproblem."""
        problem, state = self.problem, self.state
        scores = np.empty(self.columns.size)
        partial = np.empty((len(self.bounds) - 1, 4))
        self.crew.each(
            passes.score_columns, self.bounds, self.design, self.positions, self.columns, self.scale,
            state.slopes, problem.penalty, self.coef, self.free, self.gradient, scores, partial,
        )  # fmt: skip
        self._count_reads(self.n_entries)
        if state.kind is CertificateKind.KKT_RESIDUAL:
            return partial[:, 3].max() / self.scale_of_gap.residual(problem, self.crew)
        slack = smallest_slack(
            problem,
            self.crew,
            self.columns,
            self.coef,
            self.free,
            self.gradient,
            state.prediction,
            partial,
            self.scale_of_gap,
        )
        return slack / self.scale_of_gap.objective

    def _model(self):
        """Return the curvatures of the model, as the kernel wants them, and its steps, mass and mean."""
        problem, state = self.problem, self.state
        curvatures = state.model_curvatures(problem, self.damping)
        if problem.uniform and curvatures.min() == curvatures.max():
            curvatures = float(curvatures[0])
        if self.moments_at is None or not np.array_equal(self.moments_at, curvatures):
            mass, squares = np.empty((2, self.columns.size))
            total = curvatures * problem.y.size if np.ndim(curvatures) == 0 else curvatures.sum()
            self.crew.each(
                passes.column_moments, self.bounds, self.design, self.positions, curvatures, total,
                float(problem.has_intercept), mass, squares,
            )  # fmt: skip
            self._count_reads(self.n_entries)
            if not problem.has_intercept:
                mass[:] = 0
            mean = mass / total
            # A column that is constant up to rounding cannot be told from the intercept.
            usable = squares > 1e-26 * mass * mean + np.finfo(np.float64).tiny
            steps = np.where(usable, 1.0 / np.where(usable, self.scale**2 * squares, 1.0), 0.0)
            self.steps, self.mass, self.mean = steps, mass, mean
            self.moments_at = curvatures
        return curvatures

    def _newton_round(self):
        """Minimise the model, then step towards its minimum; return whether anything changed."""
        problem, state, work = self.problem, self.state, self.work
        curvatures = self._model()
        coef = self.coef.copy()
        slopes = state.slopes.copy()
        report = np.zeros(5)
        cost = 2 * self.n_entries + 10 * self.columns.size
        epochs = max(1, min(100, _KERNEL_WORK // cost))
        self.crew.alone(
            descend, epochs * cost,
            self.design, self.positions, self.columns, self.entries, problem.penalty, curvatures, self.steps,
            self.scale, self.mass, self.mean, coef, slopes, report, epochs, _MODEL_SHARE, self.crew.abort,
        )  # fmt: skip
        work.epochs += int(report[EPOCHS])
        work.coordinate_updates += int(report[UPDATES])
        self._count_reads(int(report[READS]))
        work.newton_steps += 1
        if not np.any(coef != self.coef):
            return False
        direction = coef - self.coef
        change = (slopes - state.slopes) / curvatures
        if problem.has_intercept:
            change += report[SHIFT]
        return self._search(direction, change, report[SHIFT] if problem.has_intercept else 0.0)

    def _search(self, direction, change, shift):
        """Step along a direction until the objective falls enough (Armijo); return whether it did."""
        problem, state = self.problem, self.state
        penalty_before = self._penalty()
        before = state.loss + penalty_before
        expected = None
        prediction, coef, intercept = state.prediction, self.coef, state.intercept
        step = 1.0
        while step > 1e-10:
            state.prediction = prediction + step * change
            self.coef = coef + step * direction
            state.intercept = intercept + step * shift
            penalty_after = self._penalty()
            if expected is None:
                # The slope of the loss along the direction plus the change of the penalty: at most 0.
                expected = min(
                    0.0, passes.inner_product(self.gradient, direction) + penalty_after - penalty_before
                )
            state.fit_intercept(problem, self.crew)
            after = state.loss + penalty_after
            if after <= before + _SUFFICIENT * step * expected + _ROUNDING * abs(before):
                self.damping = max(_DAMPING_FIRST, self.damping / _DAMPING_STEP)
                return True
            step /= 2
            if step < 0.1:
                self.damping = min(1.0, self.damping * _DAMPING_STEP)
        state.prediction, self.coef, state.intercept = prediction, coef, intercept
        state.fit_intercept(problem, self.crew)
        return False
