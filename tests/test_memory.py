"""A fit adds little to the memory that X takes. Memory is asserted, no time is."""

import sys
from pathlib import Path

import pytest

# At the end: an installed fastreg is tested rather than the checkout.
sys.path.append(str(Path(__file__).parent.parent))

from benchmarks.suite import memory

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
