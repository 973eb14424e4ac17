"""Stability selection: which features are chosen again and again, on half of the rows drawn at random."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from fastreg import team
from fastreg.functional import MAX_ITER
from fastreg.selection.fold_paths import follow_folds
from fastreg.selection.folds import Fold
from fastreg.solvers.following import Grid
from fastreg.solvers.problem import assemble
from fastreg.solvers.solution import Work
from fastreg.solvers.state import State
from fastreg.solvers.validation import checked_callback, checked_count, checked_number


class StabilitySelection(NamedTuple):
    """The result of `stability_selection`.

    Attributes
    ----------
    strengths : array of n_strengths
        From the strongest down, the same for all halves.
    probabilities : scipy.sparse.csc_array of (n_features, n_strengths)
        The share of the halves in which a feature has entered at this strength or a stronger one.
    highest : array of n_features
        Their last column, by which features are selected.
    selected : int array
        The features whose share is at least the threshold; those that are not penalised are always there.
    threshold : float
    expected_false : float
        The bound on the expected number of features that are selected although no better than by chance.
    most_entering : int
        How many features may enter in a half before its path ends.
    mean_entering : float
        How many did, on average.
    work : Work
        Over all halves.
    """

    strengths: np.ndarray
    probabilities: sp.csc_array
    highest: np.ndarray
    selected: np.ndarray
    threshold: float
    expected_false: float
    most_entering: int
    mean_entering: float
    work: Work


def stability_selection(
    X: Any,
    y: ArrayLike,
    *,
    loss: tuple,
    penalty: tuple,
    threshold: float = 0.75,
    most_false: float = 1.0,
    pairs: int = 50,
    strengths: int | ArrayLike = 100,
    ratio: float = 1e-2,
    fit_intercept: bool = True,
    standardize: bool = False,
    sample_weight: ArrayLike | None = None,
    offset: ArrayLike | None = None,
    seed: int = 0,
    tol: float = 1e-6,
    max_iter: int = MAX_ITER,
    n_threads: int | None = None,
    callback: Callable[[int, int], Any] | None = None,
) -> StabilitySelection:
    r"""Select the features that enter early on many random halves of the rows.

    The path of every half is followed until more than q features have entered, those that came before
    count. With the share of the halves in which feature j did, the expected number of false selections is
    bounded:

    .. math::

        \mathrm{selected} = \{j : share_j \ge threshold\}, \qquad
        E[\mathrm{false}] \le \frac{q^2}{(2\, threshold - 1)\, p}

    for p penalised features; false are those that enter a half with a probability of at most q / p. Halves
    come in pairs without a row in common, for which the bound asks nothing else of the data (Shah, Samworth
    2013). No half copies X: the other rows have weight 0, and threads share the halves.

    Parameters
    ----------
    X, y, loss, fit_intercept, standardize, sample_weight, offset, tol, max_iter : see `fastreg.solve`
    penalty : NamedTuple
        A penalty that holds weights at 0, with a field ``strength``, which is replaced as in `fastreg.path`.
    threshold : float
        Above 0.5, at most 1.
    most_false : float
        What the bound is to be at most: q is the largest number for which it holds.
    pairs : int
        How many pairs of halves, each of n // 2 rows.
    strengths, ratio : see `fastreg.path`
        The grid is that of all rows.
    seed : int
        For the halves.
    n_threads : int or None
        See `fastreg.set_num_threads`. The result does not depend on it.
    callback : function or None
        ``callback(done, total)`` after each fit, on the thread that did it; paths may end before ``total``.

    Returns
    -------
    StabilitySelection

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
    Meinshausen, Buehlmann 2010; Shah, Samworth 2013 (complementary pairs, Theorem 1).

    Examples
    --------
    >>> import numpy as np, fastreg
    >>> from fastreg.losses import Squared
    >>> from fastreg.penalties import L1
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((100, 200)); y = X[:, 3] - X[:, 7] + 0.5 * rng.standard_normal(100)
    >>> fastreg.stability_selection(X, y, loss=Squared(), penalty=L1(1.0)).selected
    array([3, 7])
    """
    threshold = checked_number("threshold", threshold, 0.5, strict=True)
    if threshold > 1:
        raise ValueError(f"threshold={threshold!r} is out of range: pass a number above 0.5 and at most 1.")
    most_false = checked_number("most_false", most_false, 0, strict=True)
    pairs, seed = checked_count("pairs", pairs, 1), checked_count("seed", seed, 0)
    tol, max_iter = checked_number("tol", tol, 0), checked_count("max_iter", max_iter, 0)
    callback = checked_callback(callback)
    grid = Grid.checked(penalty, strengths, ratio)
    with team.lease(n_threads) as crew:
        problem = assemble(
            crew, X, y, loss, grid.at_strength(1.0), fit_intercept=fit_intercept, standardize=standardize,
            sample_weight=sample_weight, offset=offset,
        )  # fmt: skip
        if problem.is_smooth:
            raise ValueError(
                f"{type(problem.penalty).__name__} holds no weight at 0, so it selects nothing: pass a "
                f"penalty that does, such as L1."
            )
        entries = _Entries(problem.free, threshold, most_false, 2 * pairs)
        halves = _halves(problem.y.size, pairs, seed)
        paths = follow_folds(
            State(problem), [grid], halves, standardize=standardize, tol=tol, max_iter=max_iter,
            callback=callback, watch=entries.watch,
        )  # fmt: skip
        if paths.interrupted:
            raise KeyboardInterrupt
    paths.warn()
    return entries.result(paths.strengths[0], paths.work())


def _halves(n_samples, pairs, seed):
    """Return pairs of halves without a row in common."""
    size = n_samples // 2
    if size < 2:
        raise ValueError(f"X has {n_samples} row(s), too few for halves: pass at least 4.")
    generator = np.random.default_rng(seed)
    halves = []
    for _ in range(pairs):
        order = generator.permutation(n_samples)
        first, second = np.sort(order[:size]), np.sort(order[size : 2 * size])
        halves += [Fold(first, second), Fold(second, first)]
    return halves


class _Entries:
    """Which features entered in each half, and when. Threads write entries of their own."""

    def __init__(self, free, threshold, most_false, n_halves):
        self._free, self._threshold = free, threshold
        self._choices = int(np.count_nonzero(~free))
        if self._choices == 0:
            raise ValueError("Every strength of the penalty is 0: there is nothing to select.")
        self._scale = (2 * threshold - 1) * self._choices
        self._most = min(int(np.sqrt(most_false * self._scale)), self._choices)
        if self._most < 1:
            raise ValueError(
                f"most_false={most_false:g} with threshold={threshold:g} and {self._choices} features lets "
                f"none enter: pass a larger most_false."
            )
        self._inside = [np.empty(0, dtype=np.int64)] * n_halves
        self._when = [np.empty(0, dtype=np.int64)] * n_halves

    def watch(self, half, _, place, state, step):
        """Write down which features enter a half; return whether its path ends."""
        new = np.setdiff1d(np.flatnonzero((state.coef != 0) & ~self._free), self._inside[half])
        if self._inside[half].size + new.size > self._most:
            return True
        self._inside[half] = np.concatenate([self._inside[half], new])
        self._when[half] = np.concatenate([self._when[half], np.full(new.size, place)])
        return False

    def result(self, strengths, work):
        """Return the `StabilitySelection`."""
        n_halves = len(self._inside)
        features, when = np.concatenate(self._inside), np.concatenate(self._when)
        ever, rows = np.unique(features, return_inverse=True)
        shares = np.zeros((ever.size, strengths.size))
        np.add.at(shares, (rows, when), 1.0)
        shares = np.cumsum(shares, axis=1) / n_halves
        row, column = np.nonzero(shares)
        shape = self._free.size, strengths.size
        probabilities = sp.coo_array((shares[row, column], (ever[row], column)), shape=shape).tocsc()
        highest = self._free.astype(np.float64)
        highest[ever] = shares[:, -1]
        mean = features.size / n_halves
        return StabilitySelection(
            strengths, probabilities, highest, np.flatnonzero(highest >= self._threshold), self._threshold,
            mean * mean / self._scale, self._most, mean, work,
        )  # fmt: skip
