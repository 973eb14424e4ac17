from typing import NamedTuple

import numpy as np
import pytest

from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1
from fastreg.testing import check_loss

pytestmark = pytest.mark.small


def test_squared_obeys_the_laws():
    check_loss(Squared(), targets=(-2.5, 0.0, 1.0, 30.0))


def test_logistic_obeys_the_laws():
    check_loss(Logistic())


def test_values_of_the_textbook():
    assert Squared().value(3.0, 1.0) == 2.0
    assert Logistic().value(1.0, 0.0) == pytest.approx(np.log(2), rel=1e-15)
    assert Logistic().value(-1.0, 2.0) == pytest.approx(np.log1p(np.exp(2.0)), rel=1e-15)


@pytest.mark.parametrize("margin", [-1e4, -745.0, -40.0, -1.0, -1e-9, 0.0, 1e-9, 1.0, 36.0, 700.0, 1e4])
def test_logistic_is_exact_at_every_margin(margin):
    assert Logistic().value(1.0, margin) == pytest.approx(np.logaddexp(0, -margin), rel=4e-15, abs=1e-305)
    assert Logistic().slope(1.0, margin) == pytest.approx(
        -np.exp(-np.logaddexp(0, margin)), rel=4e-15, abs=1e-305
    )
    assert Logistic().value(-1.0, -margin) == Logistic().value(1.0, margin)


class PseudoHuber(NamedTuple):
    """A user's loss: value and slope, nothing else."""

    width: float

    def value(self, y, prediction):
        return self.width**2 * (np.sqrt(1 + ((y - prediction) / self.width) ** 2) - 1)

    def slope(self, y, prediction):
        return (prediction - y) / np.sqrt(1 + ((y - prediction) / self.width) ** 2)


class Poisson(NamedTuple):
    """A user's loss over counts."""

    def value(self, y, prediction):
        return np.exp(prediction) - y * prediction

    def slope(self, y, prediction):
        return np.exp(prediction) - y

    def curvature(self, y, prediction):
        return np.exp(prediction)


def test_a_users_loss_obeys_the_laws():
    check_loss(PseudoHuber(1.3), targets=(-2.0, 0.4))
    check_loss(Poisson(), targets=(0.0, 1.0, 7.0))


class Bump(NamedTuple):
    """A user's nonconvex loss, which forgives outliers."""

    def value(self, y, prediction):
        return 1 - np.exp(-((y - prediction) ** 2) / 2)

    def slope(self, y, prediction):
        return (prediction - y) * np.exp(-((y - prediction) ** 2) / 2)


def test_a_nonconvex_loss_obeys_the_other_laws():
    check_loss(Bump(), convex=False)
    with pytest.raises(AssertionError, match="'the value lies above its tangents'"):
        check_loss(Bump())


class _Square(NamedTuple):
    def value(self, y, prediction):
        return (y - prediction) ** 2 / 2

    def slope(self, y, prediction):
        return prediction - y


def _wrong(**methods):
    return type("Wrong", (_Square,), {"__slots__": (), **methods})()


WRONG = {
    "value is a number": _wrong(value=lambda self, y, p: np.nan if p > 3 else (y - p) ** 2 / 2),
    "value and slope are finite": _wrong(slope=lambda self, y, p: p - y if abs(p) < 400 else np.nan),
    "gradient is the slope of value": _wrong(slope=lambda self, y, p: 2 * (p - y)),
    "curvature is the second derivative": _wrong(curvature=lambda self, y, p: 2.0),
    "Fenchel-Young": _wrong(conjugate=lambda self, y, u: u * u / 2 - u * y),
    "equality in Fenchel-Young (Moreau)": _wrong(conjugate=lambda self, y, u: u * u + u * y),
    "conjugate is infinite outside its domain only": _wrong(conjugate=lambda self, y, u: np.inf),
    "no NaN": _wrong(conjugate=lambda self, y, u: u * u / 2 + u * y if u > 0 else np.nan),
}


@pytest.mark.parametrize("law", WRONG)
def test_each_law_finds_the_loss_that_breaks_it(law):
    with pytest.raises(AssertionError) as raised:
        check_loss(WRONG[law])
    assert str(raised.value).startswith(f"Wrong breaks the law '{law}'")
    assert "\n" not in str(raised.value)


def test_what_is_no_loss_is_refused():
    with pytest.raises(TypeError, match="L1 is no loss"):
        check_loss(L1(1.0))
