"""Counts: fits with the Poisson loss against scikit-learn's."""

import numpy as np
import pytest
from sklearn.linear_model import PoissonRegressor

import fastreg
from fastreg.losses import Poisson
from fastreg.penalties import L1, L2

pytestmark = pytest.mark.small

rng = np.random.default_rng(4)
X = rng.standard_normal((200, 6)) / 2
Y = rng.poisson(np.exp(0.4 + X @ np.array([1.0, -0.5, 0.0, 0.3, 0.0, 0.0]))).astype(float)


def test_ridge_is_scikit_learns():
    theirs = PoissonRegressor(alpha=0.1, tol=1e-12, max_iter=10_000, solver="newton-cholesky").fit(X, Y)
    ours = fastreg.solve(X, Y, loss=Poisson(), penalty=L2(0.05), tol=1e-13)
    assert ours.coef == pytest.approx(theirs.coef_, abs=1e-6)
    assert ours.intercept == pytest.approx(theirs.intercept_, abs=1e-6)


def test_the_lasso_is_certified_and_rates_add_up():
    found = fastreg.solve(X, Y, loss=Poisson(), penalty=L1(0.1), tol=1e-10)
    assert found.gap <= 1e-10
    assert 0 < np.count_nonzero(found.coef) < 6
    assert np.exp(X @ found.coef + found.intercept).sum() == pytest.approx(Y.sum(), rel=1e-6)
