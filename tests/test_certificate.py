import numpy as np
import problems
import pytest
import reference
import scipy.sparse as sp

import fastreg
from fastreg import CertificateKind
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, L2, Bounded, ElasticNet, NoPenalty

DENSE, SPARSE = problems.dense(), problems.sparse()
LOSSES = [Squared(), Logistic()]
FACTORS = np.r_[0.0, 0.0, 0.5, np.ones(DENSE.X.shape[1] - 3)]
PENALTIES = [
    NoPenalty(),
    L1(0.04),
    L1(0.04 * FACTORS),
    L2(0.05),
    L2(0.05 * FACTORS),
    ElasticNet(0.05, 0.5),
    Bounded(L1(0.02), -0.3, 0.5),
]


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("penalty", PENALTIES, ids=lambda penalty: type(penalty).__name__)
@pytest.mark.parametrize("problem", [DENSE, SPARSE], ids=["dense", "sparse"])
def test_any_coefficients_are_bounded_as_the_oracle_says(problem, penalty, loss):
    rng = np.random.default_rng(5)
    X, y = problem.X, problem.target(loss)
    everything = {"sample_weight": problem.sample_weight, "offset": problem.offset, "standardize": True}
    for settings in ({}, everything, {"fit_intercept": False}):
        words = {"loss": loss, "penalty": penalty, **settings}
        best = reference.minimise(X, y, **words)
        for distance in (0.0, 1e-6, 1e-2, 1.0):
            coef = best.coef + distance * rng.uniform(-1, 1, best.coef.size)
            if isinstance(penalty, Bounded):
                coef = np.clip(coef, *_bounds_in_units_of(X, penalty, words)) * (1 - 1e-12)
            intercept = 0.0 if "fit_intercept" in settings else best.intercept + distance
            found = fastreg.certify(X, y, coef, intercept, **words)
            expected = reference.certify(X, y, coef, intercept, **words)
            rounding = 1e-13 * expected.at_zero
            if (
                isinstance(penalty, NoPenalty)
                and distance == 1.0
                and found.kind is CertificateKind.KKT_RESIDUAL
            ):
                continue  # so far away the unpenalised weights may be beyond what is fitted on the way
            assert found.kind is CertificateKind.DUALITY_GAP
            assert found.primal == pytest.approx(expected.primal, rel=1e-12)
            # Far from the optimum the dual point 0, whose value is 0, may be the better one.
            dual = expected.dual if abs(found.dual - expected.dual) < abs(found.dual) else 0.0
            assert found.dual == pytest.approx(dual, rel=1e-7, abs=rounding)
            assert found.dual >= expected.dual - 1e-7 * abs(expected.dual) - rounding
            assert found.gap == pytest.approx((found.primal - dual) / expected.at_zero, rel=1e-7, abs=1e-13)
            assert found.dual <= best.objective + rounding
            assert found.gap * expected.at_zero >= found.primal - best.objective - rounding
            assert found.gap >= 0


def _bounds_in_units_of(X, penalty, words):
    scales = reference.setting(X, np.zeros(X.shape[0]), **words).scales
    return penalty.lower / scales, penalty.upper / scales


@pytest.mark.parametrize("form", ["F", "C", "csc", "csr"])
@pytest.mark.parametrize("penalty", [L1(0.04 * FACTORS), NoPenalty()], ids=["factors", "NoPenalty"])
def test_the_layout_does_not_matter(form, penalty):
    full = SPARSE.X.toarray()
    X = {"F": np.asfortranarray, "C": np.ascontiguousarray, "csc": sp.csc_matrix, "csr": sp.csr_matrix}[form](
        full
    )
    coef = np.linspace(-1, 1, full.shape[1])
    words = {"loss": Squared(), "penalty": penalty}
    found = fastreg.certify(X, SPARSE.y, coef, 0.5, **words)
    assert found.gap == pytest.approx(reference.certify(full, SPARSE.y, coef, 0.5, **words).gap, rel=1e-9)
    solution = fastreg.solve(X, SPARSE.y, tol=1e-12, **words)
    assert solution.gap <= 1e-12


def test_a_solution_has_the_certificate_it_says():
    words = {"loss": Logistic(), "penalty": L1(0.03), "standardize": True, "offset": DENSE.offset}
    for tol in (1e-2, 1e-5, 1e-10):
        solution = fastreg.solve(DENSE.X, DENSE.labels, tol=tol, **words)
        found = fastreg.certify(DENSE.X, DENSE.labels, solution.coef, solution.intercept, **words)
        assert found.gap == pytest.approx(solution.gap, rel=1e-6, abs=1e-14)
        assert found.primal == pytest.approx(solution.objective, rel=1e-13)
        assert solution.gap <= tol


def test_a_wrong_intercept_costs_what_it_costs():
    words = {"loss": Squared(), "penalty": L1(0.03)}
    solution = fastreg.solve(DENSE.X, DENSE.y, tol=1e-12, **words)
    off = fastreg.certify(DENSE.X, DENSE.y, solution.coef, solution.intercept + 0.1, **words)
    assert off.primal == pytest.approx(solution.objective + 0.005, rel=1e-9)
    assert off.primal - off.dual == pytest.approx(0.005, rel=1e-6)


