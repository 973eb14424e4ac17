"""The softmax solvers reach the optimum, as NumPy's own duality gap proves, and obey the problem's laws."""

import multinomial
import numpy as np
import problems
import pytest
import scipy.sparse as sp

import fastreg
from fastreg import CertificateKind, Status
from fastreg.losses import Logistic, Multinomial, Squared
from fastreg.penalties import L1, L2, Bounded, ElasticNet, NoPenalty
from fastreg.solvers.multinomial_problem import flat_inverse

TIGHT = 1e-13
LOSS = Multinomial()
DENSE, SPARSE = problems.dense(n=80, p=6), problems.sparse(n=80, p=6)
FACTORS = np.r_[0.0, 0.5, np.ones(4)]
PENALTIES = [
    NoPenalty(),
    L2(0.02),
    L2(0.02 * FACTORS),
    L1(0.01),
    L1(0.01 * FACTORS),
    ElasticNet(0.02, 0.6),
]


def solve(X, y, penalty, **words):
    return fastreg.solve(X, y, loss=LOSS, penalty=penalty, **{"tol": TIGHT, **words})


@pytest.mark.parametrize("problem", [DENSE, SPARSE], ids=["dense", "sparse"])
@pytest.mark.parametrize("penalty", PENALTIES, ids=lambda penalty: type(penalty).__name__)
def test_every_penalty_reaches_the_optimum(problem, penalty):
    y = multinomial.classes(problem.X)
    for words in ({}, {"fit_intercept": False}, {"sample_weight": problem.sample_weight}):
        solution = solve(problem.X, y, penalty, **words)
        assert solution.status is Status.CONVERGED
        assert solution.coef.shape == (6, 4)
        assert solution.intercept.shape == (4,)
        multinomial.assert_optimal(solution, problem.X, y, penalty, **words)
        assert abs(solution.intercept.sum()) <= 1e-12


@pytest.mark.parametrize("penalty", [L2(0.01), L1(0.004)], ids=["L2", "L1"])
def test_layouts_and_types_agree(penalty):
    X = SPARSE.X.toarray().astype(np.float32)
    y = multinomial.classes(X)
    wanted = solve(X.astype(np.float64), y, penalty)
    for layout in (np.asfortranarray, sp.csc_array, sp.csr_matrix, lambda X: X.astype(int) * 0 + X):
        found = solve(layout(X), y, penalty)
        assert np.abs(found.coef - wanted.coef).max() <= 1e-6
        assert abs(found.objective - wanted.objective) <= 1e-13


@pytest.mark.parametrize("penalty", [L2(1e-4), L1(2e-3)], ids=["L2", "L1"])
def test_many_more_features_than_rows(penalty):
    X = problems.text_like(n=150, p=900).X
    y = multinomial.classes(X, 5)
    solution = solve(X, y, penalty, tol=1e-10)
    assert solution.status is Status.CONVERGED
    multinomial.assert_optimal(solution, X, y, penalty, within=2e-10)


@pytest.mark.parametrize("penalty", [L2(1e-3), L1(3e-3), ElasticNet(5e-3, 0.5)], ids=["L2", "L1", "both"])
def test_every_gap_is_an_upper_bound(penalty):
    y = multinomial.classes(DENSE.X)
    told = []
    best = solve(DENSE.X, y, penalty, callback=lambda progress: told.append(progress) and False).objective
    at_zero = multinomial.objective(DENSE.X, y, np.zeros((6, 4)), np.log(np.bincount(y) / 80), NoPenalty())
    assert len(told) > 1
    for progress in told:
        assert progress.objective - best <= progress.gap * at_zero + 1e-15


