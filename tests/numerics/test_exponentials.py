"""Exponentials and logarithms against NumPy in extended precision, over their whole range."""

import numpy as np
import pytest

import fastreg
from fastreg import numerics

LONG = np.longdouble
# Where long double is no longer than double, the reference itself is off by half a unit.
UNITS = 2.0 if np.finfo(LONG).eps < 1e-18 else 3.0
LOW, HIGH = -708.0, 709.0  # where e**x is a normal number, with a margin
TINY = 4e-308  # above e**LOW: what an exponential below LOW may be off by


@fastreg.kernel
def exp(x, out):
    for i in range(x.size):
        out[i] = numerics.exp(x[i])


@fastreg.kernel
def log(x, out):
    for i in range(x.size):
        out[i] = numerics.log(x[i])


@fastreg.kernel
def log1p_of_unit(x, out):
    for i in range(x.size):
        out[i] = numerics.log1p_of_unit(x[i])


@fastreg.kernel
def log1pexp(x, out):
    for i in range(x.size):
        out[i] = numerics.log1pexp(x[i])


@fastreg.kernel
def sigmoid(x, out):
    for i in range(x.size):
        out[i] = numerics.sigmoid(x[i])


@fastreg.kernel
def entropy_term(x, out):
    for i in range(x.size):
        out[i] = numerics.entropy_term(x[i])


def values(kernel, x):
    """Return the function compiled, and in plain Python."""
    compiled = np.empty_like(x)
    kernel(x, compiled)
    plain = getattr(numerics, kernel.__name__)
    return compiled, np.array([plain(float(number)) for number in x])


def units_off(found, truth):
    """Return the largest error in units of the last place of the truth."""
    return np.max(np.abs(found - truth) / np.spacing(np.abs(truth).astype(np.float64)))


def everywhere(low, high):
    """Return points of every size between two bounds."""
    rng = np.random.default_rng(0)
    sizes = 10.0 ** rng.uniform(-300, np.log10(max(-low, high)), 4000)
    points = [rng.uniform(low, high, 4000), rng.uniform(-1, 1, 2000), sizes, -sizes, [low, high, 0.0, -0.0]]
    points = np.concatenate(points)
    return points[(points >= low) & (points <= high)]


def stable_log1pexp(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def stable_sigmoid(x):
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


@pytest.mark.small
@pytest.mark.parametrize(
    ("kernel", "reference", "low", "high"),
    [
        (exp, np.exp, LOW, HIGH),
        (log1pexp, stable_log1pexp, LOW, 1e300),
        (sigmoid, stable_sigmoid, LOW, 1e300),
        (log1p_of_unit, np.log1p, 0.0, 1.0),
    ],
    ids=lambda argument: getattr(argument, "__name__", ""),
)
def test_accurate_to_two_units_in_the_last_place(kernel, reference, low, high):
    x = everywhere(low, high)
    truth = reference(x.astype(LONG))
    for found in values(kernel, x):
        assert units_off(found, truth) <= UNITS


@pytest.mark.small
def test_logarithm_of_every_normal_number():
    rng = np.random.default_rng(0)
    near_one = 1 + np.concatenate([2.0 ** -np.arange(1, 53), -(2.0 ** -np.arange(1, 54))])
    ends = [np.finfo(float).tiny, np.finfo(float).max, 1.0, np.sqrt(2), np.sqrt(0.5)]
    x = np.concatenate([10 ** rng.uniform(-307, 308, 4000), rng.uniform(0.4, 2.5, 4000), near_one, ends])
    truth = np.log(x.astype(LONG))
    for found in values(log, x):
        exact = truth == 0
        assert np.all(found[exact] == 0)
        assert units_off(found[~exact], truth[~exact]) <= UNITS


@pytest.mark.small
def test_entropy_has_its_limit_at_zero():
    x = np.concatenate([[0.0], 10 ** np.random.default_rng(0).uniform(-290, 0, 2000)])
    truth = np.where(x > 0, x.astype(LONG) * np.log(np.maximum(x, 1e-300).astype(LONG)), 0)
    for found in values(entropy_term, x):
        assert found[0] == 0
        assert units_off(found[1:], truth[1:]) <= 1 + UNITS  # one more for the product


@pytest.mark.small
@pytest.mark.parametrize("kernel", [exp, log1pexp, sigmoid])
def test_nothing_is_left_of_the_lower_tail(kernel):
    x = np.array([-708.5, -745.2, -1e3, -1e300, -np.inf])
    for found in values(kernel, x):
        assert np.all((found >= 0) & (found <= TINY))


@pytest.mark.small
def test_the_upper_tail_does_not_overflow_into_nonsense():
    x = np.array([709.0, 709.5, 710.0, 1e4, 1e300, np.inf])
    for found in values(exp, x):
        assert np.all(found >= 8e307)
        assert np.all(np.diff(found) >= 0)
    for found in values(log1pexp, x):
        assert np.array_equal(found, x)
    for found in values(sigmoid, x):
        assert np.all(found == 1)


@pytest.mark.small
@pytest.mark.parametrize("kernel", [exp, log1pexp, sigmoid, log1p_of_unit, entropy_term])
def test_not_a_number_stays_not_a_number(kernel):
    for found in values(kernel, np.array([np.nan])):
        assert np.isnan(found).all()


@pytest.mark.small
def test_single_precision_arguments_lose_nothing_in_plain_python():
    """NumPy keeps float32 times a Python number in float32, where the tricks with bits would fail."""
    x = np.linspace(0.01, 0.99, 50).astype(np.float32)
    for function, reference in (
        (numerics.exp, np.exp),
        (numerics.log, np.log),
        (numerics.log1p_of_unit, np.log1p),
        (numerics.sigmoid, stable_sigmoid),
        (numerics.log1pexp, stable_log1pexp),
    ):
        found = np.array([function(number) for number in x])
        np.testing.assert_allclose(found, reference(x.astype(np.float64)), rtol=1e-6)
