"""A fit adds little to the memory that X takes. Memory is asserted, no time is."""

import sys
from pathlib import Path

import pytest
import subprocesses

# At the end: an installed fastreg is tested rather than the checkout.
sys.path.append(str(Path(__file__).parent.parent))

from benchmarks.suite import cross_validation, memory

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not memory.can_be_measured(), reason="asks Linux for the highest resident size"),
]

MEGABYTES = 120


@pytest.mark.parametrize("loss", ["Squared", "Logistic"])
@pytest.mark.parametrize("layout", ["F", "csc", "csr"])
def test_a_fit_adds_a_tenth_of_X_and_a_gram_matrix(layout, loss):
    """CSR is read by its columns: one twin more."""
    peak = memory.Peak(layout, loss, "L1", MEGABYTES)
    assert peak.gap <= 1e-6
    assert peak.n_nonzero >= 50
    twin = peak.n_bytes if layout == "csr" else 0
    working_set = 2 * peak.n_nonzero + 100  # at most twice the support, and the first of 100
    gram = 8 * min(working_set, 1_000) ** 2
    assert peak.added <= twin + 0.1 * peak.n_bytes + gram
    assert peak.copied == pytest.approx(twin, rel=0.01)


def test_a_ridge_classifier_adds_a_tenth_of_X_and_a_gram_matrix():
    peak = memory.Peak("F", "Logistic", "L2", MEGABYTES)
    assert peak.gap <= 1e-6
    assert peak.copied == 0
    assert peak.added <= 0.1 * peak.n_bytes + 8 * 1_250**2


STREAMED = (
    memory.RESIDENT
    + """
import sys
import numpy as np
from fastreg import SGDRegressor
from fastreg.data import blocks
from subprocesses import tell

form, path = sys.argv[1:]
n_rows, n_columns = 500_000, 1_000  # 2 GB of float32
y = np.zeros(n_rows)
y[::1000] = 1.0

def made():
    for start in range(0, n_rows, 4096):
        rows = min(4096, n_rows - start)
        yield np.full((rows, n_columns), 0.01, dtype=np.float32), y[start : start + rows]

if form == "map":
    np.lib.format.open_memmap(path, "w+", np.float32, (n_rows, n_columns))  # a hole: it takes no disk
    source = blocks(np.load(path, mmap_mode="r"), y)
else:
    source = made
model = SGDRegressor(penalty="elasticnet", average=True)
model.fit_blocks([(np.zeros((64, n_columns), np.float32), y[:64])])  # compiles
before = resident("VmRSS")
forget_highest()
model.fit_blocks(source)
tell(added=resident("VmHWM") - before, steps=model.t_, intercept=float(model.intercept_[0]))
"""
)


@pytest.mark.parametrize("form", ["map", "function"])
def test_two_gigabytes_of_rows_pass_through_less_than_300_megabytes(form, tmp_path):
    found = subprocesses.run("-c", STREAMED, form, tmp_path / "X.npy")
    assert found["steps"] == 500_001
    assert found["intercept"] > 0
    assert found["added"] <= 300e6


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("by", ["moments", "rows"])
def test_cross_validation_adds_less_than_a_third_of_X(by, threads):
    """Moments of ten folds are an eighth of X; by rows each fold has a twentieth for its Gram matrices."""
    assert cross_validation.MemoryBesideX().track_peak_beside_X(by, threads) < 1 / 3
