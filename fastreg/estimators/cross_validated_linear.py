"""The open estimators, their strength chosen by cross-validation: any loss, any penalty that has one."""

import numpy as np
from sklearn.utils.validation import column_or_1d

from fastreg import team
from fastreg.estimators import validation
from fastreg.estimators.base import Classifier, ConvergenceWarning, Regressor
from fastreg.estimators.boards import Board
from fastreg.estimators.judging import Chooser, Judge
from fastreg.estimators.linear import LinearClassifier, LinearRegressor
from fastreg.losses import Logistic, Multinomial, Squared
from fastreg.penalties import L1
from fastreg.selection import rules
from fastreg.selection.fold_paths import follow_folds
from fastreg.selection.folds import folds_of
from fastreg.solvers.beginning import begin
from fastreg.solvers.following import Grid
from fastreg.solvers.loop import warn_unless_converged
from fastreg.solvers.problem import has_many_predictions, refuse_many_predictions
from fastreg.solvers.validation import checked_count, checked_number, checked_vector, checked_weights


class _Open(Chooser):
    """What regression and classification share: grids, rule, and the fit of all rows."""

    def _grids(self):
        """Return a grid of strengths for each l1_ratio."""
        penalty = L1(1.0) if self.penalty is None else self.penalty
        if self.l1_ratios is None:
            return [Grid.checked(penalty, self.strengths, self.ratio)]
        if "l1_ratio" not in getattr(type(penalty), "_fields", ()):
            raise TypeError(f"penalty={penalty!r} has no l1_ratio: pass one that has, or no l1_ratios.")
        if np.ndim(self.l1_ratios) != 1 or np.size(self.l1_ratios) == 0:
            raise ValueError(f"l1_ratios={self.l1_ratios!r} is no list: pass one or more numbers in [0, 1].")
        return [
            Grid.checked(penalty._replace(l1_ratio=float(ratio)), self.strengths, self.ratio)
            for ratio in self.l1_ratios
        ]

    def _choose(self, X, y, target, weights, loss, plain, shape, to_splitter, to_scorer):
        """Follow the paths of all folds, choose, fit all rows and keep everything."""
        rules.checked_rule(self.rule, rules.RULES)
        tol, max_iter = checked_number("tol", self.tol, 0), checked_count("max_iter", self.max_iter, 0)
        standardize = validation.checked_flag("standardize", self.standardize)
        grids = self._grids()
        folds = folds_of(self._pairs(X, y, to_splitter), X.shape[0])
        with team.lease(self.n_threads) as crew:
            board = None
            if self.scoring is not None:
                judge = Judge(plain, self._scorer(), X, y, to_scorer)
                count = grids[0].strengths if isinstance(grids[0].strengths, int) else grids[0].strengths.size
                board = Board(judge, folds, len(grids), count, shape, keeps=False)
            intercept = validation.checked_flag("fit_intercept", self.fit_intercept)
            paths = follow_folds(
                begin(
                    crew, X, target, loss, grids[0].at_strength(1.0), standardize=standardize,
                    sample_weight=weights, fit_intercept=intercept, offset=None,
                ),
                grids, folds, standardize=standardize, tol=tol, max_iter=max_iter,
                watch=board and board.watch(range(len(grids))), by_rows=board is not None,
            )  # fmt: skip
            if paths.interrupted:
                raise KeyboardInterrupt
            number, place = self._decide(paths, board, len(grids))
            solution = paths.solution(number, place)
        self._keep([solution], X.dtype, min(max_iter, 1))
        self.strength_ = float(paths.strengths[number][place])
        self.strengths_ = self._unless_alone(np.stack(paths.strengths))
        if self.l1_ratios is not None:
            self.l1_ratio_ = float(self.l1_ratios[number])
        paths.warn(category=ConvergenceWarning, stacklevel=5)
        warn_unless_converged(
            solution.status, solution.certificate, tol, solution.n_iter, category=ConvergenceWarning,
            stacklevel=4,
        )  # fmt: skip

    def _decide(self, paths, board, n_grids):
        """Set the curves; return the number of the best grid, and the place of the strength that rules."""
        if board is None:
            self.losses_ = self._unless_alone(paths.losses)
            curves = [paths.mean_and_error(number) for number in range(n_grids)]
        else:
            board.judge_the_rest()
            scores = board.scores.transpose(1, 2, 0)
            self.scores_ = self._unless_alone(scores)
            curves = [rules.mean_and_error(-each, np.ones(each.shape[1])) for each in scores]
        means, errors = (np.stack(each) for each in zip(*curves, strict=True))
        self.mean_ = self._unless_alone(means if board is None else -means)
        self.error_ = self._unless_alone(errors)
        number = int(rules.least(means.ravel())) // means.shape[1]
        if self.rule == "min":
            return number, rules.least(means[number])
        return number, rules.within_one_error(means[number], errors[number])

    def _unless_alone(self, stacked):
        return stacked[0] if self.l1_ratios is None else stacked


