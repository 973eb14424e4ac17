"""Truncated Newton: what is factored instead of iterated, and that it arrives where the oracle does."""

import numpy as np
import problems
import pytest
import scipy.sparse as sp

import fastreg
from fastreg import team
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L2, NoPenalty
from fastreg.solvers import matrices, preconditioners
from fastreg.solvers.counter import Counter


def one_hot(n=4_500, sizes=(40, 40, 40, 8, 8), seed=0):
    """Indicators of several categories of very different frequency: collinear with an intercept."""
    rng = np.random.default_rng(seed)
    codes = [(size * rng.random(n) ** 3).astype(int) for size in sizes]
    blocks = [sp.eye_array(size, format="csr")[code] for size, code in zip(sizes, codes, strict=True)]
    return problems.problem(sp.csr_array(sp.hstack(blocks)), seed)


ONE_HOT = one_hot()
ALIKE = problems.dense(n=2_000, p=200, correlation=0.995)


def fit(problem, X=None, loss=None, **words):
    loss = Logistic() if loss is None else loss
    X = problem.X if X is None else X
    return fastreg.solve(X, problem.target(loss), loss=loss, **{"penalty": L2(1e-5), "tol": 1e-9, **words})


@pytest.mark.small
@pytest.mark.parametrize("pairs_per_call", [50, 1_000_000])
@pytest.mark.parametrize("in_order", [True, False])
def test_the_gram_matrix_of_sparse_rows(pairs_per_call, in_order, monkeypatch):
    monkeypatch.setattr(matrices, "_PAIRS_PER_CALL", pairs_per_call)
    rng = np.random.default_rng(0)
    X = sp.random_array((90, 5), density=0.5, format="csr", rng=rng)
    weights = rng.random(90)
    dense = X.toarray()
    if not in_order:
        for start, stop in zip(X.indptr[:-1], X.indptr[1:], strict=True):
            X.indices[start:stop] = X.indices[start:stop][::-1].copy()
            X.data[start:stop] = X.data[start:stop][::-1].copy()
    with team.lease(2) as crew:
        matrix = matrices.sparse_matrix(crew, Counter(), X, by_columns=False)
        gram = matrix.gram(weights)
    np.testing.assert_allclose(gram, (dense.T * weights) @ dense, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("penalty", [L2(1e-5), L2(np.r_[np.full(100, 1e-5), np.zeros(36)]), NoPenalty()])
def test_sparse_rows_are_multiplied_out(penalty):
    """Collinear columns or not: the factor leaves a few products to conjugate gradients."""
    solution = fit(ONE_HOT, penalty=penalty, tol=1e-8)
    assert solution.gap <= 1e-8
    assert solution.work.products <= 6 * solution.work.newton_steps
    assert solution.work.newton_steps <= 12


@pytest.mark.parametrize("loss", [Logistic(), Squared()])
def test_sparse_rows_that_are_factored_arrive_where_the_oracle_does(loss):
    words = {"sample_weight": ONE_HOT.sample_weight, "offset": ONE_HOT.offset, "penalty": L2(1e-3)}
    solution = fit(ONE_HOT, loss=loss, tol=1e-11, **words)
    problems.assert_optimal(
        solution, ONE_HOT.X, ONE_HOT.target(loss), loss=loss, coef_tolerance=1e-4, **words
    )


def test_a_sample_of_the_rows_saves_most_products(monkeypatch):
    found = fit(ALIKE)
    monkeypatch.setattr(preconditioners, "_rows_to_sample", lambda matrix, steps: 0)
    diagonal = fit(ALIKE)
    assert found.gap <= 1e-9 >= diagonal.gap
    assert 3 * found.work.products < diagonal.work.products
    np.testing.assert_allclose(found.objective, diagonal.objective, rtol=1e-8)


def test_columns_that_the_sample_misses_do_not_stop_it():
    X = ALIKE.X.copy()
    X[:, ::20] = 0
    X[np.arange(10) * 199, np.arange(10) * 20] = 30.0  # one entry each
    assert fit(ALIKE, X).gap <= 1e-9


def test_a_quadratic_is_solved_with_a_sample():
    X = np.asfortranarray(np.tile(ALIKE.X, (4, 1)))
    words = {"loss": Squared(), "penalty": L2(1e-4)}
    expected = fastreg.solve(ALIKE.X, ALIKE.y, tol=1e-13, **words)
    found = fastreg.solve(X, np.tile(ALIKE.y, 4), tol=1e-13, **words)
    np.testing.assert_allclose(found.coef, expected.coef, atol=1e-6)


@pytest.mark.parametrize("problem", [ONE_HOT, ALIKE], ids=["pairs", "sample"])
def test_bits_do_not_depend_on_threads(problem):
    found = [fit(problem, n_threads=threads, tol=1e-6) for threads in (1, 2, 3)]
    assert len({(each.coef.tobytes(), each.intercept, each.gap, each.work) for each in found}) == 1
