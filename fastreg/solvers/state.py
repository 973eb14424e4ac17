"""The iterate of a fit and its certificate."""

import numpy as np

from fastreg.solvers import passes
from fastreg.solvers.gram import Gram
from fastreg.solvers.problem import ROUNDING_OF_LOSS
from fastreg.solvers.solution import CertificateKind
from fastreg.solvers.validation import checked_number, checked_vector

MOST_FREE_FEATURES = 32
_POLISH_STEPS = 50


class State:
    """Scaled weights, intercept, and everything that follows from them.

    Attributes
    ----------
    columns : Columns
        All columns: weights, gradient, scores.
    intercept : float
    prediction, slopes, curvatures : arrays of n_samples
        Prediction with offset and intercept; weighted derivatives of the loss there.
    loss, objective, gap, dual, kind
        See `Certificate`.
    preconditioned : tuple or None
        Newton's last preconditioner, after the curvatures of penalty and loss that it is made for.
    gram : Gram
        Products of the columns of the last working set that had them.
    kept : object or None
        What else a solver keeps from round to round.
    """

    def __init__(self, problem):
        n_samples = problem.y.size
        self.problem = problem
        self.columns = problem.all_columns()
        self.intercept = 0.0
        self.prediction, self.slopes, self.curvatures = np.empty((3, n_samples))
        self.loss = self.objective = self.dual = np.nan
        self.gap = np.inf
        self.kind = CertificateKind.DUALITY_GAP
        self.preconditioned = None
        self.gram = Gram(problem.has_intercept)
        self.descent_cost = 0  # entries of X that coordinate descent has read and written
        self.kept = None
        self._orthogonal = True  # the slopes, to the columns of unpenalised features

    @property
    def coef(self):
        """The scaled weights of all columns."""
        return self.columns.coef

    def checked_start(self, coef, intercept, called=""):
        """Return finite weights and a finite intercept of the right shapes, or refuse them by name."""
        coef = checked_vector(f"{called}coef", coef, self.coef.size, per="column")
        return coef, checked_number(f"{called}intercept", intercept, -np.inf)

    def start_at(self, coef, intercept, forgiven=np.inf):
        """Take weights in the units of X.

        Those outside the penalty's domain by a share of at most ``forgiven`` are moved to its border.
        """
        self.coef[:] = coef / self.problem.scale
        self.columns.move_into_domain(forgiven)
        self.intercept = intercept

    def weights(self):
        """Return a copy of the weights, in the units of X, and the intercept."""
        return np.array(self.problem.unscaled(self.coef)), np.copy(self.intercept)

    def predict(self):
        """Compute the prediction from the weights anew."""
        problem = self.problem
        problem.matrix.product(self.coef * problem.scale, self.prediction)
        self.prediction += self.intercept
        if problem.offset is not None:
            self.prediction += problem.offset

    def fit_intercept(self):
        """Fit the intercept; slopes, curvatures and loss follow."""
        self.loss, constant = self.problem.fit_intercept(self.prediction, self.slopes, self.curvatures)
        self.intercept += constant

    def model_curvatures(self, damping):
        """Return the curvatures of a quadratic model: all positive, at least ``damping`` of the largest.

        Where the loss is straight everywhere (all rows far out on a Huber loss) any will do.
        """
        curvatures = self.curvatures if self.curvatures.max() > 0 else self.problem.weights
        return np.maximum(curvatures, damping * curvatures.max())

    def fit_free_features(self):
        """Fit the unpenalised weights together with the intercept, by Newton steps on their few columns.

        Where they are too many, or have no finite optimum, the slopes are not orthogonal to their columns
        after that, and the certificate is a KKT residual.
        """
        problem = self.problem
        columns = np.flatnonzero(problem.free)
        self._orthogonal = columns.size == 0
        if not 0 < columns.size <= MOST_FREE_FEATURES:
            return
        block = self.dense_columns(columns)
        problem.crew.limit_blas()
        for _ in range(_POLISH_STEPS):
            slope = block @ self.slopes
            magnitude = np.abs(block) @ np.abs(self.slopes)
            self._orthogonal = bool(np.all(np.abs(slope) <= 1e-10 * magnitude))
            if np.all(np.abs(slope) <= 1e-14 * magnitude):
                return
            hessian = (block * self.curvatures) @ block.T
            step = -np.linalg.lstsq(hessian, slope, rcond=1e-14)[0]
            before = self.loss
            rounding = ROUNDING_OF_LOSS * abs(before)
            while True:
                trial = self.prediction + step @ block
                self.loss = problem.evaluate(trial, self.slopes, self.curvatures)[0]
                if self.loss <= before + rounding or not abs(step @ slope) > rounding:
                    break
                step /= 4
            self.prediction = trial
            self.coef[columns] += step[: columns.size]
            if problem.has_intercept:
                self.intercept += step[-1]

    def dense_columns(self, columns):
        """Return some (scaled) columns, and the intercept's, as rows of a dense array."""
        problem = self.problem
        reader = problem.matrix.select(columns)
        block = np.zeros((columns.size + problem.has_intercept, problem.y.size))
        scales = np.diag(problem.scale[columns])
        for k in range(columns.size):
            passes.accumulate(k, k, k + 1, reader.design, reader.positions, scales[k], block)
        if problem.has_intercept:
            block[-1] = 1.0
        return block

    def certify(self):
        """Predict, fit what is not penalised, run the full pass; set objective, gap and kind."""
        self.predict()
        self.fit_intercept()
        self.fit_free_features()
        self.columns.score(self.slopes)
        self._conclude()

    def take_penalty(self, penalty):
        """Take another penalty; return whether the certificate needs no new pass over X.

        It does where other features are unpenalised now: they are fitted first.
        """
        before = self.problem.free
        self.problem.set_penalty(penalty)
        self.columns.free = self.problem.free
        return np.array_equal(before, self.problem.free)

    def recertify(self):
        """Certify the same weights for a penalty that was just taken: no pass over X."""
        self.columns.rescore()
        self._conclude()

    def slack_of_rows(self, dual_scale):
        """Return the Fenchel-Young slack of the loss at a multiple of the slopes."""
        return self.problem.slack_of_rows(self.prediction, dual_scale)

    def examine(self):
        """Set the objective of weights and intercept as they are, nothing fitted; return the KKT residual."""
        self.predict()
        self.loss, slope, *_ = self.problem.evaluate(self.prediction, self.slopes, self.curvatures)
        self.columns.score(self.slopes)
        self.objective = self.loss + self.columns.penalty
        return max(self.columns.largest, abs(slope) if self.problem.has_intercept else 0.0)

    def _conclude(self):
        self.objective = self.loss + self.columns.penalty
        slack = self.columns.smallest_slack(self.slack_of_rows)
        if self._orthogonal and np.isfinite(slack):
            self.kind = CertificateKind.DUALITY_GAP
            self.dual = self.objective - slack
            self.gap = slack / self.problem.objective_at_zero
        else:
            self.kind = CertificateKind.KKT_RESIDUAL
            self.dual = np.nan
            self.gap = self.columns.largest / self.problem.residual_at_zero
