"""Groups of weights: the optimum of a plain oracle, true gaps, and the ways a group can be degenerate."""

import warnings
from typing import NamedTuple

import group_reference
import numpy as np
import problems
import pytest
import scipy.sparse as sp

import fastreg
from fastreg import CertificateKind, Status
from fastreg.jit import checked, completed
from fastreg.losses import Huber, Logistic, Squared, SquaredHinge
from fastreg.penalties import L1, GroupL2
from fastreg.solvers import block_kernels, block_models

TIGHT = 1e-12
LOSSES = [Squared(), Logistic()]
NUMBERS = np.array([0, 0, 0, 1, 1, 2, 3, 3, 3, 3, 4, 4])
WEIGHTS = np.array([1.0, 2.0, 0.5, 1.5, 1.0])
DENSE, SPARSE = problems.dense(), problems.sparse()


def fit(X, y, loss, strength, groups, weights=1.0, **words):
    penalty = GroupL2(strength, groups, weights)
    return fastreg.solve(X, y, loss=loss, penalty=penalty, **{"tol": TIGHT, **words})


def text(n=300, p=90, seed=3):
    """A sparse matrix whose working sets are kept as products only."""
    rng = np.random.default_rng(seed)
    X = sp.csc_array(rng.uniform(0.2, 2.0, (n, p)) * (rng.random((n, p)) < 0.05))
    return problems.problem(X, seed)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("problem", [DENSE, SPARSE], ids=["dense", "sparse"])
def test_every_setting_reaches_the_oracle(problem, loss):
    everything = {"sample_weight": problem.sample_weight, "offset": problem.offset, "standardize": True}
    y = problem.target(loss)
    for words in ({}, everything, {"fit_intercept": False}):
        solution = fit(problem.X, y, loss, 0.05, NUMBERS, WEIGHTS, **words)
        assert solution.status is Status.CONVERGED
        assert 0 < np.count_nonzero(solution.coef)
        oracle = group_reference.Norms(0.05, NUMBERS, WEIGHTS)
        group_reference.assert_optimal(solution, problem.X, y, loss=loss, penalty=oracle, **words)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("layout", ["csc", "csr"])
def test_sparse_working_sets_of_products_reach_the_oracle(layout, loss):
    problem = text()
    numbers = np.repeat(np.arange(30), 3)
    y = problem.target(loss)
    solution = fit(problem.X.asformat(layout), y, loss, 0.01, 3, sample_weight=problem.sample_weight)
    words = {"loss": loss, "penalty": group_reference.Norms(0.01, numbers)}
    group_reference.assert_optimal(solution, problem.X, y, sample_weight=problem.sample_weight, **words)
    assert 0 < np.count_nonzero(solution.coef) < 90


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("order", ["F", "C"])
def test_dense_working_sets_of_products_reach_the_oracle(monkeypatch, order, loss):
    monkeypatch.setattr(block_models, "_FEW_ENTRIES", 0)  # as if the problem were large
    y = DENSE.target(loss)
    X = np.asarray(DENSE.X, order=order)
    solution = fit(X, y, loss, 0.02, NUMBERS, sample_weight=DENSE.sample_weight, standardize=True)
    oracle = group_reference.Norms(0.02, NUMBERS)
    words = {"loss": loss, "penalty": oracle, "sample_weight": DENSE.sample_weight, "standardize": True}
    group_reference.assert_optimal(solution, X, y, **words)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("few", [0, 1 << 20], ids=["products", "columns"])
def test_a_group_too_long_for_jacobi_reaches_the_oracle(monkeypatch, few, loss):
    monkeypatch.setattr(block_models, "_FEW_ENTRIES", few)
    problem = problems.dense(n=80, p=45)
    y = problem.target(loss)
    numbers = np.r_[np.zeros(40, dtype=int), 1, 1, 1, 2, 2]
    solution = fit(problem.X, y, loss, 0.03, numbers)
    oracle = group_reference.Norms(0.03, numbers)
    group_reference.assert_optimal(solution, problem.X, y, loss=loss, penalty=oracle)
    assert np.count_nonzero(solution.coef[:40]) == 40


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("order", ["F", "C"])
def test_many_more_columns_than_rows(order, loss):
    wide = problems.wide(correlation=0.9)
    y = wide.target(loss)
    solution = fit(np.asarray(wide.X, order=order), y, loss, 0.03, 6, tol=1e-11)
    oracle = group_reference.Norms(0.03, np.repeat(np.arange(20), 6))
    words = {"coef_tolerance": 1e-4, "loss": loss, "penalty": oracle}
    group_reference.assert_optimal(solution, wide.X, y, **words)


