"""Proximal Newton over working sets of features, with one prediction per class.

As `working_set`, with a feature's weights in all classes entering together, and block coordinate descent
inside.
"""

import numpy as np

from fastreg.solvers import multinomial_passes as wide
from fastreg.solvers import passes
from fastreg.solvers.columns import Columns
from fastreg.solvers.multinomial_coordinate import EPOCHS, READS, UPDATES, descend_wide
from fastreg.solvers.multinomial_problem import flat_inverse
from fastreg.solvers.solution import CertificateKind

_FIRST_SIZE = 200  # features of the first working set
_GROWTH = 4  # of the support, from one round to the next, at most
_INNER_SHARE = 0.3  # a working set is solved to this share of the gap over all features
_MODEL_SHARE = 0.2  # a model is solved until its steps have fallen to this share
_MOST_INNER_ROUNDS = 200
_PATIENCE = 10  # inner rounds without any progress
_KERNEL_WORK = 4_000_000_000  # element operations of one call of the kernel, which hears the abort word
_DAMPING_FIRST, _DAMPING_STEP = 1e-10, 1e3
_SUFFICIENT = 1e-4
_ROUNDING = 4e-16


def improve(state, tol, previous):
    """Run one outer round; arguments and result as in `working_set.improve`."""
    problem = state.problem
    scores = state.columns.scores.reshape(-1, problem.width).max(axis=1)
    support = state.coef.reshape(-1, problem.width).any(axis=1) | problem.free
    features = _choose(scores, support, previous)
    fresh = np.any(~support[features] & (scores[features] > 0))
    target = max(_INNER_SHARE * state.gap, 0.5 * tol) if fresh else 0.5 * tol
    _WideSet(state, features).solve(target)
    return features


def _choose(scores, support, previous):
    """Return the working set: support, unpenalised features, and the largest violations."""
    wanted = support.copy()
    if previous is not None:
        wanted[previous] = True
    kept = np.count_nonzero(wanted)
    room = max(_FIRST_SIZE, _GROWTH * kept) - kept
    violating = np.flatnonzero((scores > 0) & ~wanted)
    if violating.size > room:
        violating = violating[np.argpartition(-scores[violating], room - 1)[:room]]
    wanted[violating] = True
    return np.flatnonzero(wanted)


class _WideSet:
    """The problem over the features of one working set; the state follows."""

    def __init__(self, state, features):
        self.state, self.problem = state, state.problem
        width = self.problem.width
        self.features = features
        self.weights = (features[:, None] * width + np.arange(width)).ravel()  # their places in state.coef
        self.inner = self.problem.matrix.columns.select(features)
        self.reader = self.problem.matrix.reader_of(self.inner)
        self.columns = Columns(
            self.problem, self.problem.numbers[self.weights], self.reader, state.coef[self.weights]
        )
        self.columns.gradient[:] = state.columns.gradient[self.weights]
        self.damping = _DAMPING_FIRST

    def solve(self, target):
        """Run inner rounds until the gap over these features is at most ``target``."""
        state, columns = self.state, self.columns
        penalty = columns.penalty_at(columns.coef)
        best, idle = np.inf, 0
        for _ in range(_MOST_INNER_ROUNDS):
            before = state.loss + penalty
            if not self._newton_round(penalty):
                break
            gap = self._gap()
            penalty = columns.penalty
            if gap <= target:
                break
            fell = state.loss + penalty < before - _ROUNDING * abs(before)
            idle = 0 if fell or gap < 0.99 * best else idle + 1
            best = min(best, gap)
            if idle == _PATIENCE:
                break  # rounding: it gets no better
        state.coef[self.weights] = columns.coef

    def _gap(self):
        """Return the gap (or residual) over these features."""
        state, columns = self.state, self.columns
        columns.score(state.slopes)
        if state.kind is CertificateKind.KKT_RESIDUAL:
            return columns.largest / self.problem.residual_at_zero
        return columns.smallest_slack(state.prediction) / self.problem.objective_at_zero

    def _steps(self):
        """Return 1 / the model's curvature along each weight."""
        problem, slopes = self.problem, self.state.slopes
        spread = np.empty_like(slopes)
        problem.crew.each(wide.spread_rows, problem.row_bounds, problem.loss, problem.weights, slopes, spread)
        _, squares = self.reader.moments(np.maximum(spread, self.damping * spread.max()))
        bounds = squares * (problem.scale[self.features] ** 2)[:, None]
        return np.where(bounds > 0, 1.0 / np.where(bounds > 0, bounds, 1.0), 0.0)

    def _newton_round(self, penalty):
        """Minimise the model, then step towards its minimum; return whether anything changed."""
        problem, state, columns, inner = self.problem, self.state, self.columns, self.inner
        width = problem.width
        inverse = np.zeros((width, width))
        if problem.has_intercept:
            inverse = flat_inverse(problem.coupling(state.slopes))
        coef = columns.coef.reshape(-1, width).copy()
        model = state.slopes.copy()
        shift, report = np.zeros(width), np.zeros(3)
        cost = (4 * inner.n_entries + 10 * self.features.size) * width
        epochs = max(1, min(100, _KERNEL_WORK // cost))
        problem.crew.alone(
            descend_wide, epochs * cost,
            inner.design, inner.positions, self.features, inner.entries, problem.penalty, problem.loss,
            problem.y, problem.weights, state.slopes, self._steps(), problem.scale[self.features], inverse,
            coef, model, shift, report, epochs, _MODEL_SHARE, problem.crew.abort,
        )  # fmt: skip
        problem.counter.epochs += int(report[EPOCHS])
        problem.counter.coordinate_updates += int(report[UPDATES])
        problem.counter.newton_steps += 1
        problem.matrix.columns.count_entries(int(report[READS]))
        direction = coef.ravel() - columns.coef
        if not np.any(direction):
            return False
        moved = np.zeros((problem.scale.size, width))
        moved[self.features] = direction.reshape(-1, width) * problem.scale[self.features][:, None]
        change = np.empty_like(state.prediction)
        problem.matrix.product(moved, change)
        return self._search(direction, change + shift, shift, penalty)

    def _search(self, direction, change, shift, penalty_before):
        """Step along a direction until the objective falls enough (Armijo); return whether it did."""
        state, columns = self.state, self.columns
        before = state.loss + penalty_before
        prediction, coef, intercept = state.prediction, columns.coef, state.intercept
        # The slope of the loss along the direction plus the change of the penalty: at most 0.
        rise = columns.penalty_at(coef + direction) - penalty_before
        expected = min(0.0, passes.inner_product(columns.gradient, direction) + rise)
        step = 1.0
        while step > 1e-10:
            columns.coef = coef + step * direction
            state.prediction = prediction + step * change
            state.intercept = intercept + step * shift
            state.fit_intercept()
            after = state.loss + columns.penalty_at(columns.coef)
            if after <= before + _SUFFICIENT * step * expected + _ROUNDING * abs(before):
                self.damping = max(_DAMPING_FIRST, self.damping / _DAMPING_STEP)
                return True
            step /= 2
            if step < 0.1:
                self.damping = min(1.0, self.damping * _DAMPING_STEP)
        state.prediction, columns.coef, state.intercept = prediction, coef, intercept
        state.fit_intercept()
        return False
