"""Stochastic gradient descent over shuffled blocks of rows.

    minimise over (w, b):  (1 / n) sum_i s_i loss(y_i, x_i.w + b) + sum_j penalty_j(w_j)

Row i, visited at step size eta, moves the weights by -eta s_i loss'(y_i, p_i) x_i and the intercept
likewise; then the penalty takes a step of that size, see `stochastic_models`. Rows are visited in blocks
of consecutive rows, whose order is shuffled for each epoch: the rows of a block lie side by side in
memory. Several problems on the same X (one class against the rest, for each class) are visited side by
side, in the same order; what one of them computes depends on no other, and so on no number of threads.
Rows of many entries are cut, see `shards`: then threads share a problem, and the rows of a block are all
predicted before the first is learned from. Rows of few entries rarely have the same, so that their order
within a block matters little.
"""

from typing import NamedTuple

import numpy as np

from fastreg import team
from fastreg.jit import checked
from fastreg.solvers import momentum, stopping, validation
from fastreg.solvers import stochastic_kernels as kernels
from fastreg.solvers import stochastic_models as models
from fastreg.solvers.counter import Counter
from fastreg.solvers.leader import FollowTheLeader
from fastreg.solvers.matrices import row_matrix
from fastreg.solvers.solution import Interrupted, Overflowed, Work
from fastreg.solvers.stochastic_plans import Means, Plan
from fastreg.solvers.visits import Visits

__all__ = ["Descent", "Means", "Plan", "descend"]


class Descent(NamedTuple):
    """The result of `descend`.

    Attributes
    ----------
    coef : array of (n_problems, n_features)
    intercept : array of n_problems
    gathered : array of (n_problems, n_features)
        The gradient steps of each weight, u; coef is ``share`` times what exceeds ``owed``.
    owed : array of n_problems
        The thresholds of all steps, Q; 0 for a penalty without thresholds.
    share : array of n_problems
        The shrinkage of all steps, P. See `stochastic_models`.
    means : Means or None
        None where no means were asked for.
    objective : array of n_problems
        Mean loss during the last epoch, or that of the best score, plus penalty at its end.
    n_iter : int array of n_problems
        Epochs done.
    converged : bool array of n_problems
        Whether it ended before max_iter epochs.
    step : float
        The number of the next step.
    work : Work
    reasons : list of n_problems stopping.Reason
        Why each ended.
    curve : stopping.Curve
        How it went.
    features : int array of n_shards + 1
        Where rows are cut, see `shards.Shards`.
    leader : FollowTheLeader or None
        What AdaGrad's steps go on from, where they were asked for.
    lags : Lags or None
        What momentum goes on from, where it was asked for.
    """

    coef: np.ndarray
    intercept: np.ndarray
    gathered: np.ndarray
    owed: np.ndarray
    share: np.ndarray
    means: Means | None
    objective: np.ndarray
    n_iter: np.ndarray
    converged: np.ndarray
    step: float
    work: Work
    reasons: list[stopping.Reason]
    curve: stopping.Curve
    features: np.ndarray
    leader: FollowTheLeader | None = None
    lags: momentum.Lags | None = None

    @property
    def reached(self):
        """Coef and intercept that predict: the means where iterates were counted, else the last ones."""
        return _reached(self.means, self.coef, self.intercept)


def descend(
    X, target, loss, penalty, plan, *, coef, intercept, owed=None, share=None, sample_weight=None,
    means=None, step=1.0, features=None, leader=None, lags=None, n_threads=None,
):  # fmt: skip
    """Go down by stochastic gradient steps.

    Parameters
    ----------
    X : array or scipy sparse matrix of (n_samples, n_features)
        Read in place as C-ordered or CSR float32 or float64, else converted once.
    target : NamedTuple
        ``stochastic_kernels.Values`` or ``OneAgainstTheRest``.
    loss, penalty : NamedTuple
    plan : Plan
    coef, intercept : arrays of (n_problems, n_features) and n_problems
        Where to start.
    owed, share : arrays of n_problems or None
        To go on where an earlier descent ended: its own, with its ``gathered`` for coef. None is 0 and 1.
    sample_weight : array of n_samples or None
        s; None is 1 for all.
    means : Means or None
        The means so far, where means are wanted.
    step : float
        The number of the first step: 1, or where an earlier descent ended.
    features : int array or None
        To go on where an earlier descent ended: its ``features``. None: by the first rows.
    leader : FollowTheLeader or None
        To go on where an earlier descent by AdaGrad's steps ended: its ``leader``, in place of coef.
    lags : Lags or None
        To go on where an earlier descent with momentum ended: its ``lags``.
    n_threads : int or None
        See `fastreg.set_num_threads`. The result does not depend on it.

    Returns
    -------
    Descent

    Raises
    ------
    ValueError, TypeError
        For input that cannot be fitted, in one sentence.
    Overflowed
        Where the steps are too long for the data.
    Interrupted
        On Ctrl-C; its ``solution`` is the `Descent` so far, with a score that of the best epoch.
    """
    counter = Counter()
    with team.lease(n_threads) as crew:
        X, counter.bytes_copied = validation.checked_matrix(X)
        validation.refuse_nonfinite(crew, X)
        matrix = row_matrix(crew, counter, X)
        loss = checked(loss, "loss", X.shape[1])
        penalty = checked(penalty, "penalty", X.shape[1])
        held = coef, owed, share, leader, lags
        start = held, intercept, means, step, features
        run = _Run(matrix, target, loss, penalty, plan, sample_weight, *start)
        try:
            with np.errstate(all="ignore"):  # overflow is told in a sentence
                run.go()
        except KeyboardInterrupt:
            run.close()
            run.judge.end(stopping.Reason.STOPPED)
            raise Interrupted(run.result()) from None
        return run.result()


