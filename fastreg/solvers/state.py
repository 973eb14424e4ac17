"""The iterate of a fit and its certificate.

With weights s that sum to 1, slopes v_i = s_i loss'(y_i, prediction_i) and gradient g = X.T v, every
c in [0, 1] with c * g in the domain of the conjugate penalties gives the dual point c * v, and

    P - D = sum_i s_i [loss_i + conjugate_i(c v_i / s_i) - c v_i / s_i * prediction_i]
          + sum_j [penalty_j(w_j) + conjugate_j(-c g_j) + c g_j w_j].

Both sums are of Fenchel-Young slacks, which are never negative: nothing large cancels. At c = 1 the
first is 0. The intercept and the unpenalised weights are fitted exactly first, so that the dual point
is orthogonal to them.
"""

import numpy as np

from fastreg import team
from fastreg.solvers import passes
from fastreg.solvers.problem import ROUNDING_OF_LOSS
from fastreg.solvers.solution import CertificateKind

MOST_FREE_FEATURES = 32
_POLISH_STEPS = 50
# c is taken this much below its bound, so that rounding leaves the point feasible.
_INSIDE = 1 - 2.0**-50


class State:
    """Coefficients (scaled), intercept, and everything that follows from them."""

    def __init__(self, problem):
        n_samples, n_features = problem.matrix.shape
        self.coef = np.zeros(n_features)
        self.intercept = 0.0
        self.prediction = np.empty(n_samples)  # offset and intercept included
        self.slopes = np.empty(n_samples)
        self.curvatures = np.empty(n_samples)
        self.gradient = np.empty(n_features)
        self.scores = np.empty(n_features)
        self.loss = np.nan
        self.objective = np.nan
        self.gap = np.inf
        self.dual = np.nan
        self.critical = np.nan  # the multiple of the penalty at which coef 0 would be optimal
        self.kind = CertificateKind.DUALITY_GAP
        self.orthogonal = True  # the slopes, to the columns of unpenalised features

    def start_at(self, problem, coef, intercept, forgiven):
        """Take weights in the units of X.

        Those outside the penalty's domain by a share of at most ``forgiven`` are moved to its border.
        """
        self.coef[:] = coef / problem.scale
        passes.move_into_domain(problem.penalty, self.coef, forgiven)
        self.intercept = intercept

    def refresh(self, problem, crew):
        """Compute the prediction from the coefficients anew, and fit the intercept to it."""
        problem.matrix.product(crew, self.coef * problem.scale, self.prediction)
        self.prediction += self.intercept
        if problem.offset is not None:
            self.prediction += problem.offset
        self.fit_intercept(problem, crew)

    def fit_intercept(self, problem, crew):
        """Fit the intercept; slopes, curvatures and loss follow."""
        self.loss, constant = problem.fit_intercept(crew, self.prediction, self.slopes, self.curvatures)
        self.intercept += constant

    def model_curvatures(self, problem, damping):
        """Return the curvatures of a quadratic model: all positive, at least ``damping`` of the largest.

        Where the loss is straight everywhere (all rows far out on a Huber loss) any will do.
        """
        curvatures = self.curvatures if self.curvatures.max() > 0 else problem.weights
        return np.maximum(curvatures, damping * curvatures.max())

    def fit_free_features(self, problem, crew):
        """Fit the unpenalised weights together with the intercept, by Newton steps on their few columns.

        Sets `orthogonal`: whether the slopes are orthogonal to them. They are not where the features are
        too many, or have no finite optimum; the certificate is then a KKT residual.
        """
        columns = problem.free_columns
        self.orthogonal = columns.size == 0
        if not 0 < columns.size <= MOST_FREE_FEATURES:
            return
        design, positions, _ = problem.matrix.select(columns)
        block = np.zeros((columns.size + problem.has_intercept, problem.y.size))
        for k in range(columns.size):
            unit = np.zeros(columns.size)
            unit[k] = problem.scale[columns[k]]
            passes.accumulate(k, k, k + 1, design, positions, unit, block)
        if problem.has_intercept:
            block[-1] = 1.0
        with team.single_threaded_blas():
            for _ in range(_POLISH_STEPS):
                slope = block @ self.slopes
                magnitude = np.abs(block) @ np.abs(self.slopes)
                self.orthogonal = bool(np.all(np.abs(slope) <= 1e-10 * magnitude))
                if np.all(np.abs(slope) <= 1e-14 * magnitude):
                    return
                hessian = (block * self.curvatures) @ block.T
                step = -np.linalg.lstsq(hessian, slope, rcond=1e-14)[0]
                before = self.loss
                rounding = ROUNDING_OF_LOSS * abs(before)
                while True:
                    trial = self.prediction + step @ block
                    self.loss = problem.evaluate(crew, trial, self.slopes, self.curvatures)[0]
                    if self.loss <= before + rounding or not abs(step @ slope) > rounding:
                        break
                    step /= 4
                self.prediction = trial
                self.coef[columns] += step[: columns.size]
                if problem.has_intercept:
                    self.intercept += step[-1]

    def certify(self, problem, crew, scale_of_gap, gradient_known=False):
        """Run the full pass; set gradient, scores, objective, gap.

        Parameters
        ----------
        scale_of_gap : GapScale
            What the gap is relative to.
        gradient_known : bool
            Whether only the penalty changed since the last call.
        """
        columns = problem.columns
        if gradient_known:
            partial = _rescore(
                problem, crew, columns, self.coef, problem.free, self.gradient, 1.0, self.scores
            )
        else:
            partial = problem.matrix.score(
                crew, self.slopes, problem.scale, problem.penalty, self.coef, problem.free,
                self.gradient, self.scores,
            )  # fmt: skip
        self.objective = self.loss + partial[:, 0].sum()
        self.critical = partial[:, 1].max()
        slack = smallest_slack(
            problem,
            crew,
            columns,
            self.coef,
            problem.free,
            self.gradient,
            self.prediction,
            partial,
            scale_of_gap,
        )
        certifiable = self.orthogonal and np.isfinite(slack)
        self.kind = CertificateKind.DUALITY_GAP if certifiable else CertificateKind.KKT_RESIDUAL
        if self.kind is CertificateKind.DUALITY_GAP:
            self.dual = self.objective - slack
            self.gap = slack / scale_of_gap.objective
        else:
            self.dual = np.nan
            self.gap = partial[:, 3].max() / scale_of_gap.residual(problem, crew)


