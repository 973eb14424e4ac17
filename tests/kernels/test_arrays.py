from typing import NamedTuple

import numpy as np
import pytest

from fastreg import kernels
from fastreg.losses import Logistic, Multinomial, Squared
from fastreg.penalties import L1, L2, Bounded, ElasticNet, GroupL2, NoPenalty

pytestmark = pytest.mark.small

W = np.array([0.2, -0.5, 5.0, -1.2, 0.3, -0.1])
S = np.array([0.0, 1.0, 0.5, 2.0, 0.1, 3.0])


def soft(w, amount):
    return np.sign(w) * np.maximum(np.abs(w) - amount, 0)


@pytest.mark.parametrize(
    ("penalty", "value", "gradient", "prox"),
    [
        (NoPenalty(), 0.0, 0 * W, W),
        (L2(1), 26.83, 2 * W, W / 1.5),
        (L2(S), S @ W**2, 2 * S * W, W / (1 + 0.5 * S)),
        (L1(1), 7.3, np.sign(W), soft(W, 0.25)),
        (L1(S), S @ np.abs(W), S * np.sign(W), soft(W, 0.25 * S)),
        (
            ElasticNet(2, 0.25),
            0.5 * 7.3 + 1.5 * 26.83,
            0.5 * np.sign(W) + 3 * W,
            soft(W, 0.125) / (1 + 0.75),
        ),
    ],
    ids=lambda case: type(case).__name__ if isinstance(case, tuple) else "",
)
def test_arrays_are_what_numpy_says(penalty, value, gradient, prox):
    assert kernels.value(penalty, W) == pytest.approx(value, rel=1e-14)
    assert kernels.gradient(penalty, W) == pytest.approx(gradient, rel=1e-14)
    assert kernels.prox(penalty, W, 0.25) == pytest.approx(prox, rel=1e-14)


def test_bounds():
    positive = Bounded(L1(1.0), 0.0, 2.0)
    assert kernels.prox(positive, W, 0.25).tolist() == [0.0, 0.0, 2.0, 0.0, pytest.approx(0.05), 0.0]
    assert kernels.value(positive, np.abs(W[:2])) == pytest.approx(0.7)
    assert kernels.value(positive, W) == np.inf


@pytest.mark.parametrize("call", [kernels.gradient, lambda *a, **k: kernels.prox(*a, 0.25, **k)])
def test_where_results_are_written(call):
    expected = call(L2(1.0), W)
    out = np.full(6, np.nan)
    assert call(L2(1.0), W, out=out) is out
    assert out.tolist() == expected.tolist()
    every_other = np.full(12, np.nan)[::2]
    assert call(L2(1.0), W, out=every_other) is every_other
    assert every_other.tolist() == expected.tolist()
    in_place = W.copy()
    assert call(L2(1.0), in_place, out=in_place) is in_place
    assert in_place.tolist() == expected.tolist()
    assert W[2] == 5.0


@pytest.mark.parametrize(
    "w",
    [W.tolist(), tuple(W), np.repeat(W, 2)[::2], W[::-1][::-1], W.astype(">f8")],
    ids=lambda w: type(w).__name__,
)
def test_vectors_of_any_kind(w):
    assert kernels.value(L2(1.0), w) == pytest.approx(26.83, rel=1e-14)
    assert kernels.prox(L1(0.5), w, 1.0) == pytest.approx(soft(W, 0.5), rel=1e-14)


def test_read_only_vectors():
    frozen = W.copy()
    frozen.flags.writeable = False
    assert kernels.prox(L1(0.5), frozen, 1.0) == pytest.approx(soft(W, 0.5), rel=1e-14)


def test_integers_become_float64():
    assert kernels.prox(L1(0.5), np.array([3, -1, 0]), 1.0).tolist() == [2.5, -0.5, 0.0]
    assert kernels.value(L2(1), [1, 2]) == 5.0


