"""A problem, assembled once: matrix, target, terms, weights, and what they imply.

    minimise over (w, b):  sum_i weights_i loss(y_i, x_i.w + b + offset_i) + sum_j penalty_j(w_j / scale_j)

with weights that sum to 1. Solvers work on coef = w / scale, so standardisation is one number per
column and X is never touched.
"""

import numpy as np

from fastreg import team
from fastreg.jit import checked, completed, kind_of_penalty
from fastreg.solvers import passes, validation
from fastreg.solvers.block_columns import BlockColumns
from fastreg.solvers.columns import Columns
from fastreg.solvers.counter import Counter
from fastreg.solvers.matrices import dense_matrix, sparse_matrix

_INTERCEPT_STEPS = 50
ROUNDING_OF_LOSS = 1e-15


class Problem:
    """Everything that stays the same during a fit.

    Attributes
    ----------
    matrix : ColumnMatrix or RowMatrix
        X, with the crew that reads it and the counter of what is read.
    objective_at_zero : float
        The objective at coef 0 with the best intercept: what gaps are relative to.
    """

    def __init__(self, matrix, y, loss, penalty, weights, offset, has_intercept, scale):
        self.matrix = matrix
        self.crew = matrix.crew
        self.counter = matrix.counter
        self.y = y
        self.loss = loss
        self.weights = weights
        self.offset = offset
        self.has_intercept = has_intercept
        self.scale = scale
        self.is_smooth = is_smooth(penalty)
        self.has_blocks = kind_of_penalty(penalty) == "block penalty"
        self.is_quadratic = _has_constant_curvature(loss, y)
        self.uniform = self.is_quadratic and np.all(weights == weights[0])
        # A logistic row costs some 20 element operations.
        self._row_bounds = team.blocks(y.size, 20 * y.size)
        self._values = np.empty(y.size)
        self.set_penalty(penalty)
        self._at_zero = np.zeros(y.size) if offset is None else offset.copy()
        slopes, curvatures = np.empty((2, y.size))
        raw = self.evaluate(self._at_zero, slopes, curvatures)[0]
        fitted, _ = self.fit_intercept(self._at_zero, slopes, curvatures)
        # Where coef 0 fits up to rounding, the loss at prediction 0 says what rounding is.
        self.objective_at_zero = next((value for value in (fitted, raw) if value > 1e-20 * raw), 1.0)
        self._residual_at_zero = None

    def reweighted(self, crew, counter, weights, *, standardize):
        """Return the same problem for other weights of the rows, which sum to 1, read by another crew."""
        matrix = self.matrix.lent_to(crew, counter)
        scale = inverse_deviations(matrix, weights) if standardize else self.scale
        return Problem(
            matrix, self.y, self.loss, self.penalty, weights, self.offset, self.has_intercept, scale
        )

    def mean_loss(self, rows, prediction):
        """Return the mean loss of predictions of some rows."""
        weights, losses = self.weights[rows], np.empty(rows.size)
        passes.row_losses(0, 0, rows.size, self.loss, self.y[rows], prediction, losses)
        return passes.inner_product(weights / weights.sum(), losses)

    def set_penalty(self, penalty):
        """Take another penalty (the next of a path)."""
        self.penalty = penalty
        self.free = self._columns_class.unpenalised(penalty, self.matrix.shape[1])

    def checked_penalty(self, penalty):
        """Return another penalty validated and cast for these columns."""
        return checked(penalty, kind_of_penalty(penalty), self.matrix.shape[1])

    @property
    def _columns_class(self):
        return BlockColumns if self.has_blocks else Columns

    def all_columns(self):
        """Return all columns at weights 0, not scored yet."""
        matrix = self.matrix
        return self._columns_class(self, matrix.features, matrix.all, np.zeros(matrix.shape[1]))

    def unscaled(self, coef):
        """Return scaled weights in the units of X."""
        return coef * self.scale

    @property
    def residual_at_zero(self):
        """The largest KKT residual at coef 0: what residuals are relative to."""
        if self._residual_at_zero is None:
            slopes, curvatures = np.empty((2, self.y.size))
            self.evaluate(self._at_zero, slopes, curvatures)
            columns = self.all_columns()
            columns.score(slopes)
            self._residual_at_zero = columns.largest or 1.0
        return self._residual_at_zero

    def evaluate(self, prediction, slopes, curvatures, shift=0.0):
        """Write slopes and curvatures at prediction + shift.

        Returns the sums of loss, slopes, curvatures and absolute slopes.
        """
        partial = np.empty((len(self._row_bounds) - 1, 4))
        self.crew.each(
            passes.evaluate_rows, self._row_bounds, self.loss, self.y, self.weights, prediction, shift,
            self._values, slopes, curvatures, partial,
        )  # fmt: skip
        return partial.sum(axis=0)

    def fit_intercept(self, prediction, slopes, curvatures):
        """Move the prediction by the best constant (Newton with halving); return loss and constant.

        Without an intercept the constant is 0. Slopes and curvatures are those of the result.
        """
        loss, slope, curvature, magnitude = self.evaluate(prediction, slopes, curvatures)
        if not self.has_intercept:
            return loss, 0.0
        constant, step, best = 0.0, np.inf, abs(slope)
        for _ in range(_INTERCEPT_STEPS):
            if abs(slope) <= 4e-16 * magnitude or not curvature > 0 or constant + step == constant:
                break
            step = -slope / curvature
            found = self.evaluate(prediction, slopes, curvatures, constant + step)
            # A decrease below the rounding of the loss cannot be seen: the step is then right as it is.
            rounding = ROUNDING_OF_LOSS * abs(loss)
            while not found[0] <= loss + rounding and abs(step * slope) > rounding:
                step /= 4
                found = self.evaluate(prediction, slopes, curvatures, constant + step)
            constant += step
            loss, slope, curvature, magnitude = found
            if abs(slope) >= best and abs(slope) <= 1e-12 * magnitude:
                break  # rounding: it gets no better
            best = min(best, abs(slope))
        prediction += constant
        return loss, constant

    def slack_of_rows(self, prediction, dual_scale):
        """Return the Fenchel-Young slack of the loss at dual_scale times the slopes."""
        partial = np.empty((len(self._row_bounds) - 1, 1))
        self.crew.each(
            passes.slack_rows, self._row_bounds, self.loss, self.y, self.weights, prediction, dual_scale,
            self._values, partial,
        )  # fmt: skip
        return partial.sum()


