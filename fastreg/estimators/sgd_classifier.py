"""SGDClassifier, with scikit-learn's parameters and meaning."""

from typing import ClassVar

import numpy as np
from sklearn.utils.metaestimators import available_if

from fastreg.estimators import sgd_blocks, validation
from fastreg.estimators.base import Classifier, class_factors
from fastreg.estimators.sgd import REGRESSION_LOSSES, Stochastic, row_weights
from fastreg.estimators.sgd_validation import given_rows
from fastreg.losses import Hinge, Logistic, ModifiedHuber, SquaredHinge
from fastreg.solvers.stochastic_kernels import OneAgainstTheRest


def _has_probabilities(model):
    known = (
        model.loss_functions.get(model.loss, [None])[0] if isinstance(model.loss, str) else type(model.loss)
    )
    if hasattr(known, "probability"):
        return True
    raise AttributeError(f"probability estimates are not available for loss={model.loss!r}")


class SGDClassifier(Stochastic, Classifier):
    r"""Linear classification by stochastic gradient descent, as `sklearn.linear_model.SGDClassifier`.

    .. math::

        \min_{w, b} \frac{1}{n} \sum_i s_i\, loss(y_i, x_i w + b)
        + alpha \left( l1\_ratio \|w\|_1 + \frac{1 - l1\_ratio}{2} \|w\|_2^2 \right)

    with y +1 for the second of two classes (for class k in fit k of several, which run in parallel), -1
    otherwise, and s the sample weight times the weight of the class. Steps, blocks of rows and the
    parameters that are not listed here are as in `SGDRegressor`.

    Parameters
    ----------
    loss : str or NamedTuple, default='hinge'
        'hinge', 'log_loss', 'modified_huber', 'squared_hinge', 'perceptron', a loss of `SGDRegressor`, or a
        term of labels -1 and +1: from `fastreg.losses`, or your own.
    penalty, alpha, l1_ratio, fit_intercept, max_iter, tol, shuffle, epsilon : see `SGDRegressor`
    verbose : int, default=0
        Accepted and ignored: `solution_` says how it went.
    n_jobs : int or None, default=None
        Number of threads that share the fits of several classes; None and -1 leave it to
        `fastreg.set_num_threads`. The result does not depend on it.
    random_state : see `SGDRegressor`
    learning_rate : str, default='optimal'
        As in `SGDRegressor`; 'pa1' and 'pa2' with 'hinge' only.
    eta0, early_stopping, validation_fraction, n_iter_no_change, warm_start, average : see `SGDRegressor`
    power_t : float, default=0.5
        Below 0 it is deprecated.
    class_weight : dict, "balanced" or None, default=None
        A weight for the rows of each class; balanced: n / (n_classes * n_in_class).
    scoring : see `SGDRegressor`
        None is the accuracy, of all classes at once.
    exact_objective, momentum : see `SGDRegressor`

    Attributes
    ----------
    classes_ : array of n_classes
    coef_ : array of (1 or n_classes, n_features)
        In the dtype of X.
    intercept_ : array of 1 or n_classes
    n_iter_ : int
        The most epochs of any class.
    t_ : float
        Steps so far, plus 1.
    alpha_ : float
        What alpha='adaptive' chose, see `SGDRegressor`; ``strength_`` of a term.
    eta0_ : float
        The e of learning_rate='auto'; of the first rows where they come in parts.
    stop_reason_ : str
        Why it ended, in words.
    history_ : dict of arrays
        With an entry for each epoch: epoch, objective, validation_score (NaN without), norm (of the
        weights), step_times_strength (step size times the strength of the penalty as `fastreg.penalties`
        mean it), seconds since the start; columns for several classes.
    solution_ : Descent
        With objective and epochs of each class, and counts of work.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Examples
    --------
    >>> import numpy as np
    >>> from fastreg import SGDClassifier
    >>> X = np.array([[-1.0, -1.0], [-2.0, -1.0], [1.0, 1.0], [2.0, 1.0]])
    >>> SGDClassifier(random_state=0).fit(X, ["no", "no", "yes", "yes"]).predict([[-0.8, -1.0]])
    array(['no'], dtype='<U3')
    """

    loss_functions: ClassVar = {
        "hinge": (Hinge, 1.0),
        "squared_hinge": (SquaredHinge, 1.0),
        "perceptron": (Hinge, 0.0),
        "log_loss": (Logistic,),
        "modified_huber": (ModifiedHuber,),
        **REGRESSION_LOSSES,
    }
    _passive_aggressive_loss = "hinge"

    def __init__(
        self, loss="hinge", *, penalty="l2", alpha=0.0001, l1_ratio=0.15, fit_intercept=True, max_iter=1000,
        tol=1e-3, shuffle=True, verbose=0, epsilon=0.1, n_jobs=None, random_state=None,
        learning_rate="optimal", eta0=0.01, power_t=0.5, early_stopping=False, validation_fraction=0.1,
        n_iter_no_change=5, class_weight=None, warm_start=False, average=False, scoring=None,
        exact_objective=False, momentum=0.0,
    ):  # fmt: skip
        self.loss = loss
        self.penalty = penalty
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.tol = tol
        self.shuffle = shuffle
        self.verbose = verbose
        self.epsilon = epsilon
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.learning_rate = learning_rate
        self.eta0 = eta0
        self.power_t = power_t
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.class_weight = class_weight
        self.warm_start = warm_start
        self.average = average
        self.scoring = scoring
        self.exact_objective = exact_objective
        self.momentum = momentum

    def fit(
        self, X, y, coef_init=None, intercept_init=None, sample_weight=None, *, X_val=None, y_val=None,
        sample_weight_val=None,
    ):  # fmt: skip
        """Fit the model.

        Parameters
        ----------
        X : array, data frame or sparse matrix of (n_samples, n_features)
            Read in place as C-ordered or CSR float32 or float64.
        y : array of n_samples
            Classes, of any type that can be sorted.
        coef_init : array of (1 or n_classes, n_features) or None
            Where to start.
        intercept_init : array of 1 or n_classes or None
        sample_weight : float or array of n_samples or None
            At least 0.
        X_val, y_val : as X and y, or None
            Rows to be judged on, whatever early_stopping says: the weights of the best epoch are kept.
        sample_weight_val : array or None
            Of the rows in X_val, for the score.

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            For input that cannot be fitted, and where weights overflow, in one sentence.
        Interrupted
            On Ctrl-C; the weights so far are kept, with a validation set those of the best epoch.

        Warns
        -----
        ConvergenceWarning
            If max_iter epochs end with progress.
        """
        X, y = validation.labelled_data(self, X, y)
        codes = self._read_classes(y)
        start = self._first_start(self._n_problems(), coef_init, intercept_init)
        given = given_rows(self, X_val, y_val, sample_weight_val)
        self._learn(X, codes, sample_weight, start, self.max_iter, self.tol, given)
        self._warn_unless_done()
        return self

    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Run one epoch over some rows, from where the last call ended.

        Parameters
        ----------
        X, y, sample_weight : see `fit`
        classes : array of n_classes or None
            All classes there will be; needed in the first call.

        Returns
        -------
        self
        """
        self._refuse_in_part()
        if isinstance(self.class_weight, str):
            raise ValueError(
                f"class_weight {self.class_weight!r} is not supported for partial_fit. In order to use "
                "'balanced' weights, use compute_class_weight('balanced', classes=classes, y=y). In place of "
                "y you can use a large enough sample of the full training set target to properly estimate "
                "the class frequency distributions. Pass the resulting weights as the class_weight parameter."
            )
        first = not hasattr(self, "classes_")
        if first and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        X, y = validation.labelled_data(self, X, y, reset=first)
        if classes is not None:
            given = np.unique(classes)
            if not first and not np.array_equal(given, self.classes_):
                raise ValueError(
                    f"classes={classes!r} are not those of the first call to partial_fit: {self.classes_!r}."
                )
            self.classes_ = given
        codes = np.searchsorted(self.classes_, y)
        unknown = self.classes_[np.minimum(codes, self.classes_.size - 1)] != y
        if unknown.any():
            stranger = y[unknown].tolist()[0]
            raise ValueError(
                f"y holds {stranger!r}, which is none of the classes of the first call to partial_fit."
            )
        self._learn(X, codes, sample_weight, self._next_start(self._n_problems()))
        return self

    def fit_blocks(self, blocks, epochs=1, classes=None):
        """Fit the model to blocks of rows, which need not be in memory together.

        Parameters
        ----------
        blocks : iterable, or function that returns one
            Of tuples (X, y) or (X, y, sample_weight); `fastreg.data.blocks` cuts arrays, memory maps and
            svmlight files. A function is called once per epoch. Every block is visited as in `partial_fit`.
        epochs : int, default=1
            Passes over all blocks; there is no other end.
        classes : array of n_classes or None
            All classes there are; None: one more pass finds them.

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            As `partial_fit`; and for an iterator, which cannot be read again, where that is needed.
        """
        self._refuse_in_part()
        classes = sgd_blocks.classes_in(blocks) if classes is None else classes
        return sgd_blocks.fit_blocks(self, blocks, epochs, classes=classes)

    def _n_problems(self):
        validation.refuse_one_class(self.classes_)
        return 1 if self.classes_.size == 2 else self.classes_.size

    def _learn(self, X, codes, sample_weight, start, max_iter=None, tol=None, given=None):
        # Without max_iter it is one epoch, and others may follow.
        weights = row_weights(sample_weight, X.shape[0])
        loss = self._term()
        if hasattr(type(loss), "checked_target"):
            loss.checked_target(np.array([-1.0, 1.0]))
        plan = self._plan(max_iter=1 if max_iter is None else max_iter, tol=tol, sparse=hasattr(X, "indptr"))
        factors = np.ones(self.classes_.size)
        if self.class_weight is not None:
            factors = class_factors(self.class_weight, self.classes_, codes)
        several = self.classes_.size > 2
        positive = np.arange(self.classes_.size) if several else np.array([1])
        rest = np.ones(positive.size) if several else factors[:1]

        def target_of(codes):
            return OneAgainstTheRest(codes, positive, factors[positive], rest)

        X, codes, weights, plan, copied = self._held_out(X, codes, weights, plan, given, target_of)
        self._run(
            X, codes, target_of, weights, plan, loss, start, copied,
            n_threads=validation.thread_number(self.n_jobs), ends=max_iter is not None,
        )  # fmt: skip

    @available_if(_has_probabilities)
    def predict_proba(self, X):
        """Predict the probability of each class; several are normalised to sum to 1.

        Parameters
        ----------
        X : array, data frame or sparse matrix of (n_samples, n_features)

        Returns
        -------
        array of (n_samples, n_classes)
        """
        return super().predict_proba(X)

    @available_if(_has_probabilities)
    def predict_log_proba(self, X):
        """Return the logarithm of `predict_proba`."""
        return super().predict_log_proba(X)
