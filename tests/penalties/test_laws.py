import os
from typing import NamedTuple

import numpy as np
import problems
import pytest
from numba.extending import overload

from fastreg.jit import completed
from fastreg.losses import Squared
from fastreg.penalties import L1, L2, Bounded, ElasticNet, NoPenalty
from fastreg.testing import check_penalty

pytestmark = pytest.mark.small
compiled_only = pytest.mark.skipif(
    os.environ.get("NUMBA_DISABLE_JIT", "0") != "0", reason="nothing is compiled under NUMBA_DISABLE_JIT"
)

PER_FEATURE = np.array([0.0, 0.3, 2.0])
SHIPPED = [
    NoPenalty(),
    L1(0.7),
    L1(0),
    L1(PER_FEATURE),
    L2(0.7),
    L2(0),
    L2(PER_FEATURE),
    ElasticNet(0.7, 0.4),
    ElasticNet(0.7, 0),
    ElasticNet(0.7, 1),
    ElasticNet(0, 0.5),
    ElasticNet(PER_FEATURE, 0.5),
    Bounded(L1(0.7), 0, np.inf),
    Bounded(L1(PER_FEATURE), np.array([-np.inf, -0.5, 0.0]), 1.0),
    Bounded(L2(0.3), -1, 0.5),
    Bounded(NoPenalty(), -0.25, np.inf),
    Bounded(L1(0.3), 0, 0),
]


@pytest.mark.parametrize("penalty", SHIPPED, ids=repr)
def test_shipped_penalties_obey_the_laws(penalty):
    check_penalty(penalty)


def test_the_l2_value_of_the_textbook():
    weights = (0.2, -0.5, 5.0, -1.2, 0.3, -0.1)
    assert sum(L2(1.0).value(w, j) for j, w in enumerate(weights)) == pytest.approx(26.83, rel=1e-14)


@pytest.mark.parametrize("penalty", [L1, L2, lambda s: ElasticNet(s, 0.5)])
def test_one_strength_per_feature_is_that_of_the_feature(penalty):
    several = penalty(PER_FEATURE)
    for j, strength in enumerate(PER_FEATURE):
        one = penalty(strength)
        assert several.value(-1.7, j) == one.value(-1.7, j)
        assert several.prox(-1.7, 0.3, j) == one.prox(-1.7, 0.3, j)
        assert several.conjugate(0.1, j) == one.conjugate(0.1, j)


def test_elastic_net_is_its_parts():
    for weight in (-2.0, 0.0, 0.3):
        parts = 0.4 * L1(0.7).value(weight, 0) + 0.6 * L2(0.7).value(weight, 0)
        assert ElasticNet(0.7, 0.4).value(weight, 0) == pytest.approx(parts, rel=1e-15)
        assert ElasticNet(0.7, 1.0).prox(weight, 0.3, 0) == L1(0.7).prox(weight, 0.3, 0)
        assert ElasticNet(0.7, 0.0).prox(weight, 0.3, 0) == L2(0.7).prox(weight, 0.3, 0)


def test_bounds_are_kept():
    positive = Bounded(L1(0.5), 0.0, np.inf)
    assert positive.prox(-3.0, 1.0, 0) == 0
    assert positive.prox(3.0, 1.0, 0) == 2.5
    assert positive.value(-1e-300, 0) == np.inf
    assert completed(positive).critical_strength(2.0, 0) == 0  # the bound holds what the gradient pushes down
    assert completed(positive).critical_strength(-2.0, 0) == 4


class Hard(NamedTuple):
    """A user's penalty that jumps: strength for each weight that is not 0."""

    strength: float

    def value(self, weight, j):
        return self.strength if weight != 0 else 0.0

    def prox(self, weight, step, j):
        return weight if weight * weight > 2 * step * self.strength else 0.0


class Huber(NamedTuple):
    """A user's smooth convex penalty: ten lines, value and prox only."""

    strength: float

    def value(self, weight, j):
        size = abs(weight)
        return self.strength * (size * size / 2 if size <= 1 else size - 0.5)

    def prox(self, weight, step, j):
        amount = step * self.strength
        inner = weight / (1 + amount)
        return inner if abs(inner) <= 1 else weight - amount * np.sign(weight)


