"""A falling sequence of strengths, each fit started from the last."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from fastreg.solvers.loop import Best, minimise
from fastreg.solvers.solution import Status
from fastreg.solvers.validation import checked_count, checked_number, checked_vector


class Grid(NamedTuple):
    """Which strengths are wanted, from the strongest down.

    Attributes
    ----------
    at_strength : function
        From a strength to the penalty of that strength.
    strengths : int or array
        How many, or which.
    ratio : float
        The last as a share of the first, where ``strengths`` is a number.
    """

    at_strength: Callable
    strengths: int | np.ndarray
    ratio: float

    @classmethod
    def checked(cls, penalty, strengths, ratio):
        """Return the grid that was asked for, or refuse it."""
        grid = _checked_strengths(strengths)
        ratio = checked_number("ratio", ratio, 0, strict=True)
        if ratio > 1:
            raise ValueError(f"ratio={ratio!r} is out of range: the last strength is at most the first.")
        return cls(family(penalty), grid, ratio)

    def penalty_at(self, problem, strength):
        """Return the penalty of a strength, validated and cast for a problem."""
        return problem.checked_penalty(self.at_strength(strength))

    def resolved(self, state):
        """Return the strengths; where only their number is known, from the state, which it certifies."""
        if not isinstance(self.strengths, int):
            return self.strengths
        top = critical_strength(state, self)
        return top * np.geomspace(1.0, self.ratio, self.strengths) if self.strengths > 1 else np.array([top])


class Step(NamedTuple):
    """The fit of one strength; the state holds the same weights."""

    strength: float
    best: Best
    status: Status
    n_iter: int


def follow(state, improve, grid, strengths, *, tol, max_iter, callback=None, certified=False):
    """Fit at each strength in turn and yield a `Step`.

    Parameters
    ----------
    improve : function
        See `loop.minimise`.
    grid : Grid
    strengths : array
        From the strongest down.
    certified : bool
        Whether the state is certified at its weights, for any penalty of the grid.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C.
    """
    for strength in strengths:
        certified &= state.take_penalty(grid.penalty_at(state.problem, strength))
        best, status, n_iter, interrupted = minimise(
            state, improve, tol=tol, max_iter=max_iter, callback=callback, certified=certified
        )
        if interrupted:
            raise KeyboardInterrupt
        certified = best.objective == state.objective
        state.coef[:], state.intercept = best.coef, best.intercept
        if not certified:
            state.certify()  # as the next strength would
            certified = True
        yield Step(strength, best, status, n_iter)
        if status is Status.STOPPED:
            return


def family(penalty):
    """Return the function from a strength to the penalty of that strength."""
    base = getattr(penalty, "strength", None)
    if base is None or not hasattr(type(penalty), "_fields"):
        raise TypeError(f"penalty={penalty!r} has no strength: pass one that has, such as L1(1.0).")
    factors = np.asarray(base, dtype=np.float64) if np.ndim(base) else 1.0
    if hasattr(type(penalty), "with_strength"):
        return lambda strength: penalty.with_strength(strength * factors)
    return lambda strength: penalty._replace(strength=strength * factors)


def critical_strength(state, grid):
    """Certify the fit of the unpenalised features only; return the strength that holds the rest at 0.

    For penalties that never hold a weight at 0: max|gradient| / max(l1_ratio, 1e-3), as glmnet.
    """
    problem, columns = state.problem, state.columns
    state.certify()
    largest = np.abs(columns.gradient[~columns.free]).max(initial=0.0)
    if largest == 0:
        return 1.0
    fallback = largest / max(float(getattr(problem.penalty, "l1_ratio", 0.0)), 1e-3)
    if np.isfinite(columns.critical) and columns.critical > 0:
        return min(columns.critical, fallback) if hasattr(problem.penalty, "l1_ratio") else columns.critical
    low, high = 0.0, fallback

    def holds(strength):
        return columns.holds_zero(grid.penalty_at(problem, strength))

    if not holds(high):
        return fallback
    while high - low > 1e-12 * high:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _checked_strengths(strengths):
    """Return how many strengths are wanted, or which, from the strongest down."""
    if np.ndim(strengths) == 0:
        return checked_count("strengths", strengths, 1)
    if np.size(strengths) == 0:
        raise ValueError("strengths is empty: pass at least one strength, or how many you want.")
    grid = np.unique(checked_vector("strengths", strengths, np.size(strengths)))[::-1]
    if grid[-1] < 0:
        raise ValueError(f"strengths holds {grid[-1]:g}: every strength must be at least 0.")
    return grid
