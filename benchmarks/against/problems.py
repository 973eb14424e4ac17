"""The problems that all solvers are given, and their objective in plain NumPy."""

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from benchmarks.suite.problems import counts, dense, one_hot, real, text_like, with_32_bit_indices


@dataclass(frozen=True)
class Problem:
    """Mean loss + alpha * (l1_ratio * sum |w| + (1 - l1_ratio) / 2 * sum w^2), the form most libraries use.

    The loss is (y - prediction)^2 / 2, or log(1 + exp(-y * prediction)) with y in {-1, +1}.
    """

    name: str
    X: np.ndarray | sp.csc_array
    y: np.ndarray
    logistic: bool
    alpha: float
    l1_ratio: float
    fit_intercept: bool = True

    @functools.cached_property
    def rows(self):
        """X in rows, for the solvers that read it so; made outside the clock."""
        return self.X.tocsr() if sp.issparse(self.X) else np.ascontiguousarray(self.X)

    @functools.cached_property
    def labels(self):
        """The target as 0 and 1."""
        return (self.y > 0).astype(float)

    @property
    def C(self):
        """The strength of a logistic regression as scikit-learn and liblinear take it."""
        return 1 / (self.y.size * self.alpha)

    def objective(self, coef, intercept):
        """Compute the objective in float64, with nothing but NumPy."""
        coef = np.asarray(coef, dtype=np.float64)
        prediction = self.X @ coef + float(intercept)
        if self.logistic:
            loss = np.logaddexp(0.0, -self.y * prediction).mean()
        else:
            loss = ((self.y - prediction) ** 2).mean() / 2
        l1, l2 = np.abs(coef).sum(), coef @ coef
        return float(loss + self.alpha * (self.l1_ratio * l1 + (1 - self.l1_ratio) / 2 * l2))

    @functools.cached_property
    def critical(self):
        """The alpha from which on every coefficient is 0."""
        residual = self.y - self.y.mean() if self.fit_intercept else self.y
        gradient = np.abs(self.X.T @ residual).max() / self.y.size
        return float(gradient / (2 if self.logistic else 1) / self.l1_ratio)

    @functools.cached_property
    def objective_at_zero(self):
        """The objective at coefficients 0 with the best intercept."""
        intercept = 0.0
        if self.fit_intercept:
            mean = self.y.mean()
            intercept = np.log((1 + mean) / (1 - mean)) if self.logistic else mean
        return self.objective(np.zeros(self.X.shape[1]), intercept)

    def described(self):
        """Say what it is in one line."""
        n_rows, n_columns = self.X.shape
        stored = f"sparse ({self.X.nnz:,} non-zeros)" if sp.issparse(self.X) else "dense"
        shape = f"{n_rows:,} x {n_columns:,} {stored}"
        loss = "logistic" if self.logistic else "squared"
        penalty = {0.0: "L2", 1.0: "L1"}.get(self.l1_ratio, f"elastic net (l1_ratio {self.l1_ratio:g})")
        intercept = "" if self.fit_intercept else ", no intercept"
        return f"{shape}, {loss} loss, {penalty} with alpha {self.alpha:.3g}{intercept}"


@dataclass(frozen=True)
class Recipe:
    """How a problem is made.

    With an L1 part, the strength is a fraction of the one at which every coefficient is zero; without one, it
    is 1/n times the number given, which for a logistic regression is scikit-learn's 1/C.
    """

    make: Callable
    strength: float
    l1_ratio: float = 1.0
    logistic: bool = False
    fit_intercept: bool = True

    def problem(self, name):
        """Make it."""
        X, y = self.make()
        if self.logistic:
            y = np.where(y > (y.min() if np.unique(y).size == 2 else np.median(y)), 1.0, -1.0)
        if sp.issparse(X):
            X = with_32_bit_indices(X)
        problem = Problem(name, X, y, self.logistic, 1.0, self.l1_ratio, self.fit_intercept)
        unit = problem.critical if self.l1_ratio else 1 / y.size
        return replace(problem, alpha=self.strength * unit)


def _wide():
    return dense(400, 20_000, 40)


def _tall():
    return dense(50_000, 400, 40)


def _text():
    return text_like(10_000, 40_000, 60)


def _correlated():
    return dense(200, 5_000, 20, 0.95)


def _copies():
    return counts(1_000, 6_000, 40)


def _categories():
    return one_hot(100_000, [12, 31, 7, 300, 2_000], 40)


# liblinear has no intercept without a penalty, so text is classified without one, where it hardly matters.
RECIPES = {
    "wide-lasso": Recipe(_wide, 0.05),
    "wide-lasso-no-intercept": Recipe(_wide, 0.05, fit_intercept=False),
    "wide-elastic-net": Recipe(_wide, 0.05, l1_ratio=0.5),
    "wide-logistic-l1": Recipe(_wide, 0.05, logistic=True),
    "correlated-lasso": Recipe(_correlated, 0.02),
    "copies-lasso": Recipe(_copies, 0.1),
    "tall-lasso": Recipe(_tall, 0.01),
    "tall-elastic-net": Recipe(_tall, 0.01, l1_ratio=0.5),
    "tall-logistic-l1": Recipe(_tall, 0.02, logistic=True),
    "tall-logistic-l2": Recipe(_tall, 1.0, l1_ratio=0.0, logistic=True),
    "text-lasso": Recipe(_text, 0.02),
    "text-lasso-no-intercept": Recipe(_text, 0.02, fit_intercept=False),
    "text-logistic-l1": Recipe(_text, 0.02, logistic=True, fit_intercept=False),
    "text-logistic-l2": Recipe(_text, 1.0, l1_ratio=0.0, logistic=True, fit_intercept=False),
    "categories-elastic-net": Recipe(_categories, 0.01, l1_ratio=0.5),
}
_LOGISTIC_TEXT = {"logistic": True, "fit_intercept": False}
for name, file, options in [
    ("riboflavin-lasso", "riboflavin", {"strength": 0.02}),
    ("mice-lasso", "mice_snp", {"strength": 0.1}),
    ("blogfeedback-lasso", "blogfeedback", {"strength": 0.001}),
    ("imdb-rating-lasso", "imdb_tfidf@rating", {"strength": 0.02}),
    ("news20-labels-lasso", "news20_bin_uni", {"strength": 0.02}),
    ("hflights-elastic-net", "hflights", {"strength": 0.01, "l1_ratio": 0.5}),
    ("movielens-elastic-net", "movielens100k", {"strength": 0.02, "l1_ratio": 0.5}),
    ("golub-logistic-l1", "golub", {"strength": 0.05, "logistic": True}),
    ("a9a-logistic-l1", "a9a", {"strength": 0.01, "logistic": True}),
    ("news20-logistic-l1", "news20_bin_uni", {"strength": 0.02, **_LOGISTIC_TEXT}),
    ("news20-logistic-l2", "news20_bin_uni", {"strength": 1.0, "l1_ratio": 0.0, **_LOGISTIC_TEXT}),
    ("imdb-logistic-l1", "imdb_tfidf", {"strength": 0.02, **_LOGISTIC_TEXT}),
    ("imdb-logistic-l2", "imdb_tfidf", {"strength": 0.1, "l1_ratio": 0.0, **_LOGISTIC_TEXT}),
]:
    stored, _, target = file.partition("@")
    path = Path(os.environ.get("FASTREG_DATA", ".")) / f"{stored}.npz"
    if path.is_file():
        RECIPES[name] = Recipe(functools.partial(real, path, target or "y"), **options)
