"""RidgeCV: alpha is chosen by the closed form, rows left out one by one or fold by fold."""

import warnings
from numbers import Number, Real

import numpy as np
import scipy.sparse as sp
import sklearn
from sklearn.metrics import get_scorer

from fastreg import conventions, team
from fastreg.estimators import validation
from fastreg.estimators.base import Regressor
from fastreg.estimators.judging import Chooser, Judge
from fastreg.estimators.ridge import Ridge
from fastreg.losses import Squared
from fastreg.selection import rules
from fastreg.selection.closed_form import RidgeRows
from fastreg.selection.folds import folds_of
from fastreg.solvers.validation import checked_matrix, checked_vector, checked_weights, refuse_nonfinite

_GAP = 1e-10  # beyond which a closed form is improved by the solver
_ROUNDS = 200


class RidgeCV(Chooser, Regressor):
    r"""Ridge regression whose alpha is chosen by cross-validation, as `sklearn.linear_model.RidgeCV`.

    .. math:: \min_{w, b} \sum_i s_i (y_i - x_i w - b)^2 + alpha \|w\|_2^2

    By default each row is left out in turn, all at once: with h_i the share of its own target in the
    prediction of a row, the one that leaves it out errs by

    .. math:: e_i = \frac{y_i - x_i w - b}{1 - h_i}

    for every alpha from one eigendecomposition, of X'X or of XX', whichever is smaller.

    Parameters
    ----------
    alphas : float or array, default=(0.1, 1.0, 10.0)
        Above 0; with ``cv`` 0 is allowed too. Of several alike in score the first is chosen.
    fit_intercept : bool, default=True
        Whether b is fitted (never penalised) or 0.
    scoring : str, function or None, default=None
        A score of scikit-learn. None is the negative mean of s_i e_i**2, or R**2 with ``cv``.
    cv : int, splitter, iterable of (train, test) or None, default=None
        None leaves out each row in turn; a number is so many folds of consecutive rows.
    gcv_mode : {None, "auto", "eigen", "svd"}, default=None
        "svd" decomposes a copy of a dense X itself, which has more digits where alpha is tiny; all others
        are "eigen".
    store_cv_results : bool, default=False
        Whether ``cv_results_`` is kept; only without ``cv``.
    alpha_per_target : bool, default=False
        Whether each target has an alpha of its own; only without ``cv``.

    Attributes
    ----------
    alpha_ : float, or array of n_targets
        What was chosen.
    best_score_ : float, or array of n_targets
        Its score; with ``cv`` the mean over folds.
    cv_results_ : array of (n_samples, n_alphas), or (n_samples, n_targets, n_alphas)
        s_i e_i**2, or with ``scoring`` the predictions of the fits that leave the row out.
    coef_, intercept_, n_iter_, solution_, n_features_in_, feature_names_in_
        Of the fit of all rows, as in `Ridge`.

    References
    ----------
    Allen 1974; Golub, Heath, Wahba 1979.

    Examples
    --------
    >>> import numpy as np
    >>> from fastreg import RidgeCV
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((100, 5)); y = X[:, 0] + rng.standard_normal(100)
    >>> RidgeCV(alphas=[1.0, 10.0, 100.0]).fit(X, y).alpha_
    1.0
    """

    def __init__(
        self, alphas=(0.1, 1.0, 10.0), *, fit_intercept=True, scoring=None, cv=None, gcv_mode=None,
        store_cv_results=False, alpha_per_target=False,
    ):  # fmt: skip
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.scoring = scoring
        self.cv = cv
        self.gcv_mode = gcv_mode
        self.store_cv_results = store_cv_results
        self.alpha_per_target = alpha_per_target

    def fit(self, X, y, sample_weight=None, **params):
        """Choose alpha, and fit all rows.

        Parameters
        ----------
        X : array, data frame or sparse matrix of (n_samples, n_features)
        y : array of n_samples, or (n_samples, n_targets)
        sample_weight : float or array of n_samples or None
            At least 0. They weight the fits, the errors of rows left out, and scores.
        **params
            What is routed to splitter and scorer, where scikit-learn's metadata routing is on.

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            For input that cannot be fitted, in one sentence.

        Warns
        -----
        ConvergenceWarning
            If rounding keeps the fit of all rows from its tolerance.
        """
        alphas = self._alphas()
        by_svd = validation.checked_choice("gcv_mode", self.gcv_mode, (None, "auto", "eigen", "svd")) == "svd"
        fit_intercept = validation.checked_flag("fit_intercept", self.fit_intercept)
        for name in ("store_cv_results", "alpha_per_target"):
            if validation.checked_flag(name, getattr(self, name)) and self.cv is not None:
                raise ValueError(f"cv!=None and {name}=True are incompatible: leave out one of the two.")
        to_splitter, to_scorer = self._route(sample_weight, params)
        X, y = validation.training_data(self, X, y)
        if by_svd and sp.issparse(X):
            warnings.warn(
                "The 'svd' mode is not supported for sparse X: 'eigen' is taken, as by gcv_mode='auto'.",
                FutureWarning,
                stacklevel=2,
            )
        n_samples = X.shape[0]
        weights = checked_weights(sample_weight, n_samples)
        if isinstance(sample_weight, Number):
            weights = np.full(n_samples, float(sample_weight))
        targets = [checked_vector("y", each, n_samples) for each in y.reshape(n_samples, -1).T]
        with team.lease() as crew:
            refuse_nonfinite(crew, checked_matrix(X)[0])
            if self.cv is None:
                _refuse_a_single_row(n_samples, weights)
            else:
                folds = folds_of(self._pairs(X, y, to_splitter), n_samples)
            rows = RidgeRows(crew, X, np.stack(targets, axis=1), weights, fit_intercept)
            fits = rows.all(by_svd=by_svd)
            if self.cv is None:
                scores = self._leave_one_out(rows, fits, alphas, y, to_scorer, X.dtype)
            else:
                judge = Judge(Ridge(), self._scorer(), X, y, to_scorer)
                scores = _by_folds(crew, rows, alphas, folds, judge, several=y.ndim == 2)
            if np.isnan(scores).all(axis=0).any():
                raise ValueError(
                    "The score of every alpha is NaN (R**2 of a single row is): pass fewer folds, or another "
                    "scoring."
                )
            best = np.array([rules.least(-each) for each in scores.T])
            coefs, intercepts = fits.fits(alphas[best])
        self.alpha_, self.best_score_ = alphas[best], scores[best, np.arange(best.size)]
        if best.size == 1:
            self.alpha_, self.best_score_ = float(self.alpha_[0]), float(self.best_score_[0])
        which = np.arange(len(targets)) if best.size > 1 else np.zeros(len(targets), dtype=int)
        total = n_samples if weights is None else weights.sum()
        self._solve(
            X, targets, weights, loss=Squared(),
            penalties=[
                conventions.from_scikit_learn("Ridge", alpha=alpha, total_weight=total)
                for alpha in alphas[best[which]]
            ],
            tol=_GAP, max_iter=_ROUNDS,
            starts=[(coefs[k, target], float(intercepts[k, target])) for target, k in enumerate(which)],
        )  # fmt: skip
        if len(targets) == 1:
            self._unwrap()
        if y.ndim == 1:
            self.intercept_ = self.intercept_[0]
        return self

    def _leave_one_out(self, rows, fits, alphas, y, params, dtype):
        """Return the scores of rows left out one by one, a column for each target, or one for all."""
        apart = self.alpha_per_target and y.ndim == 2 and y.shape[1] > 1
        weights, n_targets = rows.weights[:, None, None], rows.targets.shape[1]
        kept = np.empty((*rows.targets.shape, alphas.size)) if self.store_cv_results or self.scoring else None
        squares = np.zeros((alphas.size, n_targets))
        for place, errors in fits.left_out(alphas):
            errors = np.ascontiguousarray(errors)
            if self.scoring is None:
                errors = weights[place] * errors**2
                squares += errors.sum(axis=0)
            else:
                errors = y.reshape(-1, 1, n_targets)[place] - errors
            if kept is not None:
                kept[place] = errors.transpose(0, 2, 1)
        if self.store_cv_results:
            self.cv_results_ = kept.reshape(*y.shape, alphas.size).astype(dtype)
        if self.scoring is None:
            scores = -squares / len(y)
            return scores if apart else scores.mean(axis=1, keepdims=True)
        every = np.arange(len(y))
        if not apart:
            judge = Judge(Ridge(), self._scorer(), None, y, params)
            predictions = kept.reshape(*y.shape, alphas.size)
            return np.array([[judge.by_predictions(every, predictions[..., k])] for k in range(alphas.size)])
        judges = [Judge(Ridge(), self._scorer(), None, target, params) for target in y.T]
        return np.array(
            [
                [judge.by_predictions(every, kept[:, target, k]) for target, judge in enumerate(judges)]
                for k in range(alphas.size)
            ]
        )

    def _scorer(self):
        if self.scoring is not None:
            return super()._scorer()
        default = get_scorer("r2")
        if sklearn.get_config()["enable_metadata_routing"]:
            default = default.set_score_request(sample_weight=True)
        return default

    def _alphas(self):
        """Return the alphas, as they came."""
        given = np.ravel(np.asarray(self.alphas, dtype=object))
        if given.size == 0:
            raise ValueError("alphas is empty: pass at least one number above 0.")
        for place, alpha in enumerate(given):
            name = f"alphas[{place}]" if given.size > 1 else "alphas"
            if not isinstance(alpha, Real) or isinstance(alpha, bool):
                raise TypeError(
                    f"{name} must be an instance of float, not {type(alpha).__name__}: pass numbers."
                )
            if not (0 < alpha < np.inf or (alpha == 0 and self.cv is not None)):
                relation = ">" if self.cv is None else ">="
                raise ValueError(f"{name} == {alpha}, must be {relation} 0.0 and finite.")
        return given.astype(np.float64)


