"""Proximal Newton on one working set: what one prediction per row and one per class have in common.

Inner rounds: a quadratic model of the loss at the current prediction is minimised, then a step taken that
decreases the objective (Lee, Sun, Saunders 2014).
"""

import numpy as np

from fastreg.solvers import line_search, passes
from fastreg.solvers.solution import CertificateKind

_MOST_INNER_ROUNDS = 200
_PATIENCE = 10  # inner rounds without any progress
_ROUNDING = 4e-16


def choose(scores, support, previous, *, first, growth, near):
    """Return a working set: the support, the largest violations, and what is near to one.

    What enters while the set is solved was near before: that is the strong rule (Tibshirani et al. 2012).

    Parameters
    ----------
    scores : array of n_features
        Above 0 for violations, below for weights that are rightly 0: see `passes.stationarity`.
    support : bool array of n_features
    previous : int array or None
        A working set whose columns stay.
    first, growth : int
        The size of the first set; of the others, in terms of what is kept.
    near : float
        How far below 0 a score may be.
    """
    wanted = support.copy()
    if previous is not None:
        wanted[previous] = True
    kept = np.count_nonzero(wanted)
    room = max(first, growth * kept) - kept
    violating = np.flatnonzero((scores > 0) & ~wanted)
    if violating.size > 2 * room:
        violating = _largest(scores, violating, room)
    wanted[violating] = True
    if violating.size < room:
        close = np.flatnonzero((scores > -near) & (scores < 0) & ~wanted)
        wanted[_largest(scores, close, room - violating.size)] = True
    return np.flatnonzero(wanted)


def _largest(scores, chosen, count):
    if chosen.size <= count:
        return chosen
    return chosen[np.argpartition(-scores[chosen], count - 1)[:count]]


class InnerRounds:
    """The problem over one working set; the state follows. A subclass says what a Newton round is.

    Parameters
    ----------
    state : State
    columns : Columns
        Of the working set.
    places : int array
        Where their weights stand in the state.
    """

    def __init__(self, state, columns, places):
        self.state, self.problem, self.columns = state, state.problem, columns
        self._places = places
        columns.gradient[:] = state.columns.gradient[places]
        self.damping = line_search.LEAST_DAMPING
        self.stalled = False  # whether the last round brought nothing

    def solve(self, target):
        """Run inner rounds until the gap over these columns is at most ``target``."""
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
            self.stalled = idle > 0
            if idle == _PATIENCE:
                break  # rounding: it gets no better
        state.coef[self._places] = columns.coef

    def _score(self):
        """Score the columns at the state's slopes."""
        self.columns.score(self.state.slopes)

    def _gap(self):
        """Return the gap (or residual) over these columns."""
        state, columns = self.state, self.columns
        self._score()
        if state.kind is CertificateKind.KKT_RESIDUAL:
            return columns.largest / self.problem.residual_at_zero
        return columns.smallest_slack(state.slack_of_rows) / self.problem.objective_at_zero

    def _search(self, direction, change, shift, penalty):
        """Step along a direction from a point of that penalty; return the step, 0 for none."""
        columns, coef = self.columns, self.columns.coef
        # The slope of the loss along the direction plus the change of the penalty: at most 0.
        rise = columns.penalty_at(coef + direction) - penalty
        expected = min(0.0, passes.inner_product(columns.gradient, direction) + rise)
        before = self.state.loss + penalty
        step = line_search.search(
            self.state,
            lambda step: columns.penalty_at(coef + step * direction),
            before,
            expected,
            change,
            shift,
        )
        self.damping = line_search.damped(self.damping, step)
        columns.coef = coef + step * direction if step else coef
        return step
