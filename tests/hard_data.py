"""Data on which solvers of this kind stall, cycle or fail, each small enough for a test."""

import numpy as np
import problems


def _with_targets(X, seed, informative=8, noise=0.5):
    return problems.problem(np.asfortranarray(X, dtype=np.float64), seed, informative, noise)


def copies(n=90, distinct=60, times=6, seed=0):
    """Counts 0, 1, 2 as of SNPs: every column is there several times, neighbours differ in few rows."""
    rng = np.random.default_rng(seed)
    columns = np.empty((n, distinct))
    column = rng.binomial(2, 0.3, n)
    for j in range(distinct):
        moved = rng.random(n) < 0.15
        column = np.where(moved, rng.binomial(2, 0.3, n), column)
        columns[:, j] = column
    X = np.repeat(columns, times, axis=1)
    X[:, 5] = 2.0 - X[:, 5]  # with an intercept the opposite of a column is a copy too
    X[:, [70, 71]] = 1.0  # the same for everyone
    return _with_targets(X[:, rng.permutation(X.shape[1])], seed)


def equicorrelated(n=60, p=300, correlation=0.99, seed=0):
    """Columns of which any two have the same correlation."""
    rng = np.random.default_rng(seed)
    common = rng.standard_normal((n, 1))
    X = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * rng.standard_normal((n, p))
    return _with_targets(X, seed)


def very_wide(n=25, seed=0):
    """A hundred times as many columns as rows."""
    return _with_targets(problems.wide(n=n, p=100 * n, seed=seed, correlation=0.9).X, seed)


def scaled(seed=0):
    """Columns whose units differ by up to sixteen decimal powers."""
    X = problems.dense(n=60, p=40, seed=seed).X
    return _with_targets(X * np.geomspace(1e-8, 1e8, 40), seed, informative=0)


def degenerate(seed=0):
    """Columns of zeros, constant columns, and columns that are constant but for one row."""
    X = problems.dense(n=60, p=60, seed=seed).X.copy()
    X[:, 10:20] = 0.0
    X[:, 20:30] = np.geomspace(1e-8, 1e3, 10)
    X[:, 30:40] = 0.0
    X[np.arange(30, 40), np.arange(30, 40)] = 1.0
    return _with_targets(X, seed)


def saturated(n=40, p=400, seed=0):
    """Independent columns; at a small strength as many weights as rows are not zero."""
    rng = np.random.default_rng(seed)
    return _with_targets(rng.standard_normal((n, p)), seed, informative=3 * n, noise=2.0)
