"""Information criteria: the choice of a strength by the fits of all rows, without folds."""

import inspect
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from fastreg import team
from fastreg.functional import MAX_ITER, attempt
from fastreg.penalties import NoPenalty
from fastreg.selection import rules
from fastreg.solvers.beginning import improve_for
from fastreg.solvers.following import Grid, follow
from fastreg.solvers.freedom import DegreesOfFreedom
from fastreg.solvers.loop import warn_unless_converged
from fastreg.solvers.problem import assemble
from fastreg.solvers.solution import Interrupted, Solution, Status, Work
from fastreg.solvers.state import State
from fastreg.solvers.validation import checked_count, checked_number


class InformationCriteria(NamedTuple):
    """The result of `information_criteria`.

    Attributes
    ----------
    strengths : array of n_strengths
        From the strongest down.
    degrees_of_freedom : array of n_strengths
        That of the intercept included, that of the variance of the noise not.
    deviances : array of n_strengths
        -2 log likelihood.
    aic, aicc, bic, ebic : arrays of n_strengths
    noise_variance : float or None
        The one that was given or estimated; None where each fit has its likeliest.
    chosen : int
        The strength at which the criterion that the rule names is least; the strongest of several alike.
    solution : Solution
        At the strength that was chosen.
    work : Work
        Over the whole path.
    """

    strengths: np.ndarray
    degrees_of_freedom: np.ndarray
    deviances: np.ndarray
    aic: np.ndarray
    aicc: np.ndarray
    bic: np.ndarray
    ebic: np.ndarray
    noise_variance: float | None
    chosen: int
    solution: Solution
    work: Work

    @property
    def strength(self) -> float:
        """The strength that was chosen."""
        return float(self.strengths[self.chosen])


