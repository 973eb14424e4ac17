"""The data the benchmarks fit: synthetic by default, real where FASTREG_DATA names a folder of npz files."""

import functools
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1


class Problem(NamedTuple):
    """What `fastreg.solve` takes."""

    X: np.ndarray | sp.csc_array
    y: np.ndarray
    loss: Squared | Logistic
    penalty: L1


class Recipe(NamedTuple):
    """How a problem is made; the strength is a fraction of the one at which every coefficient is zero."""

    make: object
    classification: bool
    fraction: float


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


def dense(n_rows, n_features, support):
    """Columns in which neighbours are correlated (0.5), in Fortran order."""
    rng = np.random.default_rng(0)
    X = np.empty((n_rows, n_features), order="F")
    column = rng.standard_normal(n_rows)
    for j in range(n_features):
        column = 0.5 * column + np.sqrt(0.75) * rng.standard_normal(n_rows)
        X[:, j] = column
    return X, planted(X, support, rng)


def planted(X, support, rng):
    """A response that depends on some columns, with a third of its spread as noise."""
    coef = np.zeros(X.shape[1])
    coef[rng.choice(X.shape[1], support, replace=False)] = rng.choice([-1.0, 1.0], support)
    response = X @ coef
    return response + response.std() / 3 * rng.standard_normal(response.size)


def real(file):
    """An npz file: a dense X, or the parts of a CSR matrix; and y."""
    with np.load(file) as stored:
        if "indptr" not in stored:
            return np.asfortranarray(stored["X"], dtype=np.float64), stored["y"].astype(np.float64)
        parts = stored["data"].astype(np.float64), stored["indices"], stored["indptr"]
        return sp.csc_array(sp.csr_array(parts, shape=tuple(stored["shape"]))), stored["y"].astype(np.float64)


RECIPES = {
    "text": Recipe(lambda: text_like(10_000, 40_000, 60), False, 0.02),
    "text-logistic": Recipe(lambda: text_like(10_000, 40_000, 60), True, 0.02),
    "wide": Recipe(lambda: dense(400, 20_000, 40), False, 0.05),
    "tall": Recipe(lambda: dense(20_000, 400, 40), False, 0.01),
}
for name, classification, fraction in [
    ("riboflavin", False, 0.02),
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
    response = (y > np.median(y)).astype(float) if recipe.classification and np.unique(y).size > 2 else y
    if recipe.classification:
        response = (response == response.max()).astype(float)
    critical = np.abs(X.T @ (response - response.mean())).max() / response.size
    penalty = L1(recipe.fraction * critical)
    if recipe.classification:
        return Problem(X, 2 * response - 1, Logistic(), penalty)
    return Problem(X, y, Squared(), penalty)
