"""How far a fit raises the memory of its process above X: what it may add is a tenth of X and a Gram matrix.

Every sample is a process of its own, with X made before and everything compiled by a small fit first.
The kernel keeps the highest resident size of a process, and forgets it when it is told to (Linux only).
"""

import subprocess
import sys
from pathlib import Path

# For a script: a resident size of its process, and the highest from now on.
RESIDENT = """
def resident(name):
    with open("/proc/self/status") as status:
        return next(1024 * int(line.split()[1]) for line in status if line.startswith(name))

def forget_highest():
    with open("/proc/self/clear_refs", "w") as references:
        references.write("5")
"""

MEASURED = (
    RESIDENT
    + """
import gc, sys
import numpy as np, scipy.sparse as sp
import fastreg
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, L2

layout, loss_name, penalty_name, megabytes = *sys.argv[1:4], int(sys.argv[4])
rng = np.random.default_rng(0)

def made(size):
    if layout in ("F", "C"):
        n_rows = 20_000 if size > 1 else 200
        X = np.empty((n_rows, max(20, size * 1_000_000 // (8 * n_rows))), order=layout)
        for part in np.array_split(X.T if layout == "F" else X, 50):
            part[:] = rng.standard_normal(part.shape)
        return X
    n_columns = 20_000 if size > 1 else 100
    per_column = max(20, size * 1_000_000 // (12 * n_columns))
    n_rows = 20 * per_column
    indices = np.empty((n_columns, per_column), dtype=np.int32)
    for j in range(n_columns):  # one entry in each of as many equal parts of the column: sorted, no copies
        indices[j] = 20 * np.arange(per_column) + rng.integers(20, size=per_column)
    data = np.empty((n_columns, per_column))
    for part in np.array_split(data, 50):
        part[:] = rng.random(part.shape)
    starts = np.arange(n_columns + 1, dtype=np.int32) * per_column
    parts = data.ravel(), indices.ravel(), starts
    if layout == "csc":
        X = sp.csc_array(parts, shape=(n_rows, n_columns))
    else:
        X = sp.csr_array(parts, shape=(n_columns, n_rows))
    X.has_canonical_format = True
    return X

def fit(X):
    size = max(10, min(X.shape[1] // 8, 100))
    support = rng.choice(X.shape[1], size, replace=False)
    response = X[:, support] @ rng.choice([-1.0, 1.0], size)
    response += response.std() / 3 * rng.standard_normal(response.size)
    logistic = loss_name == "Logistic"
    y = np.where(response > np.median(response), 1.0, -1.0) if logistic else response
    slopes = y / 2 if logistic else y - y.mean()
    critical = np.abs(X.T @ (slopes - slopes.mean())).max() / y.size
    penalty = L1(0.2 * critical) if penalty_name == "L1" else L2(0.1 * critical)
    gc.collect()
    before = resident("VmRSS")
    forget_highest()
    found = fastreg.solve(X, y, loss=Logistic() if logistic else Squared(), penalty=penalty, tol=1e-6)
    return resident("VmHWM") - before, found

fit(made(megabytes))  # all that it compiles is compiled then
X = made(megabytes)
n_bytes = X.nbytes if layout in ("F", "C") else X.data.nbytes + X.indices.nbytes + X.indptr.nbytes
added, found = fit(X)
print(added, n_bytes, int((found.coef != 0).sum()), found.gap, found.work.bytes_copied)
"""
)


class Peak:
    """What a fit added, the bytes of X, and what it found."""

    def __init__(self, layout, loss, penalty, megabytes=120):
        words = [layout, loss, penalty, str(megabytes)]
        told = subprocess.run(
            [sys.executable, "-c", MEASURED, *words], capture_output=True, text=True, check=True
        ).stdout.split()
        self.added, self.n_bytes, self.n_nonzero = map(int, told[:3])
        self.gap, self.copied = float(told[3]), int(told[4])

    @property
    def share(self):
        """What a fit added, as a share of X."""
        return self.added / self.n_bytes


def can_be_measured():
    """Return whether this system keeps and forgets the highest resident size of a process."""
    return Path("/proc/self/clear_refs").exists()


class Memory:
    version = "2"
    params = [["F Squared L1", "C Logistic L1", "csc Squared L1", "csr Logistic L2"]]
    param_names = ["fit"]
    timeout = 600

    def setup(self, fit):
        if not can_be_measured():
            raise NotImplementedError  # asv's way to skip

    def track_peak_beside_X(self, fit):
        return Peak(*fit.split()).share

    track_peak_beside_X.unit = "share of X"
