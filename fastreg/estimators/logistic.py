"""Logistic regression, with scikit-learn's parameters and meaning, in their old and new spelling."""

import numpy as np

from fastreg import conventions
from fastreg.estimators import validation
from fastreg.estimators.base import Classifier
from fastreg.estimators.callbacks import CallbackSupportMixin, told_of_rounds, with_callbacks
from fastreg.losses import Logistic, Multinomial
from fastreg.solvers.validation import checked_number, checked_weights

SOLVERS = ("lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga")
_PENALTIES = ("auto", "l1", "l2", "elasticnet", None, "deprecated")
# A small gap that double precision can tell from 0.
_LEAST_GAP = 1e-15


class LogisticRegression(CallbackSupportMixin, Classifier):
    r"""Logistic regression of two classes or more, as `sklearn.linear_model.LogisticRegression`.

    .. math::

        \min_{w, b} C \sum_i s_i \log(1 + \exp(-y_i (x_i w + b)))
        + l1\_ratio \|w\|_1 + \frac{1 - l1\_ratio}{2} \|w\|_2^2

    with y -1 for the first class, +1 for the second. Three and more classes have weights w_k and b_k each,

    .. math::

        \min_{w, b} C \sum_i s_i \Big[\log \sum_k \exp(x_i w_k + b_k) - (x_i w_{y_i} + b_{y_i})\Big]
        + \sum_k \Big[l1\_ratio \|w_k\|_1 + \frac{1 - l1\_ratio}{2} \|w_k\|_2^2\Big]

    (softmax, in its symmetric form) with intercepts that sum to 0. The loss is not divided by the number of
    rows: twice the rows, or twice the weights s (sample times class weights), are twice the C.

    Parameters
    ----------
    penalty : {"auto", "l1", "l2", "elasticnet", None}, default="auto"
        "auto" leaves it to l1_ratio; "l1", "l2" and None (no penalty) are the older spelling of l1_ratio=1,
        l1_ratio=0 and C=np.inf. The two spellings may not contradict each other.
    C : float, default=1.0
        Inverse of the strength, above 0; np.inf is no penalty.
    l1_ratio : float or None, default=0.0
        Share of the L1 part, in [0, 1].
    tol : float, default=1e-4
        Stop once the relative duality gap is at most min(1e-4 * tol, max(tol**2, 1e-15)).
    fit_intercept : bool, default=True
        Whether b is fitted (never penalised) or 0.
    class_weight : dict, "balanced" or None, default=None
        A weight for each class; balanced: n / (n_classes * n_in_class).
    max_iter : int, default=100
        Most outer rounds; some ten are usual.
    warm_start : bool, default=False
        Whether a second fit starts from the weights of the first.
    n_jobs : int or None, default=None
        Number of threads, on which the result does not depend; None and -1 leave it to
        `fastreg.set_num_threads`.
    dual, intercept_scaling, solver, verbose, random_state
        Accepted and ignored: the one solver takes every penalty, penalises no intercept (liblinear does),
        prints nothing and draws no random numbers.

    Attributes
    ----------
    classes_ : array of n_classes
    coef_ : array of (1, n_features) for two classes, else (n_classes, n_features)
        In the dtype of X.
    intercept_ : array of 1 or n_classes
    n_iter_ : array of 1
        Outer rounds.
    solution_ : list of one Solution
        Of all classes together, with certificate, status and counts of work.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    See Also
    --------
    LinearClassifier : any loss and any penalty.

    Examples
    --------
    >>> import numpy as np
    >>> from fastreg import LogisticRegression
    >>> X = np.array([[0.0], [1.0], [2.0], [3.0]]); y = np.array(["no", "no", "yes", "yes"])
    >>> model = LogisticRegression(penalty="l2", C=1.0, random_state=42).fit(X, y)
    >>> model.predict([[0.5], [2.5]])
    array(['no', 'yes'], dtype='<U3')
    """

    def __init__(
        self, penalty="auto", *, C=1.0, l1_ratio=0.0, dual=False, tol=1e-4, fit_intercept=True,
        intercept_scaling=1, class_weight=None, random_state=None, solver="lbfgs", max_iter=100, verbose=0,
        warm_start=False, n_jobs=None,
    ):  # fmt: skip
        self.penalty = penalty
        self.C = C
        self.l1_ratio = l1_ratio
        self.dual = dual
        self.tol = tol
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.class_weight = class_weight
        self.random_state = random_state
        self.solver = solver
        self.max_iter = max_iter
        self.verbose = verbose
        self.warm_start = warm_start
        self.n_jobs = n_jobs

    @with_callbacks
    def fit(self, X, y, sample_weight=None):
        """Fit the model.

        Parameters
        ----------
        X : array, data frame or sparse matrix of (n_samples, n_features)
            Read in place where it is float32 or float64.
        y : array of n_samples
            Two classes or more, of any type that can be sorted.
        sample_weight : float or array of n_samples or None
            At least 0. Weight 2 means the same as the row twice.

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            For input that cannot be fitted, and for penalty, C and l1_ratio that contradict each other, in
            one sentence.
        Interrupted
            On Ctrl-C; the best iterate is kept in the estimator.

        Warns
        -----
        ConvergenceWarning
            If it ends before the tolerance; the best iterate is kept.
        """
        validation.checked_choice("solver", self.solver, SOLVERS)
        strength, l1_ratio = self._meant()
        X, y = validation.labelled_data(self, X, y)
        codes = self._read_classes(y)
        weights = checked_weights(sample_weight, X.shape[0])
        if weights is None and sample_weight is not None:
            strength *= float(sample_weight)
        targets, weights = self._encode(codes, self.class_weight, weights)
        penalty = conventions.from_scikit_learn(
            "LogisticRegression", C=strength, l1_ratio=l1_ratio,
            total_weight=X.shape[0] if weights is None else weights.sum(),
        )  # fmt: skip
        after_round, end = told_of_rounds(self, X, y, sample_weight)
        self._solve(
            X, targets, weights, loss=self._term(), penalties=[penalty], callback=after_round,
            tol=gap_of(checked_number("tol", self.tol, 0)),
            max_iter=validation.checked_rounds(self.max_iter, 100, least=0),
            starts=self._starts(len(targets)),
            n_threads=validation.thread_number(self.n_jobs),
        )  # fmt: skip
        end()
        return self

    def _meant(self):
        """Return C and l1_ratio that penalty, C and l1_ratio mean together."""
        validation.checked_choice("penalty", self.penalty, _PENALTIES)
        if self.penalty in ("auto", "deprecated"):
            return self.C, 0.0 if self.l1_ratio is None else self.l1_ratio
        if self.penalty is None:
            if self.C not in (1.0, np.inf):
                raise ValueError(
                    f"penalty=None leaves C={self.C!r} without a meaning: leave out one of the two."
                )
            return np.inf, 0.0
        if self.penalty == "elasticnet":
            if self.l1_ratio is None:
                raise ValueError(
                    "penalty='elasticnet' needs a share of the L1 part: pass l1_ratio in [0, 1]."
                )
            return self.C, self.l1_ratio
        meant = 1.0 if self.penalty == "l1" else 0.0
        if self.l1_ratio not in (None, 0.0, meant):
            raise ValueError(
                f"penalty={self.penalty!r} contradicts l1_ratio={self.l1_ratio!r}: leave out one of the two."
            )
        return self.C, meant

    def _term(self):
        return Multinomial() if len(getattr(self, "classes_", ())) > 2 else Logistic()


def gap_of(tol):
    """Return the gap for scikit-learn's bound of the gradient, with whose square gaps grow."""
    return min(1e-4 * tol, max(tol * tol, _LEAST_GAP))
