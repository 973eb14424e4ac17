from typing import NamedTuple

import numpy as np
import pytest

from fastreg.losses import (
    EpsilonInsensitive,
    Hinge,
    Huber,
    Logistic,
    ModifiedHuber,
    Poisson,
    Quantile,
    Squared,
    SquaredEpsilonInsensitive,
    SquaredHinge,
)
from fastreg.penalties import L1
from fastreg.testing import check_loss

pytestmark = pytest.mark.small


def test_squared_obeys_the_laws():
    check_loss(Squared(), targets=(-2.5, 0.0, 1.0, 30.0))


def test_logistic_obeys_the_laws():
    check_loss(Logistic())


@pytest.mark.parametrize("margin", [1.0, 0.0, 2.3])
def test_hinges_obey_the_laws(margin):
    check_loss(Hinge(margin))
    check_loss(SquaredHinge(margin))


def test_modified_huber_obeys_the_laws():
    check_loss(ModifiedHuber())


@pytest.mark.parametrize("width", [0.7, 0.0, 3.0])
def test_losses_of_a_width_obey_the_laws(width):
    for loss in (Huber, EpsilonInsensitive, SquaredEpsilonInsensitive):
        check_loss(loss(width), targets=(-2.5, 0.0, 1.1))


@pytest.mark.parametrize("level", [0.5, 0.05, 0.9])
def test_quantile_obeys_the_laws(level):
    check_loss(Quantile(level), targets=(-2.5, 0.0, 1.1))


def test_poisson_obeys_the_laws():
    check_loss(Poisson(), targets=(0.0, 0.5, 1.0, 30.0))


def test_counts_are_not_negative():
    counts = np.array([0.0, 3.0])
    assert Poisson().checked_target(counts) is counts
    with pytest.raises(ValueError, match=r"y holds -1: the Poisson loss takes counts of at least 0"):
        Poisson().checked_target(np.array([2.0, -1.0]))


LABELLED = [Logistic(), Hinge(), SquaredHinge(), ModifiedHuber()]


@pytest.mark.parametrize("loss", LABELLED, ids=repr)
def test_labels_are_minus_one_and_one(loss):
    labels = np.array([1.0, -1.0])
    assert loss.checked_target(labels) is labels
    with pytest.raises(ValueError, match=r"y holds the label 0: the .* loss takes -1 and \+1"):
        loss.checked_target(np.array([0.0, 1.0]))


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (Quantile(1.0), "Quantile.level is 1: pass a number between 0 and 1"),
        (Hinge(-1.0), "Hinge.margin is -1: pass a finite number of at least 0"),
        (SquaredHinge("wide"), "SquaredHinge.margin='wide' is no number"),
        (Huber(np.inf), "Huber.threshold is inf"),
        (EpsilonInsensitive(np.nan), "EpsilonInsensitive.epsilon is nan"),
        (
            SquaredEpsilonInsensitive([1.0, 2.0]),
            r"SquaredEpsilonInsensitive.epsilon=\[1.0, 2.0\] is no number",
        ),
    ],
    ids=repr,
)
def test_fields_that_cannot_be_are_refused(loss, message):
    with pytest.raises((ValueError, TypeError), match=message) as raised:
        check_loss(loss)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("loss", [Logistic(), ModifiedHuber()], ids=repr)
def test_a_probability_is_where_its_expected_loss_is_least(loss):
    """Which is what makes it a probability: rows that are +1 with that share are best predicted so."""
    for prediction in (-0.6, 0.0, 0.3):
        share = float(loss.probability(np.array([prediction]))[0])
        slope = share * loss.slope(1.0, prediction) + (1 - share) * loss.slope(-1.0, prediction)
        assert slope == pytest.approx(0.0, abs=1e-15)


def test_values_of_the_textbook():
    assert Squared().value(3.0, 1.0) == 2.0
    assert Huber(1.5).value(3.0, 2.0) == 0.5
    assert Huber(1.5).value(3.0, -1.0) == 1.5 * (4.0 - 0.75)
    assert EpsilonInsensitive(0.5).value(3.0, 1.0) == 1.5
    assert SquaredEpsilonInsensitive(0.5).value(3.0, 1.0) == 2.25
    assert (Hinge().value(-1.0, 2.0), Hinge().value(1.0, 2.0), Hinge(0.0).slope(1.0, 0.0)) == (3.0, 0.0, -1.0)
    assert SquaredHinge().value(-1.0, 2.0) == 9.0
    assert [ModifiedHuber().value(1.0, p) for p in (2.0, 0.0, -1.0, -2.0)] == [0.0, 1.0, 4.0, 8.0]
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


class Counts(NamedTuple):
    """A user's loss over counts."""

    def value(self, y, prediction):
        return np.exp(prediction) - y * prediction

    def slope(self, y, prediction):
        return np.exp(prediction) - y

    def curvature(self, y, prediction):
        return np.exp(prediction)


def test_a_users_loss_obeys_the_laws():
    check_loss(PseudoHuber(1.3), targets=(-2.0, 0.4))
    check_loss(Counts(), targets=(0.0, 1.0, 7.0))


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
    "the slope grows no faster than curvature_bound": _wrong(curvature_bound=lambda self, y: 0.5),
    "curvature_bound is infinite at a jump only": _wrong(curvature_bound=lambda self, y: np.inf),
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
