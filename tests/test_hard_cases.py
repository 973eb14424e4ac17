"""Problems on which solvers of this kind have failed, ours or others'."""

import warnings

import numpy as np
import problems
import pytest
import reference
import scipy.sparse as sp

import fastreg
from fastreg import Status
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, L2, ElasticNet, NoPenalty

TIGHT = 1e-12
DENSE = problems.dense()
LOSSES = [Squared(), Logistic()]
FORMS = {"dense": np.asfortranarray, "sparse": sp.csc_matrix}
in_both_forms = pytest.mark.parametrize("form", FORMS)
with_both_losses = pytest.mark.parametrize("loss", LOSSES, ids=repr)


def assert_solved(X, y, form, tol=TIGHT, coef_tolerance=1e-5, dual=True, **words):
    """Solve in this form, assert the oracle's answer, and return it."""
    solution = fastreg.solve(FORMS[form](X), y, tol=tol, **words)
    assert solution.status is Status.CONVERGED
    assert np.isfinite(solution.coef).all()
    problems.assert_optimal(solution, X, y, coef_tolerance=coef_tolerance, dual=dual, **words)
    return solution


@in_both_forms
@with_both_losses
def test_columns_that_are_there_twice(loss, form):
    X = np.column_stack([DENSE.X, DENSE.X, -DENSE.X[:, :3]])
    y = DENSE.target(loss)
    doubled = assert_solved(X, y, form, loss=loss, penalty=L1(0.03), coef_tolerance=None)
    once = fastreg.solve(DENSE.X, y, loss=loss, penalty=L1(0.03), tol=TIGHT)
    together = doubled.coef[:12] + doubled.coef[12:24]
    together[:3] -= doubled.coef[24:]
    assert together == pytest.approx(once.coef, abs=1e-5)
    shared = assert_solved(X[:, :24], y, form, loss=loss, penalty=ElasticNet(0.03, 0.5))
    assert shared.coef[:12] == pytest.approx(shared.coef[12:], abs=1e-5)


@in_both_forms
@with_both_losses
@pytest.mark.parametrize("penalty", [L1(0.03), L2(0.03), NoPenalty()], ids=repr)
def test_columns_of_zeros_get_the_weight_zero(penalty, loss, form):
    X = DENSE.X.copy()
    X[:, [0, 5, 11]] = 0.0
    solution = assert_solved(X, DENSE.target(loss), form, loss=loss, penalty=penalty, coef_tolerance=None)
    assert np.abs(solution.coef[[0, 5, 11]]).max() <= (1e-13 if penalty == NoPenalty() else 0.0)


@in_both_forms
@with_both_losses
def test_a_matrix_of_zeros(loss, form):
    y = DENSE.target(loss)
    solution = assert_solved(np.zeros((60, 4)), y, form, loss=loss, penalty=L1(0.03), standardize=True)
    assert solution.coef.tolist() == [0.0] * 4
    share = np.mean(y > 0)
    best = y.mean() if isinstance(loss, Squared) else np.log(share / (1 - share))
    assert solution.intercept == pytest.approx(best, rel=1e-12)


@in_both_forms
@with_both_losses
@pytest.mark.parametrize("standardize", [False, True])
@pytest.mark.parametrize("constant", [1.0, -1e3, 0.1])
def test_a_constant_column_is_the_intercepts(constant, standardize, loss, form):
    X = np.column_stack([np.full(60, constant), DENSE.X])
    y = DENSE.target(loss)
    words = {"loss": loss, "penalty": L1(0.03), "standardize": standardize}
    solution = assert_solved(X, y, form, **words)
    assert solution.coef[0] == 0
    without = fastreg.solve(DENSE.X, y, tol=TIGHT, **words)
    assert solution.coef[1:] == pytest.approx(without.coef, abs=1e-5)
    assert solution.intercept == pytest.approx(without.intercept, abs=1e-5)


