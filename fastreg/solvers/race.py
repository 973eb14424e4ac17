"""The first step size, found by a short race on a few rows (the calibration of Bottou 2012)."""

import numpy as np

from fastreg.solvers.schedules import optimal_from
from fastreg.solvers.solution import Overflowed
from fastreg.solvers.stochastic import descend

_MOST_ROWS = 1000
# Candidates, as multiples of one over the curvature of the loss along a typical row.
_MULTIPLES = 4.0 ** np.arange(-3, 2)


def rows_of_race(n_samples):
    """Return the rows that race: every so many, at most 1000."""
    count = min(n_samples, _MOST_ROWS)
    return np.arange(count) * n_samples // count


def first_step(X, target, loss, penalty_for, plan, *, n_problems, n_samples, strength, sample_weight=None):
    """Return the first step size for all rows that a race between five suggests.

    Each runs one epoch over the rows of the race. The losses in its objective are those that rows had
    before they were learned from, so that too long a step does not win by learning rows by heart. The best
    constant step for T rows falls with the square root of T (Nemirovski et al. 2009), and so does the
    winner on its way from these rows to all of them.

    Parameters
    ----------
    X, target, loss, plan, sample_weight
        As for `stochastic.descend`, of the rows that race; the plan's schedule is not read.
    penalty_for : function
        From a first step size to the penalty.
    n_problems, n_samples : int
        n_samples is the number of all rows.
    strength : float
        Of the schedule, see `schedules.optimal_from`.

    Returns
    -------
    float

    Raises
    ------
    Overflowed
        If the shortest candidate is too long.
    """
    count, n_features = X.shape
    entries = X.data if hasattr(X, "indptr") else X
    squares = np.sum(np.square(entries, dtype=np.float64)) / count + min(plan.intercept_rate, 1.0)
    curvature = _curvature(loss, target, count)
    best, least = None, np.inf
    for eta0 in _MULTIPLES / (max(squares, np.finfo(np.float64).tiny) * curvature):
        one = plan._replace(
            schedule=optimal_from(eta0, strength), max_iter=1, tol=None, score=None, exact=False,
            random=np.random.default_rng(0),
        )  # fmt: skip
        try:
            found = descend(
                X, target, loss, penalty_for(eta0), one, coef=np.zeros((n_problems, n_features)),
                intercept=np.zeros(n_problems), sample_weight=sample_weight,
            )  # fmt: skip
        except Overflowed:
            if best is None:
                raise
            break
        reached = found.objective.sum()
        if best is None or reached < least:
            best, least = eta0, reached
    return float(best * np.sqrt(count / n_samples))


def _curvature(loss, target, count):
    """Return the mean bound of the loss's curvature, 1 where there is none."""
    if not hasattr(loss, "curvature_bound"):
        return 1.0
    mean = np.mean([loss.curvature_bound(target.label(i, 0)) for i in range(count)])
    return mean if 0 < mean < np.inf else 1.0
