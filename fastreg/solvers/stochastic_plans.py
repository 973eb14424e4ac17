"""What a stochastic gradient descent is told: how long to go on, in which order, with which means."""

from typing import Any, NamedTuple

import numpy as np


class Means(NamedTuple):
    """The means of iterates.

    Attributes
    ----------
    sums : array of (n_problems, n_features)
    sums_of_intercepts : array of n_problems
    counted : array of n_problems
        How many iterates were added up.
    counted_from : float
        The first step that counts.
    every : int
        Of the steps from there on those count that are multiples of this; 0: to be chosen, see
        `visits.Visits.rows_per_sum`.
    """

    sums: np.ndarray
    sums_of_intercepts: np.ndarray
    counted: np.ndarray
    counted_from: float
    every: int = 0

    @property
    def coef(self):
        """The mean weights, of (n_problems, n_features); 0 if none were counted."""
        return self.sums / np.maximum(self.counted, 1.0)[:, np.newaxis]

    @property
    def intercept(self):
        """The mean intercepts."""
        return self.sums_of_intercepts / np.maximum(self.counted, 1.0)

    @classmethod
    def none(cls, n_problems, n_features, counted_from):
        """Return the means of no iterates yet."""
        return cls(np.zeros((n_problems, n_features)), *np.zeros((2, n_problems)), float(counted_from))


class Plan(NamedTuple):
    """How long to go on, and in which order.

    Attributes
    ----------
    schedule : NamedTuple
        Step sizes, see `schedules`.
    rule : NamedTuple
        See `stochastic_kernels`.
    intercept_rate : float
        Step size of the intercept as a share of that of the weights; 0: the intercept stays.
    max_iter : int
        Most epochs.
    tol : float or None
        An epoch whose objective is not below the best by more than this is one without progress.
        None: go on for max_iter epochs.
    n_iter_no_change : int
        Epochs without progress after which the schedule is slowed down or the problem is done.
    shuffle : bool
        Whether the order of blocks changes from epoch to epoch.
    random : numpy.random.Generator or numpy.random.RandomState
        Where orders come from.
    score : function, stopping.Held or None
        ``score(coef, intercept)`` of all problems, the higher the better, in place of the objective, or rows
        held out; the weights of the best score are kept.
    exact : bool
        Whether objectives are those at the end of an epoch, which takes a pass over the rows.
    course : continuation.Course or None
        Changes penalty and schedule while it goes on, by the score; tol is not read.
    rate : float or None
        Of AdaGrad's steps, each weight its own, see `leader`: then the schedule is one of this number, and
        means and a course there are none. None: the steps of the schedule.
    momentum : float
        In [0, 1), see `momentum`. Above 0 there are no means, and the rate is None.
    """

    schedule: Any
    rule: Any
    intercept_rate: float
    max_iter: int
    tol: float | None
    n_iter_no_change: int
    shuffle: bool
    random: Any
    score: Any = None
    exact: bool = False
    course: Any = None
    rate: float | None = None
    momentum: float = 0.0