@in_both_forms
@with_both_losses
def test_a_constant_column_stands_in_for_the_intercept(loss, form):
    X = np.column_stack([np.ones(60), DENSE.X])
    y = DENSE.target(loss)
    factors = np.r_[0.0, np.full(12, 0.03)]
    alone = assert_solved(X, y, form, fit_intercept=False, loss=loss, penalty=L1(factors))
    other = fastreg.solve(DENSE.X, y, loss=loss, penalty=L1(0.03), tol=TIGHT)
    assert alone.coef[1:] == pytest.approx(other.coef, abs=1e-5)
    assert alone.coef[0] == pytest.approx(other.intercept, abs=1e-5)


@in_both_forms
@pytest.mark.parametrize("value", [0.0, 3.0, -1e6])
def test_a_constant_target_needs_the_intercept_only(value, form):
    y = np.full(60, value)
    solution = fastreg.solve(FORMS[form](DENSE.X), y, loss=Squared(), penalty=L1(0.03))
    assert solution.status is Status.CONVERGED
    assert solution.coef == pytest.approx(np.zeros(12), abs=1e-12)
    assert solution.intercept == pytest.approx(value, rel=1e-14)


@with_both_losses
@pytest.mark.parametrize("penalty", [L1(0.005), ElasticNet(0.01, 0.5), L2(0.001)], ids=repr)
def test_many_columns_that_are_nearly_alike(penalty, loss):
    wide = problems.wide(n=40, p=400, correlation=0.99)
    assert_solved(wide.X, wide.target(loss), "dense", loss=loss, penalty=penalty, coef_tolerance=None)


@in_both_forms
@pytest.mark.parametrize("penalty", [L1(0.001), L2(1e-4)], ids=repr)
def test_separable_labels_have_a_solution_where_they_are_penalised(penalty, form):
    y = np.where(DENSE.X[:, 0] > np.median(DENSE.X[:, 0]), 1.0, -1.0)
    solution = assert_solved(DENSE.X, y, form, loss=Logistic(), penalty=penalty, coef_tolerance=1e-3)
    assert np.all(y * (DENSE.X @ solution.coef + solution.intercept) > 0)


@in_both_forms
@pytest.mark.parametrize("penalty", [NoPenalty(), L1(0), L2(0)], ids=repr)
def test_separable_labels_without_a_penalty_are_not_said_to_be_solved_exactly(penalty, form):
    """The infimum 0 is not attained: whatever comes back, it is finite and its gap is no lie."""
    y = np.where(DENSE.X[:, 0] > np.median(DENSE.X[:, 0]), 1.0, -1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fastreg.ConvergenceWarning)
        solution = fastreg.solve(FORMS[form](DENSE.X), y, loss=Logistic(), penalty=penalty, tol=1e-6)
    assert np.isfinite(solution.coef).all()
    assert np.isfinite(solution.intercept)
    assert 0 < solution.objective < 0.05
    assert solution.gap > 0
    words = {"loss": Logistic(), "penalty": penalty}
    found = fastreg.certify(FORMS[form](DENSE.X), y, solution.coef, solution.intercept, **words)
    if found.kind is fastreg.CertificateKind.DUALITY_GAP:
        assert found.gap * np.log(2) >= 0.99 * solution.objective


@in_both_forms
@pytest.mark.parametrize("penalty", [L1(0.01), L2(0.01)], ids=repr)
def test_labels_of_one_class_only(penalty, form):
    """Without an intercept there is a solution; with one it is at infinity, and the objective near 0."""
    y = np.ones(60)
    assert_solved(DENSE.X, y, form, loss=Logistic(), penalty=penalty, fit_intercept=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fastreg.ConvergenceWarning)
        solution = fastreg.solve(FORMS[form](DENSE.X), y, loss=Logistic(), penalty=penalty)
    assert np.isfinite(solution.intercept)
    assert solution.objective < 1e-6
    assert solution.coef == pytest.approx(np.zeros(12), abs=1e-4)


