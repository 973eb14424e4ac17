"""The multinomial loss: derivatives, duality, and rows far out."""

import numpy as np
import pytest
from scipy.special import logsumexp

from fastreg.jit import kernel
from fastreg.losses import Multinomial

pytestmark = pytest.mark.small

LOSS = Multinomial()
ROWS = [np.array([0.3, -1.2, 2.0]), np.array([5.0, 5.0]), np.array([-3.0, 40.0, 2.0, -700.0, 1.0])]


def _rows(loss, y, weight, prediction, direction, slope, curved, matrix):
    slope[:] = prediction
    value = loss.evaluate(y, slope)
    for k in range(slope.size):
        slope[k] *= weight
    loss.curve(y, weight, slope, direction, curved)
    loss.couple(y, weight, slope, matrix)
    return value


_compiled_rows = kernel(_rows)


def found(row, y, weight=0.7, call=_rows):
    """Return value, weighted slopes, a product with the weighted Hessian, and that Hessian."""
    rng = np.random.default_rng(3)
    direction = rng.standard_normal(row.size)
    slope, curved, matrix = np.empty(row.size), np.empty(row.size), np.zeros((row.size, row.size))
    value = call(LOSS, y, weight, row, direction, slope, curved, matrix)
    return value, slope, curved, matrix, direction


@pytest.mark.parametrize("row", ROWS, ids=len)
def test_derivatives_are_differences(row):
    for y in range(row.size):
        value, slope, curved, matrix, direction = found(row, y)
        assert value == pytest.approx(logsumexp(row) - row[y], rel=1e-14, abs=1e-16)
        width = 1e-6
        for k in range(row.size):
            step = width * (np.arange(row.size) == k)
            rise = LOSS.value(y, row + step) - LOSS.value(y, row - step)
            assert abs(0.7 * rise / (2 * width) - slope[k]) <= 1e-9 * max(1, abs(value))
            bend = LOSS.slope(y, row + step) - LOSS.slope(y, row - step)
            assert np.abs(0.7 * bend / (2 * width) - matrix[k]).max() <= 1e-9
        assert np.abs(matrix @ direction - curved).max() <= 1e-15
        twice = curved.copy()
        LOSS.add_curve(y, 0.7, slope, 1.0, direction, twice)
        assert np.abs(twice - 2 * curved).max() <= 1e-15
        assert [LOSS.spread(0.7, slope[k]) for k in range(row.size)] == pytest.approx(np.diag(matrix))
        assert abs(slope.sum()) <= 1e-16


def test_compiled_is_python():
    for row in ROWS:
        for y in range(row.size):
            for wanted, got in zip(found(row, y), found(row, y, call=_compiled_rows), strict=True):
                np.testing.assert_allclose(got, wanted, rtol=1e-13, atol=1e-15)


def test_a_row_without_weight_has_no_curvature():
    _, slope, curved, matrix, _ = found(ROWS[0], 1, weight=0.0)
    assert not np.any(slope)
    assert not np.any(curved)
    assert not np.any(matrix)
    assert LOSS.spread(0.0, 0.0) == 0


@pytest.mark.parametrize("row", ROWS, ids=len)
def test_fenchel(row):
    rng = np.random.default_rng(0)
    for y in range(row.size):
        slope = LOSS.slope(y, row)
        assert LOSS.conjugate(y, slope) + LOSS.value(y, row) == pytest.approx(slope @ row, abs=1e-12)
        for _ in range(20):
            u = rng.dirichlet(np.ones(row.size))
            u[y] -= 1
            assert LOSS.conjugate(y, u) + LOSS.value(y, row) >= u @ row - 1e-12


def test_far_out_nothing_overflows_and_nothing_is_lost():
    row = np.array([1e300, -1e300, 0.0])
    with np.errstate(all="raise"):
        assert LOSS.value(0, row.copy()) < 1e-300
        assert LOSS.value(1, row.copy()) == 2e300
    near = np.array([50.0, 0.0])
    assert LOSS.value(0, near) == pytest.approx(np.log1p(np.exp(-50)), rel=1e-12)
    assert LOSS.slope(0, near)[0] == pytest.approx(-1 / (1 + np.exp(50)), rel=1e-12)


def test_adding_a_number_to_all_predictions_changes_nothing():
    for row in ROWS:
        assert LOSS.value(1, row + 8.0) == pytest.approx(LOSS.value(1, row), rel=1e-14)


@pytest.mark.parametrize("wrong", [-1.0, 0.5])
def test_labels_are_class_numbers(wrong):
    with pytest.raises(ValueError, match=f"y holds the label {wrong:g}: the multinomial loss takes class"):
        LOSS.checked_target(np.array([0.0, wrong]))
    assert LOSS.checked_target(np.array([0.0, 2.0])).dtype == np.int64


def test_probabilities():
    shares = LOSS.probability(np.array([[0.0, np.log(3.0)], [1e4, -1e4]]))
    np.testing.assert_allclose(shares, [[0.25, 0.75], [1.0, 0.0]], atol=1e-300)
