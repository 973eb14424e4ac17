"""Stochastic solvers in the outer loop that every solver shares: rounds of epochs, each with a certificate.

A certificate reads X twice, as an epoch does; so rounds grow, by half from one to the next.
"""

import numpy as np

from fastreg import team
from fastreg.jit import completed
from fastreg.solvers import momentum, saga
from fastreg.solvers.leader import FollowTheLeader
from fastreg.solvers.schedules import Constant, Cooled, optimal_from
from fastreg.solvers.solution import Overflowed
from fastreg.solvers.stochastic_kernels import GradientStep, Shifted, Values, is_shared
from fastreg.solvers.stochastic_models import Cumulative, Proximal
from fastreg.solvers.visits import Visits

_MOST_EPOCHS = 10  # of a round
_MOST_EPOCHS_OF_SVRG = 2  # slopes that are older than that differ too much (Johnson and Zhang 2013)
_ROWS_OF_RACE = 2000
_MULTIPLES = 4.0 ** np.arange(-3, 2)


class _Rounds:
    """What the solvers share: the visits of the rows, and the growing number of epochs.

    Attributes
    ----------
    model : NamedTuple
        See `stochastic_models`.
    """

    by_entry = True
    most_epochs = _MOST_EPOCHS

    def __init__(self, state):
        problem = self.problem = state.problem
        self.matrix = problem.matrix.as_rows()
        n_samples = self.matrix.shape[0]
        self.weights = problem.weights * n_samples
        target = Values(problem.y) if problem.offset is None else Shifted(problem.y, problem.offset)
        self.visits = Visits(
            self.matrix, target, GradientStep(), self.weights, problem.loss, problem.penalty,
            float(problem.has_intercept), n_problems=1, features=None, by_entry=self.by_entry,
        )  # fmt: skip
        self.random = np.random.default_rng(0)
        self.now = 1.0
        self.epochs = 1.0
        self.loss = completed(problem.loss)

    def improve(self, state):
        """Run a round; the state follows."""
        epochs = round(self.epochs)
        self._begin_round(epochs * self.matrix.shape[0])
        for _ in range(epochs):
            losses = np.zeros(1)
            self.now = self._epoch(self.random, losses)
            if not np.isfinite(losses[0]):
                raise Overflowed(
                    int(self.now) // self.matrix.shape[0], self.schedule.steps(np.array([1.0]))[0]
                )
        self.epochs = min(1.5 * self.epochs, self.most_epochs)
        self.visits.write_out(self.model, 0)
        state.coef[:] = self.model.coef[0]
        state.intercept = float(self.model.clock[0, 0])

    def _begin_round(self, n_steps):
        """Be told how many steps the next round has."""

    def _epoch(self, random, losses, rows=None):
        running, rates = np.array([0]), np.ones(1)
        return self.visits.epoch(self.model, running, random, self.schedule, rates, self.now, losses, rows)

    def _race(self, base, begin):
        """Begin with the candidate, a multiple of ``base``, whose objective is least on a few rows.

        The losses are those that rows had before they were learned from: too long a step does not win by
        learning rows by heart.
        """
        best, least = base * _MULTIPLES[0], np.inf
        for candidate in base * _MULTIPLES:
            begin(candidate)
            losses = np.zeros(1)
            visited = self._epoch(np.random.default_rng(0), losses, _ROWS_OF_RACE) - self.now
            with np.errstate(all="ignore"):
                objective = losses[0] / visited + self.visits.measure(self.model, 0)[0]
            if objective < least:
                best, least = candidate, objective
        begin(best)

    def _squares(self):
        """Return the mean of |x|**2 over the rows, with that of the intercept."""
        squares = self.matrix.moments(self.problem.weights, 1.0, 0.0)[1].sum() + self.problem.has_intercept
        return squares if squares > 0 else 1.0

    def _curvature(self):
        """Return the curvature bound of the loss, 1 where it has none."""
        bound = float(self.loss.curvature_bound(self.problem.y[0]))
        return bound if np.isfinite(bound) and bound > 0 else 1.0