def test_the_gap_is_scikit_learns():
    """Lasso.dual_gap_ is P - D at the residual, scaled to be feasible: the same dual point."""
    linear_model = pytest.importorskip("sklearn.linear_model")
    X, y = DENSE.X - DENSE.X.mean(0), DENSE.y - DENSE.y.mean()
    words = {"loss": Squared(), "penalty": L1(0.03), "fit_intercept": False}
    at_zero = 0.5 * np.mean(y**2)
    for tol in (1e-1, 1e-3, 1e-6):
        model = linear_model.Lasso(alpha=0.03, tol=tol, fit_intercept=False).fit(X, y)
        found = fastreg.certify(X, y, model.coef_, **words)
        assert found.gap * at_zero == pytest.approx(model.dual_gap_, rel=1e-6, abs=1e-12)


def test_without_a_conjugate_the_certificate_is_a_residual():
    penalty = problems.MinimaxConcave(0.1, 3.0)
    X, y = DENSE.X, DENSE.y
    coef = np.linspace(-1, 1, X.shape[1])
    found = fastreg.certify(X, y, coef, 0.3, loss=Squared(), penalty=penalty)
    assert found.kind is CertificateKind.KKT_RESIDUAL
    assert np.isnan(found.dual)

    def residual(weights, intercept):
        rest = X @ weights + intercept - y
        gradient = X.T @ rest / y.size
        moved = [penalty.prox(w - g, 1.0, 0) for w, g in zip(weights, gradient, strict=True)]
        return max(np.abs(weights - moved).max(), abs(rest.mean()))

    assert found.gap == pytest.approx(residual(coef, 0.3) / residual(0 * coef, y.mean()), rel=1e-9)
    value = 0.5 * np.mean((y - X @ coef - 0.3) ** 2) + sum(penalty.value(w, 0) for w in coef)
    assert found.primal == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_a_residual_is_taken_at_the_point_given(loss):
    """Neither a wrong intercept nor a wrong unpenalised weight is mended before it is judged."""
    X, y = DENSE.X, DENSE.target(loss)
    words = {"loss": loss, "penalty": problems.MinimaxConcave(0.05, 3.0)}
    solution = fastreg.solve(X, y, **words, tol=1e-9)
    at_optimum = fastreg.certify(X, y, solution.coef, solution.intercept, **words)
    beside = fastreg.certify(X, y, solution.coef, solution.intercept + 1, **words)
    assert at_optimum.kind is beside.kind is CertificateKind.KKT_RESIDUAL
    assert at_optimum.gap <= 1e-8
    assert beside.gap > 0.01


def test_too_many_unpenalised_weights_leave_the_residual():
    problem = problems.dense(n=80, p=50)
    words = {"loss": Squared(), "penalty": L1(np.r_[np.zeros(40), np.full(10, 0.05)])}
    best = reference.minimise(problem.X, problem.y, **words)
    found = fastreg.certify(problem.X, problem.y, best.coef, best.intercept, **words)
    assert found.kind is CertificateKind.KKT_RESIDUAL
    assert found.gap <= 1e-12
    worse = fastreg.certify(problem.X, problem.y, best.coef + 0.01, best.intercept, **words)
    assert worse.gap > 1e-4


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_a_weight_on_its_bound_is_within_it(loss):
    words = {"loss": loss, "penalty": Bounded(L1(0.001), -0.1, 0.2), "standardize": True}
    solution = fastreg.solve(DENSE.X, DENSE.target(loss), tol=1e-10, **words)
    found = fastreg.certify(DENSE.X, DENSE.target(loss), solution.coef, solution.intercept, **words)
    assert found.primal == pytest.approx(solution.objective, rel=1e-13)
    assert found.gap <= 1e-9
    again = fastreg.solve(DENSE.X, DENSE.target(loss), start=solution, tol=1e-9, **words)
    assert again.n_iter == 0
    assert again.coef == pytest.approx(solution.coef, abs=1e-14)


def test_coefficients_outside_their_bounds_are_infinitely_far():
    penalty = Bounded(L1(0.1), 0.0, np.inf)
    found = fastreg.certify(DENSE.X, DENSE.y, np.full(12, -1.0), 0.0, loss=Squared(), penalty=penalty)
    assert found.primal == np.inf
    assert found.gap == np.inf


def test_kinds_are_described():
    assert "duality gap" in str(CertificateKind.DUALITY_GAP)
    assert "KKT residual" in str(CertificateKind.KKT_RESIDUAL)


@pytest.mark.parametrize(
    ("coef", "intercept", "words", "message"),
    [
        (np.zeros(11), 0.0, {}, r"coef has shape \(11,\)"),
        (np.zeros((12, 2)), 0.0, {}, r"coef has shape \(12, 2\)"),
        (np.r_[np.nan, np.zeros(11)], 0.0, {}, r"coef\[0\] is NaN"),
        (["a"] * 12, 0.0, {}, "coef"),
        (np.zeros(12), np.nan, {}, "intercept=nan"),
        (np.zeros(12), "high", {}, "intercept='high'"),
        (np.zeros(12), 1.0, {"fit_intercept": False}, "intercept=1.0"),
    ],
    ids=str,
)
def test_coefficients_that_cannot_be_are_refused(coef, intercept, words, message):
    with pytest.raises((ValueError, TypeError), match=message) as raised:
        fastreg.certify(DENSE.X, DENSE.y, coef, intercept, loss=Squared(), penalty=L1(0.1), **words)
    assert "\n" not in str(raised.value)