class LinearRegressorCV(_Open, Regressor):
    r"""Linear regression with any loss, and any penalty whose strength is chosen by cross-validation.

    .. math::

        \min_{w, b} \frac{\sum_i s_i\, loss(y_i, x_i w + b)}{\sum_i s_i} + \sum_j penalty_j(w_j)

    is solved for the rows that each fold learns from, along a falling sequence of strengths; the strength of
    the least mean loss on the rows left out is fitted to all rows. No fold copies X. See
    `fastreg.cross_validate`, which does the same to arrays.

    Parameters
    ----------
    loss : NamedTuple, default=None
        None is Squared(); from `fastreg.losses`, or your own.
    penalty : NamedTuple, default=None
        None is L1(1.0); one with a strength, from `fastreg.penalties` or your own: its number is replaced,
        an array is multiplied.
    strengths, ratio : see `fastreg.path`
        The grid is that of all rows, for their weights, intercept and bounds.
    l1_ratios : array or None, default=None
        Of a penalty with an ``l1_ratio``: of several the best is chosen.
    rule : {"min", "1se"}, default="min"
        The least mean loss, or the strongest penalty within one standard error of it.
    scoring : str, function or None, default=None
        A score of scikit-learn, the mean over folds of which is to be high; None is the loss itself.
    cv : int, splitter, iterable of (train, test) or None, default=None
        None is 5 folds of consecutive rows, as in scikit-learn.
    fit_intercept, standardize, tol, max_iter, n_threads
        As in `fastreg.solve`.

    Attributes
    ----------
    strength_, l1_ratio_ : float
        What was chosen; the second only with ``l1_ratios``.
    strengths_ : array of n_strengths
        From the strongest down.
    losses_ : array of (n_strengths, n_folds)
        Mean loss on the rows left out; with ``scoring`` it is ``scores_``.
    mean_, error_ : arrays of n_strengths
        Over folds, and the standard error of that. With ``l1_ratios`` all four have a first axis for them.
    coef_, intercept_, n_iter_, solution_, n_features_in_, feature_names_in_
        Of the fit of all rows, as in `LinearRegressor`.

    Examples
    --------
    >>> import numpy as np
    >>> from fastreg import LinearRegressorCV
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((100, 5)); y = X[:, 0] + rng.standard_normal(100)
    >>> LinearRegressorCV(strengths=[1.0, 0.3, 0.1, 0.01]).fit(X, y).strength_
    0.1
    >>> LinearRegressorCV(strengths=[1.0, 0.3, 0.1, 0.01], rule="1se").fit(X, y).strength_
    0.3
    """

    def __init__(
        self, loss=None, penalty=None, *, strengths=100, ratio=1e-3, l1_ratios=None, rule="min", scoring=None,
        cv=None, fit_intercept=True, standardize=False, tol=1e-6, max_iter=200, n_threads=None,
    ):  # fmt: skip
        self.loss = loss
        self.penalty = penalty
        self.strengths = strengths
        self.ratio = ratio
        self.l1_ratios = l1_ratios
        self.rule = rule
        self.scoring = scoring
        self.cv = cv
        self.fit_intercept = fit_intercept
        self.standardize = standardize
        self.tol = tol
        self.max_iter = max_iter
        self.n_threads = n_threads

    def fit(self, X, y, sample_weight=None, **params):
        """Choose the strength, and fit all rows.

        Parameters
        ----------
        X : array, data frame or sparse matrix of (n_samples, n_features)
        y : array of n_samples
        sample_weight : float or array of n_samples or None
            At least 0. They weight the fits, the losses and the scores.
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
            If a fit ends before the tolerance.
        """
        loss = Squared() if self.loss is None else self.loss
        refuse_many_predictions(loss)
        routed = self._route(sample_weight, params)
        X, y = validation.training_data(self, X, y)
        y = checked_vector("y", column_or_1d(y, warn=True), X.shape[0])
        weights = checked_weights(sample_weight, X.shape[0])
        self._choose(X, y, y, weights, loss, LinearRegressor(), X.shape[1:], *routed)
        self._unwrap()
        self.intercept_ = self.intercept_[0]
        return self

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = False
        return tags


