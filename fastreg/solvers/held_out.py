"""Rows held out of a path: their loss at each strength, and when the path ends for it."""

import enum

import numpy as np

from fastreg.solvers import matrices, passes, validation


class PathReason(enum.Enum):
    """Why a path ended; ``str(reason)`` is a sentence."""

    ALL_STRENGTHS = "Every strength was fitted."
    NO_LOWER_LOSS = "The loss on the rows held out reached no new low for `patience` strengths in a row."
    STOPPED = "The callback asked to stop, or Ctrl-C did."

    def __str__(self):
        """Return the sentence."""
        return self.value


class HeldOut:
    """Rows that nothing is learned from.

    Attributes
    ----------
    losses : list of float
        Their mean loss at each strength so far, by their weights.
    """

    def __init__(self, problem, X, y, sample_weight, offset):
        validation.check_held_out(X, y)
        X, copied = validation.checked_matrix(X)
        problem.counter.bytes_copied += copied
        n_samples, n_features = X.shape
        validation.check_same_columns(n_features, problem.matrix.shape[1])
        y = validation.checked_vector("y_val", y, n_samples)
        loss = problem.loss
        self._loss, self._y = loss, loss.checked_target(y) if hasattr(type(loss), "checked_target") else y
        if (offset is None) != (problem.offset is None):
            missing = "offset_val" if offset is None else "offset"
            raise ValueError(f"{missing} is missing: pass offset and offset_val, or neither.")
        self._offset = 0.0 if offset is None else validation.checked_vector("offset_val", offset, n_samples)
        self._weights = validation.normalised_weights(sample_weight, n_samples)
        validation.refuse_nonfinite(problem.crew, X)
        if hasattr(X, "indptr"):
            by_columns = X.format == "csc"
            self._matrix = matrices.sparse_matrix(problem.crew, problem.counter, X, by_columns=by_columns)
        else:
            self._matrix = matrices.dense_matrix(problem.crew, problem.counter, X)
        self._prediction, self._values = np.empty((2, n_samples))
        self.losses = []

    def judge(self, coef, intercept):
        """Write down the loss of weights in the units of X."""
        self._matrix.product(coef, self._prediction)
        self._prediction += intercept + self._offset
        passes.row_losses(0, 0, self._y.size, self._loss, self._y, self._prediction, self._values)
        self.losses.append(float(passes.inner_product(self._weights, self._values)))

    @property
    def best(self):
        """The strength of the least loss so far, the strongest of several; -1 where none is a number."""
        losses = np.array(self.losses)
        return -1 if np.isnan(losses).all() else int(np.nanargmin(losses))

    def rising_for(self, patience):
        """Return whether so many strengths in a row brought no new least loss."""
        return len(self.losses) > patience and len(self.losses) - 1 - self.best >= patience
