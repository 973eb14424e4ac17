"""The data the benchmarks fit: synthetic by default, real where FASTREG_DATA names a folder of npz files."""

import functools
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, L2, ElasticNet


class Problem(NamedTuple):
    """What `fastreg.solve` takes."""

    X: np.ndarray | sp.csc_array
    y: np.ndarray
    loss: Squared | Logistic
    penalty: L1 | L2 | ElasticNet
    fit_intercept: bool = True


class Recipe(NamedTuple):
    """How a problem is made.

    The strength is a fraction of the one at which every coefficient is zero; of L2, a fraction of 1 / n.
    """

    make: object
    classification: bool
    fraction: float
    penalty: str = "L1"  # or "elastic net" (half of each), or "L2"
    fit_intercept: bool = True
    dtype: type = np.float64

    def with_strength(self, critical, n_rows):
        """Return the penalty."""
        if self.penalty == "L2":
            return L2(self.fraction / n_rows)
        return (
            L1(self.fraction * critical)
            if self.penalty == "L1"
            else ElasticNet(2 * self.fraction * critical, 0.5)
        )


def text_like(n_rows, n_features, per_row):
    """Sparse rows of unit length whose columns are as unequally popular as words."""
    rng = np.random.default_rng(0)
    popularity = np.cumsum(1.0 / np.arange(1, n_features + 1) ** 0.9)
    columns = np.searchsorted(popularity, popularity[-1] * rng.random(n_rows * per_row))
    columns = rng.permutation(n_features)[columns]
    rows = np.repeat(np.arange(n_rows), per_row)
    X = sp.csr_array((rng.lognormal(0, 0.5, rows.size), (rows, columns)), shape=(n_rows, n_features))
    X = sp.csc_array(sp.diags_array(1 / np.sqrt(X.multiply(X).sum(axis=1))) @ X)
    X.sort_indices()
    return X, planted(X, n_features // 200, rng)


def scattered(n_rows, n_features, per_column):
    """Columns of equal length, their entries anywhere."""
    rng = np.random.default_rng(0)
    rows = np.sort(rng.integers(0, n_rows, size=(n_features, per_column)), axis=1).ravel()
    columns = np.repeat(np.arange(n_features), per_column)
    return sp.csc_array((rng.standard_normal(rows.size), (rows, columns)), shape=(n_rows, n_features))


def dense(n_rows, n_features, support, correlation=0.5):
    """Columns in which neighbours are correlated, in Fortran order."""
    rng = np.random.default_rng(0)
    X = np.empty((n_rows, n_features), order="F")
    column = rng.standard_normal(n_rows)
    for j in range(n_features):
        column = correlation * column + np.sqrt(1 - correlation**2) * rng.standard_normal(n_rows)
        X[:, j] = column
    return X, planted(X, support, rng)


def counts(n_rows, n_features, support):
    """Columns of 0, 1 and 2 as of SNPs: neighbours differ in few rows, every sixth is there twice."""
    rng = np.random.default_rng(0)
    X = np.empty((n_rows, n_features), order="F")
    column = rng.binomial(2, 0.3, n_rows)
    for j in range(n_features):
        if j % 6:
            moved = rng.random(n_rows) < 0.1
            column = np.where(moved, rng.binomial(2, 0.3, n_rows), column)
        X[:, j] = column
    return X, planted(X, support, rng)


def one_hot(n_rows, levels, support):
    """Rows with one 1 for each categorical feature, whose levels are as unequally frequent as names."""
    rng = np.random.default_rng(0)
    columns = []
    for n_levels in levels:
        shares = 1.0 / np.arange(1, n_levels + 1)
        columns.append(rng.choice(n_levels, n_rows, p=shares / shares.sum()))
    starts = np.cumsum([0, *levels])
    indices = np.column_stack(columns) + starts[:-1]
    parts = np.ones(indices.size), indices.ravel(), len(levels) * np.arange(n_rows + 1)
    X = sp.csc_array(sp.csr_array(parts, shape=(n_rows, int(starts[-1]))))
    return X, planted(X, support, rng)


def planted(X, support, rng):
    """A response that depends on some columns, with a third of its spread as noise."""
    coef = np.zeros(X.shape[1])
    coef[rng.choice(X.shape[1], support, replace=False)] = rng.choice([-1.0, 1.0], support)
    response = X @ coef
    return response + response.std() / 3 * rng.standard_normal(response.size)


def real(file, key="y"):
    """An npz file: a dense X, or the parts of a CSR matrix; and a target."""
    with np.load(file) as stored:
        y = stored[key].astype(np.float64)
        if "indptr" not in stored:
            return np.asfortranarray(stored["X"], dtype=np.float64), y
        parts = stored["data"].astype(np.float64), stored["indices"], stored["indptr"]
        return sp.csc_array(sp.csr_array(parts, shape=tuple(stored["shape"]))), y


def with_32_bit_indices(X):
    """Return a sparse array with the indices that every library reads in place."""
    parts = X.data, X.indices.astype(np.int32), X.indptr.astype(np.int32)
    return type(X)(parts, shape=X.shape)


def _text():
    return text_like(10_000, 40_000, 60)


def _wide():
    return dense(400, 20_000, 40)


def _tall():
    return dense(20_000, 400, 40)


def _categories():
    return one_hot(100_000, [12, 31, 7, 300, 2_000], 40)


RECIPES = {
    "text": Recipe(_text, False, 0.02),
    "text-float32": Recipe(_text, False, 0.02, dtype=np.float32),
    "text-logistic": Recipe(_text, True, 0.02),
    "text-logistic-l2": Recipe(_text, True, 1.0, "L2"),
    "wide": Recipe(_wide, False, 0.05),
    "wide-logistic": Recipe(_wide, True, 0.05),
    "wide-ridge": Recipe(_wide, False, 1.0, "L2"),
    "tall": Recipe(_tall, False, 0.01),
    "tall-float32": Recipe(_tall, False, 0.01, dtype=np.float32),
    "tall-elastic-net": Recipe(_tall, False, 0.01, "elastic net"),
    "tall-logistic": Recipe(_tall, True, 0.01),
    "tall-logistic-l2": Recipe(_tall, True, 1.0, "L2"),
    "correlated": Recipe(lambda: dense(200, 4_000, 20, 0.99), False, 0.02),
    "copies": Recipe(lambda: counts(1_000, 6_000, 40), False, 0.1),
    "categories-logistic-l2": Recipe(lambda: one_hot(50_000, [12, 31, 7, 5, 40], 40), True, 0.5, "L2"),
    "categories-elastic-net": Recipe(_categories, False, 0.01, "elastic net"),
}
for name, classification, fraction in [
    ("riboflavin", False, 0.02),
    ("mice_snp", False, 0.1),
    ("golub", True, 0.05),
    ("news20_bin_uni", True, 0.02),
]:
    file = Path(os.environ.get("FASTREG_DATA", ".")) / f"{name}.npz"
    if file.is_file():
        RECIPES[name] = Recipe(functools.partial(real, file), classification, fraction)


@functools.cache
def problem(name):
    """The problem of that name, made once per process; the same arrays however often asv calls a `setup`."""
    recipe = RECIPES[name]
    X, y = recipe.make()
    X, y = X.astype(recipe.dtype), y.astype(recipe.dtype)
    response = (y > np.median(y)).astype(float) if recipe.classification and np.unique(y).size > 2 else y
    if recipe.classification:
        response = (response == response.max()).astype(float)
    middle = response.mean() if recipe.fit_intercept else 0.5 if recipe.classification else 0.0
    critical = np.abs(X.T @ (response - middle)).max() / response.size
    penalty = recipe.with_strength(critical, response.size)
    if recipe.classification:
        return Problem(X, 2 * response - 1, Logistic(), penalty, recipe.fit_intercept)
    return Problem(X, y, Squared(), penalty, recipe.fit_intercept)