class _Descent(_Rounds):
    """Proximal stochastic gradient steps of Bottou's length, to 0 in each round, see `stochastic_models`."""

    def __init__(self, state, share):
        penalty, n_features = state.problem.penalty, state.coef.size
        self.by_entry = is_shared(penalty, n_features)
        super().__init__(state)
        shrinkage = completed(penalty).shrinkage(1.0, 0) if self.by_entry else 1.0
        strength = 1.0 / shrinkage - 1.0

        def begin(step):
            self.schedule = optimal_from(step, strength)
            coef, intercept = state.coef[np.newaxis].copy(), state.intercept
            if share > 0:
                lags, clock = momentum.Lags.none(*coef.shape), (intercept, 1.0, 0.0)
                if self.by_entry:
                    self.model = momentum.beginning_at(coef, clock, share, lags, self.now - 1)
                else:
                    self.model = momentum.ProximalBehind(
                        coef, np.array([[intercept, 0.0]]), lags.weights, share
                    )
            elif self.by_entry:
                self.model = Cumulative(coef, coef.copy(), np.array([[intercept, 1.0, 0.0]]))
            else:
                self.model = Proximal(coef, np.array([[intercept]]))

        self._race(1.0 / (self._squares() * self._curvature()), begin)
        self._falling = self.schedule

    def _begin_round(self, n_steps):
        """Let the steps of the round end at 0: what is certified has little of their noise."""
        self.schedule = Cooled(self._falling, self.now, float(n_steps))


class _Leader(_Rounds):
    """Follow the regularised leader, see `leader`."""

    def __init__(self, state):
        super().__init__(state)
        self.schedule = Constant(1.0)
        slopes = state.slopes / state.problem.weights.clip(np.finfo(np.float64).tiny)
        typical = np.sqrt(np.average(slopes**2, weights=state.problem.weights))
        base = typical / (self._curvature() * np.sqrt(self._squares()))

        def begin(rate):
            start = state.coef[np.newaxis], np.array([state.intercept])
            self.model = FollowTheLeader.beginning_at(*start, float(rate))

        self._race(base if base > 0 else 1.0, begin)


class _VarianceReduced(_Rounds):
    """SAGA or SVRG from the gradient that was just certified, see `saga`."""

    def __init__(self, state, model, most_epochs):
        super().__init__(state)
        self._model, self.most_epochs = model, most_epochs
        problem = self.problem
        n_samples = self.matrix.shape[0]
        bounds = team.blocks(n_samples, self.matrix.nnz)
        partial = np.empty(len(bounds) - 1)
        problem.crew.each(
            saga.steepest_row, bounds, self.matrix.design, problem.loss, problem.y, self.weights,
            float(problem.has_intercept), partial,
        )  # fmt: skip
        steepest = partial.max()
        self.schedule = Constant(1.0 / (3.0 * steepest) if steepest > 0 else 1.0)
        counts = self.matrix.entries_per_column()
        self.spread = n_samples / np.maximum(counts, 1)

    def improve(self, state):
        """Run a round."""
        slopes = state.slopes * self.matrix.shape[0]
        self.model = self._model.beginning_at(
            state.coef, state.intercept, state.columns.gradient, slopes, self.spread, self.visits.members
        )
        super().improve(state)


_SOLVERS = {
    "sgd": _Descent,
    "ftrl": lambda state, _: _Leader(state),
    "saga": lambda state, _: _VarianceReduced(state, saga.Saga, _MOST_EPOCHS),
    "svrg": lambda state, _: _VarianceReduced(state, saga.Svrg, _MOST_EPOCHS_OF_SVRG),
}


def improve_by(name, share_of_lag=0.0):
    """Return the step of a stochastic solver for the outer loop; the share is the momentum of 'sgd'."""

    def improve(state, tol, previous):
        if state.kept is None:
            state.kept = _SOLVERS[name](state, share_of_lag)
        state.kept.improve(state)

    return improve