@pytest.mark.parametrize("loss", [Squared(), Logistic(), Huber(0.7), SquaredHinge()], ids=repr)
@pytest.mark.parametrize("problem", [DENSE, SPARSE], ids=["dense", "sparse"])
def test_groups_of_one_are_the_lasso(problem, loss):
    y = problem.labels if type(loss).__name__ in ("Logistic", "SquaredHinge") else problem.y
    groups = fit(problem.X, y, loss, 0.05, 1)
    lasso = fastreg.solve(problem.X, y, loss=loss, penalty=L1(0.05), tol=TIGHT)
    assert np.count_nonzero(lasso.coef) < lasso.coef.size
    assert groups.coef == pytest.approx(lasso.coef, abs=1e-6)
    assert groups.objective == pytest.approx(lasso.objective, rel=1e-11)
    assert groups.certificate.kind is CertificateKind.DUALITY_GAP


@pytest.mark.small
@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_permuted_columns_and_groups_permute_the_answer(loss):
    y = DENSE.target(loss)
    plain = fit(DENSE.X, y, loss, 0.05, NUMBERS, WEIGHTS)
    rng = np.random.default_rng(4)
    columns, names = rng.permutation(NUMBERS.size), np.array(["e", "b", "d", "a", "c"])
    labels = names[NUMBERS][columns]
    weights = WEIGHTS[np.argsort(names)]
    permuted = fit(np.asfortranarray(DENSE.X[:, columns]), y, loss, 0.05, labels, weights)
    assert permuted.coef == pytest.approx(plain.coef[columns], abs=1e-7)
    lists = [np.flatnonzero(columns_of == NUMBERS) for columns_of in range(5)]
    assert np.array_equal(fit(DENSE.X, y, loss, 0.05, lists, WEIGHTS).coef, plain.coef)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("strength", [0.2, 0.05, 0.005])
def test_constant_and_duplicated_columns_inside_and_across_groups(strength, loss):
    X = np.column_stack([DENSE.X, DENSE.X[:, 3], np.full(60, 2.5), np.zeros(60), DENSE.X[:, 0]])
    numbers = np.r_[NUMBERS, 1, 1, 3, 4]
    y = DENSE.target(loss)
    solution = fit(np.asfortranarray(X), y, loss, strength, numbers)
    oracle = group_reference.Norms(strength, numbers)
    words = {"coef_tolerance": 1e-4, "loss": loss, "penalty": oracle}
    group_reference.assert_optimal(solution, X, y, **words)
    assert solution.coef[3] == pytest.approx(solution.coef[12], abs=1e-7)  # the norm prefers equal shares
    assert solution.coef[13] == solution.coef[14] == 0


@pytest.mark.small
@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_weight_two_is_the_row_twice(loss):
    counts = np.arange(60) % 3
    y = DENSE.target(loss)
    weighted = fit(DENSE.X, y, loss, 0.05, NUMBERS, sample_weight=counts)
    repeated = fit(np.repeat(DENSE.X, counts, axis=0), np.repeat(y, counts), loss, 0.05, NUMBERS)
    assert weighted.coef == pytest.approx(repeated.coef, abs=1e-7)
    assert weighted.intercept == pytest.approx(repeated.intercept, abs=1e-7)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_the_gap_bounds_the_true_suboptimality_at_every_round(loss):
    y = DENSE.target(loss)
    best = fit(DENSE.X, y, loss, 0.02, NUMBERS).objective
    penalty = GroupL2(0.02, NUMBERS)
    rng = np.random.default_rng(0)
    at_zero = fastreg.certify(DENSE.X, y, np.zeros(12), loss=loss, penalty=penalty, fit_intercept=False)
    for size in (0.0, 1e-3, 0.1, 3.0):
        coef = fit(DENSE.X, y, loss, 0.02, NUMBERS).coef + size * rng.standard_normal(12)
        found = fastreg.certify(DENSE.X, y, coef, 0.3, loss=loss, penalty=penalty)
        scale = (found.primal - found.dual) / found.gap if found.gap else at_zero.primal
        assert found.kind is CertificateKind.DUALITY_GAP
        assert found.primal - best <= found.gap * scale * (1 + 1e-9) + 1e-12


