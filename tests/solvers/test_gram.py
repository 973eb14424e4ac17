"""A Gram matrix is the one NumPy makes, however its columns, rows' curvatures and centres came about."""

import numpy as np
import pytest
import scipy.sparse as sp

from fastreg import team
from fastreg.losses import Squared
from fastreg.penalties import L1
from fastreg.solvers.gram import Gram
from fastreg.solvers.problem import assemble

RNG = np.random.default_rng(3)
N_SAMPLES, N_FEATURES = 700, 40
DENSE = RNG.standard_normal((N_SAMPLES, N_FEATURES)) + RNG.uniform(-3, 3, N_FEATURES)
SPARSE = DENSE * (RNG.random(DENSE.shape) < 0.2)
LAYOUTS = {
    "F": np.asfortranarray(DENSE),
    "C": np.ascontiguousarray(DENSE),
    "float32": np.asfortranarray(DENSE, dtype=np.float32),
    "csc": sp.csc_array(SPARSE),
}


def matrix_of(X, n_threads=2):
    with team.lease(n_threads) as crew:
        problem = assemble(
            crew, X, np.arange(N_SAMPLES), Squared(), L1(1.0), fit_intercept=True, standardize=False,
            sample_weight=None, offset=None,
        )  # fmt: skip
        yield problem.matrix


def held(gram, matrix, features, curvatures):
    """Let a Gram matrix follow to some columns; return its block in the order of ``features``."""
    reader = matrix.select(features)
    settled = gram.settle(curvatures)
    total = settled * N_SAMPLES if np.ndim(settled) == 0 else settled.sum()
    mass = reader.sums(settled)
    plan = gram.plan(reader, features, settled)
    gram.follow(plan, settled, mass / total)
    block = gram.block(np.ones(features.size), mass[plan.order], total)
    back = np.empty_like(plan.order)
    back[plan.order] = np.arange(back.size)
    return block[np.ix_(back, back)], settled


def assert_is_gram(block, X, features, curvatures):
    chosen = np.asarray(X.todense() if sp.issparse(X) else X, dtype=np.float64)[:, features]
    weights = np.broadcast_to(curvatures, N_SAMPLES)
    centred = chosen - np.average(chosen, axis=0, weights=weights)
    expected = (centred * weights[:, None]).T @ centred
    np.testing.assert_allclose(block, expected, rtol=0, atol=1e-12 * np.abs(expected).max())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_columns_that_come_and_go(layout):
    X = LAYOUTS[layout]
    for matrix in matrix_of(X):
        gram = Gram(has_intercept=True)
        for features in (np.arange(5, 20), np.arange(10, 35, 2), np.arange(40), np.array([3, 17, 39])):
            block, _ = held(gram, matrix, features, 0.7)
            assert_is_gram(block, X, features, 0.7)


def test_a_block_that_is_centred_already_is_no_copy():
    features, curvatures = np.arange(5, 20), RNG.uniform(0.1, 1.0, N_SAMPLES)
    for matrix in matrix_of(LAYOUTS["F"]):
        gram, mass = Gram(has_intercept=True), matrix.select(features).sums(curvatures)
        held(gram, matrix, features, curvatures)
        one, total = np.ones(features.size), curvatures.sum()
        same = gram.block(one, mass, total)
        assert gram.block(one, mass, total) is same
        for scale, moved in ((one, mass + 1e-6 * total), (2 * one, mass)):
            assert not np.shares_memory(gram.block(scale, moved, total), same)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_curvatures_that_move(layout):
    X = LAYOUTS[layout]
    features = np.arange(1, 40, 3)
    curvatures = RNG.uniform(0.1, 1.0, N_SAMPLES)
    for matrix in matrix_of(X):
        gram = Gram(has_intercept=True)
        for share in (1.0, 0.3, 0.001, 1.0):
            moved = RNG.random(N_SAMPLES) < share
            curvatures = np.where(moved, RNG.uniform(0.1, 1.0, N_SAMPLES), curvatures)
            block, used = held(gram, matrix, features, curvatures)
            assert_is_gram(block, X, features, used)
            assert np.all(np.abs(used - curvatures) <= 0.1 * used * (1 + 1e-15))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_same_bits_for_any_number_of_threads(layout):
    big = LAYOUTS[layout]
    big = (
        sp.vstack([big] * 40, format="csc") if sp.issparse(big) else np.asfortranarray(np.vstack([big] * 40))
    )
    features = np.arange(40)
    found = []
    for n_threads in (1, 2, 3):
        with team.lease(n_threads) as crew:
            problem = assemble(
                crew, big, np.arange(big.shape[0]), Squared(), L1(1.0), fit_intercept=True,
                standardize=False, sample_weight=None, offset=None,
            )  # fmt: skip
            reader = problem.matrix.select(features)
            gram = Gram(has_intercept=True)
            plan = gram.plan(reader, features, 1.0)
            gram.follow(plan, 1.0, np.zeros(40))
            found.append(gram.block(np.ones(40), np.zeros(40), float(big.shape[0])))
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])
    assert np.abs(found[0]).max() > 1000
