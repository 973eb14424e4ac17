"""LogisticRegressionCV: C and l1_ratio are chosen by cross-validation, all folds over one X."""

from numbers import Integral
from typing import ClassVar

import numpy as np
import sklearn
from sklearn.metrics import get_scorer
from sklearn.utils import metadata_routing
from sklearn.utils.metadata_routing import process_routing

from fastreg import conventions, penalties, team
from fastreg.conventions.parts import amount_of_C, share, uniform_parts_of
from fastreg.estimators import validation
from fastreg.estimators.base import ConvergenceWarning
from fastreg.estimators.boards import Board
from fastreg.estimators.judging import Chooser, Judge
from fastreg.estimators.logistic import SOLVERS, LogisticRegression, gap_of
from fastreg.selection import rules
from fastreg.selection.fold_paths import follow_folds
from fastreg.selection.folds import folds_of
from fastreg.solvers.beginning import begin
from fastreg.solvers.following import Grid, family
from fastreg.solvers.loop import warn_unless_converged
from fastreg.solvers.validation import checked_count, checked_number, checked_weights


class LogisticRegressionCV(Chooser, LogisticRegression):
    r"""Logistic regression whose C and l1_ratio are chosen by cross-validation, as in scikit-learn.

    For each l1_ratio, C and fold the problem of `LogisticRegression` is solved for the rows that the fold
    learns from; the pair with the best score on the rows left out, averaged over folds, is fitted to all
    rows. No fold copies X, and each path starts where the last C ended.

    Parameters
    ----------
    Cs : int or array, default=10
        How many, in equal ratios from 1e-4 to 1e4, or which: above 0, np.inf is no penalty. In any order;
        of several with the same score the first is chosen.
    l1_ratios : array or None, default=None
        In [0, 1]; of several the best is chosen. None is 0, or what ``penalty`` says.
    fit_intercept, class_weight, max_iter, tol : see `LogisticRegression`
    cv : int, splitter, iterable of (train, test) or None, default=None
        None is 5 folds, stratified, of consecutive rows, as in scikit-learn.
    penalty : {"auto", "l1", "l2", "elasticnet"}, default="auto"
        The older spelling of l1_ratios of 1 or 0.
    scoring : str, function or None, default=None
        A score of scikit-learn; None is accuracy.
    n_jobs : int or None, default=None
        Number of threads, which share the folds; the result does not depend on it.
    refit : bool, default=True
        Whether the best pair is fitted to all rows. If not, the weights of each fold's best pair are
        averaged.
    use_legacy_attributes : bool, default=True
        Whether attributes have scikit-learn's older form: dicts by class, and a number for each class.
    dual, solver, verbose, intercept_scaling, random_state
        Accepted and ignored, as in `LogisticRegression`.

    Attributes
    ----------
    C_, l1_ratio_ : float, or array of 1 or n_classes with the same number
        What was chosen.
    Cs_, l1_ratios_ : array
        What was tried.
    coefs_paths_ : array of (n_folds, n_l1_ratios, n_Cs, 1 or n_classes, n_features + 1)
        Weights, and the intercept where one is fitted. Older form: a dict from classes (of two the second) to
        arrays of (n_folds, n_Cs, n_l1_ratios, n_features + 1); without ``l1_ratios`` that axis is left out.
    scores_, n_iter_ : array of (n_folds, n_l1_ratios, n_Cs)
        Older form: a dict as above, and an array of (1, n_folds, n_Cs, n_l1_ratios).
    classes_, coef_, intercept_, solution_, n_features_in_, feature_names_in_
        Of the fit of all rows, as in `LogisticRegression`.

    Examples
    --------
    >>> import numpy as np
    >>> from fastreg import LogisticRegressionCV
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((100, 5)); y = X[:, 0] + rng.standard_normal(100) > 0
    >>> model = LogisticRegressionCV(Cs=[0.001, 1.0], scoring="neg_log_loss", use_legacy_attributes=False)
    >>> model.fit(X, y).C_
    1.0
    """

    # scikit-learn will take it away as a parameter of its own.
    __metadata_request__score: ClassVar = {"sample_weight": metadata_routing.UNUSED}

    def __init__(
        self, *, Cs=10, l1_ratios=None, fit_intercept=True, cv=None, dual=False, penalty="auto", scoring=None,
        solver="lbfgs", tol=1e-4, max_iter=100, class_weight=None, n_jobs=None, verbose=0, refit=True,
        intercept_scaling=1.0, random_state=None, use_legacy_attributes=True,
    ):  # fmt: skip
        self.Cs = Cs
        self.l1_ratios = l1_ratios
        self.fit_intercept = fit_intercept
        self.cv = cv
        self.dual = dual
        self.penalty = penalty
        self.scoring = scoring
        self.tol = tol
        self.max_iter = max_iter
        self.class_weight = class_weight
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.solver = solver
        self.refit = refit
        self.intercept_scaling = intercept_scaling
        self.random_state = random_state
        self.use_legacy_attributes = use_legacy_attributes

    def fit(self, X, y, sample_weight=None, **params):
        """Choose C and l1_ratio, and fit all rows.

        Parameters
        ----------
        X : array, data frame or sparse matrix of (n_samples, n_features)
        y : array of n_samples
            Two classes or more, of any type that can be sorted.
        sample_weight : float or array of n_samples or None
            At least 0. They weight the fits and the scores.
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
        validation.checked_choice("solver", self.solver, SOLVERS)
        ratios, amounts = self._ratios(), self._amounts()
        tol = gap_of(checked_number("tol", self.tol, 0))
        max_iter = validation.checked_rounds(self.max_iter, 100, least=0)
        to_splitter, to_scorer = self._route(sample_weight, params)
        X, y = validation.labelled_data(self, X, y)
        codes = self._read_classes(y)
        weights = checked_weights(sample_weight, X.shape[0])
        constant = float(sample_weight) if weights is None and sample_weight is not None else 1.0
        (target,), weights = self._encode(codes, self.class_weight, weights)
        total = constant * (X.shape[0] if weights is None else weights.sum())
        folds = folds_of(self._pairs(X, y, to_splitter), X.shape[0])
        plain = LogisticRegression()
        plain.classes_ = self.classes_
        falling, order = np.unique(-amounts, return_inverse=True)
        board = Board(
            Judge(plain, self._scorer(), X, y, to_scorer), folds, len(ratios), falling.size,
            (1 if self.classes_.size == 2 else self.classes_.size, X.shape[1]), keeps=True,
        )  # fmt: skip
        runs = []
        with team.lease(validation.thread_number(self.n_jobs)) as crew:
            for numbers in _of_one_kind(ratios):
                units = _units([ratios[number] for number in numbers], total)
                grids = [Grid(family(unit), -unit.strength * falling, 1.0) for unit in units]
                intercept = validation.checked_flag("fit_intercept", self.fit_intercept)
                paths = follow_folds(
                    begin(
                        crew, X, target, self._term(), units[0], standardize=False, sample_weight=weights,
                        fit_intercept=intercept, offset=None,
                    ),
                    grids, folds, standardize=False, tol=tol, max_iter=max_iter,
                    watch=board.watch(numbers), by_rows=True, of_sums=True,
                )  # fmt: skip
                if paths.interrupted:
                    raise KeyboardInterrupt
                runs.append((numbers, paths))
            board.judge_the_rest()
            scores = board.scores[:, :, order].transpose(
                0, 2, 1
            )  # ties go to the first C, then to the first l1_ratio
            chosen = _best(scores.mean(axis=0) if self.refit else scores)
            if self.refit:
                ((place, number),) = chosen
                numbers, paths = next(run for run in runs if number in run[0])
                solution = paths.solution(numbers.index(number), order[place])
                self._keep([solution], X.dtype, min(max_iter, 1))
            else:
                picked = [(fold, number, order[place]) for fold, (place, number) in enumerate(chosen)]
                self.coef_ = np.mean([board.coefs[at] for at in picked], axis=0).astype(X.dtype)
                self.intercept_ = np.mean([board.intercepts[at] for at in picked], axis=0).astype(X.dtype)
        self._keep_choice(chosen, ratios)
        self._keep_paths(board, order)
        for _, paths in runs:
            paths.warn(category=ConvergenceWarning, stacklevel=4)
        if self.refit:
            warn_unless_converged(
                solution.status, solution.certificate, tol, solution.n_iter, category=ConvergenceWarning
            )
        return self

    def _ratios(self):
        """Return the l1_ratios to choose from."""
        validation.checked_choice("penalty", self.penalty, ("auto", "deprecated", "l1", "l2", "elasticnet"))
        given = None if isinstance(self.l1_ratios, str) and self.l1_ratios == "warn" else self.l1_ratios
        if self.penalty in ("l1", "l2"):
            meant = float(self.penalty == "l1")
            if given is not None and any(ratio != meant for ratio in given):
                raise ValueError(
                    f"penalty={self.penalty!r} contradicts l1_ratios={given!r}: leave out one of the two."
                )
            return [meant]
        if given is None:
            if self.penalty == "elasticnet":
                raise ValueError(
                    "penalty='elasticnet' needs shares of the L1 part: pass l1_ratios, numbers in [0, 1]."
                )
            return [0.0]
        if np.ndim(given) != 1 or np.size(given) == 0:
            raise ValueError(f"l1_ratios={given!r} is no list: pass one or more numbers in [0, 1].")
        return [share("LogisticRegressionCV", "l1_ratios", ratio) for ratio in given]

    def _amounts(self):
        """Set ``Cs_``; return 1 / C for each."""
        if isinstance(self.Cs, Integral) and not isinstance(self.Cs, bool):
            self.Cs_ = np.logspace(-4, 4, checked_count("Cs", self.Cs, 1))
        elif np.ndim(self.Cs) != 1 or np.size(self.Cs) == 0:
            raise ValueError(f"Cs={self.Cs!r} is neither a number nor a list: pass how many, or which.")
        else:
            self.Cs_ = np.asarray(self.Cs)
        return np.array([amount_of_C("LogisticRegressionCV", C) for C in self.Cs_.tolist()])

    def _keep_choice(self, chosen, ratios):
        """Set ``C_`` and ``l1_ratio_``: the means over what was chosen."""
        apart = self.use_legacy_attributes
        self.C_ = float(np.mean([self.Cs_[place] for place, _ in chosen]))
        self.l1_ratio_ = float(np.mean([ratios[number] for _, number in chosen]))
        self.l1_ratios_ = np.array(ratios) if self._has_ratios else np.array([None])
        if apart:
            count = len(self.coef_)
            self.C_ = np.full(count, self.C_)
            unknown = self.refit and not self._has_ratios  # as in scikit-learn
            self.l1_ratio_ = np.full(count, None if unknown else self.l1_ratio_)

    @property
    def _has_ratios(self):
        return self.l1_ratios is not None and not isinstance(self.l1_ratios, str)

    def _keep_paths(self, board, order):
        """Set ``coefs_paths_``, ``scores_`` and ``n_iter_`` in the form that is asked for."""
        coefs, scores, n_iter = board.coefs[:, :, order], board.scores[:, :, order], board.n_iter[:, :, order]
        if self.fit_intercept:
            coefs = np.concatenate([coefs, board.intercepts[:, :, order, :, None]], axis=4)
        if self.use_legacy_attributes:
            coefs, scores, n_iter = (np.swapaxes(each, 1, 2) for each in (coefs, scores, n_iter))
            if not self._has_ratios:
                coefs, scores, n_iter = coefs[:, :, 0], scores[:, :, 0], n_iter[:, :, 0]
            names = self.classes_ if len(self.classes_) > 2 else self.classes_[1:]
            coefs = {name: coefs[..., k, :].copy() for k, name in enumerate(names)}
            scores, n_iter = {name: scores.copy() for name in names}, n_iter[None]
        self.coefs_paths_, self.scores_, self.n_iter_ = coefs, scores, n_iter

    def score(self, X, y, sample_weight=None, **params):
        """Return the score that ``scoring`` names, accuracy by default.

        Parameters
        ----------
        X : array, data frame or sparse matrix of (n_samples, n_features)
        y : array of n_samples
        sample_weight : array of n_samples or None
        **params
            What is routed to the scorer, where scikit-learn's metadata routing is on.

        Returns
        -------
        float
        """
        if sample_weight is not None:
            params["sample_weight"] = sample_weight
        if sklearn.get_config()["enable_metadata_routing"]:
            params = process_routing(self, "score", **params).scorer.score
        elif params.keys() - {"sample_weight"}:
            raise ValueError(
                f"score got {', '.join(params)}: call sklearn.set_config(enable_metadata_routing=True) first."
            )
        return self._scorer()(self, X, y, **params)

    def _scorer(self):
        named = self.scoring is not None and not (isinstance(self.scoring, str) and self.scoring == "warn")
        return get_scorer(self.scoring if named else "accuracy")


def _of_one_kind(ratios):
    """Return the places of ratios without an L1 part, which have a solver of their own, and of the others."""
    smooth = [number for number, ratio in enumerate(ratios) if ratio == 0]
    others = [number for number, ratio in enumerate(ratios) if ratio != 0]
    return [numbers for numbers in (smooth, others) if numbers]


def _units(ratios, total):
    """Return the penalties of C = 1, all of one class."""
    units = [
        conventions.from_scikit_learn("LogisticRegression", C=1.0, l1_ratio=ratio, total_weight=total)
        for ratio in ratios
    ]
    if len({type(unit) for unit in units}) == 1:
        return units
    parts = [uniform_parts_of("LogisticRegressionCV", unit) for unit in units]
    return [penalties.ElasticNet(l1 + l2, l1 / (l1 + l2)) for l1, l2 in parts]


def _best(scores):
    """Return the places (C, l1_ratio) of the best of scores (n_Cs, n_l1_ratios), or of those of each fold."""
    scores = scores.reshape(-1, *scores.shape[-2:])
    if np.isnan(scores).all(axis=(1, 2)).any():
        raise ValueError("The score of every C is NaN: pass fewer folds, or another scoring.")
    return [np.unravel_index(rules.least(-each.ravel()), each.shape) for each in scores]
