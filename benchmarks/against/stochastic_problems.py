"""The problems of stochastic gradient descent: strengths as scikit-learn's SGDClassifier takes them."""

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from benchmarks.suite.problems import dense, real, text_like, with_32_bit_indices

from .problems import Problem

ELASTIC_NET = 1e-4, 0.15  # alpha and l1_ratio: scikit-learn's defaults


class Data(NamedTuple):
    """How X and y are made, and whether y has two classes.

    Dense columns are centred and scaled, as every one of the solvers asks for.
    """

    make: Callable
    logistic: bool = True

    def read(self):
        """Return X in columns with 32-bit indices, and y; of two classes -1 and +1."""
        X, y = self.make()
        if self.logistic:
            y = np.where(y > (y.min() if np.unique(y).size == 2 else np.median(y)), 1.0, -1.0)
        if not sp.issparse(X):
            return (X - X.mean(axis=0)) / X.std(axis=0), y
        return with_32_bit_indices(X), y


DATA = {
    "text": Data(lambda: text_like(10_000, 40_000, 60)),
    "tall": Data(lambda: dense(50_000, 50, 20), logistic=False),
}
for name, logistic in [("news20_bin_uni", True), ("imdb_tfidf", True), ("a9a", True), ("sgemm", False)]:
    path = Path(os.environ.get("FASTREG_DATA", ".")) / f"{name}.npz"
    if path.is_file():
        DATA[name] = Data(functools.partial(real, path), logistic)


def problems(name, *, alpha=None, elastic_net=ELASTIC_NET, fit_intercept=True):
    """Make the two problems of a data set.

    Parameters
    ----------
    name : str
        A key of `DATA`.
    alpha : float or None
        Strength of L2; None is 1 / n.
    elastic_net : tuple of float
        alpha and l1_ratio.
    fit_intercept : bool

    Returns
    -------
    list of Problem
        With L2, and with the elastic net.
    """
    X, y = DATA[name].read()
    strengths = [(1 / y.size if alpha is None else alpha, 0.0), elastic_net]
    return [Problem(name, X, y, DATA[name].logistic, *strength, fit_intercept) for strength in strengths]


def natural_step(problem):
    """Return the step size that just undoes the loss of a row of mean squared length."""
    squares = problem.rows.power(2) if sp.issparse(problem.rows) else problem.rows**2
    bound = 0.25 if problem.logistic else 1.0  # of the curvature of the loss
    return 1 / (bound * float(squares.sum(axis=1).mean()))