class LinearClassifierCV(_Open, Classifier):
    r"""Linear classification with any loss, and any penalty whose strength is chosen by cross-validation.

    As `LinearRegressorCV`, with y -1 for the first of two classes, +1 for the second; three and more classes
    take a loss with one prediction per class.

    Parameters
    ----------
    loss : NamedTuple, default=None
        None is Logistic() for two classes, Multinomial() for more; from `fastreg.losses`, or your own.
    class_weight : dict, "balanced" or None, default=None
        A weight for the rows of each class; balanced: n / (n_classes * n_in_class).
    cv : int, splitter, iterable of (train, test) or None, default=None
        None is 5 folds, stratified, of consecutive rows, as in scikit-learn.
    penalty, strengths, ratio, l1_ratios, rule, scoring, fit_intercept, standardize, tol, max_iter, n_threads
        As in `LinearRegressorCV`.

    Attributes
    ----------
    strength_, l1_ratio_, strengths_, losses_, scores_, mean_, error_
        As in `LinearRegressorCV`.
    classes_, coef_, intercept_, n_iter_, solution_, n_features_in_, feature_names_in_
        Of the fit of all rows, as in `LinearClassifier`.

    Examples
    --------
    >>> import numpy as np
    >>> from fastreg import LinearClassifierCV
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((100, 5)); y = X[:, 0] + rng.standard_normal(100) > 0
    >>> LinearClassifierCV(strengths=[0.1, 0.01]).fit(X, y).strength_
    0.01
    """

    def __init__(
        self, loss=None, penalty=None, *, strengths=100, ratio=1e-3, l1_ratios=None, rule="min", scoring=None,
        cv=None, class_weight=None, fit_intercept=True, standardize=False, tol=1e-6, max_iter=200,
        n_threads=None,
    ):  # fmt: skip
        self.loss = loss
        self.penalty = penalty
        self.strengths = strengths
        self.ratio = ratio
        self.l1_ratios = l1_ratios
        self.rule = rule
        self.scoring = scoring
        self.cv = cv
        self.class_weight = class_weight
        self.fit_intercept = fit_intercept
        self.standardize = standardize
        self.tol = tol
        self.max_iter = max_iter
        self.n_threads = n_threads

    def fit(self, X, y, sample_weight=None, **params):
        """Choose the strength, and fit all rows; see `LinearRegressorCV.fit`.

        Parameters
        ----------
        X : array, data frame or sparse matrix of (n_samples, n_features)
        y : array of n_samples
            Two classes or more, of any type that can be sorted.
        sample_weight : float or array of n_samples or None
            At least 0. They weight the fits, the losses and the scores.
        **params
            What is routed to splitter and scorer, where scikit-learn's metadata routing is on.

        Returns
        -------
        self
        """
        routed = self._route(sample_weight, params)
        X, y = validation.labelled_data(self, X, y)
        weights = checked_weights(sample_weight, X.shape[0])
        codes = self._read_classes(y)
        if self.classes_.size > 2 and not has_many_predictions(self._term()):
            raise ValueError(
                f"{type(self._term()).__name__} tells two classes apart, and y holds {self.classes_.size}: "
                f"pass loss=Multinomial(), or let sklearn.multiclass.OneVsRestClassifier fit each class."
            )
        (target,), weights = self._encode(codes, self.class_weight, weights)
        plain = LinearClassifier(self._term())
        plain.classes_ = self.classes_
        shape = (1 if self.classes_.size == 2 else self.classes_.size), X.shape[1]
        self._choose(X, y, target, weights, self._term(), plain, shape, *routed)
        return self

    def _term(self):
        if self.loss is not None:
            return self.loss
        return Multinomial() if len(getattr(self, "classes_", ())) > 2 else Logistic()
