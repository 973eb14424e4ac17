"""The functional front door: `solve` one problem, or follow a `path` of strengths."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from fastreg import team
from fastreg.jit import completed, kind_of_penalty
from fastreg.solvers.beginning import begin, improve_for
from fastreg.solvers.following import Grid, follow
from fastreg.solvers.held_out import HeldOut, PathReason
from fastreg.solvers.loop import minimise, warn_unless_converged
from fastreg.solvers.momentum import checked_momentum
from fastreg.solvers.problem import assemble, has_many_predictions
from fastreg.solvers.solution import Interrupted, Progress, Solution, Status, Work
from fastreg.solvers.state import State
from fastreg.solvers.validation import checked_callback, checked_count, checked_number

MAX_ITER = 200
SOLVERS = "auto", "sgd", "ftrl", "saga", "svrg"


class Path(NamedTuple):
    """The result of `path`.

    Attributes
    ----------
    strengths : array of n_strengths
        From the strongest down.
    coefs : scipy.sparse.csc_array of (n_features, n_strengths)
        Weights in the units of X.
    intercepts, objectives, gaps : arrays of n_strengths
    statuses : tuple of Status
    work : Work
        Over the whole path.
    validation_losses : array of n_strengths or None
        Mean loss on the rows held out; None without them.
    best : int or None
        The strength of their least loss, the strongest of several alike.
    reason : PathReason
        Why the path ended; ``str(reason)`` is a sentence.
    """

    strengths: np.ndarray
    coefs: sp.csc_array
    intercepts: np.ndarray
    objectives: np.ndarray
    gaps: np.ndarray
    statuses: tuple
    work: Work
    validation_losses: np.ndarray | None = None
    best: int | None = None
    reason: PathReason = PathReason.ALL_STRENGTHS


def solve(
    X: Any,
    y: ArrayLike,
    *,
    loss: tuple,
    penalty: tuple,
    fit_intercept: bool = True,
    standardize: bool = False,
    sample_weight: ArrayLike | None = None,
    offset: ArrayLike | None = None,
    tol: float = 1e-6,
    max_iter: int = MAX_ITER,
    n_threads: int | None = None,
    start: Solution | tuple[ArrayLike, float] | None = None,
    callback: Callable[[Progress], Any] | None = None,
    solver: str = "auto",
    momentum: float = 0.0,
) -> Solution:
    r"""Minimise mean loss plus penalty of a linear model.

    .. math::

        \min_{w, b} \frac{\sum_i s_i\, loss(y_i, x_i w + b + offset_i)}{\sum_i s_i}
        + \sum_j penalty_j(w_j)

    Smooth penalties are solved by truncated Newton, quadratic ones after dual coordinate ascent where that
    is fast; all others by proximal Newton with coordinate descent over working sets.

    With the multinomial loss w is a matrix with one column per class, b has one number per class, the penalty
    is summed over both, and ``coef`` is of (n_features, n_classes).

    Parameters
    ----------
    X : array or scipy sparse matrix of (n_samples, n_features)
        Read in place as Fortran-ordered or CSC float32 or float64; C order is read by rows, CSR gets one
        CSC copy where columns are needed, and CSC one CSR copy for a smooth penalty; other types are cast.
    y : array of n_samples
        Targets; -1 and +1 for the logistic loss, 0, 1, ... for the multinomial loss.
    loss, penalty : NamedTuple
        Terms, from `fastreg.losses` and `fastreg.penalties` or your own.
    fit_intercept : bool
        Whether b is fitted (it is never penalised) or 0.
    standardize : bool
        Whether the penalty acts on w_j times the (weighted, 1/n) standard deviation of column j. The
        weights come back in the units of X.
    sample_weight : array of n_samples or None
        s, at least 0. Weight 2 means the same as the row twice.
    offset : array of n_samples or None
        Added to every prediction.
    tol : float
        Stop once the gap is at most this; see `Certificate`.
    max_iter : int
        Most outer rounds.
    n_threads : int or None
        See `fastreg.set_num_threads`. The result does not depend on it.
    start : Solution, or (coef, intercept), or None
        Where to start; default at 0.
    callback : function or None
        ``callback(progress)`` after each certificate; returning True stops. See `Progress`.
    solver : {'auto', 'sgd', 'ftrl', 'saga', 'svrg'}
        'auto' is what is written above. The others are stochastic, read X by rows and certify after rounds
        of one epoch and, by and by, of ten; they ask for one prediction per row, a penalty of single weights
        and ``standardize=False``. 'sgd': proximal gradient steps; 'ftrl': the regularised leader with steps
        of its own for each weight; 'saga' and 'svrg': variance-reduced, they alone go all the way to the
        optimum, for losses whose slope grows by a known bound.
    momentum : float
        In [0, 1), for 'sgd': the share of a gradient step that is taken over later rows, in all as much;
        see `fastreg.solvers.momentum`.

    Returns
    -------
    Solution
        Weights, intercept, objective, gap, status, work, rounds.

    Raises
    ------
    ValueError, TypeError
        For input that cannot be fitted, in one sentence, before any work.
    Interrupted
        On Ctrl-C; a KeyboardInterrupt whose ``solution`` is the best iterate.

    Warns
    -----
    ConvergenceWarning
        If it ends before the tolerance; the best iterate is returned.

    References
    ----------
    Massias, Gramfort, Salmon 2018 (working sets with a duality gap); Bertrand, Massias 2021 (Anderson
    acceleration); Lee, Sun, Saunders 2014 (proximal Newton).

    Examples
    --------
    >>> import numpy as np, fastreg
    >>> from fastreg.losses import Squared
    >>> from fastreg.penalties import L1
    >>> X = np.eye(4); y = np.array([3.0, 0.1, -2.0, 0.0])
    >>> fastreg.solve(X, y, loss=Squared(), penalty=L1(0.25), fit_intercept=False).coef
    array([ 2.,  0., -1.,  0.])
    """
    solution = attempt(
        X, y, loss=loss, penalty=penalty, fit_intercept=fit_intercept, standardize=standardize,
        sample_weight=sample_weight, offset=offset, tol=tol, max_iter=max_iter, n_threads=n_threads,
        start=start, callback=callback, solver=solver, momentum=momentum,
    )  # fmt: skip
    warn_unless_converged(solution.status, solution.certificate, float(tol), solution.n_iter)
    return solution


def attempt(
    X, y, *, loss, penalty, fit_intercept, sample_weight, tol, max_iter, standardize=False, offset=None,
    n_threads=None, start=None, callback=None, solver="auto", momentum=0.0,
):  # fmt: skip
    """Return the `Solution` of `solve`, without its warning."""
    _check_solver(solver, loss, penalty, standardize)
    momentum = _checked_momentum(solver, momentum)
    tol = checked_number("tol", tol, 0)
    max_iter = checked_count("max_iter", max_iter, 0)
    callback = checked_callback(callback)
    with team.lease(n_threads) as crew:
        state = begin(
            crew, X, y, loss, penalty, fit_intercept=fit_intercept, standardize=standardize,
            sample_weight=sample_weight, offset=offset,
        )  # fmt: skip
        problem = state.problem
        if start is not None:
            _start_at(state, start)
        improve = improve_for(problem, solver, momentum)
        return solution_of(state, improve, tol=tol, max_iter=max_iter, callback=callback)


def solution_of(state, improve, *, tol, max_iter, callback=None):
    """Return the `Solution` that a state is improved to.

    Raises
    ------
    Interrupted
        On Ctrl-C.
    ValueError
        If it overflowed.
    """
    problem = state.problem
    best, status, n_iter, interrupted = minimise(
        state, improve, tol=tol, max_iter=max_iter, callback=callback
    )
    work = problem.counter.total()
    solution = Solution(problem.unscaled(best.coef), best.intercept, best.certificate, status, work, n_iter)
    if interrupted:
        raise Interrupted(solution)
    if not (np.isfinite(best.certificate.primal) and np.isfinite(best.coef).all()):
        raise ValueError(
            f"The fit overflowed, its objective is {best.certificate.primal:g}: "
            f"scale the columns of X and y to moderate numbers."
        )
    return solution


def _check_solver(solver, loss, penalty, standardize):
    """Refuse what a stochastic solver cannot do."""
    if solver not in SOLVERS:
        raise ValueError(f"solver={solver!r} is unknown: pass one of {', '.join(map(repr, SOLVERS))}.")
    if solver == "auto":
        return
    if has_many_predictions(loss) or kind_of_penalty(penalty) == "block penalty":
        term = type(loss if has_many_predictions(loss) else penalty).__name__
        raise TypeError(f"solver={solver!r} does not fit {term}: leave solver at 'auto'.")
    if standardize:
        raise ValueError(
            f"solver={solver!r} cannot standardize: scale the columns of X, or leave solver at 'auto'."
        )
    bound = completed(loss).curvature_bound(1.0) if hasattr(type(loss), "_fields") else 0.0
    if solver in ("saga", "svrg") and not np.isfinite(bound):
        raise ValueError(
            f"solver={solver!r} needs a bound on the curvature of the loss, and {type(loss).__name__} has "
            f"none: pass solver='ftrl'."
        )


def _checked_momentum(solver, momentum):
    momentum = checked_momentum(momentum)
    if momentum > 0 and solver != "sgd":
        raise ValueError(f"momentum={momentum!r} is for solver='sgd', not {solver!r}: leave it at 0.")
    return momentum


def path(
    X: Any,
    y: ArrayLike,
    *,
    loss: tuple,
    penalty: tuple,
    strengths: int | ArrayLike = 100,
    ratio: float = 1e-3,
    fit_intercept: bool = True,
    standardize: bool = False,
    sample_weight: ArrayLike | None = None,
    offset: ArrayLike | None = None,
    tol: float = 1e-6,
    max_iter: int = MAX_ITER,
    n_threads: int | None = None,
    callback: Callable[[Progress], Any] | None = None,
    X_val: Any = None,
    y_val: ArrayLike | None = None,
    sample_weight_val: ArrayLike | None = None,
    offset_val: ArrayLike | None = None,
    patience: int | None = None,
) -> Path:
    """Solve for a falling sequence of strengths, each started from the last.

    With rows held out, their loss is read at every strength, and the path may end once it rises: weaker
    strengths are the dearest to fit, and the least likely to be wanted.

    Parameters
    ----------
    X, y, loss, fit_intercept, standardize, sample_weight, offset, tol, max_iter, n_threads : see `solve`
    penalty : NamedTuple
        A penalty with a field ``strength``. A number there is replaced by each strength in turn; an
        array (penalty factors, 0 for features that are not penalised) is multiplied by it.
    strengths : int or array
        How many, in equal ratios from the smallest at which every penalised weight is 0; or the
        strengths themselves.
    ratio : float
        The last strength as a share of the first, where ``strengths`` is a number.
    callback : function or None
        As in `solve`, at every strength; returning True ends the path there.
    X_val, y_val, sample_weight_val, offset_val
        Rows held out, as X, y, sample_weight and offset.
    patience : int or None
        End the path once so many strengths in a row have brought no new least loss on them. None: fit all.

    Returns
    -------
    Path

    Raises
    ------
    TypeError
        If the penalty has no strength.
    ValueError, TypeError
        As `solve`.
    Interrupted
        On Ctrl-C; its ``solution`` is the part of the path that is done.

    Examples
    --------
    >>> import numpy as np, fastreg
    >>> from fastreg.losses import Squared
    >>> from fastreg.penalties import L1
    >>> X, y = np.eye(3), np.array([3.0, -2.0, 1.0])
    >>> path = fastreg.path(
    ...     X, y, loss=Squared(), penalty=L1(1.0), strengths=[1.0, 0.5, 0.1], fit_intercept=False
    ... )
    >>> path.coefs.toarray().round(2)  # a column for each strength
    array([[ 0. ,  1.5,  2.7],
           [ 0. , -0.5, -1.7],
           [ 0. ,  0. ,  0.7]])
    """
    tol = checked_number("tol", tol, 0)
    max_iter = checked_count("max_iter", max_iter, 0)
    callback = checked_callback(callback)
    if patience is not None:
        patience = checked_count("patience", patience, 1)
        if X_val is None:
            raise ValueError("patience is for rows held out: pass X_val and y_val, or no patience.")
    grid = Grid.checked(penalty, strengths, ratio)
    with team.lease(n_threads) as crew:
        problem = assemble(
            crew, X, y, loss, grid.at_strength(1.0), fit_intercept=fit_intercept, standardize=standardize,
            sample_weight=sample_weight, offset=offset,
        )  # fmt: skip
        held = None
        if X_val is not None or y_val is not None:
            held = HeldOut(problem, X_val, y_val, sample_weight_val, offset_val)
        state = State(problem)
        wanted = grid.resolved(state)
        steps = follow(
            state, improve_for(problem), grid, wanted, tol=tol, max_iter=max_iter, callback=callback,
            certified=wanted is not grid.strengths,
        )  # fmt: skip
        found, statuses, interrupted = [], [], False
        reason = PathReason.ALL_STRENGTHS
        try:
            for strength, best, status, n_iter in steps:
                if held is not None:
                    held.judge(best.coef * problem.scale, best.intercept)
                support = np.flatnonzero(best.coef)
                entries = (best.coef * problem.scale)[support]
                found.append((support, entries, best.intercept, best.objective, best.certificate.gap))
                statuses.append(status)
                where = f" at strength {strength:.4g}"
                warn_unless_converged(status, best.certificate, tol, n_iter, where=where)
                if status is Status.STOPPED:
                    reason = PathReason.STOPPED
                if held is not None and patience is not None and held.rising_for(patience):
                    reason = PathReason.NO_LOWER_LOSS
                    break
        except KeyboardInterrupt:
            interrupted, reason = True, PathReason.STOPPED
    result = _collected(wanted, found, statuses, problem.counter.total(), state.coef.size)
    result = result._replace(reason=reason)
    if held is not None:
        del held.losses[len(found) :]  # of a strength that Ctrl-C kept from being found
        losses = np.array(held.losses)
        result = result._replace(validation_losses=losses, best=held.best if losses.size else None)
    if interrupted:
        raise Interrupted(result)
    return result


def _start_at(state, start):
    if isinstance(start, Solution):
        start = start.coef, start.intercept
    if not isinstance(start, tuple) or len(start) != 2:
        raise TypeError(
            f"start={start!r} is no place to start: pass a Solution or a tuple (coef, intercept)."
        )
    coef, intercept = state.checked_start(*start, "start ")
    state.start_at(coef, intercept if state.problem.has_intercept else 0.0 * intercept)


def _collected(grid, found, statuses, work, n_features):
    starts = np.cumsum([0, *(f[0].size for f in found)])
    supports = np.concatenate([np.empty(0, dtype=np.int64), *(f[0] for f in found)])
    entries = np.concatenate([np.empty(0), *(f[1] for f in found)])
    coefs = sp.csc_array((entries, supports, starts), shape=(n_features, len(found)))
    numbers = np.array([f[2:] for f in found], dtype=np.float64).reshape(len(found), 3)
    return Path(
        np.asarray(grid[: len(found)]), coefs, numbers[:, 0], numbers[:, 1], numbers[:, 2],
        tuple(statuses), work,
    )  # fmt: skip
