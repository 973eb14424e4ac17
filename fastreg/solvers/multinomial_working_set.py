"""Proximal Newton over working sets of features, with one prediction per class.

As `working_set`, with a feature's weights in all classes entering together, and block coordinate descent
inside.
"""

import numpy as np

from fastreg.solvers import multinomial_passes as wide
from fastreg.solvers.columns import Columns
from fastreg.solvers.multinomial_coordinate import EPOCHS, READS, UPDATES, descend_wide
from fastreg.solvers.multinomial_problem import flat_inverse
from fastreg.solvers.proximal_newton import InnerRounds, choose

_FIRST_SIZE = 200  # features of the first working set
_GROWTH = 4  # of the support, from one round to the next, at most
_INNER_SHARE = 0.3  # a working set is solved to this share of the gap over all features
_MODEL_SHARE = 0.2  # a model is solved until its steps have fallen to this share
_KERNEL_WORK = 4_000_000_000  # element operations of one call of the kernel, which hears the abort word


def improve(state, tol, previous):
    """Run one outer round; arguments and result as in `working_set.improve`."""
    problem = state.problem
    scores = state.columns.scores.reshape(-1, problem.width).max(axis=1)
    support = state.coef.reshape(-1, problem.width).any(axis=1) | problem.free
    features = choose(scores, support, previous, first=_FIRST_SIZE, growth=_GROWTH, near=0.0)
    fresh = np.any(~support[features] & (scores[features] > 0))
    target = max(_INNER_SHARE * state.gap, 0.5 * tol) if fresh else 0.5 * tol
    _WideSet(state, features).solve(target)
    return features


class _WideSet(InnerRounds):
    """The problem over the features of one working set."""

    def __init__(self, state, features):
        problem, width = state.problem, state.problem.width
        weights = (features[:, None] * width + np.arange(width)).ravel()  # their places in state.coef
        self.features = features
        self.inner = problem.matrix.columns.select(features)
        self.reader = problem.matrix.reader_of(self.inner)
        columns = Columns(problem, problem.numbers[weights], self.reader, state.coef[weights])
        super().__init__(state, columns, weights)

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
            problem.crew.limit_blas()
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
        return self._search(direction, change + shift, shift, penalty) > 0
