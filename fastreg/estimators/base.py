"""What all estimators share: one solve per target, what is kept of it, predictions."""

import numpy as np
import scipy.sparse as sp
import sklearn
import sklearn.exceptions
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from fastreg import team
from fastreg.estimators import validation
from fastreg.functional import attempt
from fastreg.solvers import solution
from fastreg.solvers.loop import warn_unless_converged
from fastreg.solvers.problem import has_many_predictions, is_smooth
from fastreg.solvers.validation import checked_weights

# The gap that a linear system is solved to: no further than the rounding of doubles.
ROUNDING = 1e-15


class ConvergenceWarning(solution.ConvergenceWarning, sklearn.exceptions.ConvergenceWarning):
    """A fit ended before its tolerance; both fastreg's and scikit-learn's warning."""


class LinearModel(BaseEstimator):
    """A linear model whose targets are fitted by `fastreg.solve`, side by side."""

    def _solve(
        self, X, targets, weights, *, loss, penalties, tol, max_iter, accepted=0.0, starts=None,
        n_threads=None, callback=None,
    ):  # fmt: skip
        """Return one `Solution` per target; warn of the worst, unless its gap is ``accepted``.

        Parameters
        ----------
        X : array or sparse matrix of (n_samples, n_features)
        targets : array of (n_targets, n_samples)
        penalties : list of one penalty per target
        starts : list of (coef, intercept) or None
        callback : function or None
            See `fastreg.solve`.
        """
        fit_intercept = validation.checked_flag("fit_intercept", self.fit_intercept)
        if sp.issparse(X) and X.format == "csr" and len(targets) > 1 and not is_smooth(penalties[0]):
            X = X.tocsc()  # once, not for every target
        found = [None] * len(targets)

        def solve_some(_, start, stop):
            for k in range(start, stop):
                found[k] = attempt(
                    X, targets[k], loss=loss, penalty=penalties[k], fit_intercept=fit_intercept,
                    standardize=getattr(self, "standardize", False), sample_weight=weights, tol=tol,
                    max_iter=max_iter, start=None if starts is None else starts[k], n_threads=n_threads,
                    callback=callback,
                )  # fmt: skip

        least = min(max_iter, int(starts is None))  # a cold start counts as a round
        if len(targets) == 1:
            try:
                solve_some(0, 0, 1)
            except solution.Interrupted as pressed:
                self._keep([pressed.solution], X.dtype, least)
                raise
        else:
            with team.lease(n_threads) as crew:
                crew.each(solve_some, range(len(targets) + 1))
        self._keep(found, X.dtype, least)
        worst = max(found, key=lambda each: (each.status is not solution.Status.CONVERGED, each.gap))
        if worst.gap > accepted:
            warn_unless_converged(
                worst.status, worst.certificate, max(tol, accepted), worst.n_iter,
                category=ConvergenceWarning, stacklevel=4,
            )  # fmt: skip
        return found

    def _keep(self, found, dtype, least):
        """Keep weights, intercepts and rounds (``least`` or more) of one solution per target."""
        self.coef_ = np.concatenate([np.atleast_2d(each.coef.T) for each in found]).astype(dtype, order="C")
        self.intercept_ = np.concatenate([np.atleast_1d(each.intercept) for each in found]).astype(dtype)
        self.n_iter_ = np.array([max(least, each.n_iter) for each in found])
        self.solution_ = found

    def _dense_coef(self):
        """Return ``coef_`` as an array of (n_targets, n_features)."""
        return self.coef_.toarray() if sp.issparse(self.coef_) else np.atleast_2d(self.coef_)

    def _starts(self, n_targets):
        """Return where a warm start begins, None at 0."""
        if not validation.checked_flag("warm_start", self.warm_start) or not hasattr(self, "coef_"):
            return None
        coefs = self._dense_coef()
        if coefs.shape != (n_targets, self.n_features_in_):
            raise ValueError(
                f"coef_ has shape {coefs.shape} and cannot start a fit of {n_targets} target(s) on "
                f"{self.n_features_in_} features: pass warm_start=False, or data of the same kind."
            )
        intercepts = np.broadcast_to(self.intercept_, n_targets)
        return [(coef, float(intercept)) for coef, intercept in zip(coefs, intercepts, strict=True)]

    def _linear_function(self, X):
        """Return X @ coef.T + intercept."""
        check_is_fitted(self)
        X = validation.new_data(self, X)
        coef = self.coef_.T
        scores = X @ coef
        if sp.issparse(scores):
            scores = scores.toarray()
        return scores + self.intercept_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class Regressor(RegressorMixin, LinearModel):
    """A linear model of one target or several."""

    def predict(self, X):
        """Predict targets.

        Parameters
        ----------
        X : array, data frame or sparse matrix of (n_samples, n_features)

        Returns
        -------
        array of n_samples, or (n_samples, n_targets)
            ``X @ coef_.T + intercept_``.
        """
        return self._linear_function(X)

    def _fit(self, X, y, sample_weight, *, penalties_of, **options):
        """Fit every column of y; return one `Solution` per column.

        Parameters
        ----------
        penalties_of : function
            From the number of targets and the sum of the sample weights to one penalty per target.
        **options
            For `_solve`.
        """
        X, y = validation.training_data(self, X, y)
        weights = checked_weights(sample_weight, X.shape[0])
        total = float(X.shape[0] if weights is None else weights.sum())
        targets = np.ascontiguousarray(y.reshape(len(y), -1).T)
        starts = self._starts(len(targets)) if hasattr(self, "warm_start") else None  # Ridge has none
        penalties = penalties_of(len(targets), total)
        found = self._solve(X, targets, weights, penalties=penalties, starts=starts, **options)
        if len(targets) == 1:
            self._unwrap()
        if y.ndim == 1:
            self.intercept_ = self.intercept_[0]
        return found

    def _unwrap(self):
        """Keep what belongs to the only target as it is, not as a list of one."""
        self.coef_, self.n_iter_, self.solution_ = self.coef_[0], int(self.n_iter_[0]), self.solution_[0]

    @property
    def sparse_coef_(self):
        """The weights as a sparse matrix of one row per target, in scikit-learn's configured form."""
        form = sp.csr_array if sklearn.get_config().get("sparse_interface") == "sparray" else sp.csr_matrix
        return form(np.atleast_2d(self.coef_))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


