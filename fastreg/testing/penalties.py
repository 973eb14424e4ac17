"""`check_penalty`: the laws of a penalty."""

import numpy as np

from fastreg.jit import checked, completed, kernel, kind_of_penalty
from fastreg.numerics import soft_threshold
from fastreg.testing.forms import same_in_every_form
from fastreg.testing.laws import (
    Line,
    conjugate_belongs,
    curvature_is_second,
    each,
    gradient_is_the_slope,
    known,
    tangents_stay_below,
)

_WORDS = (
    "value",
    "prox",
    "conjugate",
    "maximiser",
    "curvature",
    "critical_strength",
    "threshold",
    "shrinkage",
    "stiffness",
)


def check_penalty(penalty, *, n_features=3, convex=True, steps=(0.1, 0.7, 2.0), scale=4.0):
    """Assert the laws of a penalty: its prox minimises, its other methods belong to its value.

    * ``prox(x, step, j)`` minimises (w - x)^2 / (2 step) + value(w, j) and never decreases in x;
    * ``threshold`` and ``shrinkage`` say the same as the prox: soft thresholding, then a factor;
    * ``gradient`` is the derivative of the value, and at a kink the subgradient of least norm;
    * ``curvature`` is the second derivative;
    * ``stiffness`` is that of the prox: its slope is 1 / (1 + step * stiffness), 0 where a weight is held;
    * ``critical_strength(g, j)`` is the least multiple of the penalty that keeps weight 0 optimal;
    * at ``strength`` 0 there is no penalty; float32 agrees with float64, compiled code with Python;
    * where ``convex``: the value is convex, the prox nonexpansive, (x - prox(x)) / step a subgradient,
      and ``conjugate`` and ``maximiser`` belong to the value (Fenchel-Young, Moreau).

    Parameters
    ----------
    penalty : NamedTuple
        The penalty, with at least ``value(weight, j)`` and ``prox(weight, step, j)``. A block penalty is
        checked as the even function of a norm that it is, with each feature in a group of its own.
    n_features : int
        Number of features it is checked for (the length of its array fields, if it has any).
    convex : bool
        False leaves out the laws that hold for convex penalties only.
    steps : sequence of float
        Steps the prox is tried with; a nonconvex penalty may need small ones.
    scale : float
        The weights tried lie in [-scale, scale].

    Raises
    ------
    AssertionError
        If a law is broken.
    TypeError, ValueError
        If it is no penalty, or one of its fields has a value it cannot have.
    """
    kind = kind_of_penalty(penalty)
    term = completed(checked(penalty, kind, n_features))
    for j in range(n_features):
        line = Line(term, j, scale)
        slopes = [line.slopes(step) for step in steps]
        if convex:
            _value_is_convex(line)
        for step, (reached, pulls) in zip(steps, slopes, strict=True):
            _prox_moves_slowly(line, step, reached, convex)
            if convex:
                tangents_stay_below(line, reached, pulls, "(x - prox(x)) / step is a subgradient")
            _prox_minimises(line, step, reached)
            _threshold_and_shrinkage_are_the_prox(line, step, reached)
        if convex:
            conjugate_belongs(line, slopes)
        if hasattr(term, "gradient"):
            gradient_is_the_slope(line, convex)
        curvature_is_second(line, lambda w, j=j: term.curvature(w, j))
        if hasattr(type(penalty), "stiffness"):
            for step, (reached, _) in zip(steps, slopes, strict=True):
                _stiffness_is_that_of_the_prox(line, step, reached)
        _critical_strength_is_exact(line)
        _strength_zero_is_none(line, steps)
    forms = [(_WORDS, _tabulate, _compiled)]
    if hasattr(term, "gradient"):
        forms.append((("gradient",), _tabulate_gradient, _compiled_gradient))
    for words, tabulate, compiled in forms:
        same_in_every_form(penalty, kind, n_features, words, tabulate, compiled, steps, scale)


def _value_is_convex(line):
    for shift in (1, 7, 40):
        left, right = line.weights[:-shift], line.weights[shift:]
        ends = (line.values[:-shift] + line.values[shift:]) / 2
        middle = each(line.value, (left + right) / 2)
        for i in np.flatnonzero(middle > ends + 1e-12 * (1 + np.abs(ends)))[:1]:
            between = f"value({(left[i] + right[i]) / 2}) = {middle[i]} exceeds {ends[i]}, the mean of value"
            hint = "pass convex=False if that is meant"
            line.hold(False, "value is convex", f"{between}({left[i]}) and value({right[i]}); {hint}")


def _prox_moves_slowly(line, step, reached, convex):
    """Assert that the prox never decreases, and that a convex one brings no two points further apart."""
    slack = 1e-13 * line.scale
    for x, y, at_x, at_y in zip(line.points[:-1], line.points[1:], reached[:-1], reached[1:], strict=True):
        said = f"with step {step} prox({x}) = {at_x} and prox({y}) = {at_y}"
        line.hold(at_y >= at_x - slack, "prox does not decrease", said)
        line.hold(not convex or at_y - at_x <= y - x + slack, "prox is nonexpansive", said)


