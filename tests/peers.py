"""What the tests against other libraries share: one small problem, and when two answers are the same."""

import numpy as np
import problems
import pytest

import fastreg

PROBLEM = problems.dense(n=50, p=5, seed=3)
X, Y, LABELS, WEIGHTS = PROBLEM[:4]
FACTORS = np.array([1.0, 2.0, 0.5, 1.5, 0.25])

with_and_without_intercept = pytest.mark.parametrize("fit_intercept", [True, False])
with_and_without_weights = pytest.mark.parametrize("weighted", [True, False])


def weights(weighted):
    """Return sample weights, or ones."""
    return WEIGHTS if weighted else np.ones(Y.size)


def assert_same_weights(penalty, coef, intercept, *, tolerance=1e-6, columns=X, **words):
    """Assert that a peer's coefficients are those of `solve` with the translated penalty."""
    ours = fastreg.solve(np.asfortranarray(columns), penalty=penalty, tol=1e-13, **words)
    assert np.count_nonzero(ours.coef), "nothing is compared where everything is 0"
    assert np.ravel(coef) == pytest.approx(ours.coef, abs=tolerance)
    assert np.ravel(intercept)[0] == pytest.approx(ours.intercept, abs=tolerance)


def spelled(l1_ratio):
    """Return the parameters by which this scikit-learn's LogisticRegression is told a share of L1."""
    from sklearn.linear_model import LogisticRegression

    if LogisticRegression().l1_ratio is None:  # before 1.8
        name = {0.0: "l2", 1.0: "l1"}.get(l1_ratio, "elasticnet")
        return {"penalty": name, "l1_ratio": l1_ratio if name == "elasticnet" else None}
    return {"l1_ratio": l1_ratio}