def test_float32_stays_float32():
    single = W.astype(np.float32)
    assert kernels.prox(L1(S), single, 0.25).dtype == np.float32
    assert kernels.prox(L1(S), single, 0.25) == pytest.approx(soft(W, 0.25 * S), rel=1e-5, abs=1e-7)
    assert kernels.gradient(L2(1.0), single).dtype == np.float32
    assert kernels.value(L2(1.0), single) == pytest.approx(26.83, rel=1e-6)


def test_no_weights_cost_nothing():
    assert kernels.value(L1(1.0), np.empty(0)) == 0.0
    assert kernels.prox(L1(1.0), np.empty(0), 1.0).shape == (0,)


class Huber(NamedTuple):
    """A user's penalty: value and prox, nothing else."""

    strength: float

    def value(self, weight, j):
        size = abs(weight)
        return self.strength * (size * size / 2 if size <= 1 else size - 0.5)

    def prox(self, weight, step, j):
        amount = step * self.strength
        inner = weight / (1 + amount)
        return inner if abs(inner) <= 1 else weight - amount * np.sign(weight)


def test_a_users_penalty():
    huber = np.where(np.abs(W) <= 1, W**2 / 2, np.abs(W) - 0.5)
    assert kernels.value(Huber(2.0), W) == pytest.approx(2 * huber.sum(), rel=1e-14)
    assert kernels.prox(Huber(2.0), W, 0.5)[2] == pytest.approx(4.0)
    with pytest.raises(TypeError, match=r"Huber has no method gradient\(weight, j\)") as raised:
        kernels.gradient(Huber(2.0), W)
    assert "\n" not in str(raised.value)


GROUPS = [[4, 0], [2], [1, 3, 5]]
WEIGHTS = np.array([1.0, 0.0, 2.0])


def by_groups(of_group):
    """Return what a function of (a group's weights, its number) makes of W, in the places of W."""
    out = np.empty(6)
    for g, members in enumerate(GROUPS):
        out[members] = of_group(W[members], g)
    return out


def test_groups():
    penalty = GroupL2(0.5, GROUPS, WEIGHTS)
    length = np.linalg.norm
    amounts = [0.5 * WEIGHTS[g] * length(W[members]) for g, members in enumerate(GROUPS)]
    assert kernels.value(penalty, W) == pytest.approx(sum(amounts), rel=1e-14)
    assert kernels.gradient(penalty, W) == pytest.approx(
        by_groups(lambda w, g: 0.5 * WEIGHTS[g] * w / length(w)), rel=1e-14
    )
    shortened = by_groups(lambda w, g: w * max(0, 1 - 0.25 * 0.5 * WEIGHTS[g] / length(w)))
    assert kernels.prox(penalty, W, 0.25) == pytest.approx(shortened, rel=1e-14)
    in_place = W.copy()
    assert kernels.prox(penalty, in_place, 0.25, out=in_place) is in_place
    assert in_place == pytest.approx(shortened, rel=1e-14)
    assert kernels.gradient(penalty, 0 * W).tolist() == [0.0] * 6
    assert kernels.prox(penalty, W.astype(np.float32), 0.25) == pytest.approx(shortened, rel=1e-6)


class Capped(NamedTuple):
    """A user's block penalty: the norms of groups, up to a cap that her prox never reaches."""

    strength: float
    groups: np.ndarray

    def value(self, norm, g):
        return self.strength * min(abs(norm), 100.0)

    def prox(self, norm, step, g):
        return max(norm - step * self.strength, 0.0)


def test_a_users_block_penalty():
    found = kernels.prox(Capped(0.5, 2), W, 1.0)
    assert found == pytest.approx(kernels.prox(GroupL2(0.5, 2), W, 1.0), rel=1e-14)
    assert kernels.value(Capped(0.5, 2), W) == pytest.approx(kernels.value(GroupL2(0.5, 2), W), rel=1e-14)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_losses(dtype):
    y = np.array([1.0, -1.0, -1.0, 1.0, 1.0, -1.0])
    predictions = W.astype(dtype)
    value = kernels.value(Logistic(), predictions, y=y)
    assert value == pytest.approx(np.log1p(np.exp(-y * W)).sum(), rel=1e-6 if dtype == np.float32 else 1e-14)
    slopes = kernels.gradient(Logistic(), predictions, y=y.astype(int))
    assert slopes.dtype == dtype
    assert slopes == pytest.approx(-y / (1 + np.exp(y * W)), rel=1e-6 if dtype == np.float32 else 1e-14)
    out = np.empty(6, dtype)
    assert kernels.gradient(Squared(), predictions, out, y=y) is out
    assert out == pytest.approx(W - y, rel=1e-6)