@pytest.mark.small
def test_unpenalised_groups_are_fitted_freely():
    weights = np.array([0.0, 1.0, 1.0, 1.0, 1.0])
    strong = fit(DENSE.X, DENSE.y, Squared(), 100.0, NUMBERS, weights)
    design = np.column_stack([np.ones(60), DENSE.X[:, :3]])
    least_squares = np.linalg.lstsq(design, DENSE.y, rcond=None)[0]
    assert strong.coef == pytest.approx(np.r_[least_squares[1:], np.zeros(9)], abs=1e-9)
    assert strong.certificate.kind is CertificateKind.DUALITY_GAP
    free = fit(DENSE.X, DENSE.y, Squared(), 0.1, NUMBERS, 0.0)
    design = np.column_stack([np.ones(60), DENSE.X])
    assert np.r_[free.intercept, free.coef] == pytest.approx(
        np.linalg.lstsq(design, DENSE.y, rcond=None)[0], abs=1e-7
    )


def test_more_unpenalised_features_than_the_dual_can_hold():
    problem = problems.dense(n=90, p=50)
    weights = np.r_[0.0, np.ones(10)]
    groups = [list(range(40)), *([j] for j in range(40, 50))]
    found = fit(problem.X, problem.y, Squared(), 0.1, groups, weights, tol=1e-9)
    assert found.status is Status.CONVERGED
    assert found.certificate.kind is CertificateKind.KKT_RESIDUAL
    factors = np.r_[np.zeros(40), np.ones(10)]
    same = fastreg.solve(problem.X, problem.y, loss=Squared(), penalty=L1(0.1 * factors), tol=1e-9)
    assert found.coef == pytest.approx(same.coef, abs=1e-6)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("layout", ["F", "C", "csc", "csr"])
def test_same_bits_for_any_number_of_threads(layout, loss):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((1500, 900))
    if layout in ("csc", "csr"):
        X = sp.csc_array(X * (rng.random(X.shape) < 0.08)).asformat(layout)
    else:
        X = np.asarray(X, order=layout)
    y = X @ np.r_[rng.standard_normal(30), np.zeros(870)] + rng.standard_normal(1500)
    y = np.where(y > 0, 1.0, -1.0) if type(loss) is Logistic else y
    strength = 0.02 if type(loss) is Logistic else 0.05
    one = fit(X, y, loss, strength, 3, n_threads=1, tol=1e-8)
    assert np.count_nonzero(one.coef) > 20
    for threads in (2, 3):
        other = fit(X, y, loss, strength, 3, n_threads=threads, tol=1e-8)
        assert other.coef.tobytes() == one.coef.tobytes()
        assert (other.gap, other.work) == (one.gap, one.work)


@pytest.mark.small
def test_the_critical_strength_holds_all_groups_and_a_bit_less_does_not():
    path = fastreg.path(
        DENSE.X, DENSE.y, loss=Squared(), penalty=GroupL2(1.0, NUMBERS, "sqrt"), strengths=8, ratio=0.01,
        tol=1e-10,
    )  # fmt: skip
    centred = DENSE.X - DENSE.X.mean(axis=0)
    pulls = group_reference.Norms(1.0, NUMBERS).norms(centred.T @ (DENSE.y - DENSE.y.mean()) / 60)
    assert path.strengths[0] == pytest.approx((pulls / np.sqrt(np.bincount(NUMBERS))).max(), rel=1e-12)
    assert path.coefs[:, [0]].nnz == 0
    assert fit(DENSE.X, DENSE.y, Squared(), 0.999 * path.strengths[0], NUMBERS, "sqrt").coef.any()
    assert path.gaps.max() <= 1e-10
    for k in (3, 7):
        alone = fit(DENSE.X, DENSE.y, Squared(), path.strengths[k], NUMBERS, "sqrt")
        assert path.coefs[:, [k]].toarray().ravel() == pytest.approx(alone.coef, abs=1e-6)


@pytest.mark.small
def test_a_quadratic_loss_whose_groups_all_fit_is_solved_in_one_round():
    for weights in (None, DENSE.sample_weight):
        found = fit(DENSE.X + 3.0, DENSE.y, Squared(), 0.05, NUMBERS, sample_weight=weights)
        assert found.n_iter == 1
        assert found.work.newton_steps == 1


