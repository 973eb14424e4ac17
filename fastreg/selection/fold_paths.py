"""The paths of all folds over one X, and their losses on the rows left out.

Two ways: `ByRows` for any loss, where rows that are left out have weight 0 and their loss is read off the
predictions of each fit; `ByMoments` for a quadratic loss of many rows and few columns, where no path reads X.
"""

from typing import NamedTuple

import numpy as np

from fastreg import team
from fastreg.selection.folds import Fold
from fastreg.solvers import moment_state, passes
from fastreg.solvers.beginning import improve_for
from fastreg.solvers.counter import Counter
from fastreg.solvers.following import Grid, Step, follow
from fastreg.solvers.moment_state import MomentProblem, MomentState
from fastreg.solvers.moments import RowsOfMoments
from fastreg.solvers.problem import Problem, inverse_deviations
from fastreg.solvers.solution import Status, Work
from fastreg.solvers.state import State

_ROWS_PER_FEATURE = 8  # from which on moments take little memory beside X
_MOST_FEATURES = 4096
_FITS_PER_FEATURE = 1 / 6  # moments cost as much as so many fits, each of some passes over X


class Task(NamedTuple):
    """What is asked for: a path for each fold."""

    problem: Problem
    grid: Grid
    strengths: np.ndarray
    folds: list[Fold]
    standardize: bool
    tol: float
    max_iter: int

    @property
    def moments_pay(self) -> bool:
        """Whether all paths together cost more by rows than by moments."""
        problem = self.problem
        n_samples, n_features = problem.matrix.shape
        return (
            problem.is_quadratic
            and not problem.has_blocks
            and problem.matrix.is_dense
            and n_features <= _MOST_FEATURES
            and n_samples >= _ROWS_PER_FEATURE * n_features
            and len(self.folds) * self.strengths.size >= _FITS_PER_FEATURE * n_features
            and (problem.has_intercept or not self.standardize)  # deviations are from the mean
            and all(fold.splits(n_samples) for fold in self.folds)
        )


class _FoldPaths:
    """What both ways share: threads write entries of their own.

    Attributes
    ----------
    losses : array of (n_strengths, n_folds)
        NaN where Ctrl-C came before.
    """

    def __init__(self, task):
        self._task = task
        self.losses = np.full((task.strengths.size, len(task.folds)), np.nan)
        self._counters = [Counter() for _ in task.folds]
        self._unfinished: list[list[Step]] = [[] for _ in task.folds]

    def fit(self, fold):
        """Follow the path of a fold and write its losses."""
        with team.lease(1) as alone:
            state, improve, loss_of = self._begin(fold, alone, self._counters[fold])
            task = self._task
            steps = follow(state, improve, task.grid, task.strengths, tol=task.tol, max_iter=task.max_iter)
            for number, step in enumerate(steps):
                self.losses[number, fold] = loss_of(state)
                if step.status is not Status.CONVERGED:
                    self._unfinished[fold].append(step)

    def worst(self):
        """Return the `Step` that ended farthest from its tolerance, None if all reached it."""
        found = [step for steps in self._unfinished for step in steps]
        return max(found, key=lambda step: step.best.certificate.gap, default=None)

    def work(self):
        """Return the `Work` over all folds."""
        return Work(*(sum(counts) for counts in zip(*(each.total() for each in self._counters), strict=True)))


class ByRows(_FoldPaths):
    """Rows that are left out have weight 0."""

    def _begin(self, fold, crew, counter):
        problem, standardize = self._task.problem, self._task.standardize
        learned, held = self._task.folds[fold]
        weights = np.zeros_like(problem.weights)
        weights[learned] = problem.weights[learned]
        weights /= weights.sum()
        matrix = problem.matrix.lent_to(crew, counter)
        scale = inverse_deviations(matrix, weights) if standardize else problem.scale
        part = Problem(
            matrix, problem.y, problem.loss, problem.penalty, weights, problem.offset, problem.has_intercept,
            scale,
        )  # fmt: skip
        y, shares = problem.y[held], problem.weights[held] / problem.weights[held].sum()
        losses = np.empty(held.size)

        def loss_of(state):
            passes.row_losses(0, 0, held.size, problem.loss, y, state.prediction[held], losses)
            return passes.inner_product(shares, losses)

        return State(part), improve_for(part), loss_of

    def approach(self, state, number):
        """Leave the state at 0: no path was over all rows."""


class ByMoments(_FoldPaths):
    """Two passes over X give the moments of all folds."""

    def __init__(self, task):
        super().__init__(task)
        self._rows = RowsOfMoments(task.problem)
        self._all = self._rows.moments(task.problem.matrix)

    def _begin(self, fold, crew, counter):
        held = self._rows.moments(
            self._task.problem.matrix.lent_to(crew, counter), self._task.folds[fold].held
        )
        state = self._state(self._all.without(held), crew, counter)
        return state, moment_state.improve, lambda state: state.mean_loss(held)

    def _state(self, moments, crew, counter):
        task = self._task
        problem = MomentProblem(
            crew, counter, self._rows, moments, task.problem.penalty,
            has_intercept=task.problem.has_intercept, standardize=task.standardize,
        )  # fmt: skip
        return MomentState(problem)

    def approach(self, state, number):
        """Move a state of all rows to the solution of a strength, by the moments of all rows."""
        task, problem = self._task, state.problem
        found = self._state(self._all, problem.crew, problem.counter)
        strength = task.strengths[number : number + 1]
        for _ in follow(
            found, moment_state.improve, task.grid, strength, tol=task.tol, max_iter=task.max_iter
        ):
            state.start_at(*found.in_units_of_rows())


def paths_of(task):
    """Return the way that costs less."""
    return ByMoments(task) if task.moments_pay else ByRows(task)
