"""The kernels over vectors against brute force, compiled and in plain Python."""

import numpy as np
import pytest

import fastreg
from fastreg import numerics

pytestmark = pytest.mark.small

LONG = np.longdouble


@fastreg.kernel
def compiled_maps(x, parameter, out):
    numerics.group_soft_threshold(x, parameter, out[0])
    numerics.project_simplex(x, parameter, out[1])
    numerics.project_l1_ball(x, parameter, out[2])


NAMES = "group_soft_threshold", "project_simplex", "project_l1_ball"


def results(name, x, parameter):
    """Return what the function makes of x, compiled and in plain Python."""
    x = np.array(x, x.dtype if isinstance(x, np.ndarray) else float)
    out = np.empty((3, x.size), x.dtype)
    plain = np.empty_like(x)
    with np.errstate(all="ignore"):  # as compiled code does
        compiled_maps(x, x.dtype.type(parameter), out)
        getattr(numerics, name)(x, x.dtype.type(parameter), plain)
    return out[NAMES.index(name)], plain


def by_sorting(x, total):
    """Return the projection on the simplex in extended precision (Held, Wolfe and Crowder 1974)."""
    x = x.astype(LONG)
    x = x - x.max()
    falling = np.sort(x)[::-1]
    bars = (np.cumsum(falling) - LONG(total)) / np.arange(1, x.size + 1)
    bar = bars[np.flatnonzero(falling > bars)[-1]]
    return np.maximum(x - bar, 0)


def onto_ball(x, radius):
    if np.abs(x).sum(dtype=LONG) <= radius:
        return x.astype(LONG)
    return np.sign(x) * by_sorting(np.abs(x), radius)


def shortened(x, threshold):
    x = x.astype(LONG)
    length = np.sqrt((x * x).sum())
    return x * max(0, 1 - threshold / length) if length else x


REFERENCES = dict(zip(NAMES, (shortened, by_sorting, onto_ball), strict=True))


def vectors(dtype):
    rng = np.random.default_rng(0)
    sizes = (1, 2, 3, 4, 5, 7, 16, 101)
    made = [rng.standard_normal(n) for n in sizes] + [np.exp(3 * rng.standard_normal(n)) for n in sizes]
    made += [np.round(2 * rng.standard_normal(40)), np.ones(9), -np.ones(6), np.r_[np.zeros(5), 3.0]]
    made += [2.0 ** np.arange(60), np.repeat([1.0, 0.5, -3.0], 5), np.linspace(0, 1e-3, 30)]
    return [x.astype(dtype) for x in made]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("parameter", [0.125, 1.0, 3.0, 100.0])
@pytest.mark.parametrize("name", NAMES)
def test_it_is_what_brute_force_finds(name, parameter, dtype):
    for x in vectors(dtype):
        truth = REFERENCES[name](x, parameter)
        error = (
            np.finfo(dtype).eps
            * 4
            * (np.abs(truth) + (parameter if name != "group_soft_threshold" else np.abs(x)))
        )
        for found in results(name, x, parameter):
            assert np.all(np.abs(found - truth) <= error)


@pytest.mark.parametrize("parameter", [1e-3, 1.0, 50.0])
def test_projections_obey_the_conditions_of_optimality(parameter):
    """Where the result is positive it lies one common distance below x, elsewhere x lies below that."""
    x = np.random.default_rng(1).standard_normal(400)
    for found in results("project_simplex", x, parameter):
        assert found.sum() == pytest.approx(parameter, rel=1e-12)
        assert found.min() >= 0
        bar = x[found > 0] - found[found > 0]
        assert np.ptp(bar) <= 1e-12
        assert x[found == 0].max(initial=-np.inf) <= bar.max() + 1e-12
    for found in results("project_l1_ball", x, parameter):
        assert np.abs(found).sum() == pytest.approx(parameter, rel=1e-12)
        assert np.all(found * x >= 0)
        assert np.all(np.abs(found) <= np.abs(x))


