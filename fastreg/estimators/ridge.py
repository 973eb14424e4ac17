"""Ridge regression, with scikit-learn's parameters and meaning."""

from numbers import Number

import numpy as np

from fastreg import conventions
from fastreg.estimators import validation
from fastreg.estimators.base import ROUNDING, Regressor
from fastreg.losses import Squared
from fastreg.penalties import Bounded
from fastreg.solvers.validation import checked_number

_SOLVERS = ("auto", "svd", "cholesky", "lsqr", "sparse_cg", "sag", "saga", "lbfgs")
_ROUNDS = 200


class Ridge(Regressor):
    r"""Least squares with an L2 penalty, as `sklearn.linear_model.Ridge`.

    .. math:: \min_{w, b} \sum_i s_i (y_i - x_i w - b)^2 + alpha \|w\|_2^2

    The sum of squares is not divided by the number of rows: twice the rows, or twice the weights s, halve the
    effect of alpha.

    Parameters
    ----------
    alpha : float or array of n_targets, default=1.0
        At least 0; 0 is least squares.
    fit_intercept : bool, default=True
        Whether b is fitted (never penalised) or 0.
    max_iter : int or None, default=None
        Most outer rounds; None is 200, of which a few are usual.
    tol : float, default=1e-4
        Warn if the relative duality gap stays above it. The solver goes on to the rounding of doubles, as a
        closed form would.
    positive : bool, default=False
        Whether weights must be at least 0.
    copy_X, solver, random_state
        Accepted and ignored: X is never changed, and the one solver finds the optimum that all of
        scikit-learn's approach.

    Attributes
    ----------
    coef_ : array of n_features, or (n_targets, n_features)
        In the dtype of X.
    intercept_ : float, or array of n_targets
    n_iter_ : int, or array of n_targets
        Outer rounds.
    solution_ : Solution, or list of n_targets
        With certificate, status and counts of work.
    solver_ : str
        The name that was asked for.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Examples
    --------
    >>> import numpy as np
    >>> from fastreg import Ridge
    >>> X = np.array([[1.0], [2.0], [3.0]]); y = np.array([1.0, 2.0, 3.0])
    >>> Ridge(alpha=2.0).fit(X, y).coef_
    array([0.5])
    """

    def __init__(
        self, alpha=1.0, *, fit_intercept=True, copy_X=True, max_iter=None, tol=1e-4, solver="auto",
        positive=False, random_state=None,
    ):  # fmt: skip
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.max_iter = max_iter
        self.tol = tol
        self.solver = solver
        self.positive = positive
        self.random_state = random_state

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
            For input that cannot be fitted, in one sentence.
        Interrupted
            On Ctrl-C; the best iterate is kept in the estimator.

        Warns
        -----
        ConvergenceWarning
            If it ends before the tolerance; the best iterate is kept.
        """
        validation.checked_choice("solver", self.solver, _SOLVERS)
        positive = validation.checked_flag("positive", self.positive)
        if positive and self.solver not in ("auto", "lbfgs"):
            raise ValueError(
                f"solver={self.solver!r} does not support positive=True in scikit-learn: leave it at 'auto'."
            )
        constant = float(sample_weight) if isinstance(sample_weight, Number) else 1.0

        def penalties_of(n_targets, total_weight):
            alphas = np.asarray(self.alpha, dtype=np.float64)
            if alphas.ndim and alphas.shape != (n_targets,):
                raise ValueError(
                    f"Number of targets and number of penalties do not correspond: {alphas.size} != "
                    f"{n_targets}: pass one alpha, or one per target."
                )
            penalties = [
                conventions.from_scikit_learn("Ridge", alpha=alpha, total_weight=constant * total_weight)
                for alpha in np.broadcast_to(alphas, n_targets).tolist()
            ]
            return [Bounded(each, 0.0, np.inf) for each in penalties] if positive else penalties

        self._fit(
            X, y, sample_weight, loss=Squared(), penalties_of=penalties_of, tol=ROUNDING,
            accepted=checked_number("tol", self.tol, 0),
            max_iter=validation.checked_rounds(self.max_iter, _ROUNDS),
        )  # fmt: skip
        self.solver_ = self.solver
        return self
