"""`check_loss`: the laws of a loss."""

import numpy as np

from fastreg.jit import checked, completed, kernel
from fastreg.testing.forms import same_in_every_form
from fastreg.testing.laws import (
    Line,
    conjugate_belongs,
    curvature_is_second,
    each,
    gradient_is_the_slope,
    hold,
    tangents_stay_below,
)

_WORDS = ("value", "slope", "curvature", "conjugate", "curvature_bound")


def check_loss(loss, *, targets=(-1.0, 1.0), convex=True, scale=4.0):
    """Assert the laws of a loss: slope, curvature and conjugate belong to its value.

    * ``slope`` is the derivative of the value in the prediction (at a kink a subgradient), ``curvature``
      that of the slope;
    * the slope grows no faster than ``curvature_bound``, which is infinite only where the slope jumps;
    * value and slope are finite at predictions of 500 and -500;
    * float32 agrees with float64, compiled code with plain Python;
    * where ``convex``: the value lies above its tangents, and ``conjugate`` obeys Fenchel-Young, with
      equality at the slope.

    Parameters
    ----------
    loss : NamedTuple
        The loss, with at least ``value(y, prediction)`` and ``slope(y, prediction)``.
    targets : sequence of float
        Targets it is checked at: labels, counts or any number, as the loss asks for.
    convex : bool
        False leaves out the laws that hold for convex losses only.
    scale : float
        The predictions tried lie in [-scale, scale].

    Raises
    ------
    AssertionError
        If a law is broken.
    TypeError
        If it is no loss.
    """
    term = completed(checked(loss, "loss", 1))
    for y in targets:
        line = Line(_LossAt(term, float(y)), f"y={y}", scale)
        slopes = each(line.term.gradient, line.points)
        for far in (-500.0, 500.0):
            ends = term.value(y, far), term.slope(y, far)
            hold(np.isfinite(ends).all(), term, "value and slope are finite", f"at y={y}, {far}: {ends}")
        gradient_is_the_slope(line, convex=False)
        curvature_is_second(line, lambda p, y=y: term.curvature(y, p))
        _curvature_bound_holds(line, float(term.curvature_bound(y)))
        if convex:
            tangents_stay_below(line, line.points, slopes, "the value lies above its tangents")
            conjugate_belongs(line, [(line.points, slopes)])
    same_in_every_form(loss, "loss", 1, _WORDS, _tabulate, _compiled, targets, scale)


def _curvature_bound_holds(line, bound):
    """Assert that slopes grow no faster than the bound; where it is infinite, halve down to a jump."""
    if np.isnan(bound):
        return
    slopes = each(line.term.gradient, line.weights)
    growth = np.abs(np.diff(slopes)) / np.diff(line.weights)
    i = int(np.argmax(growth))
    low, high = float(line.weights[i]), float(line.weights[i + 1])
    said = f"curvature_bound is {bound}, but from {low} to {high} the slope grows by {growth[i]} per unit"
    if np.isfinite(bound):
        line.hold(
            growth[i] <= bound + 1e-6 * (1 + bound), "the slope grows no faster than curvature_bound", said
        )
        return
    jump = abs(slopes[i + 1] - slopes[i])
    for _ in range(60):
        middle = (low + high) / 2
        left, right = (
            abs(line.term.gradient(b) - line.term.gradient(a)) for a, b in ((low, middle), (middle, high))
        )
        low, high = (low, middle) if left >= right else (middle, high)
        jump = max(left, right)
    line.hold(jump > 1e-9 * (1 + line.scale), "curvature_bound is infinite at a jump only", said)


class _LossAt:
    """A loss at one target in the words of a penalty, whose weight is the prediction."""

    def __init__(self, loss, y):
        self.loss, self.y = loss, y

    def value(self, prediction, j):
        return self.loss.value(self.y, prediction)

    def gradient(self, prediction, j=None):
        return self.loss.slope(self.y, prediction)

    def conjugate(self, u, j):
        return self.loss.conjugate(self.y, u)

    def maximiser(self, u, j):
        return np.nan


def _tabulate(loss, n_features, points, targets, out):
    for k in range(len(targets)):
        for i in range(len(points)):
            here = out[0, k, i]
            here[0] = loss.value(targets[k], points[i])
            here[1] = loss.slope(targets[k], points[i])
            here[2] = loss.curvature(targets[k], points[i])
            here[3] = loss.conjugate(targets[k], points[i])
            here[4] = loss.curvature_bound(targets[k])


_compiled = kernel(_tabulate)