@in_both_forms
@with_both_losses
@pytest.mark.parametrize("penalty", [L1(0.02), L2(0.02)], ids=repr)
def test_columns_of_every_scale(penalty, loss, form):
    scales = np.geomspace(1e-8, 1e8, 12)
    y = DENSE.target(loss)
    words = {"loss": loss, "penalty": penalty, "standardize": True}
    plain = fastreg.solve(DENSE.X, y, tol=TIGHT, **words)
    scaled = fastreg.solve(FORMS[form](DENSE.X * scales), y, tol=TIGHT, **words)
    assert scaled.status is Status.CONVERGED
    assert scaled.coef * scales == pytest.approx(plain.coef, abs=1e-5)
    assert scaled.objective == pytest.approx(plain.objective, rel=1e-11)


@in_both_forms
@with_both_losses
def test_columns_of_every_scale_without_standardisation(loss, form):
    """Scaling a column by c is scaling its strength by 1 / c: the oracle solves the scaled problem."""
    scales = np.geomspace(1e-8, 1e8, 12)
    y = DENSE.target(loss)
    solution = fastreg.solve(FORMS[form](DENSE.X * scales), y, loss=loss, penalty=L1(0.02), tol=1e-9)
    best = reference.minimise(DENSE.X, y, loss=loss, penalty=L1(0.02 / scales))
    assert solution.status is Status.CONVERGED
    assert solution.objective == pytest.approx(best.objective, rel=2e-9)
    assert solution.coef * scales == pytest.approx(best.coef, abs=1e-4)


@in_both_forms
@pytest.mark.parametrize("scale", [1e-8, 1e8])
def test_a_target_of_another_scale_scales_the_answer(scale, form):
    X = FORMS[form](DENSE.X)
    plain = fastreg.solve(X, DENSE.y, loss=Squared(), penalty=L1(0.02), tol=TIGHT)
    scaled = fastreg.solve(X, scale * DENSE.y, loss=Squared(), penalty=L1(0.02 * scale), tol=TIGHT)
    assert scaled.status is Status.CONVERGED
    assert scaled.coef / scale == pytest.approx(plain.coef, abs=1e-6)
    assert scaled.intercept / scale == pytest.approx(plain.intercept, abs=1e-6)


@in_both_forms
@with_both_losses
@pytest.mark.parametrize("far", [1e3, 1e6])
def test_columns_far_from_zero(far, loss, form):
    """With an intercept, moving a column moves the intercept and nothing else."""
    y = DENSE.target(loss)
    words = {"loss": loss, "penalty": L1(0.02), "standardize": True, "tol": 1e-8}
    plain = fastreg.solve(DENSE.X, y, **words)
    moved = fastreg.solve(FORMS[form](DENSE.X + far), y, **words)
    assert moved.status is Status.CONVERGED
    assert moved.coef == pytest.approx(plain.coef, abs=1e-3)
    assert moved.objective == pytest.approx(plain.objective, rel=1e-7)


@in_both_forms
@with_both_losses
@pytest.mark.parametrize("words", [{}, {"fit_intercept": False}, {"standardize": True}], ids=str)
def test_at_exactly_the_critical_strength_every_weight_is_exactly_zero(words, loss, form):
    X, y = FORMS[form](DENSE.X), DENSE.target(loss)
    top = fastreg.path(X, y, loss=loss, penalty=L1(1.0), strengths=1, **words).strengths[0]
    at_top = fastreg.solve(X, y, loss=loss, penalty=L1(top), tol=1e-14, **words)
    assert at_top.coef.tolist() == [0.0] * 12
    assert at_top.gap <= 1e-14
    below = fastreg.solve(X, y, loss=loss, penalty=L1(top * (1 - 1e-6)), tol=1e-14, **words)
    assert 1 <= np.count_nonzero(below.coef) <= 2
    assert np.abs(below.coef).max() < 1e-4


@with_both_losses
def test_rows_without_entries(loss):
    problem = problems.sparse()
    X = problem.X.toarray()
    X[::3] = 0.0
    assert_solved(X, problem.target(loss), "sparse", loss=loss, penalty=L1(0.02))
    assert_solved(X, problem.target(loss), "dense", loss=loss, penalty=L2(0.02))


