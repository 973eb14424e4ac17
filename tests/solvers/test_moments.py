"""Moments are sums over rows, however X is stored and whoever adds them up."""

import numpy as np
import problems
import pytest

from fastreg import team
from fastreg.losses import Squared
from fastreg.penalties import L1
from fastreg.solvers.moments import Moments, RowsOfMoments
from fastreg.solvers.problem import assemble

PROBLEM = problems.dense(700, 12)
SETS = [np.arange(0, 300), np.arange(300, 700, 2), np.arange(301, 700, 2)]


def measured(X, sets, n_threads=1, fit_intercept=True):
    with team.lease(n_threads) as crew:
        problem = assemble(
            crew, X, PROBLEM.y, Squared(), L1(1.0), fit_intercept=fit_intercept, standardize=False,
            sample_weight=PROBLEM.sample_weight, offset=PROBLEM.offset,
        )  # fmt: skip
        rows = RowsOfMoments(problem)
        return rows, rows.moments(problem.matrix, sets), problem


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("order", ["F", "C"])
def test_they_say_what_the_rows_say(order, fit_intercept):
    X, y = PROBLEM.X, PROBLEM.y - PROBLEM.offset
    rows, found, problem = measured(np.asarray(X, order=order), SETS, fit_intercept=fit_intercept)
    coef, intercept = np.linspace(-1, 1, 12), 0.3 * fit_intercept
    own = intercept - rows.centre + rows.centres @ coef  # relative to the centres
    for chosen, moments in zip(SETS, found, strict=True):
        weights = problem.weights[chosen]
        errors = X[chosen] @ coef + intercept - y[chosen]
        assert moments.total == pytest.approx(weights.sum())
        assert moments.square(coef, own) == pytest.approx(np.average(errors**2, weights=weights))
        matrix, image, square = moments.normal_equations(centred=fit_intercept)
        means = np.average(X[chosen], axis=0, weights=weights) if fit_intercept else np.zeros(12)
        mean = np.average(y[chosen], weights=weights) if fit_intercept else 0.0
        centred, target = (X[chosen] - means) * np.sqrt(weights / weights.sum())[:, None], y[chosen] - mean
        target = target * np.sqrt(weights / weights.sum())
        np.testing.assert_allclose(matrix, centred.T @ centred, rtol=0, atol=1e-12)
        np.testing.assert_allclose(image, centred.T @ target, rtol=0, atol=1e-12)
        assert square == pytest.approx(target @ target)


def test_they_add_up():
    _, found, _ = measured(PROBLEM.X, SETS)
    _, (whole,), _ = measured(PROBLEM.X, [np.arange(700)])
    together = Moments.sum(found)
    np.testing.assert_allclose(together.triangle, whole.triangle, rtol=0, atol=1e-13)
    np.testing.assert_allclose(
        whole.without(found[0]).triangle, Moments.sum(found[1:]).triangle, rtol=0, atol=1e-13
    )


def test_bits_do_not_depend_on_threads():
    for sets in (SETS, [np.arange(700)]):
        first, *others = [measured(PROBLEM.X, sets, count)[1] for count in (1, 2, 8)]
        for other in others:
            for one, two in zip(first, other, strict=True):
                assert np.array_equal(one.triangle, two.triangle)