def _rescore(problem, crew, features, coef, free, gradient, dual_scale, scores):
    bounds = team.blocks(features.size, 4 * features.size)
    partial = np.empty((len(bounds) - 1, 4))
    crew.each(
        passes.rescore_columns,
        bounds,
        features,
        problem.penalty,
        coef,
        free,
        gradient,
        dual_scale,
        scores,
        partial,
    )
    return partial


def smallest_slack(problem, crew, features, coef, free, gradient, prediction, partial, scale_of_gap):
    """Return P - D at the best of a few dual points: the slopes, scaled to be feasible, scaled to 0."""
    slack = partial[:, 2].sum()
    critical = partial[:, 1].max()
    if np.isnan(slack):
        return np.nan
    scratch = np.empty(features.size)

    def at_scale(dual_scale):
        columns = _rescore(problem, crew, features, coef, free, gradient, dual_scale, scratch)
        return columns[:, 2].sum() + problem.slack_of_rows(crew, prediction, dual_scale)

    if 1 < critical < np.inf:
        slack = min(slack, at_scale(_INSIDE / critical))
    if scale_of_gap.objective < slack < np.inf:
        slack = min(slack, at_scale(0.0))  # far from the optimum the dual point 0 is not so poor
    return max(slack, 0.0)


class GapScale:
    """What gaps are relative to: objective, or largest residual, at coef 0 with the best intercept."""

    def __init__(self, problem, crew):
        state = State(problem)
        state.prediction[:] = 0 if problem.offset is None else problem.offset
        raw = problem.evaluate(crew, state.prediction, state.slopes, state.curvatures)[0]
        state.fit_intercept(problem, crew)
        # Where coef 0 fits up to rounding, the loss at prediction 0 says what rounding is.
        self.objective = next((value for value in (state.loss, raw) if value > 1e-20 * raw), 1.0)
        self.state_at_zero = state
        self._residual = None

    def residual(self, problem, crew):
        """Return the largest KKT residual at coef 0."""
        if self._residual is None:
            zero = self.state_at_zero
            partial = problem.matrix.score(
                crew, zero.slopes, problem.scale, problem.penalty, np.zeros_like(zero.coef), problem.free,
                np.empty_like(zero.coef), np.empty_like(zero.coef),
            )  # fmt: skip
            self._residual = partial[:, 3].max() or 1.0
        return self._residual
