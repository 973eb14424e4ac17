"""The zoo: small problems of every kind, and the real data where its folder is at hand."""

import json
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import reference
import scipy.sparse as sp

REPOSITORY = Path(__file__).resolve().parent.parent


class Problem(NamedTuple):
    """Columns, a target for each of the two losses, sample weights and an offset."""

    X: object
    y: np.ndarray
    labels: np.ndarray
    sample_weight: np.ndarray
    offset: np.ndarray

    def target(self, loss):
        return self.labels if type(loss).__name__ == "Logistic" else self.y


class MinimaxConcave(NamedTuple):
    """A user's nonconvex penalty (MCP), for which no dual is known."""

    strength: float
    gamma: float

    def value(self, weight, j):
        size = min(abs(weight), self.gamma * self.strength)
        return self.strength * size - size * size / (2 * self.gamma)

    def prox(self, weight, step, j):
        if abs(weight) > self.gamma * self.strength:
            return weight
        if step >= self.gamma:
            return 0.0 if weight * weight <= step * self.gamma * self.strength**2 else weight
        return np.sign(weight) * max(abs(weight) - step * self.strength, 0.0) / (1 - step / self.gamma)

    def stiffness(self, weight, j):
        if weight == 0:
            return np.inf
        return -1 / self.gamma if abs(weight) < self.gamma * self.strength else 0.0


def problem(X, seed=0, informative=4, noise=0.5):
    """Give a matrix targets, weights and an offset; every seventh label is wrong, so that none separate."""
    rng = np.random.default_rng(seed + 1)
    n, p = X.shape
    coef = np.zeros(p)
    size = min(p, informative)
    coef[:size] = rng.choice([-1.0, 1.0], size) * rng.uniform(0.5, 2.0, size)
    dense = np.asarray(X.toarray() if sp.issparse(X) else X, dtype=np.float64)
    signal = dense @ coef
    y = 1.5 + signal + noise * rng.standard_normal(n)
    labels = np.where(signal > np.median(signal), 1.0, -1.0) * np.where(np.arange(n) % 7, 1.0, -1.0)
    return Problem(X, y, labels, rng.uniform(0.5, 2.0, n), 0.3 * rng.standard_normal(n))


def dense(n=60, p=12, seed=0, correlation=0.4):
    """Gaussian columns, each correlated with the one before."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p))
    for j in range(1, p):
        X[:, j] = correlation * X[:, j - 1] + np.sqrt(1 - correlation**2) * X[:, j]
    return problem(np.asfortranarray(X + rng.uniform(-1, 1, p)), seed)


def sparse(n=60, p=12, seed=0, density=0.3):
    """Columns that are mostly zero, as CSC."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(0.2, 2.0, (n, p)) * (rng.random((n, p)) < density)
    return problem(sp.csc_matrix(X), seed)


def text_like(n=400, p=1500, nnz_row=12, seed=0):
    """Sparse unit rows whose columns differ widely in popularity, as in bags of words."""
    rng = np.random.default_rng(seed)
    popularity = np.cumsum(1.0 / np.arange(1, p + 1) ** 0.9)
    columns = np.searchsorted(popularity / popularity[-1], rng.random(n * nnz_row)).clip(0, p - 1)
    rows = np.repeat(np.arange(n), nnz_row)
    X = sp.coo_matrix((rng.lognormal(0, 0.5, n * nnz_row), (rows, columns)), shape=(n, p)).tocsr()
    norms = np.sqrt(np.asarray(X.multiply(X).sum(1)).ravel())
    return problem(sp.csc_matrix(sp.diags(1 / norms) @ X), seed, informative=30, noise=0.2)


def wide(n=25, p=120, seed=0, correlation=0.99):
    """Many more columns than rows, neighbours almost alike."""
    return dense(n, p, seed, correlation)


def critical(X, y, loss, fit_intercept=True):
    """Return the smallest strength at which L1 keeps every coefficient at zero."""
    p = X.shape[1]
    null = type("Null", (), {"value": lambda self, w: 0.0, "prox": lambda self, w, step: w})()
    flat = reference.setting(X, y, loss=loss, penalty=null, fit_intercept=fit_intercept)
    slopes = flat.slopes(np.zeros(p), reference.best_intercept(flat, np.zeros(p)))
    return float(np.abs(flat.vectors.T @ slopes).max())


def _folder(variable, name):
    at = os.environ.get(variable)
    folder = Path(at) if at else REPOSITORY.parent / "shared" / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there; set {variable} to the folder")
    return folder


def real(name):
    """Return (X, y) of one file of the real data folder, or skip; ``NAME@KEY`` takes another target."""
    name, _, key = name.partition("@")
    file = _folder("FASTREG_DATA", "data") / f"{name}.npz"
    if not file.exists():
        pytest.skip(f"{file} is not there")
    with np.load(file, allow_pickle=False) as stored:
        if "indptr" in stored:
            parts = stored["data"], stored["indices"], stored["indptr"]
            X = sp.csr_matrix(parts, shape=tuple(stored["shape"])).tocsc().astype(np.float64)
        else:
            X = np.asfortranarray(stored["X"], dtype=np.float64)
        y = np.asarray(stored[key or "y"]).ravel()
    return X, y


def signs(y):
    """Return labels -1 and +1, +1 for the larger class code."""
    return np.where(y == y.max(), 1.0, -1.0)


def reference_solution(name):
    """Return one stored solution of another package, or skip the test."""
    file = _folder("FASTREG_REFERENCE", "reference") / f"{name}.json"
    if not file.exists():
        pytest.skip(f"{file} is not there")
    return json.loads(file.read_text())


def assert_optimal(solution, X, y, *, coef_tolerance=1e-6, dual=True, **words):
    """Assert that a solution is the oracle's, and that what it says of itself is true.

    ``coef_tolerance`` is None where the minimiser is not unique, ``dual`` False where no dual point is
    feasible, so that the gap is a KKT residual.
    """
    best = reference.minimise(X, y, **words)
    assert best.residual <= 1e-10, "the oracle itself has not arrived"
    found = reference.certify(X, y, solution.coef, solution.intercept, **words)
    rounding = 1e-14 * found.at_zero
    missing = found.primal - best.objective
    assert abs(solution.objective - found.primal) <= rounding, (solution.objective, found.primal)
    assert -rounding <= missing <= solution.gap * found.at_zero + rounding, (missing, solution.gap)
    if dual:
        # Far from the optimum the dual point 0, whose value is 0, may be the better one.
        gaps = found.gap, found.primal / found.at_zero
        assert min(abs(solution.gap - gap) - 1e-6 * gap for gap in gaps) <= 2e-14, (solution.gap, gaps)
    if coef_tolerance is not None:
        slack = coef_tolerance * (1 + np.abs(best.coef).max(initial=0.0))
        assert np.abs(solution.coef - best.coef).max(initial=0.0) <= slack, (solution.coef, best.coef)
        assert abs(solution.intercept - best.intercept) <= slack, (solution.intercept, best.intercept)
