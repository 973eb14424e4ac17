"""Truncated Newton for penalties that are smooth: conjugate gradients on threaded products.

The intercept is minimised out of every model: with t = X d, the product with the Hessian centres t by
its weighted mean, two scalars again.
"""

import numpy as np

from fastreg.jit import kernel
from fastreg.solvers import dual_ascent
from fastreg.solvers.line_search import LEAST_DAMPING, search
from fastreg.solvers.passes import inner_product, smooth_terms, weighted_square
from fastreg.solvers.preconditioners import factoring, preconditioner

_FORCING = 0.1  # the linear system is solved to this share of the gradient, or better
_SHARE_OF_TOLERANCE = 0.3  # left to the linear system, the rest to what the model misses
_MOST_CG_STEPS = 1000
# A preconditioner stays while the curvatures have moved by at most this share: H's own inverse, another.
_KEPT, _KEPT_APPROXIMATE = 0.25, 0.5


@kernel
def penalty_along(penalty, coef, direction, step):
    """Return the penalty at coef + step * direction."""
    result = 0.0
    for j in range(coef.size):
        result += penalty.value(coef[j] + step * direction[j], j)
    return result


@kernel
def slack_left(residual, penalty_curvatures):
    """Return sum r**2 / (2 D)."""
    return 0.5 * weighted_square(residual, penalty_curvatures)


class _Hessian:
    """The Hessian of the objective at a state, as products."""

    def __init__(self, state, penalty_curvatures):
        problem = self.problem = state.problem
        self.curvatures = state.model_curvatures(LEAST_DAMPING)
        self.total = self.curvatures.sum()
        self.penalty_curvatures = penalty_curvatures
        self.is_fresh = not self._knows(state.preconditioned)
        if self.is_fresh:
            state.preconditioned = None  # its memory, before another is made
            made = preconditioner(problem, self.curvatures, penalty_curvatures)
            state.preconditioned = penalty_curvatures, self.curvatures, *made
        _, _, self.precondition, self.is_inverse = state.preconditioned
        self.image = np.empty(problem.y.size)
        self.centre = 0.0  # what was subtracted from the image
        self.result = np.empty(penalty_curvatures.size)

    def _knows(self, preconditioned):
        """Tell whether the last preconditioner is good enough."""
        if preconditioned is None:
            return False
        penalty_curvatures, curvatures, _, is_inverse = preconditioned
        moved = np.abs(self.curvatures - curvatures).sum()
        kept = _KEPT if is_inverse else _KEPT_APPROXIMATE
        return moved <= kept * self.total and np.array_equal(penalty_curvatures, self.penalty_curvatures)

    def image_of(self, d):
        """Compute X d - centre."""
        problem = self.problem
        problem.matrix.product(problem.scale * d, self.image)
        if problem.has_intercept:
            self.centre = inner_product(self.curvatures, self.image) / self.total
            self.image -= self.centre
        problem.counter.products += 1

    def times(self, d):
        """Return the product with d; `image` is then X d - centre."""
        problem = self.problem
        self.image_of(d)
        problem.matrix.transpose_product(self.curvatures * self.image, self.result)
        problem.counter.products += 1
        return problem.scale * self.result + self.penalty_curvatures * d


def _conjugate_gradients(hessian, gradient, share, slack):
    """Return d with H d + gradient small, its image and centre.

    Small is at most ``share`` of the gradient, in the norm of the preconditioner; or so small that
    sum r**2 / (2 D) over the curvatures D of the penalty is at most ``slack``: that would be the duality gap,
    were the model exact.
    """
    if hessian.is_fresh and hessian.is_inverse and not hessian.problem.uniform:
        d = hessian.precondition(-gradient)
        hessian.image_of(d)
        return d, hessian.image, hessian.centre
    penalty_curvatures = hessian.penalty_curvatures
    strongly_convex = bool(np.all(penalty_curvatures > 0))
    d = np.zeros_like(gradient)
    image = np.zeros_like(hessian.image)
    centre = 0.0
    residual = -gradient
    conditioned = hessian.precondition(residual)
    direction = conditioned.copy()
    product = inner_product(residual, conditioned)
    target = share * share * product
    for _ in range(_MOST_CG_STEPS):
        times = hessian.times(direction)
        curvature = inner_product(direction, times)
        if not curvature > 0:
            break
        step = product / curvature
        d += step * direction
        image += step * hessian.image
        centre += step * hessian.centre
        residual -= step * times
        conditioned = hessian.precondition(residual)
        previous, product = product, inner_product(residual, conditioned)
        if product <= target or (strongly_convex and slack_left(residual, penalty_curvatures) <= slack):
            break
        direction = conditioned + (product / previous) * direction
    return d, image, centre


def improve(state, tol, previous):
    """Take one Newton step from a certified state; arguments and result as in `working_set.improve`."""
    problem = state.problem
    if not state.coef.any() and factoring(problem) is None and dual_ascent.improve_from_zero(state, tol):
        return
    slopes, penalty_curvatures = smooth_terms(problem.penalty, state.coef)
    gradient = state.columns.gradient + slopes
    # A quadratic is solved as far as the tolerance needs; a model of something else not so far.
    share = min(_FORCING, 1e-3 * np.sqrt(tol)) if problem.uniform else min(_FORCING, np.sqrt(state.gap))
    problem.crew.limit_blas()
    hessian = _Hessian(state, penalty_curvatures)
    slack = _SHARE_OF_TOLERANCE * tol * problem.objective_at_zero
    direction, image, centre = _conjugate_gradients(hessian, gradient, share, slack)
    problem.counter.newton_steps += 1
    expected = inner_product(gradient, direction)
    step = search(
        state, lambda step: penalty_along(problem.penalty, state.coef, direction, step),
        state.objective, expected, image, -centre,
    )  # fmt: skip
    if step:
        state.coef[:] += step * direction
