"""A problem with one prediction per class, assembled once.

    minimise over (W, b):  sum_i weights_i loss(y_i, x_i W + b) + sum_jk penalty_j(W_jk / scale_j)

with weights that sum to 1, W of (n_features, n_classes) and b of n_classes. Weights are kept flat, all
classes of a feature side by side, so that the scalar solvers' sums over weights serve here too.
"""

import numpy as np

from fastreg import team
from fastreg.jit import checked
from fastreg.solvers import multinomial_passes as wide
from fastreg.solvers import passes, validation
from fastreg.solvers.counter import Counter
from fastreg.solvers.multinomial_matrix import WideMatrix
from fastreg.solvers.problem import ROUNDING_OF_LOSS, inverse_deviations, is_smooth

_INTERCEPT_STEPS = 60
# Eigenvalues below this share of the largest are those of directions that change no probability.
_FLAT = 1e-14
_LEAST = 1e-308  # its inverse is finite


class MultinomialProblem:
    """Everything that stays the same during a fit; attributes as those of `Problem`.

    Attributes
    ----------
    y : int array of n_samples
        Class numbers.
    width : int
        How many classes.
    numbers : int array
        The feature of each weight.
    """

    is_quadratic = has_blocks = False

    def __init__(self, matrix, y, loss, penalty, weights, has_intercept, scale):
        self.matrix = matrix
        self.crew = matrix.crew
        self.counter = matrix.counter
        self.width = matrix.width
        self.y = y
        self.loss = loss
        self.weights = weights
        self.has_intercept = has_intercept
        self.scale = scale
        self.is_smooth = is_smooth(penalty)
        self.numbers = np.repeat(np.arange(scale.size), self.width)
        self.row_bounds = team.blocks(y.size, 20 * y.size * self.width)
        self.weight_bounds = team.blocks(self.numbers.size, 4 * self.numbers.size)
        self.set_penalty(penalty)
        at_zero = np.zeros((y.size, self.width))
        slopes = np.empty_like(at_zero)
        raw = self.evaluate(at_zero, np.zeros(self.width), slopes)[0]
        fitted, _ = self.fit_intercept(at_zero, slopes)
        self.objective_at_zero = next((value for value in (fitted, raw) if value > 1e-20 * raw), 1.0)
        self._slopes_at_zero = slopes
        self._residual_at_zero = None

    def reweighted(self, crew, counter, weights, *, standardize):
        """As `Problem.reweighted`."""
        matrix = self.matrix.lent_to(crew, counter)
        scale = inverse_deviations(matrix.columns, weights) if standardize else self.scale
        return MultinomialProblem(matrix, self.y, self.loss, self.penalty, weights, self.has_intercept, scale)

    def mean_loss(self, rows, prediction):
        """Return the mean loss of predictions of some rows."""
        weights, partial = self.weights[rows], np.empty((1, 2 + self.width))
        wide.evaluate_wide_rows(
            0, 0, rows.size, self.loss, self.y[rows], weights / weights.sum(), prediction,
            np.zeros(self.width), np.empty_like(prediction), partial,
        )  # fmt: skip
        return partial[0, 0]

    def checked_penalty(self, penalty):
        """Return another penalty validated and cast for these columns."""
        return checked(penalty, "penalty", self.scale.size)

    def set_penalty(self, penalty):
        """Take another penalty."""
        self.penalty = penalty
        self.free = np.empty(self.scale.size, dtype=np.bool_)
        passes.classify_features(penalty, self.free.size, self.free)

    @property
    def residual_at_zero(self):
        """The largest KKT residual at coef 0: what residuals are relative to."""
        if self._residual_at_zero is None:
            gradient, scores = np.empty((2, self.numbers.size))
            partial = self.matrix.all.score(
                self._slopes_at_zero, self.numbers, self.scale[self.numbers], self.penalty,
                np.zeros(self.numbers.size), self.free[self.numbers], gradient, scores,
            )  # fmt: skip
            self._residual_at_zero = partial[:, 3].max() or 1.0
        return self._residual_at_zero

    def unscaled(self, coef):
        """Return flat scaled weights as (n_features, n_classes) in the units of X."""
        return coef.reshape(-1, self.width) * self.scale[:, None]

    def over_rows(self, kernel, shape, *arguments):
        """Run a kernel over the rows; return the sum of its partial results."""
        partial = np.empty((len(self.row_bounds) - 1, *shape))
        self.crew.each(kernel, self.row_bounds, *arguments, partial)
        return partial.sum(axis=0)

    def over_weights(self, kernel, *arguments):
        """Run a kernel over the weights; return the sum of its partial results."""
        partial = np.empty((len(self.weight_bounds) - 1, 1))
        self.crew.each(kernel, self.weight_bounds, *arguments, partial)
        return partial.sum()

    def evaluate(self, prediction, shift, slopes):
        """Write slopes at prediction + shift; return loss, sum of absolute slopes, sums by class."""
        found = self.over_rows(
            wide.evaluate_wide_rows, (2 + self.width,),
            self.loss, self.y, self.weights, prediction, shift, slopes,
        )  # fmt: skip
        return found[0], found[1], found[2:]

    def coupling(self, slopes):
        """Return the Hessian of the intercepts, of (n_classes, n_classes)."""
        return self.over_rows(
            wide.couple_rows, (self.width, self.width), self.loss, self.y, self.weights, slopes
        )

    def fit_intercept(self, prediction, slopes):
        """Move the prediction by the best intercepts (Newton with halving); return loss and intercepts.

        Slopes are those of the result. Without an intercept nothing moves.
        """
        shift = np.zeros(self.width)
        loss, magnitude, sums = self.evaluate(prediction, shift, slopes)
        if not self.has_intercept:
            return loss, shift
        best, least = np.inf, np.finfo(np.float64).eps * max(np.abs(prediction).max(), 1)
        for _ in range(_INTERCEPT_STEPS):
            worst = np.abs(sums).max()
            if worst <= 1e-15 * magnitude or (worst >= best and worst <= 1e-12 * magnitude):
                break
            best = min(best, worst)
            self.crew.limit_blas()
            step = -flat_inverse(self.coupling(slopes)) @ sums
            found = self.evaluate(prediction, shift + step, slopes)
            rounding = ROUNDING_OF_LOSS * abs(loss)
            # Among weights of very different size the sums still tell progress where the loss no longer does.
            while not (found[0] <= loss + rounding or np.abs(found[2]).max() <= worst / 2):
                step /= 4
                found = self.evaluate(prediction, shift + step, slopes)
                if np.abs(step).max() <= least:
                    break
            if np.array_equal(shift + step, shift):
                break
            shift += step
            loss, magnitude, sums = found
        prediction += shift
        return loss, shift

    def slack_of_rows(self, prediction, dual_scale):
        """Return the Fenchel-Young slack of the loss at dual_scale times the slopes."""
        return self.over_rows(
            wide.slack_wide_rows, (1,), self.loss, self.y, self.weights, prediction, dual_scale
        )[0]


