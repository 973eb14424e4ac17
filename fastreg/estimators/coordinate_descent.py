"""Lasso and ElasticNet, with scikit-learn's parameters and meaning."""

from typing import ClassVar

import numpy as np
from sklearn.utils import metadata_routing

from fastreg import conventions
from fastreg.estimators import validation
from fastreg.estimators.base import ROUNDING, Regressor
from fastreg.losses import Squared
from fastreg.penalties import Bounded
from fastreg.solvers.problem import is_smooth
from fastreg.solvers.validation import checked_number


class ElasticNet(Regressor):
    r"""Least squares with an L1 and an L2 penalty, as `sklearn.linear_model.ElasticNet`.

    .. math::

        \min_{w, b} \frac{1}{2 S} \sum_i s_i (y_i - x_i w - b)^2
        + alpha \cdot l1\_ratio \|w\|_1 + \frac{alpha (1 - l1\_ratio)}{2} \|w\|_2^2

    where S is the sum of the sample weights s (1 by default; only their ratios matter).

    Parameters
    ----------
    alpha : float, default=1.0
        At least 0; 0 is least squares.
    l1_ratio : float, default=0.5
        In [0, 1], with scikit-learn's half in the L2 part: `fastreg.penalties.ElasticNet` has a field of this
        name that means something else, see `fastreg.conventions`.
    fit_intercept : bool, default=True
        Whether b is fitted (never penalised) or 0.
    max_iter : int, default=1000
        Most outer rounds of the working-set solver; some ten are usual.
    tol : float, default=1e-4
        Stop once the duality gap is at most tol * sum_i s_i (y_i - mean)^2 / S. Without an L1 part it goes
        on to the rounding of doubles, as a closed form would.
    warm_start : bool, default=False
        Whether a second fit starts from the weights of the first.
    positive : bool, default=False
        Whether weights must be at least 0.
    precompute, copy_X, random_state, selection
        Accepted and ignored: X is never changed, and the solver chooses what to compute and draws no random
        numbers.

    Attributes
    ----------
    coef_ : array of n_features, or (n_targets, n_features)
        In the dtype of X.
    sparse_coef_ : sparse matrix of (n_targets, n_features)
    intercept_ : float, or array of n_targets
    n_iter_ : int, or array of n_targets
        Outer rounds.
    dual_gap_ : float, or array of n_targets
        How far the objective is from its minimum, at most.
    solution_ : Solution, or list of n_targets
        With certificate, status and counts of work.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Examples
    --------
    >>> import numpy as np
    >>> from fastreg import ElasticNet
    >>> X = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 0.0]]); y = np.array([3.0, 1.0, 4.0, 0.0])
    >>> ElasticNet(alpha=0.1).fit(X, y).coef_.round(3)
    array([2.333, 0.667])
    """

    # A switch of scikit-learn's internals, nothing to be routed through a pipeline.
    __metadata_request__fit: ClassVar = {"check_input": metadata_routing.UNUSED}

    def __init__(
        self, alpha=1.0, *, l1_ratio=0.5, fit_intercept=True, precompute=False, max_iter=1000, copy_X=True,
        tol=1e-4, warm_start=False, positive=False, random_state=None, selection="cyclic",
    ):  # fmt: skip
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.precompute = precompute
        self.max_iter = max_iter
        self.copy_X = copy_X
        self.tol = tol
        self.warm_start = warm_start
        self.positive = positive
        self.random_state = random_state
        self.selection = selection

    def fit(self, X, y, sample_weight=None, check_input=True):
        """Fit the model.

        Parameters
        ----------
        X : array, data frame or sparse matrix of (n_samples, n_features)
            Read in place where it is float32 or float64.
        y : array of n_samples, or (n_samples, n_targets)
            Each target is fitted for itself.
        sample_weight : float or array of n_samples or None
            At least 0. Weight 2 means the same as the row twice.
        check_input : bool
            Accepted and ignored: input is always checked.

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            For input that cannot be fitted, in one sentence.
        Interrupted
            On Ctrl-C; the best iterate is kept in the estimator.

        Warns
        -----
        ConvergenceWarning
            If it ends before the tolerance; the best iterate is kept.
        """
        validation.checked_choice("selection", self.selection, ("cyclic", "random"))
        penalty = self._penalty()
        if validation.checked_flag("positive", self.positive):
            penalty = Bounded(penalty, 0.0, np.inf)
        # The certificate is relative to the objective at 0, which is half the mean square.
        accepted = 2 * checked_number("tol", self.tol, 0)
        found = self._fit(
            X, y, sample_weight,
            loss=Squared(),
            penalties_of=lambda n_targets, _: [penalty] * n_targets,
            tol=min(accepted, ROUNDING) if is_smooth(penalty) else accepted,
            accepted=accepted,
            max_iter=validation.checked_rounds(self.max_iter, 1000),
        )  # fmt: skip
        gaps = [each.certificate.primal - each.certificate.dual for each in found]
        self.dual_gap_ = gaps[0] if self.coef_.ndim == 1 else np.array(gaps)
        return self

    def _penalty(self):
        return conventions.from_scikit_learn("ElasticNet", alpha=self.alpha, l1_ratio=self.l1_ratio)


class Lasso(ElasticNet):
    r"""Least squares with an L1 penalty, as `sklearn.linear_model.Lasso`.

    .. math:: \min_{w, b} \frac{1}{2 S} \sum_i s_i (y_i - x_i w - b)^2 + alpha \|w\|_1

    where S is the sum of the sample weights s (1 by default; only their ratios matter).

    Parameters
    ----------
    alpha : float, default=1.0
        At least 0; 0 is least squares.
    fit_intercept, max_iter, tol, warm_start, positive : see `ElasticNet`
    precompute, copy_X, random_state, selection
        Accepted and ignored, as in `ElasticNet`.

    Attributes
    ----------
    coef_, sparse_coef_, intercept_, n_iter_, dual_gap_, solution_, n_features_in_, feature_names_in_
        As in `ElasticNet`.

    Examples
    --------
    >>> import numpy as np
    >>> from fastreg import Lasso
    >>> X = np.eye(4); y = np.array([3.0, 0.1, -2.0, 0.0])
    >>> Lasso(alpha=0.25, fit_intercept=False).fit(X, y).coef_
    array([ 2.,  0., -1.,  0.])
    """

    def __init__(
        self, alpha=1.0, *, fit_intercept=True, precompute=False, copy_X=True, max_iter=1000, tol=1e-4,
        warm_start=False, positive=False, random_state=None, selection="cyclic",
    ):  # fmt: skip
        super().__init__(
            alpha=alpha, l1_ratio=1.0, fit_intercept=fit_intercept, precompute=precompute, copy_X=copy_X,
            max_iter=max_iter, tol=tol, warm_start=warm_start, positive=positive, random_state=random_state,
            selection=selection,
        )  # fmt: skip

    def _penalty(self):
        return conventions.from_scikit_learn("Lasso", alpha=self.alpha)
