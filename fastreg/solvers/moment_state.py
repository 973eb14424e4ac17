"""A fit of a quadratic loss by its moments: no row of X is read."""

import numpy as np

from fastreg.jit import checked, kind_of_penalty
from fastreg.solvers.columns import Columns
from fastreg.solvers.quadratic import Quadratic, add_rows
from fastreg.solvers.solution import CertificateKind
from fastreg.solvers.state import MOST_FREE_FEATURES, State

_SHARE = 1e-3  # of its first largest step, that a minimum is wanted to in one round


class MomentProblem:
    """As `Problem`, of the rows whose moments are given.

    Parameters
    ----------
    rows : RowsOfMoments
        Where the moments come from.
    moments : Moments
    penalty : NamedTuple
        Checked, of single weights.
    has_intercept : bool
    standardize : bool
        Only with an intercept: moments without one are not centred, which deviations are.
    """

    def __init__(self, crew, counter, rows, moments, penalty, *, has_intercept, standardize):
        self.crew, self.counter = crew, counter
        self.rows, self.means, self.has_intercept = rows, moments.means, has_intercept
        matrix, image, square = moments.normal_equations(centred=has_intercept)
        variance = matrix.diagonal().copy()
        usable = variance > 1e-26 * rows.centres**2 + np.finfo(np.float64).tiny  # a constant column is not
        deviation = np.sqrt(np.where(usable & standardize, variance, 1.0))
        self.scale = 1.0 / deviation
        matrix *= rows.curvature * self.scale
        matrix *= self.scale[:, None]
        self.hessian = matrix
        self.image = rows.curvature * image * self.scale
        self.steps = np.where(usable, 1.0 / np.where(usable, np.diag(self.hessian), 1.0), 0.0)
        self.constant = moments.constant / moments.total
        self.half_square = 0.5 * rows.curvature * square
        self.set_penalty(penalty)
        at_zero = self.half_square + self.constant
        raw = at_zero + 0.5 * rows.curvature * rows.centre**2
        self.objective_at_zero = next((value for value in (at_zero, raw) if value > 1e-20 * raw), 1.0)
        self._residual_at_zero = None

    def set_penalty(self, penalty):
        """Take another penalty (the next of a path)."""
        self.penalty = penalty
        self.free = Columns.unpenalised(penalty, self.scale.size)

    def checked_penalty(self, penalty):
        """Return another penalty validated and cast for these columns."""
        return checked(penalty, kind_of_penalty(penalty), self.scale.size)

    def unscaled(self, coef):
        """Return scaled weights in the units of X."""
        return coef * self.scale

    @property
    def residual_at_zero(self):
        """The largest KKT residual at coef 0: what residuals are relative to."""
        if self._residual_at_zero is None:
            columns = Columns(self, np.arange(self.scale.size), None, np.zeros(self.scale.size))
            columns.gradient[:] = -self.image
            columns.rescore()
            self._residual_at_zero = columns.largest or 1.0
        return self._residual_at_zero


class MomentState(State):
    """As `State`; what follows from weights is the gradient, and the best intercept of them."""

    def __init__(self, problem):
        n_features = problem.scale.size
        self.problem = problem
        self.columns = Columns(problem, np.arange(n_features), None, np.zeros(n_features))
        self.intercept = 0.0
        self.loss = self.objective = self.dual = np.nan
        self.gap = np.inf
        self.kind = CertificateKind.DUALITY_GAP
        self.model = Quadratic(problem, problem.hessian, self.columns.features, problem.steps)
        self._orthogonal = True

    def predict(self):
        """Compute gradient and loss from the weights anew."""
        problem, coef = self.problem, self.coef
        support = np.flatnonzero(coef)
        image = np.zeros_like(coef)
        add_rows(problem.hessian, support, coef[support], image)
        self.columns.gradient[:] = image - problem.image
        self._square = max(0.0, problem.half_square + coef @ (0.5 * image - problem.image))
        self.loss = self._square + problem.constant

    def fit_intercept(self):
        """Set the intercept, relative to the centres, that is best for the weights."""
        if self.problem.has_intercept:
            means = self.problem.means
            self.intercept = means[-2] - means[:-2] @ self.problem.unscaled(self.coef)

    def fit_free_features(self):
        """Fit the unpenalised weights, by one linear system."""
        problem = self.problem
        free = np.flatnonzero(problem.free)
        self._orthogonal = free.size == 0
        if not 0 < free.size <= MOST_FREE_FEATURES:
            return
        slopes = self.columns.gradient[free]
        if slopes.any():
            self.coef[free] -= np.linalg.lstsq(problem.hessian[np.ix_(free, free)], slopes, rcond=1e-14)[0]
            self.predict()
        bound = np.sqrt(np.diag(problem.hessian)[free] * 2 * problem.half_square)  # Cauchy and Schwarz
        self._orthogonal = bool(np.all(np.abs(self.columns.gradient[free]) <= 1e-10 * bound))

    def certify(self):
        """Compute what follows from the weights, fit what is not penalised; set objective, gap and kind."""
        self.problem.crew.limit_blas()
        self.predict()
        self.fit_free_features()
        self.fit_intercept()
        self.recertify()

    def slack_of_rows(self, dual_scale):
        """Return the Fenchel-Young slack of the loss at a multiple of the slopes."""
        return (1.0 - dual_scale) ** 2 * self._square

    def in_units_of_rows(self):
        """Return weights and intercept as they are for X itself."""
        rows, coef = self.problem.rows, self.problem.unscaled(self.coef)
        return coef, self.intercept + rows.centre - rows.centres @ coef

    def mean_loss(self, moments):
        """Return the mean loss over rows of other moments."""
        square = moments.square(self.problem.unscaled(self.coef), self.intercept)
        return 0.5 * self.problem.rows.curvature * square + moments.constant / moments.total


def improve(state, tol, previous):
    """Minimise the quadratic over all columns."""
    state.model.minimise(state.coef, state.columns.gradient.copy(), _SHARE)