def test_a_users_convex_penalty_obeys_the_laws():
    check_penalty(Huber(0.6))


@pytest.mark.parametrize("penalty", [problems.MinimaxConcave(0.7, 3.0), Hard(0.33)], ids=repr)
def test_a_users_nonconvex_penalty_obeys_the_other_laws(penalty):
    check_penalty(penalty, convex=False)


def test_nonconvex_is_noticed():
    with pytest.raises(AssertionError, match=r"'value is convex'.*pass convex=False if that is meant"):
        check_penalty(problems.MinimaxConcave(0.7, 3.0))


class _Lasso(NamedTuple):
    """L1 once more, in plain words, for the wrong penalties below to inherit from."""

    strength: float

    def value(self, weight, j):
        return self.strength * abs(weight)

    def prox(self, weight, step, j):
        return np.sign(weight) * max(abs(weight) - step * self.strength, 0.0)


class _Ridge(NamedTuple):
    strength: float

    def value(self, weight, j):
        return self.strength * weight * weight

    def prox(self, weight, step, j):
        return weight / (1 + 2 * step * self.strength)


def _wrong(base, **methods):
    """Return ``base`` with methods replaced: one law broken on purpose."""
    return type("Wrong", (base,), {"__slots__": (), **methods})(0.5)


def _conjugate(self, u, j):
    return u * u / (4 * self.strength)


def _skew(weight):
    return 0.0


@overload(_skew)
def _compiled_skew(weight):
    return lambda weight: 1e-9


WRONG = {
    "value is a number": _wrong(_Lasso, value=lambda self, w, j: np.nan if w > 2 else self.strength * abs(w)),
    "value at 0 is finite": _wrong(_Lasso, value=lambda self, w, j: self.strength / abs(w) if w else np.inf),
    "prox does not decrease": _wrong(_Lasso, prox=lambda self, w, step, j: -w),
    "prox is nonexpansive": _wrong(_Lasso, prox=lambda self, w, step, j: 2 * w),
    "(x - prox(x)) / step is a subgradient": _wrong(
        _Lasso, prox=lambda self, w, step, j: np.sign(w) * max(abs(w) - 2 * step * self.strength, 0.0)
    ),
    "prox is soft_threshold(w, threshold) * shrinkage": _wrong(
        _Ridge, threshold=lambda self, step, j: 0.0, shrinkage=lambda self, step, j: 1 - step * self.strength
    ),
    "gradient is the slope of value": _wrong(_Ridge, gradient=lambda self, w, j: self.strength * w),
    "curvature is the second derivative": _wrong(_Ridge, curvature=lambda self, w, j: self.strength),
    "Fenchel-Young": _wrong(_Ridge, conjugate=lambda self, u, j: u * u / (8 * self.strength)),
    "equality in Fenchel-Young (Moreau)": _wrong(
        _Ridge, conjugate=lambda self, u, j: u * u / (2 * self.strength)
    ),
    "conjugate is infinite outside its domain only": _wrong(
        _Ridge, conjugate=lambda self, u, j: np.inf if u else 0.0
    ),
    "maximiser attains the conjugate": _wrong(
        _Ridge, conjugate=_conjugate, maximiser=lambda self, u, j: u / self.strength
    ),
    "maximiser is infinite outside": _wrong(
        _Ridge, conjugate=_conjugate, maximiser=lambda self, u, j: np.inf * u if u else 0.0
    ),
    "critical_strength keeps weight 0 optimal": _wrong(
        _Lasso, critical_strength=lambda self, g, j: abs(g) / (2 * self.strength)
    ),
    "critical_strength is the least": _wrong(
        _Lasso, critical_strength=lambda self, g, j: 2 * abs(g) / self.strength
    ),
    "no NaN": _wrong(_Lasso, critical_strength=lambda self, g, j: abs(g) / self.strength if g else np.nan),
    "strength 0 is no penalty": _wrong(
        _Ridge,
        value=lambda self, w, j: (self.strength + 0.1) * w * w,
        prox=lambda self, w, step, j: w / (1 + 2 * step * (self.strength + 0.1)),
    ),
}