def test_group_soft_threshold_minimises_its_objective():
    x = np.array([3.0, -1.0, 2.0])

    def objective(w):
        return ((w - x) ** 2).sum(axis=-1) / 2 + 1.5 * np.sqrt((w * w).sum(axis=-1))

    rng = np.random.default_rng(2)
    for found in results("group_soft_threshold", x, 1.5):
        for width in (1.0, 1e-2, 1e-4):
            assert np.all(objective(found) <= objective(found + width * rng.standard_normal((500, 3))))


def test_a_group_within_the_threshold_is_exactly_zero():
    for x in ([3.0, 4.0], [1e-300, 0.0], [0.0, -0.0, 0.0]):
        for found in results("group_soft_threshold", -np.array(x), 5.0):
            assert np.all(found == 0)
            assert not np.signbit(found).any()


@pytest.mark.parametrize("name", NAMES)
def test_parameter_zero(name):
    x = np.array([3.0, -1.0, 0.25, 0.0])
    for found in results(name, x, 0.0):
        assert np.array_equal(found, x if name == "group_soft_threshold" else 0 * x)


def test_what_is_inside_the_ball_stays():
    for x in ([0.5, -0.25, 0.25], [0.0, 0.0], [1.0]):
        for found in results("project_l1_ball", x, 1.0):
            assert np.array_equal(found, x)


@pytest.mark.parametrize("size", [1e300, 1e154, 1e-154, 1e-300, 5e-324])
def test_huge_and_tiny_numbers(size):
    x = np.array([3.0, -4.0, 0.0, 0.0, 12.0]) * size
    for found in results("group_soft_threshold", x, 6.5 * size if size > 1e-323 else 0.0):
        assert found == pytest.approx(x / 2 if size > 1e-323 else x, rel=1e-14)
    for found in results("project_simplex", x, size):
        assert np.array_equal(found, [0, 0, 0, 0, size])
    for found in results("project_l1_ball", x, size):
        assert np.array_equal(found, [0, 0, 0, 0, size])
    if size >= 1:
        for found in results("project_l1_ball", x, 1.0):
            assert np.array_equal(found, [0, 0, 0, 0, 1.0])


def test_a_norm_beyond_all_numbers_is_infinite():
    x = np.array([1.7e308, -1.7e308, 5.0])
    for found in results("group_soft_threshold", x, 2.0):
        assert np.array_equal(found, x)
    for found in results("group_soft_threshold", np.array([np.inf, 5.0]), 2.0):
        assert np.array_equal(found, [np.inf, 5.0])


@pytest.mark.parametrize("name", NAMES)
def test_not_a_number_anywhere_is_everywhere(name):
    for place in range(6):
        x = np.arange(6.0)
        x[place] = np.nan
        for found in results(name, x, 2.0):
            assert np.isnan(found).all()
    for found in results(name, np.arange(6.0), np.nan):
        assert np.isnan(found).all()


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_set_without_points_gives_no_number(name):
    for found in results(name, np.arange(3.0), -1.0):
        assert np.isnan(found).all()


@pytest.mark.parametrize("name", NAMES)
def test_no_numbers(name):
    for found in results(name, np.empty(0), 1.0):
        assert found.shape == (0,)


@pytest.mark.parametrize("name", NAMES)
def test_in_place(name):
    x = np.random.default_rng(3).standard_normal(9)
    expected = results(name, x, 0.5)[1]
    getattr(numerics, name)(x, 0.5, x)
    assert np.array_equal(x, expected)


@pytest.mark.parametrize("absolute", [False, True])
def test_few_passes_are_enough(monkeypatch, absolute):
    """As many as there are numbers would be quadratic time."""
    from fastreg.numerics import vectors as module

    passes = []
    above = module._above
    monkeypatch.setattr(module, "_above", lambda *a: passes.append(None) or above(*a))
    hard = [2.0 ** np.arange(200), 1.0 / np.arange(1, 500), np.random.default_rng(4).standard_cauchy(500)]
    hard += [-(2.0 ** np.arange(-100.0, 100.0)), -np.exp(np.linspace(-30, 30, 500)), np.linspace(0, 1, 500)]
    for x in hard:
        for parameter in (1e-6, 1e-2, 1.0, 1e3, 1e9):
            passes.clear()
            project = numerics.project_l1_ball if absolute else numerics.project_simplex
            project(x, parameter, np.empty_like(x))
            assert len(passes) <= 30
