"""The paths of all folds over one X, and their losses on the rows left out.

Two ways: `ByRows` for any loss, where rows that are left out have weight 0 and their loss is read off the
predictions of each fit; `ByMoments` for a quadratic loss of many rows and few columns, where no path reads X.
"""

import itertools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from fastreg import team
from fastreg.functional import solution_of
from fastreg.selection import rules
from fastreg.selection.folds import Fold, cover_once
from fastreg.solvers import moment_state
from fastreg.solvers.beginning import improve_for
from fastreg.solvers.counter import Counter
from fastreg.solvers.following import Grid, Step, follow
from fastreg.solvers.loop import warn_unless_converged
from fastreg.solvers.moment_state import MomentProblem, MomentState
from fastreg.solvers.moments import Moments, RowsOfMoments
from fastreg.solvers.multinomial_problem import MultinomialProblem
from fastreg.solvers.problem import Problem
from fastreg.solvers.solution import Status, Work

_ROWS_PER_FEATURE = 8  # from which on moments take little memory beside X
_MOST_FEATURES = 4096
_SHARE_OF_X = 1 / 8  # that the moments of what folds hold out may take
_FITS_PER_FEATURE = 1 / 6  # moments cost as much as so many fits, each of some passes over X


class Task(NamedTuple):
    """What is asked for: a path for each fold and each grid of strengths.

    Attributes
    ----------
    state_of : type
        What makes the state of a problem.
    problem : Problem or MultinomialProblem
        Over all rows.
    grids : list of (Grid, strengths)
        All of the same number of strengths.
    held : array of n_folds
        The weight of the rows that each holds out.
    """

    state_of: type
    problem: Problem | MultinomialProblem
    grids: list[tuple[Grid, np.ndarray]]
    folds: list[Fold]
    held: np.ndarray
    standardize: bool
    tol: float
    max_iter: int
    callback: Callable[[int, int], object] | None
    watch: Callable[..., bool] | None
    by_rows: bool
    of_sums: bool

    def strengthening(self, fold):
        """Return what a fold's strengths are multiplied by: 1, or one over its share of the weight."""
        return 1.0 / self.problem.weights[self.folds[fold].learned].sum() if self.of_sums else 1.0

    @property
    def n_fits(self) -> int:
        """How many fits there are."""
        return len(self.folds) * len(self.grids) * self.grids[0][1].size

    @property
    def moments_pay(self) -> bool:
        """Whether all paths together cost more by rows than by moments."""
        problem = self.problem
        n_samples, n_features = problem.matrix.shape
        return (
            not self.by_rows
            and not self.of_sums
            and problem.is_quadratic
            and not problem.has_blocks
            and problem.matrix.is_dense
            and n_features <= _MOST_FEATURES
            and n_samples >= _ROWS_PER_FEATURE * n_features
            and self.n_fits >= _FITS_PER_FEATURE * n_features
            and (problem.has_intercept or not self.standardize)  # deviations are from the mean
            and all(fold.splits(n_samples) for fold in self.folds)
        )


class _FoldPaths:
    """What both ways share: threads write entries of their own.

    Attributes
    ----------
    losses, learned_losses : array of (n_grids, n_strengths, n_folds)
        On the rows left out, and on those learned from; NaN where Ctrl-C came before.
    interrupted : bool
        Whether it came.
    """

    def __init__(self, task):
        self._task = task
        self.interrupted = False
        shape = 2, len(task.grids), task.grids[0][1].size, len(task.folds)
        self.losses, self.learned_losses = np.full(shape, np.nan)
        self._counters = [Counter() for _ in task.folds]
        self._unfinished: list[list[Step]] = [[] for _ in task.folds]
        self._done = itertools.count(1)  # its next() is one step of the interpreter, which threads may share

    def fit(self, fold):
        """Follow the paths of a fold and write their losses."""
        task = self._task
        with team.lease(1) as alone:
            state_at_zero, improve, loss_of = self._begin(fold, alone, self._counters[fold])
            for number, (grid, strengths) in enumerate(task.grids):
                state = state_at_zero()
                strengths = strengths * task.strengthening(fold)
                steps = follow(state, improve, grid, strengths, tol=task.tol, max_iter=task.max_iter)
                for place, step in enumerate(steps):
                    self.losses[number, place, fold] = loss_of(state)
                    self.learned_losses[number, place, fold] = state.loss
                    if step.status is not Status.CONVERGED:
                        self._unfinished[fold].append(step)
                    if task.callback is not None:
                        task.callback(next(self._done), task.n_fits)
                    if task.watch is not None and task.watch(fold, number, place, state, step):
                        break

    @property
    def strengths(self):
        """The strengths of each grid."""
        return [strengths for _, strengths in self._task.grids]

    def mean_and_error(self, number):
        """Return the curve of a grid and its standard error, folds by the weight of what they hold out."""
        return rules.mean_and_error(self.losses[number], self._task.held)

    def warn(self, **words):
        """Warn of the fit that ended farthest from its tolerance; arguments as `warn_unless_converged`."""
        found = [step for steps in self._unfinished for step in steps]
        worst = max(found, key=lambda step: step.best.certificate.gap, default=None)
        if worst is not None:
            where = f" in a fold at strength {worst.strength:.4g}"
            warn_unless_converged(
                worst.status, worst.best.certificate, self._task.tol, worst.n_iter, where=where, **words
            )

    def solution(self, number, place):
        """Return the `Solution` of all rows at a strength of a grid."""
        task = self._task
        grid, strengths = task.grids[number]
        state = task.state_of(task.problem)
        state.take_penalty(grid.penalty_at(task.problem, strengths[place]))
        self._approach(state, grid, strengths[place])
        return solution_of(state, improve_for(task.problem), tol=task.tol, max_iter=task.max_iter)

    def work(self):
        """Return the `Work` over all folds."""
        return Work(*(sum(counts) for counts in zip(*(each.total() for each in self._counters), strict=True)))


