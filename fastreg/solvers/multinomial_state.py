"""The iterate of a fit with one prediction per class, and its certificate."""

import numpy as np

from fastreg.solvers import passes
from fastreg.solvers.columns import Columns
from fastreg.solvers.solution import CertificateKind
from fastreg.solvers.state import State
from fastreg.solvers.validation import checked_array


class MultinomialState(State):
    """As `State`; weights are flat, prediction and slopes are of (n_samples, n_classes).

    Weights and intercepts are kept centred over the classes where nothing else decides: a number added to
    the weights of one feature in all classes changes no probability.
    """

    def __init__(self, problem):
        self.problem = problem
        self.columns = Columns(problem, problem.numbers, problem.matrix.all, np.zeros(problem.numbers.size))
        self.intercept = np.zeros(problem.width)
        self.prediction, self.slopes = np.empty((2, problem.y.size, problem.width))
        self.loss = self.objective = self.dual = np.nan
        self.gap = np.inf
        self.kind = CertificateKind.DUALITY_GAP
        self._orthogonal = True

    def checked_start(self, coef, intercept, called=""):
        """Return finite weights and intercepts of the right shapes, or refuse them by name."""
        shape = self.problem.scale.size, self.problem.width
        coef = checked_array(f"{called}coef", coef, shape)
        if np.ndim(intercept) == 0:
            intercept = np.full(shape[1:], intercept)
        return coef, checked_array(f"{called}intercept", intercept, shape[1:])

    def start_at(self, coef, intercept, forgiven=np.inf):
        """Take weights in the units of X; see `State.start_at`."""
        problem = self.problem
        scaled = coef / problem.scale[:, None]
        for k in range(problem.width):
            column = scaled[:, k].copy()
            passes.move_into_domain(problem.penalty, column, forgiven)
            scaled[:, k] = column
        scaled[problem.free] -= scaled[problem.free].mean(axis=1, keepdims=True)
        self.coef[:] = scaled.ravel()
        self.intercept = intercept - intercept.mean()

    def take_penalty(self, penalty):
        """As `State.take_penalty`."""
        problem, before = self.problem, self.problem.free
        problem.set_penalty(penalty)
        self.columns.free = problem.free[problem.numbers]
        return np.array_equal(before, problem.free)

    def predict(self):
        """Compute the predictions from the weights anew."""
        problem = self.problem
        problem.matrix.product(problem.unscaled(self.coef), self.prediction)
        self.prediction += self.intercept

    def fit_intercept(self):
        """Fit the intercepts; slopes and loss follow."""
        self.loss, shift = self.problem.fit_intercept(self.prediction, self.slopes)
        self.intercept = self.intercept + shift

    def fit_free_features(self):
        """Leave unpenalised features to the solver: with them the certificate is a KKT residual."""
        self._orthogonal = not self.problem.free.any()

    def examine(self):
        """Set the objective of weights and intercepts as they are; return the KKT residual."""
        problem = self.problem
        self.predict()
        self.loss, _, sums = problem.evaluate(self.prediction, np.zeros(problem.width), self.slopes)
        self.columns.score(self.slopes)
        self.objective = self.loss + self.columns.penalty
        return max(self.columns.largest, np.abs(sums).max() if problem.has_intercept else 0.0)
