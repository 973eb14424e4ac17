"""Paths of strengths that all solvers are given, and their certificate in plain NumPy."""

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from benchmarks.suite.problems import dense, real, text_like


@dataclass(frozen=True)
class PathProblem:
    """Mean loss + strength * sum |w|, at falling strengths.

    The loss is (y - prediction)^2 / 2, or log(1 + exp(-y * prediction)) with y in {-1, +1}.
    """

    name: str
    X: np.ndarray | sp.csc_array
    y: np.ndarray
    logistic: bool
    fit_intercept: bool
    strengths: np.ndarray

    def down_to(self, ratio, n_strengths):
        """Return it at strengths in equal ratios from the one at which every coefficient is 0."""
        slopes = self._slopes(np.full(self.y.size, self._best_intercept(np.zeros(self.y.size))))
        critical = np.abs(self.X.T @ slopes).max() / self.y.size
        return replace(self, strengths=critical * np.geomspace(1.0, ratio, n_strengths))

    def first(self, n_strengths):
        """Return the same problem at its first strengths only."""
        return replace(self, strengths=self.strengths[:n_strengths])

    @functools.cached_property
    def objective_at_zero(self):
        """The objective at coefficients 0 with the best intercept."""
        zero = np.zeros(self.y.size)
        return float(self._losses(zero + self._best_intercept(zero)).mean())

    def gaps(self, coefs, intercepts):
        """Return (P - D) / P(0) at every strength.

        D is the dual objective at the slopes of the loss, taken at the best intercept for these
        coefficients, times the largest number up to 1 that leaves every |x_j . slopes| / n within the
        strength. Any library's coefficients are judged by it alike.

        Parameters
        ----------
        coefs : sparse array of (n_features, strengths)
        intercepts : array, one per strength
        """
        predictions = self._product(sp.csc_array(coefs))
        penalties = self.strengths * np.asarray(np.abs(coefs).sum(axis=0)).ravel()
        slopes = np.empty_like(predictions)
        primals = np.empty(self.strengths.size)
        for k, intercept in enumerate(intercepts):
            primals[k] = self._losses(predictions[:, k] + intercept).mean() + penalties[k]
            slopes[:, k] = self._slopes(predictions[:, k] + self._best_intercept(predictions[:, k]))
        largest = np.abs(self.X.T @ slopes).max(axis=0) / self.y.size
        shares = np.minimum(1.0, self.strengths / np.maximum(largest, 1e-300))
        duals = -self._conjugates(shares * slopes).mean(axis=0)
        return (primals - duals) / self.objective_at_zero

    def _product(self, coefs):
        if sp.issparse(self.X):
            return (self.X @ coefs).toarray()
        return np.column_stack(
            [self.X[:, c.indices] @ c.data for c in (coefs[:, [k]] for k in range(coefs.shape[1]))]
        )

    def _losses(self, predictions):
        if self.logistic:
            return np.logaddexp(0.0, -self.y * predictions)
        return (self.y - predictions) ** 2 / 2

    def _slopes(self, predictions):
        if self.logistic:
            return -self.y * np.exp(-np.logaddexp(0.0, self.y * predictions))
        return predictions - self.y

    def _conjugates(self, u):
        """Return the sup over predictions of u * prediction - loss, for columns of slopes."""
        if not self.logistic:
            return u**2 / 2 + u * self.y[:, None]
        shares = np.clip(-u * self.y[:, None], 1e-300, 1.0)
        return shares * np.log(shares) + (1 - shares) * np.log1p(-np.minimum(shares, 1 - 1e-16))

    def _best_intercept(self, predictions):
        """Return the intercept that is best for these predictions, to rounding; 0 where none is fitted."""
        if not self.fit_intercept:
            return 0.0
        if not self.logistic:
            return float((self.y - predictions).mean())
        low, high = -50.0 - np.abs(predictions).max(), 50.0 + np.abs(predictions).max()
        while high - low > 1e-15 * (1 + abs(low)):  # the mean slope rises with the intercept
            middle = (low + high) / 2
            if middle in (low, high):
                break
            low, high = (middle, high) if self._slopes(predictions + middle).mean() < 0 else (low, middle)
        return (low + high) / 2

    def described(self):
        """Say what it is in one line."""
        n_rows, n_columns = self.X.shape
        stored = f"sparse ({self.X.nnz:,} non-zeros)" if sp.issparse(self.X) else "dense"
        loss = "logistic" if self.logistic else "squared"
        intercept = "" if self.fit_intercept else ", no intercept"
        return (
            f"{n_rows:,} x {n_columns:,} {stored}, {loss} loss, L1, {self.strengths.size} strengths down to "
            f"{self.strengths[-1] / self.strengths[0]:.0e} of the critical one{intercept}"
        )


@dataclass(frozen=True)
class PathRecipe:
    """How the data of a path is made."""

    make: Callable
    logistic: bool = False

    def problem(self, name, fit_intercept, n_strengths, ratio):
        """Make it; without an intercept, the target of a squared loss is centred."""
        X, y = self.make()
        if self.logistic:
            y = np.where(y > (y.min() if np.unique(y).size == 2 else np.median(y)), 1.0, -1.0)
        elif not fit_intercept:
            y = y - y.mean()
        if sp.issparse(X):  # with the 32-bit indices that every library reads
            parts = X.data.astype(np.float64), X.indices.astype(np.int32), X.indptr.astype(np.int32)
            X = sp.csc_array(parts, shape=X.shape)
        problem = PathProblem(name, X, y, self.logistic, fit_intercept, np.ones(1))
        return problem.down_to(ratio, n_strengths)


def _wide():
    return dense(100, 5_000, 20)


def _text():
    return text_like(5_000, 20_000, 60)


RECIPES = {
    "wide-lasso": PathRecipe(_wide),
    "wide-logistic": PathRecipe(_wide, logistic=True),
    "text-lasso": PathRecipe(_text),
    "text-logistic": PathRecipe(_text, logistic=True),
}
for name, file, key, logistic in [
    ("riboflavin-lasso", "riboflavin", "y", False),
    ("golub-logistic", "golub", "y", True),
    ("imdb-lasso", "imdb_tfidf", "rating", False),
    ("imdb-logistic", "imdb_tfidf", "y", True),
]:
    path = Path(os.environ.get("FASTREG_DATA", ".")) / f"{file}.npz"
    if path.is_file():
        RECIPES[name] = PathRecipe(functools.partial(real, path, key), logistic)