@pytest.mark.parametrize("law", WRONG)
def test_each_law_finds_the_penalty_that_breaks_it(law):
    with pytest.raises(AssertionError) as raised:
        check_penalty(WRONG[law], n_features=1)
    assert str(raised.value).startswith(f"Wrong breaks the law '{law}'")
    assert "\n" not in str(raised.value)


def test_a_prox_that_misses_the_minimum_of_a_nonconvex_penalty_is_found():
    broken = type("Broken", (Hard,), {"prox": lambda self, w, step, j: w if abs(w) > self.strength else 0.0})
    with pytest.raises(AssertionError, match="'prox minimises its objective'"):
        check_penalty(broken(0.33), n_features=1, convex=False)


class CompiledOtherwise(NamedTuple):
    strength: float

    def value(self, weight, j):
        return self.strength * abs(weight) + _skew(weight)

    def prox(self, weight, step, j):
        return np.sign(weight) * max(abs(weight) - step * self.strength, 0.0)


@compiled_only
def test_compiled_code_that_differs_is_found():
    with pytest.raises(AssertionError, match="'compiled code is Python's'"):
        check_penalty(CompiledOtherwise(0.5), n_features=1)


class Imprecise(NamedTuple):
    strength: float
    far: float

    def value(self, weight, j):
        return self.strength * abs(weight)

    def prox(self, weight, step, j):
        return np.sign(weight) * max(abs(weight) - step * self.strength, 0.0)

    def curvature(self, weight, j):
        return self.strength * ((weight + self.far) - self.far - weight)


@compiled_only
def test_code_that_needs_double_is_found():
    with pytest.raises(AssertionError, match="'float32 is close to float64'"):
        check_penalty(Imprecise(0.5, 65536.0), n_features=1)


def test_what_is_no_penalty_is_refused():
    with pytest.raises(TypeError, match="Squared is no penalty"):
        check_penalty(Squared())


@pytest.mark.parametrize(
    ("penalty", "words"),
    [
        (L1(-0.1), "L1.strength is -0.1"),
        (L2(np.nan), "L2.strength is nan"),
        (L1(np.inf), "L1.strength is inf"),
        (L1([1.0, -2.0, 0.0]), "L1.strength is -2"),
        (L1(np.ones(4)), r"L1.strength has shape \(4,\)"),
        (L1("much"), "L1.strength='much'"),
        (ElasticNet(1.0, 1.5), "l1_ratio=1.5"),
        (ElasticNet(1.0, np.array([0.1, 0.2, 0.3])), "l1_ratio="),
        (Bounded(L1(1.0), 0.5, 1.0), "lower=0.5"),
        (Bounded(L1(1.0), 0.0, -1.0), "upper=-1"),
        (Bounded(L1(-3.0), 0.0, 1.0), "L1.strength is -3"),
        (Bounded(L1(1.0), np.nan, 1.0), "lower=nan"),
        (L1, "penalty=L1 is a class"),
        (0.5, "penalty=0.5"),
    ],
    ids=str,
)
def test_fields_that_cannot_be_are_refused(penalty, words):
    with pytest.raises((ValueError, TypeError), match=words) as raised:
        check_penalty(penalty)
    assert "\n" not in str(raised.value)


class Stiff(NamedTuple):
    strength: float

    def value(self, weight, j):
        return self.strength * abs(weight)

    def prox(self, weight, step, j):
        return np.sign(weight) * max(abs(weight) - step * self.strength, 0.0)

    def stiffness(self, weight, j):
        return np.inf if weight == 0 else self.strength


def test_a_wrong_stiffness_is_found():
    with pytest.raises(AssertionError, match="the slope of the prox is 1 / "):
        check_penalty(Stiff(0.5), n_features=1)


def test_a_smooth_penalty_is_as_stiff_as_it_is_curved():
    assert completed(L2(0.5)).stiffness(2.0, 0) == 1.0
    assert np.isnan(completed(Stiff(0.5)).curvature(2.0, 0))
