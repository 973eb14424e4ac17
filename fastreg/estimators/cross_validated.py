"""LassoCV and ElasticNetCV: the strength is chosen by cross-validation, all folds over one X."""

from numbers import Integral

import numpy as np
from sklearn.utils.validation import column_or_1d

from fastreg import conventions, penalties, team
from fastreg.conventions.parts import share, uniform_parts_of
from fastreg.estimators import validation
from fastreg.estimators.base import ConvergenceWarning, Regressor
from fastreg.estimators.judging import Chooser
from fastreg.losses import Squared
from fastreg.selection.fold_paths import follow_folds
from fastreg.selection.folds import folds_of
from fastreg.solvers.following import Grid
from fastreg.solvers.loop import warn_unless_converged
from fastreg.solvers.problem import assemble
from fastreg.solvers.state import State
from fastreg.solvers.validation import checked_count, checked_number, checked_vector, checked_weights


class ElasticNetCV(Chooser, Regressor):
    r"""Elastic net whose alpha and l1_ratio are chosen by cross-validation, as in scikit-learn.

    For each l1_ratio, alpha and fold

    .. math::

        \min_{w, b} \frac{1}{2 S} \sum_i s_i (y_i - x_i w - b)^2
        + alpha \cdot l1\_ratio \|w\|_1 + \frac{alpha (1 - l1\_ratio)}{2} \|w\|_2^2

    is solved for the rows that the fold learns from; the pair with the least mean square error on the rows
    left out, averaged over folds, is fitted to all rows. No fold copies X.

    Parameters
    ----------
    l1_ratio : float or list of float, default=0.5
        In [0, 1]; of several the best is chosen. Without an L1 part no alpha holds every weight at 0: the
        first is then that of l1_ratio 0.001.
    eps : float, default=1e-3
        The last alpha as a share of the first, where ``alphas`` is a number.
    alphas : int or array, default=100
        How many, in equal ratios from the smallest at which every weight is 0 in the fit of all rows; or the
        alphas themselves, each at least 0.
    fit_intercept : bool, default=True
        Whether b is fitted (never penalised) or 0.
    max_iter : int, default=1000
        Most outer rounds of each fit.
    tol : float, default=1e-4
        Each fit stops once its duality gap is at most tol * sum_i s_i (y_i - mean)^2 / S.
    cv : int, splitter, iterable of (train, test) or None, default=None
        None is 5 folds of consecutive rows, as in scikit-learn.
    n_jobs : int or None, default=None
        Number of threads, which share the folds; the result does not depend on it.
    positive : bool, default=False
        Whether weights must be at least 0.
    precompute, copy_X, verbose, random_state, selection
        Accepted and ignored, as in `ElasticNet`.

    Attributes
    ----------
    alpha_, l1_ratio_ : float
        What was chosen.
    alphas_ : array of n_alphas, or (n_l1_ratio, n_alphas)
        From the largest down.
    mse_path_ : array of (n_alphas, n_folds), or (n_l1_ratio, n_alphas, n_folds)
        Mean square error on the rows left out.
    coef_, intercept_, dual_gap_, n_iter_, solution_, n_features_in_, feature_names_in_
        Of the fit of all rows, as in `ElasticNet`.

    Examples
    --------
    >>> import numpy as np
    >>> from fastreg import ElasticNetCV
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((100, 5)); y = X[:, 0] + rng.standard_normal(100)
    >>> ElasticNetCV(l1_ratio=[0.1, 1.0]).fit(X, y).l1_ratio_
    1.0
    """

    def __init__(
        self, *, l1_ratio=0.5, eps=1e-3, alphas=100, fit_intercept=True, precompute="auto", max_iter=1000,
        tol=1e-4, cv=None, copy_X=True, verbose=0, n_jobs=None, positive=False, random_state=None,
        selection="cyclic",
    ):  # fmt: skip
        self.l1_ratio = l1_ratio
        self.eps = eps
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.precompute = precompute
        self.max_iter = max_iter
        self.tol = tol
        self.cv = cv
        self.copy_X = copy_X
        self.verbose = verbose
        self.n_jobs = n_jobs
        self.positive = positive
        self.random_state = random_state
        self.selection = selection

    def fit(self, X, y, sample_weight=None, **params):
        """Choose alpha and l1_ratio, and fit all rows.

        Parameters
        ----------
        X : array, data frame or sparse matrix of (n_samples, n_features)
        y : array of n_samples
        sample_weight : float or array of n_samples or None
            At least 0. They weight the fits and the errors on the rows left out.
        **params
            What is routed to the splitter, such as ``groups``, where scikit-learn's metadata routing is on.

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
            If a fit ends before the tolerance.
        """
        validation.checked_choice("selection", self.selection, ("cyclic", "random"))
        accepted = 2 * checked_number("tol", self.tol, 0)  # see `ElasticNet.fit`
        max_iter = validation.checked_rounds(self.max_iter, 1000)
        ratios = self._l1_ratios()
        units = [self._unit(ratio, alone=len(ratios) == 1) for ratio in ratios]
        alphas, eps = self._alphas(), checked_number("eps", self.eps, 0, strict=True)
        routed, _ = self._route(sample_weight, params)
        X, y = validation.training_data(self, X, y)
        y = column_or_1d(y, warn=True).astype(np.float64)
        folds = folds_of(self._pairs(X, y, routed), X.shape[0])
        with team.lease(validation.thread_number(self.n_jobs)) as crew:
            problem = assemble(
                crew, X, y, Squared(), units[0],
                fit_intercept=validation.checked_flag("fit_intercept", self.fit_intercept), standardize=False,
                sample_weight=checked_weights(sample_weight, X.shape[0]), offset=None,
            )  # fmt: skip
            grids = [
                Grid.checked(unit, alphas if isinstance(alphas, int) else unit.strength * alphas, eps)
                for unit in units
            ]
            paths = follow_folds(
                State(problem), grids, folds, standardize=False, tol=accepted, max_iter=max_iter
            )
            if paths.interrupted:
                raise KeyboardInterrupt
            means = paths.losses.mean(axis=2)
            best, place = np.unravel_index(np.argmin(means), means.shape)
            solution = paths.solution(best, place)
        tried = np.stack([each / unit.strength for each, unit in zip(paths.strengths, units, strict=True)])
        self.alpha_ = float(tried[best, place])
        if hasattr(self, "l1_ratio"):
            self.l1_ratio_ = ratios[best]
        self._keep_curves(alphas, tried, 2 * paths.losses)
        self._keep([solution], X.dtype, 1)
        self._unwrap()
        self.intercept_ = self.intercept_[0]
        self.dual_gap_ = solution.certificate.primal - solution.certificate.dual
        paths.warn(category=ConvergenceWarning, stacklevel=4)
        warn_unless_converged(
            solution.status, solution.certificate, accepted, solution.n_iter, category=ConvergenceWarning
        )
        return self

    def _keep_curves(self, alphas, tried, errors):
        """Set ``alphas_`` and ``mse_path_``; an alpha that was asked for twice has two entries."""
        self.alphas_ = tried[0] if len(tried) == 1 else tried
        if not isinstance(alphas, int):
            self.alphas_ = np.sort(alphas)[::-1]
            errors = errors[:, np.searchsorted(-np.unique(alphas)[::-1], -self.alphas_)]
        self.mse_path_ = np.squeeze(errors)

    def _l1_ratios(self):
        """Return the l1_ratios to choose from."""
        ratios = np.atleast_1d(self.l1_ratio)
        return [share(type(self).__name__, "l1_ratio", ratio) for ratio in ratios.tolist()]

    def _unit(self, ratio, alone):
        """Return the penalty of alpha 1; of several l1_ratios all of one class."""
        penalty = conventions.from_scikit_learn("ElasticNet", alpha=1.0, l1_ratio=ratio)
        if not alone:
            l1, l2 = uniform_parts_of("ElasticNetCV", penalty)
            penalty = penalties.ElasticNet(l1 + l2, l1 / (l1 + l2))
        if validation.checked_flag("positive", self.positive):
            return penalties.Bounded(penalty, 0.0, np.inf)
        return penalty

    def _alphas(self):
        """Return how many alphas are wanted, or which."""
        if isinstance(self.alphas, Integral) and not isinstance(self.alphas, bool):
            return checked_count("alphas", self.alphas, 1)
        alphas = checked_vector("alphas", self.alphas, np.size(self.alphas), per="fit")
        if alphas.size == 0:
            raise ValueError("alphas is empty: pass how many, or numbers of at least 0.")
        if alphas.min() < 0:
            place = int(np.argmax(alphas < 0))
            raise ValueError(f"alphas[{place}] == {alphas[place]:g}, must be >= 0.0, or how many.")
        return alphas

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = False
        return tags


