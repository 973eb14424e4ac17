"""The open estimators: any loss and any penalty, in textbook strengths."""

from fastreg.estimators import validation
from fastreg.estimators.base import Classifier, Regressor
from fastreg.losses import Logistic, Squared
from fastreg.penalties import NoPenalty
from fastreg.solvers.problem import refuse_many_predictions
from fastreg.solvers.validation import checked_weights


class LinearRegressor(Regressor):
    r"""Linear regression with any loss and any penalty.

    .. math::

        \min_{w, b} \frac{\sum_i s_i\, loss(y_i, x_i w + b)}{\sum_i s_i} + \sum_j penalty_j(w_j)

    Parameters
    ----------
    loss : NamedTuple, default=None
        None is Squared(); from `fastreg.losses`, or your own.
    penalty : NamedTuple, default=None
        None is NoPenalty(); from `fastreg.penalties`, or your own; strengths in the textbook form, without
        halves.
    fit_intercept, standardize, tol, max_iter, n_threads
        As in `fastreg.solve`.
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
    solution_ : Solution, or list of n_targets
        With certificate, status and counts of work.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Examples
    --------
    >>> import numpy as np
    >>> from fastreg import LinearRegressor
    >>> from fastreg.penalties import L1
    >>> X = np.eye(4); y = np.array([3.0, 0.1, -2.0, 0.0])
    >>> LinearRegressor(penalty=L1(0.25), fit_intercept=False).fit(X, y).coef_
    array([ 2.,  0., -1.,  0.])
    """

    def __init__(
        self, loss=None, penalty=None, *, fit_intercept=True, standardize=False, tol=1e-6,
        max_iter=200, warm_start=False, n_threads=None,
    ):  # fmt: skip
        self.loss = loss
        self.penalty = penalty
        self.fit_intercept = fit_intercept
        self.standardize = standardize
        self.tol = tol
        self.max_iter = max_iter
        self.warm_start = warm_start
        self.n_threads = n_threads

    def fit(self, X, y, sample_weight=None):
        """Fit the model.

        Parameters
        ----------
        X : array, data frame or sparse matrix of (n_samples, n_features)
            Read in place where it is float32 or float64.
        y : array of n_samples, or (n_samples, n_targets)
            Each target is fitted for itself, all of them in parallel.
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
            On Ctrl-C; with one target the best iterate is kept in the estimator.

        Warns
        -----
        ConvergenceWarning
            If it ends before the tolerance; the best iterate is kept.
        """
        loss = Squared() if self.loss is None else self.loss
        refuse_many_predictions(loss)
        penalty = NoPenalty() if self.penalty is None else self.penalty
        self._fit(
            X, y, sample_weight, loss=loss, penalties_of=lambda n_targets, _: [penalty] * n_targets,
            tol=self.tol, max_iter=self.max_iter, n_threads=self.n_threads,
        )  # fmt: skip
        return self


class LinearClassifier(Classifier):
    r"""Linear classification with any loss and any penalty.

    .. math::

        \min_{w, b} \frac{\sum_i s_i\, loss(y_i, x_i w + b)}{\sum_i s_i} + \sum_j penalty_j(w_j)

    with y +1 for the second of two classes (for class k in fit k of several: one against the rest), -1
    otherwise. With ``loss=Multinomial()`` all classes are fitted at once, each with weights of its own.

    Parameters
    ----------
    loss : NamedTuple, default=None
        None is Logistic(); from `fastreg.losses`, or your own.
    penalty : NamedTuple, default=None
        None is NoPenalty(); from `fastreg.penalties`, or your own; strengths in the textbook form, without
        halves.
    class_weight : dict, "balanced" or None, default=None
        A weight for the rows of each class; balanced: n / (n_classes * n_in_class).
    fit_intercept, standardize, tol, max_iter, n_threads
        As in `fastreg.solve`.
    warm_start : bool, default=False
        Whether a second fit starts from the weights of the first.

    Attributes
    ----------
    classes_ : array of n_classes
    coef_ : array of (1 or n_classes, n_features)
        In the dtype of X.
    intercept_ : array of 1 or n_classes
    n_iter_ : array of 1 or n_classes
        Outer rounds.
    solution_ : list of Solution
        One per row of ``coef_``, with certificate, status and counts of work.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Examples
    --------
    >>> import numpy as np
    >>> from fastreg import LinearClassifier
    >>> from fastreg.penalties import L2
    >>> X = np.array([[0.0], [1.0], [5.0], [6.0], [9.0], [10.0]]); y = np.array([0, 0, 1, 1, 2, 2])
    >>> model = LinearClassifier(penalty=L2(0.01)).fit(X, y)
    >>> model.coef_.shape
    (3, 1)
    """

    def __init__(
        self, loss=None, penalty=None, *, class_weight=None, fit_intercept=True,
        standardize=False, tol=1e-6, max_iter=200, warm_start=False, n_threads=None,
    ):  # fmt: skip
        self.loss = loss
        self.penalty = penalty
        self.class_weight = class_weight
        self.fit_intercept = fit_intercept
        self.standardize = standardize
        self.tol = tol
        self.max_iter = max_iter
        self.warm_start = warm_start
        self.n_threads = n_threads

    def fit(self, X, y, sample_weight=None):
        """Fit the model.

        Parameters
        ----------
        X : array, data frame or sparse matrix of (n_samples, n_features)
            Read in place where it is float32 or float64.
        y : array of n_samples
            Classes, of any type that can be sorted.
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
            On Ctrl-C; with two classes the best iterate is kept in the estimator.

        Warns
        -----
        ConvergenceWarning
            If it ends before the tolerance; the best iterate is kept.
        """
        X, y = validation.labelled_data(self, X, y)
        weights = checked_weights(sample_weight, X.shape[0])
        targets, weights = self._encode(self._read_classes(y), self.class_weight, weights)
        penalty = NoPenalty() if self.penalty is None else self.penalty
        self._solve(
            X, targets, weights, loss=self._term(), penalties=[penalty] * len(targets), tol=self.tol,
            max_iter=self.max_iter, starts=self._starts(len(targets)), n_threads=self.n_threads,
        )  # fmt: skip
        return self

    def _term(self):
        return Logistic() if self.loss is None else self.loss