def is_smooth(penalty):
    """Return whether a penalty has a second derivative everywhere: it defines one."""
    if kind_of_penalty(penalty) == "block penalty":
        return False  # a norm has a kink
    with np.errstate(all="ignore"):
        return not np.isnan(completed(penalty).curvature(np.float64(0), 0))


def _has_constant_curvature(loss, y):
    """Tell a quadratic loss by its curvature at a few points, so that sums may use one number for all."""
    whole = completed(loss)
    with np.errstate(all="ignore"):
        found = {
            float(whole.curvature(np.float64(label), np.float64(point)))
            for label in (y[0], y[-1])
            for point in (-3, 0, 1)
        }
    return len(found) == 1


def assemble(crew, X, y, loss, penalty, *, fit_intercept, standardize, sample_weight, offset, by_rows=None):
    """Validate everything and return a `Problem`.

    Parameters
    ----------
    by_rows : bool or None
        Whether a CSR matrix is read by rows; None: any sparse matrix if the penalty is smooth, as its solver
        then asks for rows and for no single column.
    """
    counter = Counter()
    X, counter.bytes_copied = validation.checked_matrix(X)
    n_samples, n_features = X.shape
    penalty = checked(penalty, kind_of_penalty(penalty), n_features)
    loss = checked(loss, "loss", n_features)
    refuse_many_predictions(loss)
    y = validation.checked_vector("y", y, n_samples)
    if hasattr(type(loss), "checked_target"):
        y = loss.checked_target(y)
    _refuse_a_kink(loss, y)
    weights = validation.normalised_weights(sample_weight, n_samples)
    offset = None if offset is None else validation.checked_vector("offset", offset, n_samples)
    validation.refuse_nonfinite(crew, X)
    if hasattr(X, "indptr"):
        by_rows = is_smooth(penalty) if by_rows is None else by_rows and X.format == "csr"
        matrix = sparse_matrix(crew, counter, X, by_columns=standardize or not by_rows)
    else:
        matrix = dense_matrix(crew, counter, X)
    scale = inverse_deviations(matrix, weights) if standardize else np.ones(n_features)
    return Problem(matrix, y, loss, penalty, weights, offset, bool(fit_intercept), scale)


def has_many_predictions(loss):
    """Return whether a loss takes a row of predictions, one per class."""
    return hasattr(type(loss), "couple")


def refuse_many_predictions(loss):
    """Refuse a loss of several predictions where each row has one."""
    if has_many_predictions(loss):
        raise TypeError(
            f"{type(loss).__name__} has one prediction per class, which fastreg.solve, fastreg.certify and "
            f"fastreg.LogisticRegression fit: take one of them."
        )


def _refuse_a_kink(loss, y):
    """Refuse a loss whose slope jumps: Newton steps and the dual point need its slope at the optimum."""
    if completed(loss).curvature_bound(y[0]) == np.inf:
        raise ValueError(
            f"{type(loss).__name__} has a kink, and this solver needs a loss with a slope everywhere: "
            f"fit it with fastreg.SGDClassifier or fastreg.SGDRegressor."
        )


def inverse_deviations(matrix, weights):
    """Return 1 / standard deviation of each column (1/n form, weighted); 1 for a constant column."""
    mass, variance = matrix.all.moments(weights, weights.sum(), 1.0)
    # Rounding of the mean leaves this much of a constant column.
    constant = variance <= 1e-26 * mass * mass + np.finfo(np.float64).tiny
    return np.where(constant, 1.0, 1.0 / np.sqrt(np.where(constant, 1.0, variance)))