class ByRows(_FoldPaths):
    """Rows that are left out have weight 0."""

    def _begin(self, fold, crew, counter):
        problem, held = self._task.problem, self._task.folds[fold].held
        weights = np.zeros_like(problem.weights)
        weights[self._task.folds[fold].learned] = problem.weights[self._task.folds[fold].learned]
        part = problem.reweighted(crew, counter, weights / weights.sum(), standardize=self._task.standardize)

        def loss_of(state):
            return problem.mean_loss(held, state.prediction[held])

        return lambda: self._task.state_of(part), improve_for(part), loss_of

    def _approach(self, state, grid, strength):
        """Leave the state at 0: no path was over all rows."""


class ByMoments(_FoldPaths):
    """One pass over X gives the moments of all folds; two where folds overlap or moments take much room."""

    def __init__(self, task):
        super().__init__(task)
        matrix, held = task.problem.matrix, [fold.held for fold in task.folds]
        n_samples, n_features = matrix.shape
        self._rows = RowsOfMoments(task.problem)
        self._held = None
        if len(held) * n_features <= 2 * _SHARE_OF_X * n_samples and cover_once(held, n_samples):
            self._held = self._rows.moments(matrix, held)
            self._all = Moments.sum(self._held)
        else:
            (self._all,) = self._rows.moments(matrix, [np.arange(n_samples)])

    def _begin(self, fold, crew, counter):
        if self._held is None:
            matrix = self._task.problem.matrix.lent_to(crew, counter)
            (held,) = self._rows.moments(matrix, [self._task.folds[fold].held])
        else:
            held, self._held[fold] = self._held[fold], None
        part = self._problem(self._all.without(held), crew, counter)
        everything, weight, least = self._all, held.total, held.constant / held.total

        def loss_of(state):
            rest = everything.total * state.mean_loss(everything) - (everything.total - weight) * state.loss
            return max(least, rest / weight)

        return lambda: MomentState(part), moment_state.improve, loss_of

    def _problem(self, moments, crew, counter):
        task = self._task
        return MomentProblem(
            crew, counter, self._rows, moments, task.problem.penalty,
            has_intercept=task.problem.has_intercept, standardize=task.standardize,
        )  # fmt: skip

    def _approach(self, state, grid, strength):
        """Move a state of all rows to the solution of a strength, by the moments of all rows."""
        task, problem = self._task, state.problem
        found = MomentState(self._problem(self._all, problem.crew, problem.counter))
        for _ in follow(found, moment_state.improve, grid, [strength], tol=task.tol, max_iter=task.max_iter):
            state.start_at(*found.in_units_of_rows())


def follow_folds(
    state, grids, folds, *, standardize, tol, max_iter, callback=None, watch=None, by_rows=False,
    of_sums=False,
):  # fmt: skip
    """Follow all paths of all folds, side by side, and return them.

    Parameters
    ----------
    state : State
        Of all rows, at coef 0. It is given up before the folds begin: pass the only reference.
    grids : list of Grid
        Of the same kind of penalty and the same number of strengths, which follow from all rows.
    folds : list of Fold
    callback : function or None
        ``callback(done, total)`` after each fit, on the thread that did it.
    watch : function or None
        ``watch(fold, number of the grid, place, state, step)`` after each fit, on the thread that did it;
        True ends the path.
    by_rows : bool
        Whether ``watch`` reads the state's predictions, which are those of all rows.
    of_sums : bool
        Whether strengths are against the sum of losses over the rows learned from, as scikit-learn's C is,
        and not against their mean: they are for all rows, and a fold of fewer is penalised more.

    Returns
    -------
    ByRows or ByMoments

    Raises
    ------
    ValueError
        For a fold that nothing can be learned from or judged by.
    """
    problem = state.problem
    held = np.array([_checked_weight(number, fold, problem) for number, fold in enumerate(folds)])
    asked = []
    for grid in grids:
        state.take_penalty(grid.penalty_at(problem, 1.0))
        asked.append((grid, grid.resolved(state)))
    task = Task(
        type(state), problem, asked, folds, held, standardize, tol, max_iter, callback, watch, by_rows,
        of_sums,
    )  # fmt: skip
    del state
    paths = ByMoments(task) if task.moments_pay else ByRows(task)

    def fit_some(_, start, stop):
        for fold in range(start, stop):
            paths.fit(fold)

    try:
        problem.crew.each(fit_some, range(len(folds) + 1))
    except KeyboardInterrupt:
        paths.interrupted = True
    return paths


def _checked_weight(number, fold, problem):
    """Return the weight of the rows that a fold holds out, or refuse a fold that says nothing."""
    for rows, what in ((fold.learned, "learns from"), (fold.held, "holds out")):
        if not problem.weights[rows].any():
            raise ValueError(f"Fold {number} {what} rows of weight 0 only: give it rows that count.")
    labels = np.unique(problem.y[fold.learned])
    if labels.size == 1 and not problem.is_quadratic and np.unique(problem.y).size == 2:
        raise ValueError(
            f"Fold {number} learns from rows of one class only, y = {labels[0]:g}: pass fewer folds, or "
            f"folds with both classes in each."
        )
    return problem.weights[fold.held].sum()