class LassoCV(ElasticNetCV):
    r"""Lasso whose alpha is chosen by cross-validation, as in scikit-learn.

    The alpha with the least mean square error on the rows left out, averaged over folds, is fitted to all:

    .. math:: \min_{w, b} \frac{1}{2 S} \sum_i s_i (y_i - x_i w - b)^2 + alpha \|w\|_1

    Parameters
    ----------
    eps, alphas, fit_intercept, max_iter, tol, cv, n_jobs, positive : see `ElasticNetCV`
    precompute, copy_X, verbose, random_state, selection
        Accepted and ignored, as in `ElasticNet`.

    Attributes
    ----------
    alpha_, alphas_, mse_path_, coef_, intercept_, dual_gap_, n_iter_, solution_
        As in `ElasticNetCV`.

    Examples
    --------
    >>> import numpy as np
    >>> from fastreg import LassoCV
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((100, 5)); y = X[:, 0] + rng.standard_normal(100)
    >>> round(LassoCV().fit(X, y).alpha_, 3)
    0.087
    """

    def __init__(
        self, *, eps=1e-3, alphas=100, fit_intercept=True, precompute="auto", max_iter=1000, tol=1e-4,
        copy_X=True, cv=None, verbose=False, n_jobs=None, positive=False, random_state=None,
        selection="cyclic",
    ):  # fmt: skip
        self.eps = eps
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.precompute = precompute
        self.max_iter = max_iter
        self.tol = tol
        self.copy_X = copy_X
        self.cv = cv
        self.verbose = verbose
        self.n_jobs = n_jobs
        self.positive = positive
        self.random_state = random_state
        self.selection = selection

    def _l1_ratios(self):
        return [1.0]