def information_criteria(
    X: Any,
    y: ArrayLike,
    *,
    loss: tuple,
    penalty: tuple,
    rule: str = "bic",
    strengths: int | ArrayLike = 100,
    ratio: float = 1e-3,
    noise_variance: float | str | None = None,
    gamma: float = 0.5,
    fit_intercept: bool = True,
    standardize: bool = False,
    sample_weight: ArrayLike | None = None,
    offset: ArrayLike | None = None,
    tol: float = 1e-6,
    max_iter: int = MAX_ITER,
    n_threads: int | None = None,
) -> InformationCriteria:
    r"""Choose the strength of a penalty by what its fits cost in likelihood and in degrees of freedom.

    .. math::

        AIC = D + 2 k \qquad AICc = AIC + \frac{2 k (k + 1)}{n - k - 1} \qquad BIC = D + k \log n
        \qquad EBIC = BIC + 2 \gamma \log \binom{p}{m}

    with the deviance D = -2 log likelihood, k parameters, n rows (the sum of the sample weights: weight 2 is
    the row twice) and m of p penalised features (or groups) whose weight is not 0. One path over all rows; no
    fit is done twice. The degrees of freedom are

    .. math:: df = \mathrm{tr}\,[(X_A' S X_A + Q)^{-1} X_A' S X_A] + (1 \text{ for an intercept})

    where A are the weights that are not held at a kink or a bound, S holds the curvatures of the loss (1 / n
    each for the squared loss), Q is the second derivative of the penalty on A, its ``stiffness``:

    ==============  ==================================================================
    L1              the number of weights that are not 0 (at most n)
    L2              the trace of the hat matrix
    ElasticNet      the same on the columns whose weight is not 0
    GroupL2         the same, with the second derivative of the norm of each group
    Bounded         that of the inner penalty, of weights strictly within the bounds
    your own        by its ``stiffness(weight, j)``, or ``curvature`` where it is smooth
    ==============  ==================================================================

    k is df, and 1 more where the variance of the noise is estimated with each fit.

    Parameters
    ----------
    X, y, fit_intercept, standardize, sample_weight, offset, tol, max_iter, n_threads : see `fastreg.solve`
        Weights that are 0 at the optimum are 0 here once ``tol`` is small enough.
    loss : NamedTuple
        A negative log likelihood: one with a ``deviance``, such as `Squared`, `Logistic`, `Poisson`.
    penalty : NamedTuple
        A penalty with a field ``strength``, which is replaced as in `fastreg.path`.
    rule : {'aic', 'aicc', 'bic', 'ebic'}
        The criterion whose least value chooses; all four are returned.
    strengths, ratio : see `fastreg.path`
    noise_variance : float, 'full' or None
        For the squared loss. None: each fit has its likeliest, the mean square of its residuals, which is of
        no use where fits can be exact (about as many features as rows). A number: it is known. 'full': that
        of the fit without a penalty, residual sum of squares / (n - p - 1), as scikit-learn's `LassoLarsIC`.
    gamma : float
        Of EBIC, in [0, 1]; 0 is BIC.

    Returns
    -------
    InformationCriteria

    Raises
    ------
    TypeError
        If the loss is no likelihood, or the penalty does not say its stiffness.
    ValueError, TypeError
        For input that cannot be fitted, in one sentence.
    Interrupted
        On Ctrl-C, with the best solution so far.

    Warns
    -----
    ConvergenceWarning
        If a fit ends before the tolerance.

    References
    ----------
    Akaike 1974; Hurvich, Tsai 1989; Schwarz 1978; Chen, Chen 2008 (EBIC); Zou, Hastie, Tibshirani 2007 and
    Tibshirani, Taylor 2012 (degrees of freedom of the lasso); Vaiter, Deledalle, Fadili, Peyre, Dossal 2017.

    Examples
    --------
    >>> import numpy as np, fastreg
    >>> from fastreg.losses import Squared
    >>> from fastreg.penalties import L1
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((200, 10)); y = 2 * X[:, 0] + rng.standard_normal(200)
    >>> found = fastreg.information_criteria(X, y, loss=Squared(), penalty=L1(1.0))
    >>> np.flatnonzero(found.solution.coef), float(found.degrees_of_freedom[found.chosen])
    (array([0, 5, 8]), 4.0)
    """
    rules.checked_rule(rule, rules.CRITERIA)
    tol, max_iter = checked_number("tol", tol, 0), checked_count("max_iter", max_iter, 0)
    gamma = checked_number("gamma", gamma, 0)
    if gamma > 1:
        raise ValueError(f"gamma={gamma!r} is out of range: pass a number in [0, 1].")
    _check_likelihood(loss, noise_variance)
    grid = Grid.checked(penalty, strengths, ratio)
    words = {
        "fit_intercept": fit_intercept, "standardize": standardize, "sample_weight": sample_weight,
        "offset": offset,
    }  # fmt: skip
    with team.lease(n_threads) as crew:
        problem = assemble(crew, X, y, loss, grid.at_strength(1.0), by_rows=False, **words)
        freedom = DegreesOfFreedom(problem)
        count = float(problem.y.size if sample_weight is None else np.sum(sample_weight))
        variance = noise_variance
        if isinstance(variance, str):
            variance = _variance_of_noise(X, y, loss, count, words, crew.size)
        state = State(problem)
        wanted = grid.resolved(state)
        judge = _Judge(freedom, count, variance, gamma, rule)
        interrupted = False
        try:
            for step in follow(
                state, improve_for(problem), grid, wanted, tol=tol, max_iter=max_iter,
                certified=wanted is not grid.strengths,
            ):  # fmt: skip
                judge.take(state, step)
        except KeyboardInterrupt:
            interrupted = True
            if judge.best is None:
                raise
        found = judge.result(wanted)
    if interrupted:
        raise Interrupted(found)
    if judge.worst is not None:
        worst, where = judge.worst, f" at strength {judge.worst.strength:.4g}"
        warn_unless_converged(worst.status, worst.best.certificate, tol, worst.n_iter, where=where)
    return found


