"""Cross-validation of a penalty's strength: every fold's path side by side over one X."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from fastreg import team
from fastreg.functional import MAX_ITER
from fastreg.selection import rules
from fastreg.selection.fold_paths import follow_folds
from fastreg.selection.folds import folds_of
from fastreg.solvers.following import Grid
from fastreg.solvers.loop import warn_unless_converged
from fastreg.solvers.problem import assemble
from fastreg.solvers.solution import Interrupted, Solution, Work
from fastreg.solvers.state import State
from fastreg.solvers.validation import checked_callback, checked_count, checked_number


class CrossValidation(NamedTuple):
    """The result of `cross_validate`.

    Attributes
    ----------
    strengths : array of n_strengths
        From the strongest down, the same for all folds.
    losses, learned_losses : array of (n_strengths, n_folds)
        Mean loss on the rows left out, and on those learned from.
    mean, error : arrays of n_strengths
        Over folds, each by the weight of its rows; the standard error of the mean.
    best, simplest : int
        The strength of the least mean loss, and the strongest within one standard error of that.
    chosen : int
        The one of the two that the rule says.
    solution : Solution
        Of all rows at the strength that was chosen; None after Ctrl-C, when nothing is chosen.
    work : Work
        Over everything.
    """

    strengths: np.ndarray
    losses: np.ndarray
    learned_losses: np.ndarray
    mean: np.ndarray
    error: np.ndarray
    best: int
    simplest: int
    chosen: int
    solution: Solution | None
    work: Work

    @property
    def strength(self) -> float:
        """The strength that was chosen."""
        return float(self.strengths[self.chosen])


def cross_validate(
    X: Any,
    y: ArrayLike,
    *,
    loss: tuple,
    penalty: tuple,
    folds: Any = 5,
    strengths: int | ArrayLike = 100,
    ratio: float = 1e-3,
    rule: str = "min",
    fit_intercept: bool = True,
    standardize: bool = False,
    sample_weight: ArrayLike | None = None,
    offset: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    seed: int = 0,
    tol: float = 1e-6,
    max_iter: int = MAX_ITER,
    n_threads: int | None = None,
    callback: Callable[[int, int], Any] | None = None,
) -> CrossValidation:
    r"""Choose the strength of a penalty by the mean loss on rows left out in turn.

    .. math::

        \mathrm{mean}(\lambda) = \frac{\sum_k \sum_{i \in held_k} s_i\,
        loss(y_i, x_i w_{k,\lambda} + b_{k,\lambda})}{\sum_k \sum_{i \in held_k} s_i}

    with the solution of the rows that fold k learns from. No fold copies X: rows that are left out have
    weight 0, threads share the folds, and the loss of each strength is read off the predictions of its fit.
    With a quadratic loss and many more rows of a dense X than columns, two passes over X give the moments of
    all folds, and their paths read X no more.

    Parameters
    ----------
    X, y, loss, fit_intercept, standardize, sample_weight, offset, tol, max_iter : see `fastreg.solve`
    penalty : NamedTuple
        A penalty with a field ``strength``, which is replaced as in `fastreg.path`.
    folds : int, array of n_samples, or iterable of (learned, held)
        How many folds of about equal size, drawn at random; the number of each row's fold; or pairs of index
        arrays, as scikit-learn's splitters yield them.
    strengths, ratio : see `fastreg.path`
        The grid is that of all rows.
    rule : {'min', '1se'}
        The least mean loss, or the strongest penalty within one standard error of it.
    groups : array of n_samples or None
        Rows that stay together, where folds are drawn at random.
    seed : int
        For folds drawn at random.
    n_threads : int or None
        See `fastreg.set_num_threads`. The result does not depend on it.
    callback : function or None
        ``callback(done, total)`` after each fit of a fold, on the thread that did it.

    Returns
    -------
    CrossValidation

    Raises
    ------
    ValueError, TypeError
        For input that cannot be fitted, in one sentence, before any work.

    Warns
    -----
    ConvergenceWarning
        If a fit ends before the tolerance.

    References
    ----------
    Stone 1974; Breiman, Friedman, Olshen, Stone 1984, section 3.4.3 (one standard error).

    Examples
    --------
    >>> import numpy as np, fastreg
    >>> from fastreg.losses import Squared
    >>> from fastreg.penalties import L1
    >>> X = np.random.default_rng(0).standard_normal((200, 10)); y = X[:, 0]
    >>> found = fastreg.cross_validate(X, y, loss=Squared(), penalty=L1(1.0), strengths=[0.5, 0.1, 0.01])
    >>> found.strength
    0.01
    """
    rules.checked_rule(rule, rules.RULES)
    tol, max_iter = checked_number("tol", tol, 0), checked_count("max_iter", max_iter, 0)
    seed = checked_count("seed", seed, 0)
    callback = checked_callback(callback)
    grid = Grid.checked(penalty, strengths, ratio)
    with team.lease(n_threads) as crew:
        problem = assemble(
            crew, X, y, loss, grid.at_strength(1.0), fit_intercept=fit_intercept, standardize=standardize,
            sample_weight=sample_weight, offset=offset,
        )  # fmt: skip
        parts = folds_of(folds, problem.y.size, groups, seed)
        paths = follow_folds(
            State(problem), [grid], parts, standardize=standardize, tol=tol, max_iter=max_iter,
            callback=callback,
        )  # fmt: skip
        (wanted,), losses = paths.strengths, (paths.losses[0], paths.learned_losses[0])
        mean, error = paths.mean_and_error(0)
        if paths.interrupted:
            raise Interrupted(CrossValidation(wanted, *losses, mean, error, -1, -1, -1, None, paths.work()))
        best, simplest = rules.least(mean), rules.within_one_error(mean, error)
        chosen = best if rule == "min" else simplest
        solution = paths.solution(0, chosen)
    paths.warn()
    warn_unless_converged(solution.status, solution.certificate, tol, solution.n_iter)
    work = Work(*(sum(counts) for counts in zip(paths.work(), solution.work, strict=True)))
    return CrossValidation(wanted, *losses, mean, error, best, simplest, chosen, solution, work)