@in_both_forms
@pytest.mark.parametrize("penalty", [L1(0.1), L2(0.1)], ids=repr)
def test_one_row(penalty, form):
    X = np.array([[1.0, -2.0, 0.5]])
    with_intercept = fastreg.solve(FORMS[form](X), [3.0], loss=Squared(), penalty=penalty)
    assert with_intercept.coef.tolist() == [0.0, 0.0, 0.0]
    assert with_intercept.intercept == 3.0
    assert_solved(X, np.array([3.0]), form, loss=Squared(), penalty=penalty, fit_intercept=False)
    assert_solved(X, np.array([-1.0]), form, loss=Logistic(), penalty=penalty, fit_intercept=False)


@in_both_forms
@with_both_losses
@pytest.mark.parametrize("penalty", [L1(0.1), L2(0.1), NoPenalty()], ids=repr)
def test_one_column(penalty, loss, form):
    assert_solved(DENSE.X[:, :1], DENSE.target(loss), form, loss=loss, penalty=penalty)


@pytest.mark.small
@pytest.mark.parametrize("penalty", [L1(0.0), L2(0.0)], ids=repr)
def test_as_many_columns_as_rows_and_no_penalty_fit_exactly(penalty):
    X = np.asfortranarray(np.vander(np.linspace(-1, 1, 5), 5))
    y = np.array([1.0, -2.0, 0.5, 4.0, 3.0])
    solution = fastreg.solve(X, y, loss=Squared(), penalty=penalty, fit_intercept=False, tol=1e-12)
    assert solution.coef == pytest.approx(np.linalg.solve(X, y), rel=1e-4)
    assert solution.objective <= 1e-11


@in_both_forms
def test_columns_that_depend_on_each_other_and_no_penalty(form):
    X = np.column_stack([DENSE.X[:, :3], DENSE.X[:, :3].sum(1), DENSE.X[:, 3:6]])
    for loss in LOSSES:
        y = DENSE.target(loss)
        solution = fastreg.solve(FORMS[form](X), y, loss=loss, penalty=NoPenalty(), tol=1e-10)
        best = reference.minimise(X, y, loss=loss, penalty=NoPenalty())
        assert solution.objective == pytest.approx(best.objective, rel=1e-9)


@with_both_losses
def test_one_row_outweighs_all_others(loss):
    weights = np.ones(60)
    weights[7] = 1e8
    words = {"loss": loss, "penalty": L1(1e-6), "sample_weight": weights}
    y = DENSE.target(loss)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fastreg.ConvergenceWarning)
        solution = fastreg.solve(DENSE.X, y, tol=1e-8, **words)
    best = reference.minimise(DENSE.X, y, **words)
    at_zero = reference.certify(DENSE.X, y, 0 * best.coef, 0.0, **words).at_zero
    assert solution.gap * at_zero >= solution.objective - best.objective - 1e-14 * at_zero
    assert solution.objective <= best.objective + 1e-6 * at_zero


@with_both_losses
def test_huge_strengths_leave_the_intercept(loss):
    y = DENSE.target(loss)
    for penalty in (L1(1e12), L2(1e12), ElasticNet(1e12, 0.5)):
        solution = fastreg.solve(DENSE.X, y, loss=loss, penalty=penalty)
        assert solution.status is Status.CONVERGED
        assert np.abs(solution.coef).max() <= 1e-11


@with_both_losses
@pytest.mark.parametrize("strength", [1e-10, 1e-6])
def test_hardly_any_penalty(strength, loss):
    y = DENSE.target(loss)
    none = reference.minimise(DENSE.X, y, loss=loss, penalty=NoPenalty())
    for penalty in (L1(strength), L2(strength)):
        solution = fastreg.solve(DENSE.X, y, loss=loss, penalty=penalty, tol=1e-11)
        assert solution.status is Status.CONVERGED
        assert solution.coef == pytest.approx(none.coef, abs=2e-3)


def test_offsets_that_saturate_the_logistic_loss():
    offset = np.where(np.arange(60) % 2, 50.0, -50.0)
    words = {"loss": Logistic(), "penalty": L1(0.01), "offset": offset}
    solution = fastreg.solve(DENSE.X, DENSE.labels, tol=1e-9, **words)
    best = reference.minimise(DENSE.X, DENSE.labels, **words)
    assert solution.objective == pytest.approx(best.objective, rel=1e-8)