class _Judge:
    """What every fit of a path costs, and the best of them.

    Attributes
    ----------
    best : Solution or None
        At the strength of the least criterion so far.
    worst : Step or None
        That ended farthest from its tolerance, of those that did not reach it.
    """

    def __init__(self, freedom, count, variance, gamma, rule):
        self._freedom, self._count, self._variance = freedom, count, variance
        self._gamma, self._rule = gamma, rule
        self._entries = []
        self._least = np.nan
        self.best = self.worst = None
        self._problem = freedom.problem
        self._choices = self._in_units(~self._problem.free)

    def _in_units(self, chosen):
        """Return how many features, or groups, are among those chosen."""
        if self._problem.has_blocks:
            return np.unique(self._problem.penalty.groups[chosen]).size
        return int(np.count_nonzero(chosen))

    def take(self, state, step):
        """Write down what a fit costs."""
        problem, coef = self._problem, step.best.coef
        total = self._count * state.loss
        known = {} if self._variance is None else {"variance": self._variance}
        deviance = problem.loss.deviance(total, self._count, **known)
        size = self._in_units((coef != 0) & ~problem.free)
        self._entries.append((self._freedom.of(state), deviance, size))
        cost = self._criteria(self._entries[-1:])[self._rule][0]
        if np.isnan(self._least) or cost < self._least:
            self._least = cost
            self.best = Solution(
                problem.unscaled(coef), step.best.intercept, step.best.certificate, step.status,
                problem.counter.total(), step.n_iter,
            )  # fmt: skip
        if step.status in (Status.MAX_ITER, Status.STALLED) and (
            self.worst is None or step.best.certificate.gap > self.worst.best.certificate.gap
        ):
            self.worst = step

    def _criteria(self, entries):
        freedom, deviances, sizes = np.array(entries, dtype=np.float64).T
        estimated = self._variance is None and _has_variance(self._problem.loss)
        return rules.criteria(
            deviances, freedom + estimated, sizes, count=self._count, n_features=self._choices,
            gamma=self._gamma,
        )  # fmt: skip

    def result(self, strengths):
        """Return the `InformationCriteria` of the fits so far."""
        freedom, deviances, _ = np.array(self._entries).T
        found = self._criteria(self._entries)
        return InformationCriteria(
            np.asarray(strengths[: len(self._entries)]), freedom, deviances, **found,
            noise_variance=self._variance, chosen=rules.least(found[self._rule]), solution=self.best,
            work=self._problem.counter.total(),
        )  # fmt: skip


def _has_variance(loss):
    return "variance" in inspect.signature(loss.deviance).parameters


def _variance_of_noise(X, y, loss, count, words, n_threads):
    """Return the variance of the residuals of the fit without a penalty, by its degrees of freedom."""
    n_samples, n_features = np.shape(X)
    left = count - n_features - bool(words["fit_intercept"])
    if left <= 0:
        raise ValueError(
            f"noise_variance='full' needs more rows than columns, and X has {n_samples} and {n_features}: "
            f"pass a number, or leave it at None."
        )
    full = attempt(
        X, y, loss=loss, penalty=NoPenalty(), tol=1e-10, max_iter=MAX_ITER, n_threads=n_threads, **words
    )
    return 2 * count * full.objective / left


def _check_likelihood(loss, noise_variance):
    """Refuse a loss that is no likelihood, and a variance where there is none."""
    if not hasattr(loss, "deviance"):
        raise TypeError(
            f"{getattr(type(loss), '__name__', loss)} is no likelihood: pass a loss with a deviance, such as "
            f"Squared or Logistic, or choose by fastreg.cross_validate."
        )
    if noise_variance is None:
        return
    if not _has_variance(loss):
        raise ValueError(f"{type(loss).__name__} has no variance to be known: leave noise_variance at None.")
    if isinstance(noise_variance, str):
        if noise_variance != "full":
            raise ValueError(f"noise_variance={noise_variance!r} is unknown: pass 'full', a number, or None.")
    else:
        checked_number("noise_variance", noise_variance, 0, strict=True)
