"""Grids of fits by stochastic gradient descent, side by side on one X."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from fastreg import team
from fastreg.jit import checked
from fastreg.selection.tables import Study, best_cell, ridge_of
from fastreg.solvers import stochastic, stopping
from fastreg.solvers.counter import Counter
from fastreg.solvers.following import family
from fastreg.solvers.matrices import row_matrix
from fastreg.solvers.problem import refuse_many_predictions
from fastreg.solvers.schedules import INTERCEPT_RATE_IF_SPARSE, InverseScaling
from fastreg.solvers.solution import Interrupted, Overflowed, Work
from fastreg.solvers.stochastic_kernels import GradientStep, Values
from fastreg.solvers.stochastic_plans import Means, Plan
from fastreg.solvers.validation import (
    check_held_out,
    check_same_columns,
    checked_callback,
    checked_count,
    checked_matrix,
    checked_number,
    checked_vector,
    checked_weights,
    refuse_nonfinite,
)


def study(
    X: Any,
    y: ArrayLike,
    *,
    loss: tuple,
    penalty: tuple,
    learning_rates: ArrayLike,
    strengths: ArrayLike,
    power: float = 0.0,
    epochs: int = 10,
    fit_intercept: bool = True,
    average: bool | int = False,
    sample_weight: ArrayLike | None = None,
    X_val: Any = None,
    y_val: ArrayLike | None = None,
    sample_weight_val: ArrayLike | None = None,
    validation_fraction: float = 0.2,
    seed: int = 0,
    n_threads: int | None = None,
    callback: Callable[[int, int], Any] | None = None,
) -> Study:
    """Fit every pair of a learning rate and a strength by stochastic gradient descent.

    All fits start at 0, visit the same rows in the same order and run the same number of epochs; threads
    share the fits. A fit that diverges is an entry of the table.

    Parameters
    ----------
    X : array or scipy sparse matrix of (n_samples, n_features)
    y : array of n_samples
        Targets; -1 and +1 for the losses of two classes.
    loss : NamedTuple
    penalty : NamedTuple
        A penalty with a field ``strength``, which is replaced as in `fastreg.path`.
    learning_rates, strengths : arrays
        The grid; learning rates above 0, strengths at least 0.
    power : float
        Step t is learning_rate / t**power.
    epochs : int
    fit_intercept : bool
        On sparse X the intercept takes steps of a hundredth of the length, as in `SGDClassifier`.
    average : bool or int
        Whether weights are the means of those after all steps, or from that step on, as in `SGDClassifier`.
    sample_weight : array of n_samples or None
        At least 0; only their ratios matter.
    X_val, y_val, sample_weight_val : as X, y and sample_weight, or None
        Rows to judge by.
    validation_fraction : float
        Without them, the share of the rows that is held out, drawn at random.
    seed : int
        For the rows held out and the order of the others.
    n_threads : int or None
        See `fastreg.set_num_threads`. The result does not depend on it.
    callback : function or None
        ``callback(done, total)`` after each fit, on the thread that did it.

    Returns
    -------
    Study

    Raises
    ------
    ValueError, TypeError
        For input that cannot be fitted, in one sentence, before any work.
    Interrupted
        On Ctrl-C; its ``solution`` is the table so far.

    Examples
    --------
    >>> import numpy as np, fastreg
    >>> from fastreg.losses import Squared
    >>> from fastreg.penalties import L2
    >>> X = np.random.default_rng(0).standard_normal((200, 5)); y = X[:, 0]
    >>> found = fastreg.study(
    ...     X, y, loss=Squared(), penalty=L2(1.0), learning_rates=[0.01, 10.0], strengths=[0.0, 0.1]
    ... )
    >>> found.diverged.tolist()
    [False, False, True, True]
    >>> float(found.strength[found.best])
    0.0
    """
    rates = _axis("learning_rates", learning_rates, lowest=np.nextafter(0, 1))
    tried = _axis("strengths", strengths, lowest=0.0)
    at_strength = family(penalty)
    epochs, seed = checked_count("epochs", epochs, 1), checked_count("seed", seed, 0)
    power = checked_number("power", power, 0)
    callback, done = checked_callback(callback), itertools.count(1)
    first = int(average) if isinstance(average, (bool, np.bool_)) else checked_count("average", average, 0)
    with team.lease(n_threads) as crew:
        given = (X, y, sample_weight), (X_val, y_val, sample_weight_val)
        learned, held, copied = _parts(crew, *given, validation_fraction, seed)
        grid = _Grid(learned, held, loss, [at_strength(each) for each in tried], rates.size)
        intercept_rate = (INTERCEPT_RATE_IF_SPARSE if grid.is_sparse else 1.0) * bool(fit_intercept)

        def fit_some(_, start, stop):
            for cell in range(start, stop):
                plan = Plan(
                    InverseScaling(rates[cell // tried.size], power), GradientStep(), intercept_rate,
                    epochs, None, 1, True, np.random.default_rng(seed),
                )  # fmt: skip
                grid.fit(cell, plan, Means.none(1, learned[0].shape[1], first) if first else None)
                if callback is not None:
                    callback(next(done), grid.count)

        interrupted = False
        try:
            crew.each(fit_some, range(grid.count + 1))
        except KeyboardInterrupt:
            interrupted = True
    table = grid.table(rates, tried, copied)
    if interrupted:
        raise Interrupted(table)
    return table


class _Grid:
    """The cells of a grid: a fit each, and what becomes of it. Threads write entries of their own."""

    def __init__(self, learned, held, loss, penalties, n_rates):
        n_features = learned[0].shape[1]
        self._loss = checked(loss, "loss", n_features)
        refuse_many_predictions(self._loss)
        self._penalties = [checked(penalty, "penalty", n_features) for penalty in penalties]
        self._learned, self._held = learned, held
        if hasattr(type(loss), "checked_target"):
            self._learned, self._held = ((X, loss.checked_target(y), s) for X, y, s in (learned, held))
        self.is_sparse = sp.issparse(learned[0])
        self.count = n_rates * len(penalties)
        self._at_zero = self._mean_loss(self._learned, np.zeros(n_features), 0.0)
        self._numbers = np.full((4, self.count), np.nan)
        self._epochs = np.zeros(self.count, dtype=np.int64)
        self._works = [Work()] * self.count

    def _mean_loss(self, rows, coef, intercept):
        X, y, weights = rows
        with team.lease(1) as alone:
            matrix = row_matrix(alone, Counter(), X)
            coef, intercept = coef[np.newaxis], np.array([intercept])
            found = stopping.mean_losses(matrix, Values(y), weights, self._loss, coef, intercept)
        return float(found[0])

    def fit(self, cell, plan, means):
        """Fit a cell and write down what it reached."""
        penalty = self._penalties[cell % len(self._penalties)]
        X, y, weights = self._learned
        try:
            found = stochastic.descend(
                X, Values(y), self._loss, penalty, plan, coef=np.zeros((1, X.shape[1])),
                intercept=np.zeros(1), sample_weight=weights, means=means, n_threads=1,
            )  # fmt: skip
        except Overflowed as error:
            self._numbers[:, cell] = np.inf, np.inf, np.inf, 0.0
            self._epochs[cell] = error.epoch
            return
        coefs, intercepts = found.reached
        coef, intercept = coefs[0], float(intercepts[0])
        with np.errstate(all="ignore"):  # what has diverged may overflow here
            self._numbers[:, cell] = (
                self._mean_loss(self._learned, coef, intercept) + stopping.penalties_of(penalty, coefs)[0],
                self._mean_loss(self._held, coef, intercept),
                np.sqrt(np.einsum("j,j->", coef, coef)),
                np.mean(coef == 0),
            )
        self._works[cell] = found.work
        self._epochs[cell] = found.n_iter[0]

    def table(self, rates, strengths, copied):
        """Return the `Study` of what was written down."""
        objective, validation_loss, norm, sparsity = self._numbers
        done = self._epochs > 0
        diverged = done & ~(objective <= self._at_zero)
        work = Work(*(sum(counts) for counts in zip(*self._works, strict=True)))
        return Study(
            np.repeat(rates, strengths.size), np.tile(strengths, rates.size), objective, validation_loss,
            norm, sparsity, self._epochs, diverged, best_cell(validation_loss),
            ridge_of(rates, strengths, validation_loss, diverged),
            work._replace(bytes_copied=work.bytes_copied + copied),
        )  # fmt: skip


def _axis(name, values, lowest):
    """Return one axis of the grid in rising order, each value once."""
    array = np.unique(checked_vector(name, np.atleast_1d(values), np.size(values)))
    if array.size == 0:
        raise ValueError(f"{name} is empty: pass at least one.")
    if array[0] < lowest:
        bound = "above 0" if lowest > 0 else "at least 0"
        raise ValueError(f"{name} holds {array[0]:g}: every one must be {bound}.")
    return array


def _parts(crew, given, given_val, share, seed):
    """Return the rows to learn from and those held out, both by rows, and the bytes that were copied."""
    X_val, y_val, _ = given_val
    check_held_out(X_val, y_val)
    X, y, weights, copied = _by_rows(crew, *given, "y")
    if X_val is not None:
        X_val, y_val, weights_val, more = _by_rows(crew, *given_val, "y_val")
        check_same_columns(X_val.shape[1], X.shape[1])
        return (X, y, _of_mean_one(weights)), (X_val, y_val, _of_mean_one(weights_val)), copied + more
    share = checked_number("validation_fraction", share, 0, strict=True)
    count = round(share * y.size)
    if not 0 < count < y.size:
        raise ValueError(
            f"validation_fraction={share!r} leaves {y.size - count} of {y.size} rows to learn from: pass a "
            f"share that leaves some on both sides."
        )
    order = np.random.default_rng(seed).permutation(y.size)
    held, learned = np.sort(order[:count]), np.sort(order[count:])
    parts = [(X[rows], y[rows], _of_mean_one(weights[rows])) for rows in (learned, held)]
    return *parts, copied + sum(_bytes(part) for part, *_ in parts)


def _of_mean_one(weights):
    """Return weights over their mean."""
    if not weights.any():
        raise ValueError("sample_weight is 0 for all rows of a part: give some rows of it a weight above 0.")
    return weights / weights.mean()


def _by_rows(crew, X, y, weights, name):
    """Return X as C-ordered array or CSR, y and weights as numbers, and the bytes that were copied."""
    X, copied = checked_matrix(X)
    refuse_nonfinite(crew, X)
    rows = X.tocsr() if sp.issparse(X) else np.ascontiguousarray(X)
    copied += 0 if rows is X else _bytes(rows)
    weights = checked_weights(weights, X.shape[0])
    weights = np.ones(X.shape[0]) if weights is None else weights
    return rows, checked_vector(name, y, X.shape[0]), weights, copied


def _bytes(X):
    return X.data.nbytes + X.indices.nbytes if sp.issparse(X) else X.nbytes
