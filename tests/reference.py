"""A slow, plain NumPy oracle: the same problem solved and certified without a line of fastreg.

Written for tiny problems and for being obviously right: accelerated proximal gradient on centred
columns, then Newton steps on the coefficients that sit at no kink, until the KKT residual is at the
level of rounding.
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

LOSSES = {}


def _loss(cls):
    LOSSES[cls.__name__] = cls
    return cls


@_loss
class Squared:
    bound = 1.0

    @staticmethod
    def value(y, prediction):
        return (y - prediction) ** 2 / 2

    @staticmethod
    def slope(y, prediction):
        return prediction - y

    @staticmethod
    def curvature(y, prediction):
        return np.ones_like(prediction)

    @staticmethod
    def conjugate(y, u):
        return u**2 / 2 + u * y


@_loss
class Logistic:
    bound = 0.25

    @staticmethod
    def value(y, prediction):
        return np.logaddexp(0, -y * prediction)

    @staticmethod
    def slope(y, prediction):
        return -y * np.exp(-np.logaddexp(0, y * prediction))

    @staticmethod
    def curvature(y, prediction):
        return np.exp(-np.logaddexp(0, prediction) - np.logaddexp(0, -prediction))

    @staticmethod
    def conjugate(y, u):
        share = -u * y
        with np.errstate(invalid="ignore", divide="ignore"):
            entropy = _times_log(share) + _times_log(1 - share)
        # A share at the edge is forgiven its rounding.
        return np.where((share < -1e-15) | (share > 1 + 1e-15), np.inf, entropy)


def _times_log(share):
    return np.where(share > 0, share * np.log(np.maximum(share, 1e-300)), 0.0)


class Separable(NamedTuple):
    """absolute * |w| + square * w^2 on [lower, upper]: every convex penalty that fastreg ships."""

    absolute: np.ndarray
    square: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    def value(self, w):
        # A bound in scaled units may be missed by an ulp on the way to the units of X and back.
        slack = 1e-13 * (1 + np.abs(w))
        outside = np.any(w < self.lower - slack) or np.any(w > self.upper + slack)
        return np.inf if outside else float(np.sum(self.absolute * np.abs(w) + self.square * w**2))

    def prox(self, w, step):
        shrunk = np.sign(w) * np.maximum(np.abs(w) - step * self.absolute, 0) / (1 + 2 * step * self.square)
        return np.clip(shrunk, self.lower, self.upper)

    def conjugate(self, u):
        """Return the sup over w of u * w - value(w), one per coordinate."""
        # A dual point on the edge of the domain is forgiven its rounding.
        edge = self.absolute * (1 + 1e-14)
        excess = np.where(np.abs(u) <= edge, 0.0, u - np.sign(u) * self.absolute)
        with np.errstate(divide="ignore", invalid="ignore"):
            best = np.where(excess == 0, 0.0, excess / (2 * self.square))
        best = np.clip(best, self.lower, self.upper)
        with np.errstate(invalid="ignore"):
            attained = u * best - self.absolute * np.abs(best) - self.square * best**2
        return np.where(np.isinf(best), np.inf, attained)


def separable(penalty, n_features):
    """Translate a penalty of fastreg, told by its name and fields, into a `Separable`."""
    zero = np.zeros(n_features)
    free = np.full(n_features, np.inf)
    name = type(penalty).__name__
    if name == "NoPenalty":
        return Separable(zero, zero, -free, free)
    if name == "Bounded":
        inner = separable(penalty.penalty, n_features)
        return inner._replace(lower=zero + penalty.lower, upper=zero + penalty.upper)
    strength = zero + penalty.strength
    if name == "L1":
        return Separable(strength, zero, -free, free)
    if name == "L2":
        return Separable(zero, strength, -free, free)
    if name == "ElasticNet":
        return Separable(strength * penalty.l1_ratio, strength * (1 - penalty.l1_ratio), -free, free)
    raise LookupError(f"{name} has no translation: pass an object with value(w) and prox(w, step)")


class Setting(NamedTuple):
    """A problem in the units it is solved in: weights that sum to 1, columns centred and scaled."""

    vectors: np.ndarray
    means: np.ndarray
    scales: np.ndarray
    y: np.ndarray
    weights: np.ndarray
    offset: np.ndarray
    loss: type
    penalty: object
    fit_intercept: bool

    def predictions(self, coef, intercept):
        return self.vectors @ coef + intercept + self.offset

    def objective(self, coef, intercept):
        """Return the objective; ``coef`` in scaled units, ``intercept`` that of the centred columns."""
        losses = self.loss.value(self.y, self.predictions(coef, intercept))
        return float(self.weights @ losses) + self.penalty.value(coef)

    def slopes(self, coef, intercept):
        return self.weights * self.loss.slope(self.y, self.predictions(coef, intercept))


class Optimum(NamedTuple):
    coef: np.ndarray
    intercept: float
    objective: float
    residual: float


def setting(X, y, *, loss, penalty, fit_intercept=True, standardize=False, sample_weight=None, offset=None):
    """Bring a problem, given in the words of `fastreg.solve`, into solving units."""
    X = np.asarray(X.toarray() if sp.issparse(X) else X, dtype=np.float64)
    n, p = X.shape
    y = np.asarray(y, dtype=np.float64)
    weights = np.ones(n) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    weights = weights / weights.sum()
    means = weights @ X
    scales = np.sqrt(weights @ (X - means) ** 2) if standardize else np.ones(p)
    scales = np.where(scales > 1e-14 * np.abs(means), scales, 1.0)
    means = means if fit_intercept else np.zeros(p)
    offset = np.zeros(n) if offset is None else np.asarray(offset, dtype=np.float64)
    if not hasattr(penalty, "lower") or not isinstance(penalty, Separable):
        penalty = separable(penalty, p) if hasattr(penalty, "_fields") else penalty
    loss = LOSSES.get(type(loss).__name__, loss)
    return Setting((X - means) / scales, means, scales, y, weights, offset, loss, penalty, fit_intercept)


def minimise(X, y, **words):
    """Return the optimum of a tiny problem, as exactly as float64 allows."""
    problem = setting(X, y, **words)
    coef, intercept, residual = _minimise(problem)
    return Optimum(
        coef / problem.scales,
        intercept - float(problem.means @ (coef / problem.scales)),
        problem.objective(coef, intercept),
        residual,
    )


def _minimise(problem, rounds=60, iterations=400, exactness=2e-15):
    p = problem.vectors.shape[1]
    gram = (problem.vectors.T * problem.weights) @ problem.vectors
    bound = problem.loss.bound * max(np.linalg.eigvalsh(gram)[-1] if p else 0.0, 1.0)
    step = 1 / (bound * (1 + 1e-9))
    coef, intercept = np.zeros(p), 0.0
    size = _sizes(problem, coef, intercept)
    best = (np.inf, coef, intercept)
    for _ in range(rounds):
        coef, intercept = _accelerated(problem, coef, intercept, step, iterations)
        coef, intercept = _newton(problem, coef, intercept)
        residual = kkt_residual(problem, coef, intercept) / size
        if residual < best[0]:
            best = (residual, coef, intercept)
        if residual <= exactness:
            break
    return best[1], best[2], best[0]


def _sizes(problem, coef, intercept):
    slopes = problem.slopes(coef, intercept)
    return max(np.abs(problem.vectors).T.dot(np.abs(slopes)).max(initial=0.0), np.abs(slopes).sum(), 1e-300)


def kkt_residual(problem, coef, intercept):
    """Return max |w - prox(w - g)| over coefficients and intercept: 0 exactly at a stationary point."""
    slopes = problem.slopes(coef, intercept)
    moved = problem.penalty.prox(coef - problem.vectors.T @ slopes, 1.0)
    inner = np.abs(coef - moved).max(initial=0.0)
    return max(inner, abs(slopes.sum())) if problem.fit_intercept else inner


def _accelerated(problem, coef, intercept, step, iterations):
    """Proximal gradient with momentum, restarted where the momentum points uphill."""
    ahead, ahead_intercept, momentum = coef, intercept, 1.0
    for _ in range(iterations):
        slopes = problem.slopes(ahead, ahead_intercept)
        new = problem.penalty.prox(ahead - step * (problem.vectors.T @ slopes), step)
        new_intercept = ahead_intercept - step * slopes.sum() if problem.fit_intercept else ahead_intercept
        change, intercept_change = new - coef, new_intercept - intercept
        uphill = (ahead - new) @ change + (ahead_intercept - new_intercept) * intercept_change
        following = 1.0 if uphill > 0 else (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        share = 0.0 if uphill > 0 else (momentum - 1) / following
        ahead, ahead_intercept = new + share * change, new_intercept + share * intercept_change
        coef, intercept, momentum = new, new_intercept, following
    return coef, intercept


def _newton(problem, coef, intercept, steps=8):
    """Newton on the coefficients at no kink and no bound; a step that raises the residual is refused."""
    penalty = problem.penalty
    if not isinstance(penalty, Separable):
        return coef, intercept
    for _ in range(steps):
        free = ((coef != 0) | (penalty.absolute == 0)) & (coef > penalty.lower) & (coef < penalty.upper)
        columns = problem.vectors[:, free]
        if problem.fit_intercept:
            columns = np.column_stack([columns, np.ones(len(problem.y))])
        predictions = problem.predictions(coef, intercept)
        pull = penalty.absolute * np.sign(coef) + 2 * penalty.square * coef
        extra = [0.0] if problem.fit_intercept else []
        gradient = columns.T @ problem.slopes(coef, intercept) + np.append(pull[free], extra)
        curvatures = problem.weights * problem.loss.curvature(problem.y, predictions)
        hessian = (columns.T * curvatures) @ columns + np.diag(np.append(2 * penalty.square[free], extra))
        move = np.linalg.lstsq(hessian, gradient, rcond=1e-13)[0] if len(gradient) else gradient
        new = coef.copy()
        new[free] -= move[: free.sum()]
        new_intercept = intercept - move[-1] if problem.fit_intercept else intercept
        flipped = np.any(np.sign(new[free]) * np.sign(coef[free]) * (penalty.absolute[free] > 0) < 0)
        outside = np.any(new < penalty.lower) or np.any(new > penalty.upper)
        worse = kkt_residual(problem, new, new_intercept) >= kkt_residual(problem, coef, intercept)
        if flipped or outside or worse:
            break
        coef, intercept = new, new_intercept
    return coef, intercept


class Bounds(NamedTuple):
    """What brackets the optimum: the objective, a dual value below it, and the objective at zero."""

    primal: float
    dual: float
    at_zero: float

    @property
    def gap(self):
        return (self.primal - self.dual) / self.at_zero


def certify(X, y, coef, intercept, **words):
    """Return the objective at ``coef`` and the dual value at the better of two scalings of its slopes.

    For any u with sum_i s_i u_i = 0 (with an intercept) weak duality gives
    P >= sum_i s_i (u_i offset_i - loss*(y_i, u_i)) - sum_j penalty*(-sum_i s_i u_i x_ij), s summing to 1.
    u is t times the slopes at the best intercept and the best unpenalised weights, where sum_i s_i u_i x_ij
    is 0 for the columns of the latter too; t is 1, or small enough that every |sum_i s_i u_i x_ij| stays
    within the L1 part of its penalty.
    """
    problem = setting(X, y, **words)
    scaled = np.asarray(coef, dtype=np.float64) * problem.scales
    centred = intercept + float(problem.means @ np.asarray(coef))
    primal = problem.objective(scaled, centred)
    at_zero = problem.objective(np.zeros_like(scaled), best_intercept(problem, np.zeros_like(scaled)))
    u = problem.loss.slope(problem.y, _best_unpenalised(problem, scaled))
    held, u = _orthogonal(problem, u)
    within = _within_the_l1_part(held, u)
    # Rounding may leave the point on the edge a little outside.
    dual = max(
        dual_value(held, t * u) for t in (1.0, *(within * (1 - s) for s in (0.0, 1e-14, 1e-13, 1e-12)))
    )
    return Bounds(primal, dual, at_zero)


def dual_value(problem, u):
    """Return the dual objective at slopes ``u`` (one per row, unweighted)."""
    loss_part = problem.weights @ (u * problem.offset - problem.loss.conjugate(problem.y, u))
    return float(loss_part - problem.penalty.conjugate(-problem.vectors.T @ (problem.weights * u)).sum())


def best_intercept(problem, coef):
    """Return the intercept that is best for these coefficients (Newton; 0 without an intercept)."""
    intercept = 0.0
    if not problem.fit_intercept:
        return intercept
    for _ in range(100):
        predictions = problem.predictions(coef, intercept)
        slope = problem.slopes(coef, intercept).sum()
        curvature = problem.weights @ problem.loss.curvature(problem.y, predictions)
        move = np.clip(slope / max(curvature, 1e-12), -2.0, 2.0) if problem.loss is Logistic else slope
        intercept -= move
        if abs(move) <= 1e-15 * (1 + abs(intercept)):
            break
    return intercept


def _unpenalised(problem):
    """Return the columns that nothing penalises, with one of ones for the intercept."""
    penalty = problem.penalty
    free = (penalty.absolute == 0) & (penalty.square == 0) & np.isinf(penalty.lower) & np.isinf(penalty.upper)
    columns = problem.vectors[:, free]
    if problem.fit_intercept:
        columns = np.column_stack([columns, np.ones(len(problem.y))])
    return free, columns


def _best_unpenalised(problem, coef, steps=100):
    """Return the predictions once the unpenalised weights and the intercept are best for the others."""
    _, columns = _unpenalised(problem)
    predictions = problem.predictions(coef, best_intercept(problem, coef))
    if columns.shape[1] == 0:
        return predictions
    for _ in range(steps):
        gradient = columns.T @ (problem.weights * problem.loss.slope(problem.y, predictions))
        curvatures = problem.weights * problem.loss.curvature(problem.y, predictions)
        move = columns @ np.linalg.lstsq((columns.T * curvatures) @ columns, gradient, rcond=1e-13)[0]
        before = problem.weights @ problem.loss.value(problem.y, predictions)
        while problem.weights @ problem.loss.value(problem.y, predictions - move) > before * (1 + 1e-15):
            move /= 2
        predictions = predictions - move
        if np.abs(move).max() <= 1e-15 * (1 + np.abs(predictions).max()):
            break
    return predictions


def _orthogonal(problem, u):
    """Take the rounding out of u's orthogonality to the unpenalised columns, and hold their weights at 0."""
    free, columns = _unpenalised(problem)
    root = np.sqrt(problem.weights)
    if columns.shape[1]:
        u = u - columns @ np.linalg.lstsq(root[:, None] * columns, root * u, rcond=1e-12)[0]
    held = problem.penalty._replace(
        lower=np.where(free, 0.0, problem.penalty.lower), upper=np.where(free, 0.0, problem.penalty.upper)
    )
    return problem._replace(penalty=held), u


def _within_the_l1_part(problem, u):
    """Return the largest t in [0, 1] at which weight 0 is optimal for every column with an L1 part."""
    penalty = problem.penalty
    pull = -problem.vectors.T @ (problem.weights * u)
    held = ((pull > 0) & (penalty.upper == 0)) | ((pull < 0) & (penalty.lower == 0))
    beyond = ~held & (penalty.absolute > 0) & (np.abs(pull) > penalty.absolute)
    return (1 - 1e-15) * np.min(penalty.absolute[beyond] / np.abs(pull[beyond]), initial=1.0)