def _refuse_a_single_row(n_samples, weights):
    counted = n_samples if weights is None else np.count_nonzero(weights)
    if counted < 2:
        raise ValueError(
            f"X has {counted} row(s) of positive weight (n_samples={n_samples}): to leave one out takes at "
            f"least 2."
        )


def _by_folds(crew, rows, alphas, folds, judge, *, several):
    """Return the mean scores over folds, as a column."""
    scores = np.empty((alphas.size, len(folds)))

    def judge_some(_, start, stop):
        for number in range(start, stop):
            held = folds[number].held
            with team.lease(1) as alone:
                fits = rows.fold(alone, folds[number])
                predictions = fits.predictions(held, alphas)
            if judge.needs_rows:
                coefs, intercepts = fits.fits(alphas)
            for k in range(alphas.size):
                if judge.needs_rows:
                    fit = (coefs[k], intercepts[k]) if several else (coefs[k, 0], intercepts[k, 0])
                    scores[k, number] = judge.of_fit(held, *fit)
                else:
                    values = predictions[:, k] if several else predictions[:, k, 0]
                    scores[k, number] = judge.by_predictions(held, values)

    if judge.needs_rows:  # a function of the user's may remember: folds in their order
        judge_some(0, 0, len(folds))
    else:
        crew.each(judge_some, range(len(folds) + 1))
    return scores.mean(axis=1, keepdims=True)