class Classifier(ClassifierMixin, LinearModel):
    """A linear model of two classes or of several: all at once if the loss can, else one against the rest."""

    def _read_classes(self, y):
        """Set ``classes_``; return the number of each row's class."""
        self.classes_, codes = validation.classes_and_codes(y)
        validation.refuse_one_class(self.classes_)
        return codes

    def _encode(self, codes, class_weight, sample_weight):
        """Return targets of -1 and +1, one row for two classes, and the row weights.

        For a loss with one prediction per class the one row of targets holds the class numbers.
        Weights are the sample weights times those of the classes, None where all are 1.
        """
        weights = sample_weight
        if class_weight is not None:
            factors = class_factors(class_weight, self.classes_, codes, sample_weight)[codes]
            weights = factors if weights is None else weights * factors
        if has_many_predictions(self._term()):
            return codes[None].astype(np.float64), weights
        members = [1] if self.classes_.size == 2 else range(self.classes_.size)
        return np.stack([np.where(codes == k, 1.0, -1.0) for k in members]), weights

    def _starts(self, n_targets):
        """Return where a warm start begins, for a loss with one prediction per class in one piece."""
        if not has_many_predictions(self._term()):
            return super()._starts(n_targets)
        starts = super()._starts(self.classes_.size)
        if starts is None:
            return None
        coefs, intercepts = zip(*starts, strict=True)
        return [(np.stack(coefs, axis=1), np.array(intercepts))]

    def decision_function(self, X):
        """Return the linear function, whose sign or largest column decides.

        Parameters
        ----------
        X : array, data frame or sparse matrix of (n_samples, n_features)

        Returns
        -------
        array of n_samples for two classes, else (n_samples, n_classes)
        """
        scores = self._linear_function(X)
        return scores.ravel() if scores.shape[1] == 1 else scores

    def predict(self, X):
        """Predict classes.

        Parameters
        ----------
        X : array, data frame or sparse matrix of (n_samples, n_features)

        Returns
        -------
        array of n_samples
            Entries of ``classes_``.
        """
        scores = self.decision_function(X)
        return self.classes_[(scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)]

    def _knows_probabilities(self):
        """Tell whether the loss says what a prediction means as a probability."""
        if hasattr(self._term(), "probability"):
            return True
        raise AttributeError(
            f"{type(self._term()).__name__} gives no probabilities: fit with Logistic() for predict_proba."
        )

    @available_if(_knows_probabilities)
    def predict_proba(self, X):
        """Predict the probability of each class; several are normalised to sum to 1.

        Parameters
        ----------
        X : array, data frame or sparse matrix of (n_samples, n_features)

        Returns
        -------
        array of (n_samples, n_classes)
        """
        shares = self._term().probability(self.decision_function(X))
        if shares.ndim == 1:
            return np.column_stack([1 - shares, shares])
        totals = shares.sum(axis=1, keepdims=True)
        uniform = np.full_like(shares, 1 / shares.shape[1])
        return np.divide(shares, totals, out=uniform, where=totals > 0)

    @available_if(_knows_probabilities)
    def predict_log_proba(self, X):
        """Return the logarithm of `predict_proba`."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def sparsify(self):
        """Keep ``coef_`` as a sparse matrix from now on; predictions stay the same."""
        check_is_fitted(self)
        self.coef_ = sp.csr_matrix(self.coef_)
        return self

    def densify(self):
        """Keep ``coef_`` as an array again."""
        check_is_fitted(self)
        if sp.issparse(self.coef_):
            self.coef_ = self.coef_.toarray()
        return self


def class_factors(class_weight, classes, codes, sample_weight=None):
    """Return the weight of each class.

    Parameters
    ----------
    class_weight : dict of class to weight, or "balanced"
        Classes that a dict leaves out have weight 1. Balanced: n / (n_classes * n_in_class), n in sample
        weights.
    classes : array of n_classes
    codes : int array of n_samples
        The class of each row.

    Raises
    ------
    ValueError
        For anything else, and for a class that y does not have.
    """
    if isinstance(class_weight, str) and class_weight == "balanced":
        totals = np.bincount(codes, weights=sample_weight, minlength=classes.size)
        with np.errstate(divide="ignore"):
            return np.where(totals > 0, totals.sum() / (classes.size * totals), 0.0)
    if not isinstance(class_weight, dict):
        raise ValueError(
            f"class_weight={class_weight!r} is unknown: pass 'balanced', a dict of class to weight, or None."
        )
    factors = np.ones(classes.size)
    for name, weight in class_weight.items():
        place = np.flatnonzero(classes == name)
        if place.size == 0:
            raise ValueError(
                f"class_weight names the class {name!r}, which y does not hold: its classes are "
                f"{', '.join(map(repr, classes.tolist()))}."
            )
        factors[place] = weight
    return factors
