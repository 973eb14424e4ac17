"""SGDRegressor, with scikit-learn's parameters and meaning."""

from typing import ClassVar

from sklearn.utils.validation import column_or_1d

from fastreg.estimators import sgd_blocks, validation
from fastreg.estimators.base import Regressor
from fastreg.estimators.sgd import REGRESSION_LOSSES, Stochastic, row_weights
from fastreg.estimators.sgd_validation import given_rows
from fastreg.solvers.stochastic_kernels import Values
from fastreg.solvers.validation import settled


class SGDRegressor(Stochastic, Regressor):
    r"""Linear regression by stochastic gradient descent, as `sklearn.linear_model.SGDRegressor`.

    .. math::

        \min_{w, b} \frac{1}{n} \sum_i s_i\, loss(y_i, x_i w + b)
        + alpha \left( l1\_ratio \|w\|_1 + \frac{1 - l1\_ratio}{2} \|w\|_2^2 \right)

    Rows are visited in blocks of up to 16 consecutive rows, in a new order each epoch. After each row the
    L2 part takes a proximal step, where scikit-learn takes a gradient step, and the L1 part is cumulative, as
    in scikit-learn: a weight is what its gradient steps exceed the thresholds of all steps by.

    Parameters
    ----------
    loss : str or NamedTuple, default='squared_error'
        'squared_error' (halved), 'huber', 'epsilon_insensitive', 'squared_epsilon_insensitive', or a term:
        from `fastreg.losses`, such as Quantile(0.9) or Poisson(), or your own.
    penalty : {'l2', 'l1', 'elasticnet', None, 'weight_decay'} or NamedTuple, default='l2'
        A term, from `fastreg.penalties` or your own, has strengths in the textbook form; alpha is read by the
        schedules 'optimal' and 'auto' only, then, and l1_ratio not at all. The strength of L1, L2 and
        ElasticNet may be 'adaptive', see alpha. Otherwise
        l1_ratio is 0, 1, or the parameter; None is alpha 0. 'weight_decay' is decoupled: after each row every
        weight loses the share alpha (below 1) times the step size over the first one, whatever eta0 is, where
        'l2' takes off about alpha times the step size.
    alpha : float or 'adaptive', default=0.0001
        At least 0. The schedules 'optimal' and 'auto' take 0.0001 in place of 0. 'adaptive': it falls during
        the fit, from where it holds all weights at nearly 0, until the loss on held-out rows (X_val, else
        the fraction) has not fallen for n_iter_no_change strengths, and is refined around the best; tol is a
        share of that loss then. Sources: `fastreg.solvers.continuation`.
    l1_ratio : float, default=0.15
        In [0, 1]; for 'elasticnet' only.
    fit_intercept : bool, default=True
        Whether b is fitted (never penalised). On sparse X it takes steps of a hundredth of the length.
    max_iter : int, default=1000
        Most epochs of `fit`.
    tol : float or None, default=1e-3
        An epoch counts as progress if its objective (or validation score) is better than the best by this.
        None: go on for max_iter epochs.
    shuffle : bool, default=True
        Whether the order of the blocks changes.
    verbose : int, default=0
        Accepted and ignored: `solution_` says how it went.
    epsilon : float, default=0.1
        The width of 'huber', 'epsilon_insensitive' and 'squared_epsilon_insensitive'.
    random_state : int, RandomState or None, default=None
        Where the orders and the validation rows come from.
    learning_rate : str, default='invscaling'
        The step size at step t: 'constant' eta0; 'optimal' 1 / (alpha (t0 + t)), t0 by Bottou's heuristic;
        'invscaling' eta0 / t^power_t; 'adaptive' eta0, a fifth of it whenever there is no progress; 'pa1'
        and 'pa2' passive-aggressive, with 'epsilon_insensitive' only (Crammer et al. 2006); 'cosine' from
        eta0 to 0 over max_iter epochs; 'auto' e / (1 + e alpha (t - 1)), e from a race on up to 1000 rows,
        and to 0 in the last 40 % of the steps where tol and average are not given;
        'adagrad' eta0 over the root of the sum of a weight's squared gradients, by following the regularised
        leader: the weights of rare features take longer steps (`fastreg.solvers.leader`).
    eta0 : float, default=0.01
        Above 0; for 'pa1' and 'pa2' their aggressiveness.
    power_t : float, default=0.25
        Below 0 it is deprecated.
    early_stopping : bool, default=False
        Whether progress is judged by the score on held-out rows; the weights of the best score are kept. With
        tol=None they are held out and not looked at, as in scikit-learn.
    validation_fraction : float, default=0.1
        The share of the rows held out.
    n_iter_no_change : int, default=5
        Epochs without progress that end the fit.
    warm_start : bool, default=False
        Whether a second fit starts from the weights of the first.
    average : bool or int, default=False
        Whether ``coef_`` is the mean of the weights after all steps, or from that step on; of more than 256
        features on sparse rows, after every so many.
    scoring : str, callable or None, default=None
        What early stopping compares: a name of `sklearn.metrics.get_scorer`, a function of (estimator, X,
        y), "loss" (minus the mean loss, without penalty), or None for R^2.
    exact_objective : bool, default=False
        Whether ``history_`` holds, and progress is judged by, the objective at the end of an epoch, which
        takes one more pass over the rows; else losses are those that rows had when they were learned from.
    momentum : float, default=0.0
        In [0, 1): the share of a gradient step that is not taken at its own row but over those after it, of
        which each takes 1 - momentum of what is left (heavy ball, Polyak 1964; PyTorch's with as much
        dampening). In all it is as much, so that eta0 and alpha need not change. A row costs its entries.

    Attributes
    ----------
    coef_ : array of n_features
        In the dtype of X.
    intercept_ : array of 1
    n_iter_ : int
        Epochs.
    t_ : float
        Steps so far, plus 1.
    alpha_ : float
        What alpha='adaptive' chose; ``history_["alpha"]`` is what it tried, epoch by epoch. Of a term whose
        strength is 'adaptive' they are ``strength_`` and ``history_["strength"]``.
    eta0_ : float
        The e of learning_rate='auto'; of the first rows where they come in parts.
    stop_reason_ : str
        Why it ended, in words.
    history_ : dict of arrays
        With an entry for each epoch: epoch, objective, validation_score (NaN without), norm (of the
        weights), step_times_strength (step size times the strength of the penalty as `fastreg.penalties`
        mean it), seconds since the start.
    solution_ : Descent
        With objective and counts of work.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Examples
    --------
    >>> import numpy as np
    >>> from fastreg import SGDRegressor
    >>> X = np.linspace(-1, 1, 200).reshape(-1, 1); y = 3 * X.ravel() + 1
    >>> model = SGDRegressor(alpha=0.0, random_state=0).fit(X, y)
    >>> model.predict([[0.5]]).round(1)
    array([2.4])
    """

    loss_functions: ClassVar = REGRESSION_LOSSES
    _passive_aggressive_loss = "epsilon_insensitive"

    def __init__(
        self, loss="squared_error", *, penalty="l2", alpha=0.0001, l1_ratio=0.15, fit_intercept=True,
        max_iter=1000, tol=1e-3, shuffle=True, verbose=0, epsilon=0.1, random_state=None,
        learning_rate="invscaling", eta0=0.01, power_t=0.25, early_stopping=False, validation_fraction=0.1,
        n_iter_no_change=5, warm_start=False, average=False, scoring=None, exact_objective=False,
        momentum=0.0,
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
        self.random_state = random_state
        self.learning_rate = learning_rate
        self.eta0 = eta0
        self.power_t = power_t
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
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
        coef_init : array of n_features or None
            Where to start.
        intercept_init : array of 1 or None
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
        X, y = validation.training_data(self, X, y)
        given = given_rows(self, X_val, y_val, sample_weight_val)
        start = self._first_start(1, coef_init, intercept_init)
        self._learn(X, y, sample_weight, start, self.max_iter, self.tol, given)
        self._warn_unless_done()
        return self

    def partial_fit(self, X, y, sample_weight=None):
        """Run one epoch over some rows, from where the last call ended.

        Parameters
        ----------
        X, y, sample_weight : see `fit`

        Returns
        -------
        self
        """
        self._refuse_in_part()
        X, y = validation.training_data(self, X, y, reset=not hasattr(self, "coef_"))
        self._learn(X, y, sample_weight, self._next_start(1))
        return self

    def fit_blocks(self, blocks, epochs=1):
        """Fit the model to blocks of rows, which need not be in memory together.

        Parameters
        ----------
        blocks, epochs : see `SGDClassifier.fit_blocks`

        Returns
        -------
        self
        """
        self._refuse_in_part()
        return sgd_blocks.fit_blocks(self, blocks, epochs)

    def _learn(self, X, y, sample_weight, start, max_iter=None, tol=None, given=None):
        # Without max_iter it is one epoch, and others may follow.
        loss = self._term()
        y = settled(column_or_1d(y, warn=True))
        if hasattr(type(loss), "checked_target"):
            y = loss.checked_target(y)
        weights = row_weights(sample_weight, X.shape[0])
        plan = self._plan(max_iter=1 if max_iter is None else max_iter, tol=tol, sparse=hasattr(X, "indptr"))
        X, y, weights, plan, copied = self._held_out(X, y, weights, plan, given, Values)
        self._run(X, y, Values, weights, plan, loss, start, copied, ends=max_iter is not None)

    def _keep_weights(self, coef, intercept, dtype):
        super()._keep_weights(coef[0], intercept, dtype)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = False
        return tags
