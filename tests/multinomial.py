"""Problems with several classes, and their objective and dual in plain NumPy, without a line of fastreg."""

import numpy as np
import scipy.sparse as sp
from scipy.special import logsumexp, softmax, xlogy


def classes(X, n_classes=4, seed=0):
    """Return class numbers that a linear model of X predicts, but not without errors; every class occurs."""
    rng = np.random.default_rng(seed + 7)
    dense = np.asarray(X.toarray() if sp.issparse(X) else X, dtype=np.float64)
    scores = (dense - dense.mean(0)) @ rng.standard_normal((X.shape[1], n_classes))
    y = (scores + rng.gumbel(size=scores.shape)).argmax(axis=1)
    y[:n_classes] = np.arange(n_classes)
    return y


def parts(penalty, n_features):
    """Return the strengths of the L1 and the L2 part of a penalty, one per feature."""
    strength = np.broadcast_to(getattr(penalty, "strength", 0.0), n_features)[:, None]
    share = {"L1": 1.0, "L2": 0.0}.get(type(penalty).__name__, getattr(penalty, "l1_ratio", 0.0))
    return strength * share, strength * (1 - share)


def objective(X, y, coef, intercept, penalty, sample_weight=None):
    """Return the mean loss plus the penalty."""
    prediction = X @ coef + intercept
    l1, l2 = parts(penalty, X.shape[1])
    losses = logsumexp(prediction, axis=1) - prediction[np.arange(len(y)), y]
    return np.average(losses, weights=sample_weight) + np.sum(l1 * np.abs(coef) + l2 * coef**2)


def slopes(X, y, coef, intercept, sample_weight=None):
    """Return softmax less one-hot, and weights that sum to 1."""
    weights = np.ones(len(y)) if sample_weight is None else sample_weight
    found = softmax(X @ coef + intercept, axis=1)
    found[np.arange(len(y)), y] -= 1.0
    return found, (weights / weights.sum())[:, None]


def dual(X, y, coef, intercept, penalty, sample_weight=None):
    """Return the best dual objective at the slopes, and at the largest multiple of them that is feasible."""
    rows, weights = slopes(X, y, coef, intercept, sample_weight)
    l1, l2 = parts(penalty, X.shape[1])
    gradient = X.T @ (weights * rows)
    excess = np.abs(gradient[(l2 == 0)[:, 0]]) / np.where(l1 > 0, l1, np.inf)[(l2 == 0)[:, 0]]
    best = -np.inf
    for multiple in {1.0, min(1.0, (1 - 1e-14) / max(excess.max(initial=0.0), 1e-300))}:
        shares = multiple * rows
        shares[np.arange(len(y)), y] += 1.0
        over = np.maximum(np.abs(multiple * gradient) - l1, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            conjugate = np.where(over > 0, over**2 / (4 * l2), 0.0)
        best = max(best, -np.sum(weights * xlogy(shares, shares)) - conjugate.sum())
    return best


def assert_optimal(solution, X, y, penalty, *, within=1e-12, fit_intercept=True, sample_weight=None):
    """Assert that a solution is optimal by weak duality, or by its gradient where nothing is penalised."""
    X = np.asarray(X.toarray() if sp.issparse(X) else X, dtype=np.float64)
    coef, intercept = solution.coef, solution.intercept
    rows, weights = slopes(X, y, coef, intercept, sample_weight)
    if fit_intercept:
        assert np.abs((weights * rows).sum(0)).max() <= 1e-14
    else:
        assert np.all(intercept == 0)
    primal = objective(X, y, coef, intercept, penalty, sample_weight)
    assert abs(primal - solution.objective) <= 1e-13 * abs(primal)
    l1, l2 = parts(penalty, X.shape[1])
    free = ((l1 == 0) & (l2 == 0))[:, 0]
    if free.any():
        gradient = X.T @ (weights * rows)
        moved = coef - gradient
        shrunk = np.sign(moved) * np.maximum(np.abs(moved) - l1, 0) / (1 + 2 * l2)
        assert np.abs(coef - shrunk).max() <= 1e3 * within
    else:
        assert -1e-15 <= primal - dual(X, y, coef, intercept, penalty, sample_weight) <= within
