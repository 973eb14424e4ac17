"""When stochastic gradient descent ends, which weights are kept, and the curve of how it went.

Without rows that were held out, a problem is judged by its penalised objective, each by itself. With them
all problems are judged at once by one score of what would be returned, and the best epoch is kept
(early stopping: Prechelt 1998). No decision reads the clock: seconds are only written down.
"""

import enum
import time
from typing import Any, NamedTuple

import numpy as np

from fastreg import team
from fastreg.jit import kernel
from fastreg.solvers import validation
from fastreg.solvers.matrices import row_matrix


class Reason(enum.Enum):
    """Why a descent ended; ``str(reason)`` is a sentence."""

    NO_PROGRESS = "The penalised objective fell by no more than tol for n_iter_no_change epochs."
    NO_BETTER_SCORE = (
        "The validation score rose by no more than tol for n_iter_no_change epochs; the best epoch is kept."
    )
    NO_BETTER_STRENGTH = "Weaker strengths gave no better validation score; the best epoch is kept."
    MAX_ITER = "The max_iter epochs ended before progress did."
    ALL_EPOCHS = "All max_iter epochs were run, as tol=None asks for."
    STOPPED = "Ctrl-C ended it."

    def __str__(self):
        """Return the sentence."""
        return self.value


ENDED_BY_ITSELF = Reason.NO_PROGRESS, Reason.NO_BETTER_SCORE, Reason.NO_BETTER_STRENGTH


class Curve(NamedTuple):
    """How a descent went, one entry per epoch; a problem that ended keeps its last entry.

    Attributes
    ----------
    epoch : int array of n_epochs
        From 1 on.
    objective : array of (n_epochs, n_problems)
        Mean loss during the epoch plus penalty at its end; the exact penalised objective where asked for.
    score : array of n_epochs
        On the rows held out; NaN without them.
    norm : array of (n_epochs, n_problems)
        The L2 norm of the weights that would be returned.
    step_times_strength : array of (n_epochs, n_problems)
        The last step size times the (mean) strength of the penalty, 0 for a penalty without one.
    seconds : array of n_epochs
        Since the descent began.
    """

    epoch: np.ndarray
    objective: np.ndarray
    score: np.ndarray
    norm: np.ndarray
    step_times_strength: np.ndarray
    seconds: np.ndarray


class Held(NamedTuple):
    """Rows held out, whose score is minus their mean loss, weighted as those learned from.

    Attributes
    ----------
    X : array or scipy sparse matrix of (n_held, n_features)
    target : NamedTuple
        See `stochastic_kernels`.
    sample_weight : array of n_held or None
    """

    X: Any
    target: Any
    sample_weight: np.ndarray | None = None

    def score_by(self, loss, crew, counter):
        """Return the score as a function of coef and intercept."""
        X, copied = validation.checked_matrix(self.X)
        counter.bytes_copied += copied
        validation.refuse_nonfinite(crew, X)
        matrix = row_matrix(crew, counter, X)
        weights = np.ones(matrix.shape[0]) if self.sample_weight is None else self.sample_weight

        def score(coef, intercept):
            return -float(mean_losses(matrix, self.target, weights, loss, coef, intercept).sum())

        return score


@kernel
def _add_losses(block, start, stop, design, target, sample_weight, loss, coef, intercept, partial):
    """Write the weighted losses of some rows, summed, to a row of ``partial``: a column per problem."""
    for k in range(intercept.size):
        weights = coef[k]
        total = 0.0
        for i in range(start, stop):
            y = target.label(i, k)
            value = loss.value(y, design.dot(i, weights) + intercept[k])
            total += sample_weight[i] * target.weight(y, k) * value
        partial[block, k] = total


def mean_losses(matrix, target, sample_weight, loss, coef, intercept):
    """Return the mean weighted loss of each problem over the rows of a matrix: one pass for each."""
    n_samples = matrix.shape[0]
    bounds = team.blocks(n_samples, intercept.size * (matrix.nnz + n_samples))
    partial = np.empty((len(bounds) - 1, intercept.size))
    matrix.crew.each(
        _add_losses, bounds, matrix.design, target, sample_weight, loss, coef, intercept, partial
    )
    for _ in range(intercept.size):
        matrix.count_product(matrix.nnz)
    return partial.sum(axis=0) / n_samples


@kernel
def penalties_of(penalty, coef):
    """Return the penalty of each row of weights."""
    totals = np.zeros(coef.shape[0])
    for k in range(coef.shape[0]):
        for j in range(coef.shape[1]):
            totals[k] += penalty.value(coef[k, j], j)
    return totals


class Judge:
    """Who goes on after an epoch, at which share of the step sizes, and what is kept.

    Attributes
    ----------
    rates : array of n_problems
        The shares.
    reasons : list of Reason or None
        Why each problem ended.
    strength : float
        Of the penalty.
    kept : object
        What `judge` was given for the best score; None before the first.
    """

    def __init__(self, plan, n_problems, strength):
        self.plan = plan
        self.rates = np.ones(n_problems)
        self.strength = strength
        self.reasons = [None] * n_problems
        self.kept = None
        self._kept_cost = np.inf
        self._best, self._idle = np.full(n_problems, np.inf), np.zeros(n_problems, dtype=np.int64)
        self._entries = []
        self._begun = time.perf_counter()

    def note(self, objective, score, norm, step):
        """Write an epoch down.

        Parameters
        ----------
        objective : array of n_problems
        score : float
        norm : array of n_problems
            Of the weights that would be returned.
        step : float
            The schedule's last step size.
        """
        product = self.rates * step * self.strength
        seconds = time.perf_counter() - self._begun
        self._entries.append((len(self._entries) + 1, objective.copy(), score, norm, product, seconds))

    def judge(self, running, objective, score, keep):
        """Return which of the running problems go on.

        Parameters
        ----------
        running : int array
        objective : array of n_problems
        score : float or None
            None: each problem is judged by its objective.
        keep : function
            Called where the score is the best so far; returns what is to be kept.
        """
        plan = self.plan
        if score is not None:
            cost = -score if score == score else np.inf
            if self.kept is None or cost < self._kept_cost:
                self.kept, self._kept_cost = keep(), cost
        if plan.tol is None:
            return running
        for group in running.reshape(-1, 1) if score is None else [running]:
            first = group[0]
            now = objective[first] if score is None else cost
            self._idle[first] = 0 if now <= self._best[first] - plan.tol else self._idle[first] + 1
            self._best[first] = min(self._best[first], now)
            if self._idle[first] < plan.n_iter_no_change:
                continue
            self._idle[first] = 0
            rate = plan.schedule.slower(self.rates[first])
            for k in group:
                if rate is None:
                    self.reasons[k] = Reason.NO_PROGRESS if score is None else Reason.NO_BETTER_SCORE
                else:
                    self.rates[k] = rate
        return self.those_left(running)

    def those_left(self, running):
        """Return which of some problems have no reason to end."""
        return np.array([k for k in running if self.reasons[k] is None], dtype=np.int64)

    def end(self, reason):
        """Give the problems that go on a reason to end."""
        self.reasons = [reason if each is None else each for each in self.reasons]

    def curve(self):
        """Return what was written down."""
        if not self._entries:
            none, by_problem = np.empty(0), np.empty((0, self.rates.size))
            return Curve(np.empty(0, dtype=np.int64), by_problem, none, by_problem, by_problem, none)
        return Curve(*map(np.array, zip(*self._entries, strict=True)))
