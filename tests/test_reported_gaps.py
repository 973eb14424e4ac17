"""The gap that a fit, a path or an estimator reports is what plain NumPy finds in its coefficients."""

import itertools

import numpy as np
import problems
import pytest
import reference
import scipy.sparse as sp

import fastreg
from fastreg import CertificateKind, Status
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, L2, Bounded, ElasticNet, NoPenalty

DENSE, SPARSE = problems.dense(), problems.sparse()
LOSSES = [Squared(), Logistic()]
FACTORS = np.r_[0.0, 0.0, np.linspace(0.5, 2, 10)]
PENALTIES = [
    NoPenalty(),
    L1(0.02),
    L1(0.02 * FACTORS),
    L2(0.01),
    L2(0.01 * FACTORS),
    ElasticNet(0.03, 0.5),
    Bounded(L1(0.01), 0.0, np.inf),
    Bounded(ElasticNet(0.01, 0.5), -0.3, 0.5),
]
DESIGNS = {
    "F": lambda: np.asfortranarray(DENSE.X),
    "C": lambda: np.ascontiguousarray(DENSE.X),
    "csc": lambda: sp.csc_matrix(SPARSE.X),
    "csr": lambda: sp.csr_matrix(SPARSE.X),
}
with_both_losses = pytest.mark.parametrize("loss", LOSSES, ids=repr)


def assert_true(gap, objective, X, y, coef, intercept, least=None, **words):
    """Assert that a reported gap and objective are those of the coefficients, and bound what is missing.

    ``least`` is an objective that is known to be reached by others.
    """
    found = reference.certify(X, y, coef, intercept, **words)
    assert objective == pytest.approx(found.primal, rel=1e-12, abs=1e-14 * found.at_zero)
    # Far from the optimum the dual point 0, whose value is 0, may be the better one.
    gaps = found.gap, found.primal / found.at_zero
    assert min(abs(gap - g) - 1e-6 * g for g in gaps) <= 1e-13, (gap, gaps)
    if least is not None:
        assert gap * found.at_zero >= objective - least - 1e-13 * found.at_zero


@with_both_losses
@pytest.mark.parametrize("penalty", PENALTIES, ids=lambda penalty: type(penalty).__name__)
@pytest.mark.parametrize("design", DESIGNS)
def test_of_a_fit_stopped_anywhere(design, penalty, loss):
    """Every solver, design, loss and penalty; at loose tolerances the gap is large, and true as well."""
    X = DESIGNS[design]()
    problem = DENSE if design in "FC" else SPARSE
    y = problem.target(loss)
    everything = {"sample_weight": problem.sample_weight, "offset": problem.offset, "standardize": True}
    for settings in ({}, everything, {"fit_intercept": False}):
        words = {"loss": loss, "penalty": penalty, **settings}
        least = fastreg.solve(X, y, tol=1e-12, **words).objective
        for tol in (1e-1, 1e-3, 1e-8):
            found = fastreg.solve(X, y, tol=tol, **words)
            assert found.status is Status.CONVERGED
            assert found.certificate.kind is CertificateKind.DUALITY_GAP
            assert found.gap <= tol
            assert_true(found.gap, found.objective, X, y, found.coef, found.intercept, least, **words)
            assert found.certificate.dual <= least + 1e-13 * abs(least)


@with_both_losses
@pytest.mark.parametrize(
    "penalty", [L1(1.0), L1(FACTORS), ElasticNet(1.0, 0.5), L2(1.0), Bounded(L1(1.0), 0.0, np.inf)], ids=str
)
@pytest.mark.parametrize("design", DESIGNS)
def test_of_every_strength_of_a_path(design, penalty, loss):
    X = DESIGNS[design]()
    problem = DENSE if design in "FC" else SPARSE
    y = problem.target(loss)
    words = {"loss": loss, "standardize": True}
    path = fastreg.path(X, y, penalty=penalty, strengths=15, ratio=1e-3, tol=1e-7, **words)
    assert set(path.statuses) == {Status.CONVERGED}
    assert path.gaps.max() <= 1e-7
    for k, strength in enumerate(path.strengths):
        if isinstance(penalty, Bounded):
            scaled = penalty.with_strength(strength)
        else:
            scaled = penalty._replace(strength=strength * np.asarray(penalty.strength))
        coef = path.coefs[:, [k]].toarray().ravel()
        gap, objective, intercept = path.gaps[k], path.objectives[k], path.intercepts[k]
        assert_true(gap, objective, X, y, coef, intercept, penalty=scaled, **words)


def least_squares_gap(X, y, coef, alpha, l1_ratio):
    """Return P - D of (1 / 2n) |y - X w|^2 + alpha (l1_ratio |w|_1 + (1 - l1_ratio) / 2 |w|_2^2).

    For any u, P(w) >= u.y / n - |u|^2 / 2n - sum_j conjugate_j(x_j.u / n): u is the residual, or the part of
    it that leaves every |x_j.u| / n within the L1 part.
    """
    n = y.size
    absolute, square = alpha * l1_ratio, alpha * (1 - l1_ratio)
    rest = y - X @ coef
    pull = X.T @ rest / n
    primal = rest @ rest / (2 * n) + absolute * np.abs(coef).sum() + square / 2 * (coef @ coef)
    shares = [0.0, min(1.0, absolute / np.abs(pull).max()), *([1.0] if square else [])]
    duals = []
    for share in shares:
        beyond = np.maximum(share * np.abs(pull) - absolute, 0)
        conjugates = beyond @ beyond / (2 * square) if square else 0.0
        duals.append(share * (rest @ y) / n - share**2 * (rest @ rest) / (2 * n) - conjugates)
    return primal - max(duals)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("name", "l1_ratio"), [("Lasso", 1.0), ("ElasticNet", 0.5)])
def test_of_the_estimators_with_a_dual_gap(name, l1_ratio, dtype, design):
    X = DESIGNS[design]().astype(dtype)
    y = (DENSE if design in "FC" else SPARSE).y
    exact = (X.toarray() if sp.issparse(X) else X).astype(np.float64)
    for tol, fit_intercept in itertools.product((1e-1, 1e-4, 1e-8), (True, False)):
        words = {} if name == "Lasso" else {"l1_ratio": l1_ratio}
        model = getattr(fastreg, name)(0.05, tol=tol, fit_intercept=fit_intercept, **words).fit(X, y)
        centred = exact - exact.mean(axis=0) * fit_intercept
        target = y - y.mean() * fit_intercept
        coef = model.solution_.coef
        assert np.array_equal(model.coef_, coef.astype(dtype))
        size = target @ target / y.size
        gap = least_squares_gap(centred, target, coef, 0.05, l1_ratio)
        assert model.dual_gap_ == pytest.approx(gap, rel=1e-6, abs=1e-14 * size)
        assert model.dual_gap_ <= tol * size


@pytest.mark.parametrize("l1_ratio", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("design", DESIGNS)
def test_of_logistic_regression(design, l1_ratio):
    X = DESIGNS[design]()
    y = (DENSE if design in "FC" else SPARSE).labels
    for tol, C in itertools.product((1e-1, 1e-4), (0.1, 10.0)):
        model = fastreg.LogisticRegression(C=C, l1_ratio=l1_ratio, tol=tol).fit(X, y)
        (found,) = model.solution_
        penalty = fastreg.conventions.from_scikit_learn(
            "LogisticRegression", C=C, l1_ratio=l1_ratio, total_weight=y.size
        )
        assert_true(
            found.gap, found.objective, X, y, found.coef, found.intercept, loss=Logistic(), penalty=penalty
        )