def test_certify_is_numpys_gap():
    rng = np.random.default_rng(0)
    y = multinomial.classes(DENSE.X)
    at_zero = multinomial.objective(DENSE.X, y, np.zeros((6, 4)), np.log(np.bincount(y) / 80), NoPenalty())
    for penalty in (L2(0.02), L1(0.01), ElasticNet(0.02, 0.6)):
        solution = solve(DENSE.X, y, penalty)
        coef = solution.coef + 0.01 * rng.standard_normal(solution.coef.shape) * (solution.coef != 0)
        certificate = fastreg.certify(DENSE.X, y, coef, solution.intercept, loss=LOSS, penalty=penalty)
        assert certificate.kind is CertificateKind.DUALITY_GAP
        primal = multinomial.objective(DENSE.X, y, coef, solution.intercept, penalty)
        assert certificate.primal == pytest.approx(primal, rel=1e-13)
        assert certificate.gap * at_zero >= primal - solution.objective > 0
        assert certificate.gap == pytest.approx((primal - certificate.dual) / at_zero, rel=1e-9)


def test_two_classes_are_logistic_regression():
    y = DENSE.labels
    codes = (y > 0).astype(int)
    for strength in (0.01, 0.3):
        two = solve(DENSE.X, codes, L2(strength))
        one = fastreg.solve(DENSE.X, y, loss=Logistic(), penalty=L2(strength / 2), tol=TIGHT)
        assert np.abs(two.coef[:, 1] - two.coef[:, 0] - one.coef).max() <= 1e-8
        assert abs(two.intercept[1] - two.intercept[0] - one.intercept) <= 1e-8
        assert abs(two.objective - one.objective) <= 1e-14


@pytest.mark.parametrize("penalty", [L2(0.01), L1(0.005), NoPenalty()], ids=lambda p: type(p).__name__)
def test_permuting_classes_permutes_the_answer(penalty):
    y = multinomial.classes(DENSE.X)
    order = np.array([2, 0, 3, 1])
    first, second = solve(DENSE.X, y, penalty), solve(DENSE.X, order[y], penalty)
    assert np.abs(first.coef - second.coef[:, order]).max() <= 1e-6
    assert np.abs(first.intercept - second.intercept[order]).max() <= 1e-6


@pytest.mark.parametrize("penalty", [L2(0.01), L1(0.005)], ids=["L2", "L1"])
def test_weights_are_repeated_rows(penalty):
    y = multinomial.classes(SPARSE.X)
    times = np.arange(80) % 3
    rows = np.repeat(np.arange(80), times)
    weighted = solve(SPARSE.X, y, penalty, sample_weight=times.astype(float))
    repeated = solve(SPARSE.X.tocsr()[rows], y[rows], penalty)
    assert np.abs(weighted.coef - repeated.coef).max() <= 1e-6
    assert abs(weighted.objective - repeated.objective) <= 1e-13


def test_standardize_is_scaled_columns():
    y = multinomial.classes(SPARSE.X)
    deviations = SPARSE.X.toarray().std(0)
    for penalty in (L2(0.01), L1(0.005)):
        inside = solve(SPARSE.X, y, penalty, standardize=True)
        outside = solve(SPARSE.X.toarray() / deviations, y, penalty)
        assert np.abs(inside.coef - outside.coef / deviations[:, None]).max() <= 1e-6
        assert abs(inside.objective - outside.objective) <= 1e-12


def test_the_inverse_of_curvatures_that_underflow_moves_nothing():
    tiny = np.diag([0.0, 1e-320, 1e-309])
    assert not flat_inverse(tiny).any()
    assert np.allclose(flat_inverse(np.diag([0.0, 1e-20, 2e-20])), np.diag([0.0, 1e20, 5e19]))


def test_separable_classes():
    X = np.vstack([np.eye(3) * 5 + shift for shift in (0.0, 0.1, 0.2)])
    y = np.tile(np.arange(3), 3)
    for penalty in (L2(1e-8), L1(1e-8)):
        solution = solve(X, y, penalty, tol=1e-8)
        assert solution.status is Status.CONVERGED
        assert np.array_equal((X @ solution.coef + solution.intercept).argmax(1), y)
        assert solution.objective < 1e-5


def test_copies_of_columns_and_constant_columns_survive():
    X = np.column_stack([DENSE.X, DENSE.X[:, :2], np.zeros(80), np.ones(80)])
    y = multinomial.classes(DENSE.X)
    for penalty in (L2(0.01), L1(0.005), NoPenalty()):
        solution = solve(X, y, penalty, tol=1e-10)
        assert solution.status is Status.CONVERGED
        assert np.all(solution.coef[8] == 0)
        multinomial.assert_optimal(solution, X, y, penalty, within=1e-9)


