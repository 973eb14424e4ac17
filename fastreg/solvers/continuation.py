"""A strength of the penalty that adapts while a descent runs.

From a strength that holds all weights at nearly 0 it falls by a factor after every epoch (every 2000 rows
where there are fewer), and the weights go on from where they are: continuation (Hale, Yin and Zhang 2008),
the warm-started path of Friedman, Hastie and Tibshirani (2010) with an epoch in place of a minimisation. The
rows held out tell when strengths get no better. Then the best strength and weaker ones are tried from its
weights, with steps that fall to 0, again while that pays, and the weights of the best epoch of all are kept.
"""

from typing import Any, NamedTuple

import numpy as np

from fastreg.jit import kernel
from fastreg.solvers.schedules import Cosine

_FALL = 4.0
_LEAST_SHARE = 1e-7  # of the first strength: weaker ones are no penalty any more
_ROWS = 2000  # an epoch over fewer rows hardly moves the weights
# Multiples of the best strength at the end, and epochs for each: longer steps made weaker strengths look bad.
_END = ((1.0, 2), (0.5, 1), (0.25, 1))
_WORTH = 0.01  # the end is gone through again where it lowers the cost by this share
_MOST_EPOCHS = 20  # of the fall and the end
_DIVERGED = 2.0  # times the first cost, where the weights were nearly 0: the steps are too long by now
# Of the squared slopes: the first-order gain that the first strength of a square penalty leaves.
_GAIN = 0.1


class Leg(NamedTuple):
    """What a descent goes on with.

    Attributes
    ----------
    strength : float
    penalty, schedule : NamedTuple
    from_best : bool
        Whether it goes back to the weights of the best score.
    """

    strength: float
    penalty: Any
    schedule: Any
    from_best: bool


class Course:
    """The strengths that one descent goes through, judged by scores of rows held out.

    Parameters
    ----------
    terms_at : function
        From a strength to the penalty, always of one class, and the schedule of step sizes.
    patience : int
        So many strengths in a row without a better score end the fall.
    tol : float
        The share by which a cost (minus the score) must fall to be better.

    Attributes
    ----------
    strengths : list of float
        That of each epoch so far.
    best : float
        That of the best score so far.
    """

    def __init__(self, terms_at, patience, tol):
        self._terms_at, self._patience, self._tol = terms_at, patience, tol
        self.strengths, self.best = [], None
        self._least, self._step = np.inf, 1.0

    def begin(self, matrix, target, sample_weight, loss, fits_intercept, n_problems):
        """Return the first leg over the rows of a matrix; arguments as of `stochastic.descend`."""
        penalty, _ = self._terms_at(1.0)
        first = holding_strength(matrix, target, sample_weight, loss, penalty, fits_intercept, n_problems)
        self._legs = self._all_legs(first, matrix.shape[0])
        self._leg = next(self._legs)
        return self._leg

    def after(self, score, step):
        """Return the leg of the next epoch, None at the end; ``step`` is the number of the next step."""
        cost = -score if score == score else np.inf
        self.strengths.append(self._leg.strength)
        if self.best is None or cost < self._least:
            self.best, self._least, self._step = self._leg.strength, cost, step
        self._now = step
        try:
            self._leg = self._legs.send(cost)
        except StopIteration:
            return None
        return self._leg

    def _all_legs(self, first, n_samples):
        """Yield the leg of each epoch and be sent its cost."""
        epochs = -(-_ROWS // n_samples)
        strength, least, idle, limit = first, np.inf, 0, None
        while idle < self._patience and strength >= _LEAST_SHARE * first:
            penalty, schedule = self._terms_at(strength)
            cost = yield from self._stay(Leg(strength, penalty, schedule, False), epochs)
            limit = limit or _DIVERGED * abs(cost)
            if cost > limit:
                break
            idle = 0 if cost < least - self._tol * least or least == np.inf else idle + 1
            least = min(least, cost)
            strength /= _FALL
        eta0 = float(self._terms_at(self.best)[1].steps(np.array([self._step]))[0])
        lasts = sum(count for _, count in _END)
        paid = True
        while paid and len(self.strengths) <= (_MOST_EPOCHS - lasts) * epochs:
            best, least = self.best, self._least
            for multiple, count in _END:
                penalty, _ = self._terms_at(multiple * best)
                schedule = Cosine(eta0, float(count * epochs * n_samples), self._now)
                yield from self._stay(Leg(multiple * best, penalty, schedule, True), count * epochs)
            paid = self._least < least - _WORTH * abs(least)

    @staticmethod
    def _stay(leg, epochs):
        for _ in range(epochs):
            cost = yield leg
        return cost


@kernel
def _slopes_at_zero(target, sample_weight, loss, out):
    """Write the weighted slope of each row at prediction 0: a row of ``out`` per problem."""
    for k in range(out.shape[0]):
        for i in range(out.shape[1]):
            y = target.label(i, k)
            out[k, i] = sample_weight[i] * target.weight(y, k) * loss.slope(y, 0.0)


def holding_strength(matrix, target, sample_weight, loss, penalty, fits_intercept, n_problems):
    """Return a multiple of a penalty that holds all weights at 0, or nearly so where it is square.

    An L1 part holds them from the largest entry of the gradient at 0 on; under a square of strength s the
    first-order gain is |gradient|^2 / (4 s).
    """
    n_samples, n_features = matrix.shape
    l1 = penalty.threshold(1.0, 0)
    l2 = (1.0 / penalty.shrinkage(1.0, 0) - 1.0) / 2
    slopes, gradient = np.empty((n_problems, n_samples)), np.empty(n_features)
    _slopes_at_zero(target, sample_weight, loss, slopes)
    strength = 0.0
    for row in slopes:
        if fits_intercept:
            row -= row.mean()
        matrix.transpose_product(row / n_samples, gradient)
        squares = np.mean(row**2)
        held = [np.abs(gradient).max() / l1] if l1 else []
        if l2 and squares:
            held.append(gradient @ gradient / (2 * _GAIN * squares) / l2)
        strength = max(strength, min(held, default=0.0))
    return strength if strength > 0 else 1.0
