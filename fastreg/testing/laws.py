"""Laws that penalties and losses share: both are functions of one number at a time."""

import numpy as np


def hold(truth, term, law, values):
    """Raise an `AssertionError` that names term, law and values, unless the law holds."""
    if not truth:
        raise AssertionError(f"{type(term).__name__} breaks the law '{law}': {values}.")


def each(function, points):
    """Return the function's values at the points, as float64."""
    return np.array([float(function(float(x))) for x in points])


def known(term, word, results):
    """Return whether a term knows this word: NaN everywhere says it does not, NaN here and there is wrong."""
    unknown = np.isnan(results)
    hold(unknown.all() or not unknown.any(), term, "no NaN", f"{word} is NaN at some points only")
    return not unknown.any()


class Line:
    """One feature of a penalty, tabulated where its value is finite."""

    def __init__(self, term, j, scale):
        self.term, self.j, self.scale = term, j, scale
        self.named = getattr(term, "loss", term)
        bounds = [np.atleast_1d(getattr(term, end, np.nan)) for end in ("lower", "upper")]
        edges = [float(bound[j if len(bound) > 1 else 0]) for bound in bounds]
        near = scale * np.array([-1e-3, -1e-6, 0.0, 1e-6, 1e-3])
        self.points = np.unique(np.concatenate([np.linspace(-scale, scale, 41), near]))
        wide = np.concatenate(
            [np.linspace(-3 * scale, 3 * scale, 481), near, np.array(edges)[np.isfinite(edges)]]
        )
        self.weights = np.unique(wide)
        self.values = each(self.value, self.weights)
        self.hold(not np.isnan(self.values).any(), "value is a number", "it is NaN")
        self.hold(np.isfinite(self.value(0.0)), "value at 0 is finite", f"it is {self.value(0.0)}")
        inside = np.isfinite(self.values)
        self.weights, self.values = self.weights[inside], self.values[inside]

    def hold(self, truth, law, values):
        hold(truth, self.named, law, f"for {self.j if isinstance(self.j, str) else f'j={self.j}'}, {values}")

    def value(self, weight):
        return float(self.term.value(weight, self.j))

    def slopes(self, step):
        """Return the weights that the prox reaches and the subgradients that lead there."""
        reached = each(lambda x: self.term.prox(x, step, self.j), self.points)
        return reached, (self.points - reached) / step


def tangents_stay_below(line, weights, slopes, law):
    """Assert value(v) >= value(w) + slope (v - w) for all v: no tangent cuts the value."""
    for weight, slope in zip(weights, slopes, strict=True):
        excess = line.value(weight) + slope * (line.weights - weight) - line.values
        i = int(np.argmax(excess))
        size = 1 + abs(line.values[i]) + abs(slope) * line.scale
        cut = f"the line of slope {slope} at {weight} exceeds value({line.weights[i]}) by {excess[i]}"
        line.hold(excess[i] <= 1e-11 * size, law, cut)


def gradient_is_the_slope(line, convex):
    """Assert that the gradient lies between the differences to the left and right, at a kink nearest 0."""
    for x in line.points:
        width = 1e-6 * (1 + abs(x))
        at, left, right = line.value(x), line.value(x - width), line.value(x + width)
        if not np.isfinite([at, left, right]).all():
            continue
        low, high = sorted([(at - left) / width, (right - at) / width])
        claimed = float(line.term.gradient(x, line.j))
        nearest = np.clip(0.0 if convex else claimed, low, high)
        size = 1 + abs(low) + abs(high)
        said = f"at {x} it is {claimed}, but the differences are {low} and {high}"
        line.hold(abs(claimed - nearest) <= 1e-5 * size, "gradient is the slope of value", said)


def curvature_is_second(line, curvature):
    """Assert that the curvature is within the second differences of the value around the point."""
    claimed = each(curvature, line.points)
    if not known(line.named, "curvature", claimed):
        return
    for x, found in zip(line.points, claimed, strict=True):
        width = 1e-3 * (1 + abs(x))
        values = [line.value(x + steps * width) for steps in (-2, -1, 0, 1, 2)]
        second = np.diff(values, 2) / width**2
        slack = 1e-3 * (1 + np.abs(second).max())
        said = f"at {x} it is {found}, but the differences are {second}"
        within = second.min() - slack <= found <= second.max() + slack
        line.hold(within, "curvature is the second derivative", said)


def conjugate_belongs(line, slopes):
    """Assert Fenchel-Young for conjugate and maximiser, and equality where the slope is attained."""
    attained = np.unique(np.concatenate([pulls for _, pulls in slopes]))
    tried = np.unique(np.concatenate([attained, np.linspace(-line.scale, line.scale, 33)]))
    conjugate = each(lambda u: line.term.conjugate(u, line.j), tried)
    if not known(line.named, "conjugate", conjugate):
        return
    best = each(lambda u: line.term.maximiser(u, line.j), tried)
    knows_best = known(line.named, "maximiser", best)
    far = 1e4 * line.scale, 1e8 * line.scale
    for u, claimed, weight in zip(tried, conjugate, best, strict=True):
        below = u * line.weights - line.values
        i, slack = int(np.argmax(below)), 1e-12 * (1 + abs(u) * line.scale + np.abs(line.values).max())
        said = f"conjugate({u}) = {claimed}"
        line.hold(claimed >= below[i] - slack, "Fenchel-Young", f"{said} < {below[i]} at {line.weights[i]}")
        if np.isinf(claimed):
            near, beyond = (max(u * w - line.value(w) for w in (-size, size)) for size in far)
            unbounded = beyond >= near - 1e-12 * abs(u) * far[1]
            line.hold(unbounded, "conjugate is infinite outside its domain only", said)
        if knows_best and np.isfinite(weight):
            gain = u * weight - line.value(weight)
            line.hold(
                abs(claimed - gain) <= 10 * slack, "maximiser attains the conjugate", f"{said}, not {gain}"
            )
        elif knows_best:
            line.hold(
                np.isinf(claimed) and weight * u > 0, "maximiser is infinite outside", f"{said}, {weight}"
            )
    centre = attained[np.argmin(np.abs(attained))]
    for reached, pulls in slopes:
        for weight, u in zip(reached, pulls, strict=True):
            # A slope on the edge of the domain is pushed inside, or rounding would make it infinite.
            near = [u + (centre - u) * share for share in (0.0, 1e-12, 1e-9)]
            lack = min(line.value(weight) + line.term.conjugate(c, line.j) - c * weight for c in near)
            said = f"value({weight}) + conjugate({u}) exceeds their product by {lack}"
            line.hold(lack <= 1e-7 * (1 + abs(u * weight)), "equality in Fenchel-Young (Moreau)", said)
