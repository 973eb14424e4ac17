"""The model over a working set: its minimum, reached from anywhere, however singular the Gram matrix."""

import numpy as np
import pytest

from fastreg import team
from fastreg.jit import checked
from fastreg.losses import Squared
from fastreg.penalties import L1, L2, Bounded, ElasticNet
from fastreg.solvers.problem import assemble
from fastreg.solvers.quadratic import Quadratic
from fastreg.solvers.support import curvatures_of, factorise

PENALTIES = [
    L1(0.05), L1(0.0), ElasticNet(0.05, 0.7), Bounded(L1(0.02), 0.0, np.inf), Bounded(L2(0.01), -0.1, 0.2),
]  # fmt: skip


def designs():
    rng = np.random.default_rng(5)
    tall = rng.standard_normal((200, 30))
    alike = rng.standard_normal((200, 1)) + 0.1 * rng.standard_normal((200, 30))
    copies = np.repeat(tall[:, :10], 3, axis=1)
    wide = rng.standard_normal((12, 30))
    return {"tall": tall, "alike": alike, "copies": copies, "wide": wide}


DESIGNS = designs()


def minimised(X, target, penalty, coef, share=1e-9):
    with team.lease(1) as crew:
        problem = assemble(
            crew, np.asfortranarray(X), target, Squared(), penalty, fit_intercept=False, standardize=False,
            sample_weight=None, offset=None,
        )  # fmt: skip
        matrix = X.T @ X / len(X)
        gradient = matrix @ coef - X.T @ target / len(X)
        features = np.arange(X.shape[1])
        model = Quadratic(problem, matrix, features, 1 / np.diag(matrix))
        coef = coef.copy()
        model.minimise(coef, gradient, share)
        return coef, gradient, matrix, problem


@pytest.mark.parametrize("penalty", PENALTIES, ids=repr)
@pytest.mark.parametrize("design", DESIGNS)
def test_it_ends_where_no_prox_step_moves(design, penalty):
    X = DESIGNS[design]
    rng = np.random.default_rng(1)
    target = X[:, :4] @ np.array([1.0, -0.5, 0.25, 1.0]) + 0.3 * rng.standard_normal(len(X))
    penalty = checked(penalty, "penalty", X.shape[1])
    for start in (np.zeros(X.shape[1]), np.full(X.shape[1], 0.1)):
        coef, gradient, matrix, _ = minimised(X, target, penalty, start)
        np.testing.assert_allclose(gradient, matrix @ coef - X.T @ target / len(X), rtol=0, atol=1e-12)
        moved = [penalty.prox(coef[j] - gradient[j], 1.0, j) for j in range(coef.size)]
        assert np.abs(coef - moved).max() <= 1e-7


def test_a_newton_step_spares_the_sweeps():
    X = DESIGNS["alike"]
    target = X @ np.linspace(-1, 1, 30)
    *_, problem = minimised(X, target, checked(L1(1e-4), "penalty", 30), np.zeros(30), share=1e-12)
    work = problem.counter.total()
    assert work.newton_solves > 0
    assert work.epochs < 300  # coordinate descent by itself takes thousands


def test_the_curvature_of_a_penalty_is_no_rounding():
    """A second difference next to 0, blown up by the square of its width, would be anything up to 1e300."""
    weights, found = np.array([1e-300, 1e-18, -1e-9, 1e-3, -1.0, 3.0, 0.0]), np.empty(7)
    features = np.arange(7)
    curvatures_of(checked(L1(0.3), "penalty", 7), features, weights, found)
    assert found.tolist() == [0.0] * 6 + [np.inf]
    curvatures_of(checked(ElasticNet(0.3, 0.5), "penalty", 7), features, weights, found)
    np.testing.assert_allclose(found[3:6], 0.3, rtol=1e-9)  # l2 of textbook strength: 2 * 0.3 * 0.5
    assert np.all(np.isin(found[:2], 0.0))


def test_copies_of_columns_with_weights_next_to_0_are_factored():
    X = np.repeat(DESIGNS["alike"], 2, axis=1)
    weights = 1e-18 * np.random.default_rng(0).standard_normal(60)
    with team.lease(1) as crew:
        problem = assemble(
            crew, np.asfortranarray(X), X[:, 0], Squared(), L1(0.1), fit_intercept=False, standardize=False,
            sample_weight=None, offset=None,
        )  # fmt: skip
        matrix = X.T @ X / len(X)
        model = Quadratic(problem, matrix, np.arange(60), 1 / np.diag(matrix))
        model._factorise(np.arange(60), weights)
    assert model._factor.size == 60


def test_the_small_factor_is_that_of_cholesky():
    X = DESIGNS["tall"]
    system = X.T @ X
    factor = system.copy()
    assert factorise(factor)
    np.testing.assert_allclose(np.triu(factor), np.linalg.cholesky(system).T, rtol=0, atol=1e-12)
    assert not factorise(-system)
