"""The columns that a certificate ranges over: all of them, or a working set.

With weights s that sum to 1, slopes v_i = s_i loss'(y_i, prediction_i) and gradient g = X.T v, every
c in [0, 1] with c * g in the domain of the conjugate penalties gives the dual point c * v, and

    P - D = sum_i s_i [loss_i + conjugate_i(c v_i / s_i) - c v_i / s_i * prediction_i]
          + sum_j [penalty_j(w_j) + conjugate_j(-c g_j) + c g_j w_j].

Both sums are of Fenchel-Young slacks, which are never negative: nothing large cancels. At c = 1 the
first is 0. The dual point must be orthogonal to the intercept's column and to those of unpenalised
features: `State` fits those exactly first.
"""

import numpy as np

from fastreg.solvers import passes
from fastreg.solvers.matrices import rescore

# c is taken this much below its bound, so that rounding leaves the point feasible.
_INSIDE = 1 - 2.0**-50


class Columns:
    """Weights, gradient and scores of some columns.

    Attributes
    ----------
    features : int array
        Their numbers.
    reader : ColumnReader or RowMatrix
        How they are read.
    coef, gradient, scores : arrays
        Scaled weights; derivative of the loss in them; how far each is from optimal.
    penalty, critical, slack, largest : float
        What the last `score` summed up: penalty, largest critical strength, P - D at c = 1, largest score.
    """

    def __init__(self, problem, features, reader, coef):
        self._problem = problem
        self.features = features
        self.reader = reader
        self.coef = coef
        self.scale = problem.scale[features]
        self.free = problem.free[features]
        self.gradient, self.scores = np.empty((2, features.size))

    def score(self, slopes):
        """Compute gradient and scores at the slopes, in one pass over the columns."""
        self._take(
            self.reader.score(
                slopes,
                self.features,
                self.scale,
                self._problem.penalty,
                self.coef,
                self.free,
                self.gradient,
                self.scores,
            )
        )

    def rescore(self):
        """Compute the scores anew for another penalty; the gradient is known."""
        self._take(self._rescored(1.0, self.scores))

    def _rescored(self, dual_scale, scores):
        problem = self._problem
        return rescore(
            problem.crew,
            self.features,
            problem.penalty,
            self.coef,
            self.free,
            self.gradient,
            dual_scale,
            scores,
        )

    def _take(self, partial):
        self.penalty, self.slack = partial[:, 0].sum(), partial[:, 2].sum()
        self.critical, self.largest = partial[:, 1].max(), partial[:, 3].max()

    def penalty_at(self, coef):
        """Return the penalty of other weights."""
        return passes.penalty_total(self._problem.penalty, self.features, coef)

    @staticmethod
    def unpenalised(penalty, n_features):
        """Return which features nothing penalises."""
        free = np.empty(n_features, dtype=np.bool_)
        passes.classify_features(penalty, n_features, free)
        return free

    def move_into_domain(self, forgiven):
        """Move weights of infinite penalty to the nearest allowed one, if it is within a share of them."""
        passes.move_into_domain(self._problem.penalty, self.coef, forgiven)

    def holds_zero(self, penalty):
        """Return whether the weight 0 of every penalised feature is a fixed point of the prox step."""
        return passes.holds_zero(penalty, self.gradient, self.free)

    def smallest_slack(self, slack_of_rows):
        """Return P - D at the best of a few dual points: the slopes; scaled to be feasible; scaled to 0.

        Parameters
        ----------
        slack_of_rows : function
            The slack of the loss at that multiple of the slopes.
        """
        slack = self.slack
        if 1 < self.critical < np.inf:
            slack = min(slack, self._slack_at(_INSIDE / self.critical, slack_of_rows))
        if self._problem.objective_at_zero < slack < np.inf:
            slack = min(slack, self._slack_at(0.0, slack_of_rows))  # far from the optimum 0 is not so poor
        return max(slack, 0.0) if not np.isnan(self.slack) else np.nan

    def _slack_at(self, dual_scale, slack_of_rows):
        partial = self._rescored(dual_scale, np.empty(self.features.size))
        return partial[:, 2].sum() + slack_of_rows(dual_scale)