def _prox_minimises(line, step, reached):
    """Assert that no weight on a grid, refined around its best, is better than the prox."""
    for x, found in zip(line.points, reached, strict=True):

        def objective(weight, x=x):
            return (weight - x) ** 2 / (2 * step) + line.value(weight)

        on_grid = (line.weights - x) ** 2 / (2 * step) + line.values
        best = int(np.argmin(on_grid))
        around = line.weights[max(best - 1, 0)], line.weights[min(best + 1, len(on_grid) - 1)]
        rival = min(_golden(objective, *around), float(line.weights[best]), key=objective)
        lowest = objective(rival)
        line.hold(
            objective(found) <= lowest + 1e-13 * (1 + abs(lowest) + x * x / step),
            "prox minimises its objective",
            f"prox({x}, step={step}) = {found} gives {objective(found)}, but {rival} gives {lowest}",
        )


def _threshold_and_shrinkage_are_the_prox(line, step, reached):
    threshold, shrinkage = float(line.term.threshold(step, line.j)), float(line.term.shrinkage(step, line.j))
    law = "prox is soft_threshold(w, threshold) * shrinkage"
    said = f"with step {step} threshold is {threshold} and shrinkage {shrinkage}"
    line.hold(np.isnan(threshold) == np.isnan(shrinkage), law, f"{said}: define both words or none")
    if np.isnan(threshold):
        return
    line.hold(threshold >= 0 and 0 < shrinkage <= 1, law, f"{said}: at least 0, and in (0, 1]")
    for x, found in zip(line.points, reached, strict=True):
        composed = soft_threshold(x, threshold) * shrinkage
        close = abs(composed - found) <= 1e-14 * (1 + abs(x))
        line.hold(close, law, f"{said}, which makes {composed} of {x}, but its prox is {found}")


def _stiffness_is_that_of_the_prox(line, step, reached):
    """Assert that the prox has the slope 1 / (1 + step * stiffness): 0 where a weight is held."""
    stiffnesses = each(lambda w: line.term.stiffness(w, line.j), reached)
    if not known(line.named, "stiffness", stiffnesses):
        return
    width = 1e-6 * line.scale
    for x, weight, stiffness in zip(line.points, reached, stiffnesses, strict=True):
        before, after = (float(line.term.prox(x + side * width, step, line.j)) for side in (-1, 1))
        left, right = (weight - before) / width, (after - weight) / width
        if abs(left - right) > 1e-4:
            continue  # a kink of the prox
        slope = 1 / (1 + step * stiffness)
        said = f"stiffness({weight}) = {stiffness} makes it {slope} at {x} with step {step}, but it is {left}"
        line.hold(abs(slope - left) <= 1e-4, "the slope of the prox is 1 / (1 + step * stiffness)", said)


def _golden(function, low, high):
    """Return the minimiser of a unimodal function on [low, high]."""
    ratio = (np.sqrt(5) - 1) / 2
    for _ in range(60):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, right) if function(left) <= function(right) else (left, high)
    return (low + high) / 2


def _critical_strength_is_exact(line):
    """Assert that weight 0 is optimal at this multiple and at no smaller one."""
    gradients = line.scale * np.array([-0.5, -0.1, 0.0, 0.1, 0.5])
    multiples = each(lambda g: line.term.critical_strength(g, line.j), gradients)
    if not known(line.named, "critical_strength", multiples):
        return
    weights = np.concatenate([line.weights, line.scale * np.array([-1e-9, 1e-9])])
    rises = each(line.value, weights) - line.value(0.0)
    weights, rises = weights[np.isfinite(rises)], rises[np.isfinite(rises)]
    if not rises.any():
        multiples, gradients = multiples[multiples != 0], gradients[multiples != 0]

    def optimal(multiple, gradient):
        return bool(np.all(multiple * rises + gradient * weights >= -1e-10 * np.abs(gradient * weights)))

    for gradient, multiple in zip(gradients, multiples, strict=True):
        said = f"critical_strength({gradient}) = {multiple}"
        kept = np.isinf(multiple) or optimal(multiple, gradient)
        line.hold(kept, "critical_strength keeps weight 0 optimal", said)
        less = min(0.999 * multiple, 1e6)
        needed = multiple == 0 or not optimal(less, gradient)
        line.hold(needed, "critical_strength is the least", f"{said}, but {less} is enough")


def _strength_zero_is_none(line, steps):
    strength = getattr(line.term, "strength", None)
    if strength is None:
        return
    replace = getattr(line.term, "with_strength", lambda strength: line.term._replace(strength=strength))
    none = replace(strength * 0)
    for weight in line.weights:
        left = [
            float(none.value(weight, line.j)),
            *(float(none.prox(weight, s, line.j)) - weight for s in steps),
        ]
        line.hold(
            not np.any(left), "strength 0 is no penalty", f"at {weight} value and change of prox are {left}"
        )


def _tabulate(penalty, n_features, points, steps, out):
    for j in range(n_features):
        for k in range(len(steps)):
            for i in range(len(points)):
                here = out[j, k, i]
                here[0] = penalty.value(points[i], j)
                here[1] = penalty.prox(points[i], steps[k], j)
                here[2] = penalty.conjugate(points[i], j)
                here[3] = penalty.maximiser(points[i], j)
                here[4] = penalty.curvature(points[i], j)
                here[5] = penalty.critical_strength(points[i], j)
                here[6] = penalty.threshold(steps[k], j)
                here[7] = penalty.shrinkage(steps[k], j)
                here[8] = penalty.stiffness(points[i], j)


def _tabulate_gradient(penalty, n_features, points, steps, out):
    for j in range(n_features):
        for k in range(len(steps)):
            for i in range(len(points)):
                out[j, k, i, 0] = penalty.gradient(points[i], j)


_compiled, _compiled_gradient = kernel(_tabulate), kernel(_tabulate_gradient)