def flat_inverse(matrix):
    """Return the pseudo-inverse of a symmetric matrix whose null space changes nothing.

    The caller limits BLAS (`Crew.limit_blas`).
    """
    values, vectors = np.linalg.eigh(matrix)
    kept = values > max(_FLAT * values[-1], _LEAST)
    return (vectors[:, kept] / values[kept]) @ vectors[:, kept].T


def assemble_multinomial(crew, X, y, loss, penalty, *, fit_intercept, standardize, sample_weight, offset):
    """Validate everything and return a `MultinomialProblem`; see `problem.assemble`."""
    counter = Counter()
    X, counter.bytes_copied = validation.checked_matrix(X)
    n_samples, n_features = X.shape
    penalty = checked(penalty, "penalty", n_features)
    loss = checked(loss, "loss", n_features)
    y = loss.checked_target(validation.checked_vector("y", y, n_samples))
    weights = validation.normalised_weights(sample_weight, n_samples)
    if offset is not None:
        raise ValueError(
            f"offset has one number per row, and {type(loss).__name__} one prediction per class, which such "
            f"an offset does not change: leave it out."
        )
    validation.refuse_nonfinite(crew, X)
    width = max(2, int(y.max()) + 1)
    if width > n_samples + 2:
        raise ValueError(
            f"y holds the class number {width - 1} with {n_samples} rows: number the classes 0, 1, 2, ..."
        )
    matrix = WideMatrix(crew, counter, X, width)
    scale = inverse_deviations(matrix.columns, weights) if standardize else np.ones(n_features)
    return MultinomialProblem(matrix, y, loss, penalty, weights, bool(fit_intercept), scale)