class _Run:
    """One descent, problems side by side."""

    def __init__(
        self, matrix, target, loss, penalty, plan, sample_weight, held, intercept, means, step, features
    ):
        self.matrix, self.crew, self.counter = matrix, matrix.crew, matrix.counter
        self.target, self.loss, self.penalty, self.plan = target, loss, penalty, plan
        n_samples, n_features = matrix.shape
        self.sample_weight = np.ones(n_samples) if sample_weight is None else sample_weight
        self.step = step
        n_problems = intercept.size
        self._leads = plan.rate is not None
        self._is_cumulative = not self._leads and kernels.is_shared(self.penalty, n_features)
        self.visits = Visits(
            matrix, target, plan.rule, self.sample_weight, loss, penalty, plan.intercept_rate,
            n_problems=n_problems, features=features, by_entry=self._is_cumulative or self._leads,
        )  # fmt: skip
        self.model = self._model(*held, intercept, means)
        self.running = np.arange(n_problems)
        self.judge = stopping.Judge(plan, n_problems, _strength(penalty))
        self.rates = self.judge.rates
        self.score = plan.score
        if isinstance(self.score, stopping.Held):
            self.score = self.score.score_by(loss, self.crew, self.counter)
        self.leg = None
        self.losses, self.penalties, self.squares = np.zeros((3, n_problems))
        self.objective = np.full(n_problems, np.inf)
        self.n_iter = np.zeros(n_problems, dtype=np.int64)

    def _model(self, held, owed, share, leader, lags, intercept, means):
        """Return the iterate at its start: cumulative where the penalty knows the words for it."""
        if self._leads:
            if leader is None:
                return FollowTheLeader.beginning_at(held, intercept, self.plan.rate)
            return FollowTheLeader(*(array.copy() for array in leader[:-1]), self.plan.rate)
        held = np.array(held, np.float64)
        clock = intercept, 1.0 if share is None else share, 0.0 if owed is None else owed
        if self.plan.momentum > 0:
            lags = momentum.Lags.none(*held.shape) if lags is None else lags
            if self._is_cumulative:
                return momentum.beginning_at(held, clock, self.plan.momentum, lags, self.step - 1)
            return momentum.ProximalBehind(
                held, _clock(intercept, lags.intercepts), lags.weights.copy(), self.plan.momentum
            )
        if means is None:
            if self._is_cumulative:
                return models.Cumulative(np.empty_like(held), held, _clock(*clock))
            return models.Proximal(held, _clock(intercept))
        sums, *counts = means.sums.copy(), means.sums_of_intercepts, means.counted
        if not self._is_cumulative:
            return models.ProximalSummed(held, _clock(intercept, *counts), sums, means.counted_from)
        every = means.every or self.visits.rows_per_sum
        return models.CumulativeSummed(
            np.empty_like(held), held, _clock(*clock, 0.0, *counts), sums, means.counted_from, every
        )

    def go(self):
        """Run epochs until every problem is done; then take the weights of the best score."""
        course, plan = self.plan.course, self.plan
        if course is not None:
            words = self.target, self.sample_weight, self.loss, plan.intercept_rate > 0, self.running.size
            self._turn(course.begin(self.matrix, *words))
        for _ in range(plan.max_iter):
            self._epoch()
            score = self._judge()
            if course is not None:
                self._turn(course.after(score, self.step))
            if self.running.size == 0:
                break
        if self.judge.kept is None:
            self._write_out()
        asked = plan.tol is None and course is None
        self.judge.end(stopping.Reason.ALL_EPOCHS if asked else stopping.Reason.MAX_ITER)
        if self.judge.kept is not None:
            self._restore(self.judge.kept)

    def _turn(self, leg):
        """Go on with a leg of the course; None ends it."""
        if leg is None:
            self.judge.end(stopping.Reason.NO_BETTER_STRENGTH)
            self.running = self.judge.those_left(self.running)
        elif leg is not self.leg:
            if self.leg is not None:
                self._restore(self.judge.kept if leg.from_best else self._kept())
            self.leg = leg
            self.penalty = checked(leg.penalty, "penalty", self.matrix.shape[1])
            self.visits.penalty = self.penalty
            self.plan = self.plan._replace(schedule=leg.schedule)
            self.judge.strength = _strength(leg.penalty)

    def _epoch(self):
        plan, running = self.plan, self.running
        self.losses[:] = 0
        random = plan.random if plan.shuffle else None
        self.step = self.visits.epoch(
            self.model, running, random, plan.schedule, self.rates, self.step, self.losses
        )
        for k in running:
            self.penalties[k], self.squares[k] = self.visits.measure(self.model, k)
        self.n_iter[running] += 1

    def close(self):
        """Write out all weights, after Ctrl-C; then take those of the best score so far."""
        for k in range(self.rates.size):
            self.visits.write_alone(self.model, k)
        if self.judge.kept is not None:
            self._restore(self.judge.kept)

    def _judge(self):
        """Set objectives, write them down, and let problems go on or end; return the score."""
        matrix, running = self.matrix, self.running
        for k in running:
            if not np.isfinite(self.losses[k] + self.penalties[k] + self.model.clock[k, 0]):
                self._refuse(k)
        score = None
        if self.plan.exact or self.score is not None:
            self._write_out()
            coef, intercept = self._reached()
            score = None if self.score is None else float(self.score(coef, intercept))
        if self.plan.exact:
            losses = stopping.mean_losses(matrix, self.target, self.sample_weight, self.loss, coef, intercept)
            objective = losses + stopping.penalties_of(self.penalty, coef)
        else:
            objective = self.losses / matrix.shape[0] + self.penalties
        self.objective[running] = objective[running]
        last = self.plan.schedule.steps(np.array([self.step - 1.0]))[0]
        self.judge.note(self.objective, np.nan if score is None else score, self._norm(), last)
        self.running = self.judge.judge(running, self.objective, score, self._kept)
        return score

    def _refuse(self, k):
        """Tell that the steps of problem k are too long."""
        first = self.plan.schedule.steps(np.array([self.step - self.matrix.shape[0]]))[0]
        raise Overflowed(self.n_iter[k], self.rates[k] * first)

    def _write_out(self):
        for k in range(self.rates.size):
            self.visits.write_out(self.model, k)

    def _reached(self):
        return _reached(self._means(), self.model.coef, self.model.clock[:, 0])

    def _norm(self):
        """Return the norms of what would be returned: of the means without making them."""
        means = self._means()
        if means is None or not means.counted.any():
            return np.sqrt(self.squares)
        norm = np.sqrt(np.einsum("kj,kj->k", means.sums, means.sums)) / np.maximum(means.counted, 1.0)
        for k in np.flatnonzero(~np.isfinite(norm)):
            if not np.isfinite(means.sums[k].sum()):
                self._refuse(k)
        return norm

    def _kept(self):
        """Return copies of what a problem is restored from."""
        names = "coef", "clock", "sums", "z", "roots"
        copies = {name: getattr(self.model, name).copy() for name in names if hasattr(self.model, name)}
        return copies, self.objective.copy()

    def _restore(self, kept):
        copies, self.objective[:] = kept
        for name, array in copies.items():
            getattr(self.model, name)[:] = array
        if self._is_cumulative:  # to be gone on from without what later epochs owe
            self.model.held[:], self.model.clock[:, 1:3] = self.model.coef, (1.0, 0.0)
        if self.plan.momentum > 0:
            self.model.lags[:], self.model.clock[:, -1] = 0.0, 0.0

    def _means(self):
        """Return the means so far, None where none are kept."""
        model = self.model
        if not hasattr(model, "sums"):
            return None
        *_, sums_of_intercepts, counted = model.clock.T.copy()
        every = model.every if self._is_cumulative else 1
        return Means(model.sums, sums_of_intercepts, counted, model.counted_from, every)

    def result(self):
        """Return what was reached."""
        model, means = self.model, self._means()
        gathered, owed, share = model.coef, np.zeros(self.rates.size), np.ones(self.rates.size)
        if self._is_cumulative:
            gathered, (share, owed) = model.held, model.clock[:, 1:3].T.copy()
        reasons = self.judge.reasons
        converged = np.array([reason in stopping.ENDED_BY_ITSELF for reason in reasons])
        return Descent(
            model.coef, model.clock[:, 0].copy(), gathered, owed, share, means, self.objective, self.n_iter,
            converged, self.step, self.counter.total(), reasons, self.judge.curve(), self.visits.features,
            model if self._leads else None, self._lags(),
        )  # fmt: skip

    def _lags(self):
        """Return what is still to come of the steps so far, None without momentum."""
        if self.plan.momentum == 0:
            return None
        weights, intercepts = self.model.lags, self.model.clock[:, -1].copy()
        if self._is_cumulative:  # problems that ended earlier than others go on at the same step
            weights[:, :, 1] += (self.step - 1 - self.model.clock[:, 3])[:, np.newaxis]
        return momentum.Lags(weights, intercepts)


def _clock(*columns):
    """Return the clocks of the problems: one row each."""
    return np.column_stack(np.broadcast_arrays(*columns)).astype(np.float64)


def _strength(penalty):
    return float(np.mean(getattr(penalty, "strength", 0.0)))


def _reached(means, coef, intercept):
    if means is None or not means.counted.any():
        return coef, intercept
    return means.coef, means.intercept
