"""The factor of a support: the Cholesky factor of its rows, whoever has joined and left before."""

import numpy as np
import pytest

from fastreg.jit import checked, cholesky
from fastreg.penalties import L1
from fastreg.solvers.factor import Factor, adapt

P = 40
PENALTY = checked(L1(0.1), "penalty", P)


def gram(seed=0, rows=100):
    X = np.random.default_rng(seed).standard_normal((rows, P))
    return X.T @ X / rows


def adapted(factor, matrix, support, steps=None):
    coef = np.zeros(P)
    coef[support] = 1.0
    steps = 1 / np.diag(matrix) if steps is None else steps
    rows, factor.size, follows = adapt(
        factor.rows,
        factor.size,
        factor.members,
        factor.curvatures,
        matrix,
        np.arange(P),
        PENALTY,
        steps,
        coef,
    )
    factor.rows = rows
    return follows


def assert_factors(factor, matrix, support):
    members = factor.members[: factor.size]
    assert sorted(members) == sorted(support)
    upper = np.triu(factor.rows[: factor.size, : factor.size])
    np.testing.assert_allclose(upper.T @ upper, matrix[np.ix_(members, members)], rtol=0, atol=1e-10)


def test_it_follows_a_support_that_wanders():
    matrix, rng = gram(), np.random.default_rng(1)
    factor, support = Factor(P), set()
    for _ in range(60):
        support ^= set(rng.choice(P, rng.integers(1, 8), replace=False).tolist())
        assert adapted(factor, matrix, sorted(support))
        assert_factors(factor, matrix, support)


def test_a_support_that_changes_much_leaves_it_as_it_was():
    matrix, factor = gram(), Factor(P)
    assert adapted(factor, matrix, range(10))
    assert not adapted(factor, matrix, range(5, P))
    assert_factors(factor, matrix, range(10))


def test_columns_that_cannot_move_stay_out():
    matrix = gram()
    steps = np.where(np.arange(P) == 3, 0.0, 1.0)
    factor = Factor(P)
    assert adapted(factor, matrix, range(6), steps)
    assert_factors(factor, matrix, [0, 1, 2, 4, 5])


def test_a_column_that_depends_on_others_stays_out_or_is_told_from_them():
    """A copy leaves a pivot of the ridge alone, a multiple of rounding at least; more would be a lie."""
    matrix = gram(rows=10)  # of rank 10
    factor = Factor(P)
    assert adapted(factor, matrix, range(14))
    pivots = np.diag(factor.rows)[: factor.size]
    assert np.all(pivots[:10] > 1e-3)
    assert np.all((pivots[10:] > 0) & (pivots[10:] < 1e-4))


@pytest.mark.small
def test_cholesky_in_place():
    matrix = gram()
    factor = matrix.copy()
    assert cholesky(factor)
    np.testing.assert_allclose(np.triu(factor), np.linalg.cholesky(matrix).T, rtol=0, atol=1e-12)
    assert np.array_equal(np.tril(factor, -1), np.tril(matrix, -1))
    assert not cholesky(-matrix)
