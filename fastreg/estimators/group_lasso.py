"""The group lasso."""

import numpy as np

from fastreg.estimators import validation
from fastreg.estimators.base import Regressor
from fastreg.losses import Squared
from fastreg.penalties import GroupL2
from fastreg.solvers.validation import checked_number


class GroupLasso(Regressor):
    r"""Least squares with an L2 norm for each group of weights: groups enter the model as a whole.

    .. math:: \min_{w, b} \frac{1}{2 S} \sum_i s_i (y_i - x_i w - b)^2 + alpha \sum_g weights_g \|w_g\|_2

    where S is the sum of the sample weights s (1 by default; only their ratios matter). For other losses give
    `fastreg.penalties.GroupL2` to `LinearRegressor` or `LinearClassifier`.

    Parameters
    ----------
    groups : int, sequence of index sequences, or array of n_features, default=1
        The size of groups of neighbours; the indices of each group; or a label for each feature. Every
        feature is in one group.
    alpha : float, default=1.0
        At least 0; 0 is least squares.
    weights : array of n_groups, "sqrt" or None, default=None
        At least 0, in the order of the index lists or of the sorted labels; 0 leaves a group unpenalised.
        None is 1 for every group, as in celer and skglm; "sqrt" the square root of its size, as in the
        literature, adelie and grpreg.
    fit_intercept : bool, default=True
        Whether b is fitted (never penalised) or 0.
    standardize : bool, default=False
        Whether the penalty acts on weights times the standard deviation of their column.
    max_iter : int, default=1000
        Most outer rounds; some five are usual.
    tol : float, default=1e-4
        Stop once the duality gap is at most tol * sum_i s_i (y_i - mean)^2 / S.
    warm_start : bool, default=False
        Whether a second fit starts from the weights of the first.

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

    References
    ----------
    Yuan and Lin 2006 (the model); Yang and Hastie 2024 (exact steps over blocks).

    Examples
    --------
    >>> import numpy as np
    >>> from fastreg import GroupLasso
    >>> X = np.eye(4); y = np.array([3.0, 4.0, 0.3, 0.4])
    >>> GroupLasso(groups=2, alpha=0.25, fit_intercept=False).fit(X, y).coef_.round(6)
    array([2.4, 3.2, 0. , 0. ])
    """

    def __init__(
        self, groups=1, alpha=1.0, *, weights=None, fit_intercept=True, standardize=False, max_iter=1000,
        tol=1e-4, warm_start=False,
    ):  # fmt: skip
        self.groups = groups
        self.alpha = alpha
        self.weights = weights
        self.fit_intercept = fit_intercept
        self.standardize = standardize
        self.max_iter = max_iter
        self.tol = tol
        self.warm_start = warm_start

    def fit(self, X, y, sample_weight=None):
        """Fit the model.

        Parameters
        ----------
        X : array, data frame or sparse matrix of (n_samples, n_features)
            Read in place where it is float32 or float64.
        y : array of n_samples, or (n_samples, n_targets)
            Each target is fitted for itself.
        sample_weight : float or array of n_samples or None
            At least 0. Weight 2 means the same as the row twice.

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            For input that cannot be fitted, and for groups that are no partition of the features, in one
            sentence.
        Interrupted
            On Ctrl-C; the best iterate is kept in the estimator.

        Warns
        -----
        ConvergenceWarning
            If it ends before the tolerance; the best iterate is kept.
        """
        # The certificate is relative to the objective at 0, which is half the mean square.
        accepted = 2 * checked_number("tol", self.tol, 0)
        penalty = GroupL2(
            checked_number("alpha", self.alpha, 0), self.groups, 1.0 if self.weights is None else self.weights
        )
        found = self._fit(
            X, y, sample_weight,
            loss=Squared(),
            penalties_of=lambda n_targets, _: [penalty] * n_targets,
            tol=accepted,
            accepted=accepted,
            max_iter=validation.checked_rounds(self.max_iter, 1000),
        )  # fmt: skip
        gaps = [each.certificate.primal - each.certificate.dual for each in found]
        self.dual_gap_ = gaps[0] if self.coef_.ndim == 1 else np.array(gaps)
        return self