class Elsewhere:
    """An array of another library, behind DLPack, on a device of some kind."""

    def __init__(self, numbers, kind=1):
        self.numbers, self.kind = np.array(numbers), kind

    def __dlpack__(self, **keywords):
        assert self.kind == 1, "nothing is asked of memory that the CPU cannot read"
        return self.numbers.__dlpack__(**keywords)

    def __dlpack_device__(self):
        return (self.kind, 0)


def test_arrays_behind_dlpack():
    assert kernels.value(L2(1.0), Elsewhere(W)) == pytest.approx(26.83, rel=1e-14)
    assert kernels.prox(L1(0.5), Elsewhere(W), 1.0) == pytest.approx(soft(W, 0.5), rel=1e-14)
    slopes = kernels.gradient(Squared(), Elsewhere(W.astype(np.float32)), y=Elsewhere(2 * W))
    assert slopes.dtype == np.float32
    assert slopes == pytest.approx(-W, rel=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kernels.value(L1(1.0), np.ones((2, 3))), "2 dimensions"),
        (lambda: kernels.value(L1(1.0), 3.0), "0 dimensions"),
        (lambda: kernels.value(L1(1.0), ["a"]), "x holds <U1"),
        (lambda: kernels.value(L1(np.ones(3)), W), r"L1.strength has shape \(3,\)"),
        (lambda: kernels.value(L1(-1.0), W), "L1.strength is -1"),
        (lambda: kernels.value("l1", W), "penalty='l1'"),
        (lambda: kernels.prox(L1(1.0), W, 0.0), "step=0.0"),
        (lambda: kernels.prox(L1(1.0), W, -1.0), "step=-1.0"),
        (lambda: kernels.prox(L1(1.0), W, np.nan), "step=nan"),
        (lambda: kernels.prox(L1(1.0), W, "far"), "step='far'"),
        (lambda: kernels.prox(L1(1.0), W, 1.0, out=np.empty(5)), r"out .*\(6,\)"),
        (lambda: kernels.prox(L1(1.0), W, 1.0, out=np.empty(6, np.float32)), "out .*float64"),
        (lambda: kernels.prox(L1(1.0), W, 1.0, out=[0.0] * 6), "out"),
        (lambda: kernels.gradient(L1(1.0), W, out=np.frombuffer(bytes(48))), "out .*writable"),
        (lambda: kernels.value(GroupL2(1.0, 4), W), "GroupL2.groups=4"),
        (lambda: kernels.value(Logistic(), W), "Logistic is a loss and needs targets"),
        (lambda: kernels.value(Logistic(), W, y=W), "the label 0.2"),
        (lambda: kernels.gradient(Logistic(), W, y=np.ones(3)), "3 targets for 6 predictions"),
        (lambda: kernels.gradient(Logistic(), W, y=np.ones((3, 2))), "y has 2 dimensions"),
        (lambda: kernels.value(L1(1.0), W, y=W), "L1, which is no loss"),
        (lambda: kernels.prox(Logistic(), W, 1.0), "Logistic is a loss and has no proximal step"),
        (lambda: kernels.value(Multinomial(), W, y=W), "one prediction per class"),
        (lambda: kernels.value(L1(1.0), Elsewhere(W, 2)), "x lies on device 0 of DLPack's kind 2"),
        (lambda: kernels.prox(L1(1.0), Elsewhere(W, 10), 1.0), "w lies on device 0 of DLPack's kind 10"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises((ValueError, TypeError), match=message) as raised:
        call()
    assert "\n" not in str(raised.value)
