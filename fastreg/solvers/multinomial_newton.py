"""Truncated Newton with one prediction per class, for penalties that are smooth.

With T = X D the product of the Hessian and D is X'U + penalty'' D, where row i of U is the Hessian of the
loss in the predictions of row i times T_i. The intercepts are minimised out of every model: T is shifted
by the constants that make the rows of U sum to 0.
"""

import numpy as np

from fastreg.jit import kernel
from fastreg.solvers import multinomial_passes as wide
from fastreg.solvers.line_search import search
from fastreg.solvers.multinomial_preconditioners import preconditioner
from fastreg.solvers.multinomial_problem import flat_inverse

_FORCING = 0.1
_MOST_CG_STEPS = 1000


@kernel
def add_penalty(block, start, stop, curvatures, direction, times, partial):
    """Add curvatures * direction to times; sum direction * times."""
    result = 0.0
    for m in range(start, stop):
        times[m] += curvatures[m] * direction[m]
        result += direction[m] * times[m]
    partial[block, 0] = result


@kernel
def advance(block, start, stop, step, direction, times, solution, residual, partial):
    """Take a step of conjugate gradients; sum the squares of the new residual."""
    result = 0.0
    for m in range(start, stop):
        solution[m] += step * direction[m]
        residual[m] -= step * times[m]
        result += residual[m] * residual[m]
    partial[block, 0] = result


@kernel
def turn(block, start, stop, conditioned, ratio, direction, partial):
    """Make the next direction."""
    for m in range(start, stop):
        direction[m] = conditioned[m] + ratio * direction[m]
    partial[block, 0] = 0.0


@kernel
def inner(block, start, stop, a, b, partial):
    """Sum a * b."""
    result = 0.0
    for m in range(start, stop):
        result += a[m] * b[m]
    partial[block, 0] = result


class _Hessian:
    """The Hessian of the objective at a state, as products."""

    def __init__(self, state, penalty_curvatures):
        problem = self.problem = state.problem
        self.slopes = state.slopes
        self.penalty_curvatures = penalty_curvatures
        self.inverse = flat_inverse(problem.coupling(state.slopes)) if problem.has_intercept else None
        self.precondition = preconditioner(problem, state.slopes, penalty_curvatures)
        self.image, self._curved = np.empty((2, *state.slopes.shape))
        self._result = np.empty((problem.scale.size, problem.width))
        self._has_scale = np.any(problem.scale != 1)
        self.shift = np.zeros(problem.width)  # what was added to the image

    def _curve(self, shift):
        problem = self.problem
        return problem.over_rows(
            wide.curve_rows, (problem.width,),
            problem.loss, problem.y, problem.weights, self.slopes, self.image, shift, self._curved,
        )  # fmt: skip

    def times(self, direction):
        """Return the product with a direction and its curvature; `image` is then X D + shift."""
        problem = self.problem
        D = direction.reshape(-1, problem.width)
        problem.matrix.product(D * problem.scale[:, None] if self._has_scale else D, self.image)
        sums = self._curve(np.zeros(problem.width))
        if problem.has_intercept:
            self.shift = -self.inverse @ sums
            self._curve(self.shift)
        problem.matrix.transpose_product(self._curved, self._result)
        problem.counter.products += 2
        if self._has_scale:
            self._result *= problem.scale[:, None]
        times = self._result.reshape(-1)
        return times, problem.over_weights(add_penalty, self.penalty_curvatures, direction, times)


def _conjugate_gradients(hessian, gradient, share):
    """Return D with |H D + gradient| at most ``share`` of |gradient|, its image and shift."""
    problem = hessian.problem
    solution = np.zeros_like(gradient)
    image, shift = np.zeros_like(hessian.image), np.zeros(problem.width)
    residual = -gradient
    conditioned = hessian.precondition(residual)
    direction = conditioned.copy()
    product = problem.over_weights(inner, residual, conditioned)
    target = share * share * product
    for _ in range(_MOST_CG_STEPS):
        times, curvature = hessian.times(direction)
        if not curvature > 0:
            break
        step = product / curvature
        problem.over_weights(advance, step, direction, times, solution, residual)
        image += step * hessian.image
        shift += step * hessian.shift
        conditioned = hessian.precondition(residual)
        previous, product = product, problem.over_weights(inner, residual, conditioned)
        if product <= target:
            break
        problem.over_weights(turn, conditioned, product / previous, direction)
    return solution, image, shift


def improve(state, tol, previous):
    """Take one Newton step from a certified state; arguments and result as in `working_set.improve`."""
    problem = state.problem
    gradient, curvatures = state.columns.gradient.copy(), np.empty(state.coef.size)
    problem.crew.each(
        wide.smooth_wide_terms, problem.weight_bounds,
        problem.penalty, problem.numbers, state.coef, gradient, curvatures,
    )  # fmt: skip
    problem.crew.limit_blas()
    hessian = _Hessian(state, curvatures)
    # The next gap is about this one times share squared: no further than the tolerance needs.
    needed = 0.3 * np.sqrt(tol / state.gap) if state.gap > 0 else 0.0
    share = min(_FORCING, max(np.sqrt(state.gap), needed))
    direction, image, shift = _conjugate_gradients(hessian, gradient, share)
    problem.counter.newton_steps += 1
    expected = problem.over_weights(inner, gradient, direction)
    step = search(
        state,
        lambda step: problem.over_weights(
            wide.penalty_along, problem.penalty, problem.numbers, state.coef, direction, step
        ),
        state.objective, expected, image, shift,
    )  # fmt: skip
    if step:
        state.coef[:] += step * direction
