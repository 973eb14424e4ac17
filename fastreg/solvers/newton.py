"""Truncated Newton for penalties that are smooth: conjugate gradients on threaded products.

The intercept is minimised out of every model: with t = X d, the product with the Hessian centres t by
its weighted mean, two scalars again.
"""

import numpy as np

from fastreg import team
from fastreg.jit import kernel
from fastreg.solvers.passes import inner_product
from fastreg.solvers.preconditioners import preconditioner

_SUFFICIENT = 1e-4
_ROUNDING = 4e-16
_FORCING = 0.1  # the linear system is solved to this share of the gradient, or better
_MOST_CG_STEPS = 1000
_DAMPING = 1e-10  # least curvature of a row, as a share of the largest


@kernel
def smooth_terms(penalty, coef, slopes, curvatures):
    """Write first and second derivatives of the penalty."""
    for j in range(coef.size):
        slopes[j] = penalty.gradient(coef[j], j)
        curvatures[j] = penalty.curvature(coef[j], j)


@kernel
def penalty_along(penalty, coef, direction, step):
    """Return the penalty at coef + step * direction."""
    result = 0.0
    for j in range(coef.size):
        result += penalty.value(coef[j] + step * direction[j], j)
    return result


class _Hessian:
    """The Hessian of the objective at a state, as products."""

    def __init__(self, state, penalty_curvatures):
        problem = self.problem = state.problem
        self.curvatures = state.model_curvatures(_DAMPING)
        self.total = self.curvatures.sum()
        self.penalty_curvatures = penalty_curvatures
        centring = float(problem.has_intercept)
        mass, squares = problem.matrix.all.moments(self.curvatures, self.total, centring)
        diagonal = problem.scale**2 * squares + penalty_curvatures
        mean = centring * mass / self.total
        same = problem.uniform and state.preconditioned is not None
        if not (same and np.array_equal(state.preconditioned[0], penalty_curvatures)):
            apply = preconditioner(problem, self.curvatures, mean, diagonal, penalty_curvatures)
            state.preconditioned = penalty_curvatures, apply
        self.precondition = state.preconditioned[1]
        self.image = np.empty(problem.y.size)
        self.centre = 0.0  # what was subtracted from the image
        self.result = np.empty(penalty_curvatures.size)

    def times(self, d):
        """Return the product with d; `image` is then X d - centre."""
        problem = self.problem
        problem.matrix.product(problem.scale * d, self.image)
        if problem.has_intercept:
            self.centre = inner_product(self.curvatures, self.image) / self.total
            self.image -= self.centre
        problem.matrix.transpose_product(self.curvatures * self.image, self.result)
        problem.counter.products += 2
        return problem.scale * self.result + self.penalty_curvatures * d


def _conjugate_gradients(hessian, gradient, share):
    """Return d with |H d + gradient| at most ``share`` of |gradient|, its image and centre."""
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
        if product <= target:
            break
        direction = conditioned + (product / previous) * direction
    return d, image, centre


def improve(state, tol, previous):
    """Take one Newton step from a certified state; arguments and result as in `working_set.improve`."""
    problem = state.problem
    slopes, penalty_curvatures = np.empty((2, state.coef.size))
    smooth_terms(problem.penalty, state.coef, slopes, penalty_curvatures)
    gradient = state.columns.gradient + slopes
    # A quadratic is solved as far as the tolerance needs; a model of something else not so far.
    share = min(_FORCING, 1e-3 * np.sqrt(tol)) if problem.uniform else min(_FORCING, np.sqrt(state.gap))
    with team.single_threaded_blas():
        hessian = _Hessian(state, penalty_curvatures)
        direction, image, centre = _conjugate_gradients(hessian, gradient, share)
    problem.counter.newton_steps += 1
    expected = inner_product(gradient, direction)
    before = state.objective
    prediction, intercept = state.prediction, state.intercept
    step = 1.0
    while step > 1e-10:
        state.prediction = prediction + step * image
        state.intercept = intercept - step * centre
        penalty = penalty_along(problem.penalty, state.coef, direction, step)
        state.fit_intercept()
        if state.loss + penalty <= before + _SUFFICIENT * step * expected + _ROUNDING * abs(before):
            state.coef[:] += step * direction
            return
        step /= 2
    state.prediction, state.intercept = prediction, intercept
    state.fit_intercept()
