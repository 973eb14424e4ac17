"""The group lasso in plain NumPy: its penalty for the oracle of `reference`, and a certificate of its own."""

import numpy as np
import reference


class Norms:
    """strength * sum_g weights_g * |w_g|_2, for `reference.minimise`."""

    def __init__(self, strength, numbers, weights=None):
        self.numbers = np.asarray(numbers)
        count = int(self.numbers.max()) + 1
        self.limits = strength * (np.ones(count) if weights is None else np.asarray(weights, dtype=float))

    def norms(self, w):
        return np.sqrt(np.bincount(self.numbers, w * w, minlength=self.limits.size))

    def value(self, w):
        return float(self.limits @ self.norms(w))

    def prox(self, w, step):
        norms = self.norms(w)
        factors = np.maximum(norms - step * self.limits, 0) / np.where(norms > 0, norms, 1.0)
        return w * factors[self.numbers]


def certify(X, y, coef, intercept, *, loss, penalty, **words):
    """Return (P - D) / P(0) for a `Norms`: no unpenalised groups, the dual point a multiple of the slopes."""
    problem = reference.setting(X, y, loss=loss, penalty=penalty, **words)
    scaled = coef * problem.scales
    primal = problem.objective(scaled, intercept + float(problem.means @ coef))
    zero = np.zeros_like(scaled)
    at_zero = problem.objective(zero, reference.best_intercept(problem, zero))
    best = reference.best_intercept(problem, scaled)
    u = problem.loss.slope(problem.y, problem.predictions(scaled, best))
    pulls = penalty.norms(problem.vectors.T @ (problem.weights * u))
    scale = (1 - 1e-15) * np.min(penalty.limits / np.maximum(pulls, 1e-300), initial=1.0)
    conjugate = problem.loss.conjugate(problem.y, scale * u)
    dual = float(problem.weights @ (scale * u * problem.offset - conjugate))
    return (primal - dual) / at_zero, primal, at_zero


def assert_optimal(solution, X, y, *, coef_tolerance=1e-6, **words):
    """Assert that a solution is the oracle's, and that its objective and its gap are the true ones."""
    best = reference.minimise(X, y, **words)
    assert best.residual <= 1e-10, "the oracle itself has not arrived"
    gap, primal, at_zero = certify(X, y, solution.coef, solution.intercept, **words)
    rounding = 1e-14 * at_zero
    assert abs(solution.objective - primal) <= rounding, (solution.objective, primal)
    assert -rounding <= primal - best.objective <= solution.gap * at_zero + rounding
    assert abs(solution.gap - gap) <= 1e-6 * gap + 2e-14, (solution.gap, gap)
    if coef_tolerance is not None:
        slack = coef_tolerance * (1 + np.abs(best.coef).max(initial=0.0))
        assert np.abs(solution.coef - best.coef).max(initial=0.0) <= slack, (solution.coef, best.coef)
        assert abs(solution.intercept - best.intercept) <= slack