@pytest.mark.small
@pytest.mark.parametrize("guess", [0.0, 1e-6, 1e6])
def test_the_step_over_a_block_is_its_exact_minimiser(monkeypatch, guess):
    monkeypatch.setattr(block_kernels, "_MOST_ROOT_STEPS", 12)  # where nothing is compiled
    term = completed(checked(GroupL2(0.7, 4), "block penalty", 4))
    rng = np.random.default_rng(2)
    for spread in (0.0, 1.0, 6.0):
        curvatures = 10.0 ** rng.uniform(-spread, spread, 4)
        pull = rng.standard_normal(4) * np.sqrt(curvatures)
        pull *= 1.7 / np.linalg.norm(pull)
        found = np.empty(4)
        theta = block_kernels.minimise_block(term, 0, curvatures, pull, guess, found)
        length = np.linalg.norm(found)
        slope = curvatures * found - pull + 0.7 * found / length
        assert np.abs(slope).max() <= 1e-12
        assert theta == pytest.approx(0.7 / length, rel=1e-12)
        block_kernels.minimise_block(term, 0, curvatures, pull * (0.7 / 1.7) * (1 - 1e-12), guess, found)
        assert not found.any()


@pytest.mark.parametrize("scale", [1e-8, 1e8])
def test_scales_of_all_sizes(scale):
    scales = np.r_[scale, np.ones(11)]
    solution = fit(np.asfortranarray(DENSE.X * scales), DENSE.y, Squared(), 0.05, NUMBERS, tol=1e-9)
    assert solution.gap <= 1e-9
    assert solution.status is Status.CONVERGED


@pytest.mark.small
def test_float32_is_close_to_float64():
    double = fit(DENSE.X, DENSE.y, Squared(), 0.05, NUMBERS)
    single = fit(DENSE.X.astype(np.float32), DENSE.y, Squared(), 0.05, NUMBERS)
    assert single.coef == pytest.approx(double.coef, abs=1e-5)
    assert single.gap <= TIGHT


def test_a_start_and_an_early_end():
    words = {"loss": Squared(), "penalty": GroupL2(0.02, NUMBERS)}
    found = fastreg.solve(DENSE.X, DENSE.y, tol=1e-12, **words)
    again = fastreg.solve(DENSE.X, DENSE.y, tol=1e-9, start=found, **words)
    assert again.n_iter == 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fastreg.ConvergenceWarning)
        ended = fastreg.solve(DENSE.X, DENSE.y, tol=1e-9, max_iter=0, **words)
    assert ended.status is Status.MAX_ITER
    assert not ended.coef.any()


class GroupElasticNet(NamedTuple):
    """A user's block penalty: strength * |w_g| + ridge * |w_g|^2, no word but the two required."""

    strength: float
    ridge: float
    groups: object

    def value(self, norm, g):
        return self.strength * abs(norm) + self.ridge * norm * norm

    def prox(self, norm, step, g):
        return max(norm - step * self.strength, 0.0) / (1 + 2 * step * self.ridge)


class Dualised(GroupElasticNet):
    """The same with its conjugate, and so with a duality gap."""

    def conjugate(self, u, g):
        return max(abs(u) - self.strength, 0.0) ** 2 / (4 * self.ridge)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("penalty_class", [GroupElasticNet, Dualised])
def test_a_users_own_block_penalty(penalty_class, loss):
    ridge = 0.07

    class Oracle(group_reference.Norms):
        def value(self, w):
            return super().value(w) + ridge * float(w @ w)

        def prox(self, w, step):
            return super().prox(w, step) / (1 + 2 * step * ridge)

    y = DENSE.target(loss)
    solution = fastreg.solve(DENSE.X, y, loss=loss, penalty=penalty_class(0.05, ridge, NUMBERS), tol=1e-11)
    best = group_reference.reference.minimise(DENSE.X, y, loss=loss, penalty=Oracle(0.05, NUMBERS))
    assert solution.coef == pytest.approx(best.coef, abs=1e-5)
    assert solution.status is Status.CONVERGED
    known = penalty_class is Dualised
    assert solution.certificate.kind is list(CertificateKind)[not known]
    path = fastreg.path(
        DENSE.X, y, loss=loss, penalty=penalty_class(1.0, ridge, NUMBERS), strengths=3, ratio=0.1
    )
    assert path.coefs[:, [0]].nnz == 0 < path.coefs[:, [2]].nnz
