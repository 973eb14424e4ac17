from typing import NamedTuple

import numpy as np
import pytest

from fastreg import kernels
from fastreg.penalties import L1, L2, Bounded, ElasticNet, NoPenalty

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


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kernels.value(L1(1.0), np.ones((2, 3))), "2 dimensions"),
        (lambda: kernels.value(L1(1.0), 3.0), "0 dimensions"),
        (lambda: kernels.value(L1(1.0), ["a"]), "w"),
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
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises((ValueError, TypeError), match=message) as raised:
        call()
    assert "\n" not in str(raised.value)
