"""The proximal maps of one number against what they minimise, compiled and in plain Python."""

import numpy as np
import pytest

import fastreg
from fastreg import numerics

pytestmark = pytest.mark.small

NAMES = "soft_threshold", "shrink", "prox_elastic_net", "firm_threshold", "scad_threshold"
PARAMETERS = {
    "soft_threshold": 1,
    "shrink": 1,
    "prox_elastic_net": 2,
    "firm_threshold": 2,
    "scad_threshold": 2,
}


@fastreg.kernel
def compiled_maps(x, first, second, out):
    for i in range(x.size):
        out[0, i] = numerics.soft_threshold(x[i], first)
        out[1, i] = numerics.shrink(x[i], first)
        out[2, i] = numerics.prox_elastic_net(x[i], first, second)
        out[3, i] = numerics.firm_threshold(x[i], first, second)
        out[4, i] = numerics.scad_threshold(x[i], first, second)


def results(name, x, first, second):
    """Return what the function makes of every x, compiled and in plain Python."""
    out = np.empty((5, x.size), x.dtype)
    parameters = [x.dtype.type(value) for value in (first, second)[: PARAMETERS[name]]]
    with np.errstate(all="ignore"):  # as compiled code does
        compiled_maps(x, x.dtype.type(first), x.dtype.type(second), out)
        plain = [getattr(numerics, name)(number, *parameters) for number in x]
    assert all(type(number) is x.dtype.type for number in plain)
    return out[NAMES.index(name)], np.array(plain)


def minimax_concave(w, threshold, gamma):
    size = np.abs(w)
    return np.where(
        size <= gamma * threshold, threshold * size - w**2 / (2 * gamma), gamma * threshold**2 / 2
    )


def clipped_deviation(w, threshold, gamma):
    size = np.abs(w)
    bent = (2 * gamma * threshold * size - w**2 - threshold**2) / (2 * (gamma - 1))
    flat = threshold**2 * (gamma + 1) / 2
    return np.where(size <= threshold, threshold * size, np.where(size <= gamma * threshold, bent, flat))


PENALTIES = {
    "soft_threshold": lambda w, first, second: first * np.abs(w),
    "shrink": lambda w, first, second: first * w**2 / 2,
    "prox_elastic_net": lambda w, first, second: first * np.abs(w) + second * w**2 / 2,
    "firm_threshold": minimax_concave,
    "scad_threshold": clipped_deviation,
}
X = np.concatenate([np.linspace(-6, 6, 49), [1e-9, -1e-9, 1.0 + 1e-12, 2.0 - 1e-12]])
GRID = np.linspace(-8, 8, 6401)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("first", "second"), [(1.0, 3.0), (0.7, 2.5), (2.0, 20.0), (0.0, 3.7)])
@pytest.mark.parametrize("name", NAMES)
def test_it_is_the_minimiser_of_its_objective(name, first, second, dtype):
    def objective(w, x):
        return (w - x) ** 2 / 2 + PENALTIES[name](w, first, second)

    x = X.astype(dtype)
    slack = 20 * np.finfo(dtype).eps
    best = objective(GRID[:, None], X.astype(dtype).astype(np.float64)).min(axis=0)
    for found in results(name, x, first, second):
        reached = objective(found.astype(np.float64), x.astype(np.float64))
        assert np.all(reached <= best + slack * (1 + np.abs(best)))


@pytest.mark.parametrize("name", ["soft_threshold", "prox_elastic_net", "firm_threshold", "scad_threshold"])
def test_small_numbers_become_exactly_zero(name):
    x = np.array([0.0, -0.0, 1.0, -1.0, 0.999, 1e-300, -1e-300])
    for found in results(name, x, 1.0, 3.0):
        assert np.all(found == 0)


@pytest.mark.parametrize("name", ["firm_threshold", "scad_threshold"])
def test_large_numbers_are_left_alone(name):
    x = np.array([3.0, -3.0, 3.1, 1e10, -1e300, 1.7e308, np.inf, -np.inf])
    for found in results(name, x, 1.0, 3.0):
        assert np.array_equal(found[2:], x[2:])
        assert found[:2] == pytest.approx(x[:2], rel=1e-15)


@pytest.mark.parametrize("name", ["firm_threshold", "scad_threshold"])
def test_infinite_gamma_is_the_soft_threshold(name):
    for found, soft in zip(results(name, X, 0.7, np.inf), results("soft_threshold", X, 0.7, 0), strict=True):
        assert found == pytest.approx(soft, rel=1e-15, abs=1e-15)


@pytest.mark.parametrize("name", ["soft_threshold", "shrink", "firm_threshold", "scad_threshold"])
def test_threshold_zero_changes_nothing(name):
    x = np.array([1.5, -1e300, 1e-310, 0.0, -0.0, np.inf])
    for found in results(name, x, 0.0, 3.7):
        assert np.array_equal(found, x)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", NAMES)
def test_not_a_number_anywhere_comes_out(name, dtype):
    x = np.array([0.5, -3.0, 30.0], dtype)
    for place in range(1 + PARAMETERS[name]):
        parameters = [1.0, 3.0]
        if place:
            parameters[place - 1] = np.nan
        for found in results(name, x if place else x * dtype(np.nan), *parameters):
            assert np.isnan(found).all()


@pytest.mark.parametrize("threshold", [0.0, 1e-3, 1.0, 1e300, np.inf])
def test_soft_threshold_is_exact(threshold):
    sizes = 10.0 ** np.random.default_rng(0).uniform(-300, 300, 4000)
    x = np.concatenate([X, sizes, -sizes, [threshold * 0.5, threshold]])
    x = x[np.isfinite(x)]
    for found in results("soft_threshold", x, threshold, 0.0):
        assert np.array_equal(found, np.sign(x) * np.maximum(np.abs(x) - threshold, 0))


def test_soft_threshold_of_infinity():
    x = np.array([np.inf, -np.inf])
    for found in results("soft_threshold", x, 2.0, 0.0):
        assert np.array_equal(found, x)
