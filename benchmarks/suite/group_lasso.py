"""Group lasso fits: seconds, and the exact work."""

import functools
import os
from pathlib import Path

import numpy as np

import fastreg
from fastreg.losses import Squared
from fastreg.penalties import GroupL2

from .warm import Warm


def synthetic(n_rows=1000, n_features=20_000, size=5, support=20):
    """Independent columns in groups of five, of which twenty matter."""
    rng = np.random.default_rng(0)
    X = np.asfortranarray(rng.standard_normal((n_rows, n_features)))
    coef = np.zeros((n_features // size, size))
    coef[rng.choice(len(coef), support, replace=False)] = rng.standard_normal((support, size))
    y = X @ coef.ravel()
    y += 0.3 * y.std() * rng.standard_normal(n_rows)
    return X, y, np.repeat(np.arange(len(coef)), size)


def real(file):
    """X, y and the group of each column, of an npz file."""
    with np.load(file) as stored:
        X = np.asfortranarray(stored["X"], dtype=np.float64)
        return X, stored["y"].astype(np.float64), stored["groups"].astype(np.int64)


MAKERS = {"synthetic": synthetic}
for name in ("bardet", "birthwt"):
    path = Path(os.environ.get("FASTREG_DATA", ".")) / f"{name}.npz"
    if path.is_file():
        MAKERS[name] = functools.partial(real, path)


@functools.cache
def problem(name):
    """X, y, the groups, and the strength from which on every coefficient is 0; made once per process."""
    X, y, groups = MAKERS[name]()
    pulls = X.T @ (y - y.mean()) / y.size
    return X, y, groups, float(np.sqrt(np.bincount(groups, pulls**2)).max())


@functools.cache
def fit(name, share, tol):
    """Fit once per process: compiles with the exact types, and serves what only counts."""
    X, y, groups, critical = problem(name)
    return fastreg.solve(X, y, loss=Squared(), penalty=GroupL2(share * critical, groups), tol=tol)


class Seconds(Warm):
    version = "2"
    params = [list(MAKERS)]
    param_names = ["problem"]

    def warm(self, name):
        fit(name, 0.05, 1e-6)

    def time_solve(self, name):
        fit.__wrapped__(name, 0.05, 1e-6)


class Work:
    version = "1"
    params = [list(MAKERS)]
    param_names = ["problem"]

    def track_bytes_read(self, name):
        return fit(name, 0.05, 1e-6).work.bytes_read

    track_bytes_read.unit = "bytes"