def test_a_class_that_has_no_weight():
    y = multinomial.classes(DENSE.X)
    weights = (y != 3).astype(float)
    solution = solve(DENSE.X, y, L2(0.01), sample_weight=weights, tol=1e-9)
    alone = solve(DENSE.X[y != 3], y[y != 3], L2(0.01), tol=1e-9)
    assert np.abs(solution.coef[:, :3] - alone.coef).max() <= 1e-4
    assert np.abs(solution.coef[:, 3]).max() <= 1e-4


def test_bounds_hold():
    y = multinomial.classes(DENSE.X)
    solution = solve(DENSE.X, y, Bounded(L1(0.005), 0.0, 0.4), tol=1e-10)
    assert solution.status is Status.CONVERGED
    assert solution.coef.min() == 0
    assert solution.coef.max() == 0.4


@pytest.mark.parametrize("penalty", [L2(1e-3), L1(2e-3)], ids=["L2", "L1"])
@pytest.mark.parametrize("form", [np.asarray, sp.csr_matrix], ids=["dense", "sparse"])
def test_the_same_bits_for_any_number_of_threads(penalty, form):
    rng = np.random.default_rng(0)
    X = form(rng.standard_normal((12000, 8)) * (rng.random((12000, 8)) < 0.5))
    y = multinomial.classes(X, 6)
    first, *others = (solve(X, y, penalty, tol=1e-8, n_threads=number) for number in (1, 2, 3))
    for other in others:
        assert np.array_equal(first.coef, other.coef)
        assert np.array_equal(first.intercept, other.intercept)
        assert first.certificate == other.certificate


def test_a_start_at_the_optimum_takes_no_round():
    y = multinomial.classes(DENSE.X)
    for penalty in (L2(0.01), L1(0.005)):
        solution = solve(DENSE.X, y, penalty, tol=1e-10)
        again = solve(DENSE.X, y, penalty, tol=1e-9, start=solution)
        assert again.n_iter == 0
        assert np.array_equal(again.coef, solution.coef)


def test_work_is_counted():
    y = multinomial.classes(SPARSE.X)
    smooth, sparse = solve(SPARSE.X, y, L2(0.01)).work, solve(SPARSE.X, y, L1(0.005)).work
    assert smooth.newton_steps > 0
    assert smooth.products > 0
    assert sparse.coordinate_updates > 0
    assert sparse.epochs > 0
    assert min(smooth.bytes_read, sparse.bytes_read) > SPARSE.X.data.nbytes
    assert smooth.bytes_copied == SPARSE.X.data.nbytes + SPARSE.X.indices.nbytes  # the twin by rows


def test_what_is_refused():
    y = multinomial.classes(DENSE.X)
    words = {"loss": LOSS, "penalty": L2(0.1)}
    with pytest.raises(TypeError, match="Multinomial has one prediction per class"):
        fastreg.path(DENSE.X, y, **words)
    with pytest.raises(TypeError, match="Multinomial has one prediction per class"):
        fastreg.LinearRegressor(loss=LOSS).fit(DENSE.X, y)
    with pytest.raises(ValueError, match="offset has one number per row"):
        fastreg.solve(DENSE.X, y, offset=np.zeros(80), **words)
    with pytest.raises(ValueError, match=r"start coef has shape \(6,\): pass an array of shape \(6, 4\)"):
        fastreg.solve(DENSE.X, y, start=(np.zeros(6), 0.0), **words)
    with pytest.raises(ValueError, match="y holds the class number 500 with 80 rows"):
        fastreg.solve(DENSE.X, y + 500 * (y == 3) - 3 * (y == 3), **words)
    with pytest.raises(ValueError, match=r"without an intercept in the problem"):
        fastreg.certify(DENSE.X, y, np.zeros((6, 4)), np.ones(4), fit_intercept=False, **words)
    assert fastreg.solve(DENSE.X, y, loss=Squared(), penalty=L2(0.1)).coef.shape == (6,)
