"""Labels keep their distance, their order and their range, and move no more than they must."""

import numpy as np
import pytest
from scipy.optimize import minimize

from fastreg.display import texts
from fastreg.display.labels import spread

pytestmark = pytest.mark.small

CASES = [
    np.array([0.5]),
    np.array([0.5, 0.5, 0.5]),
    np.array([0.1, 0.9, 0.12, 0.11, 0.88]),
    np.array([0.0, 0.01, 0.02, 1.0]),
    np.array([0.9, 0.1]),
    np.linspace(0, 1, 9),
]


@pytest.mark.parametrize("wishes", CASES, ids=str)
def test_labels_keep_distance_order_and_range(wishes):
    placed = spread(wishes, 0.1, 0.0, 1.0)
    order = np.argsort(wishes, kind="stable")
    assert np.all(np.diff(placed[order]) >= 0.1 - 1e-12)
    assert placed.min() >= -1e-12
    assert placed.max() <= 1 + 1e-12


@pytest.mark.parametrize("wishes", CASES, ids=str)
def test_the_sum_of_squared_moves_is_the_least(wishes):
    placed = spread(wishes, 0.1, -9.0, 9.0)
    order = np.argsort(wishes, kind="stable")
    best = minimize(
        lambda moved: ((moved - wishes[order]) ** 2).sum(),
        np.arange(len(wishes)) * 0.2,
        constraints={"type": "ineq", "fun": lambda moved: np.diff(moved) - 0.1},
        tol=1e-12,
    )
    assert ((placed - wishes) ** 2).sum() <= best.fun + 1e-9


def test_too_many_labels_are_spread_evenly():
    placed = spread(np.array([0.2, 0.1, 0.3, 0.25]), 0.5, 0.0, 1.0)
    np.testing.assert_allclose(placed, [1 / 3, 0, 1, 2 / 3])
    assert spread(np.empty(0), 0.1, 0.0, 1.0).size == 0


def test_texts_of_any_script_get_their_width():
    for text in ("short", "a rather long name of a column", "日本語の列の名前", "e\u0301" * 30, "bell\x07"):
        assert texts.columns_of(texts.fitted(text, 12)) == 12
        assert texts.columns_of(texts.shortened(text, 12)) <= 12
        assert texts.fitted(text, 60).rstrip() == texts.shortened(text, 60) == texts.printable(text)
    assert texts.shortened("a rather long name", 8) == "a rathe…"
    assert texts.printable("bell\x07\x1b[2J") == "bell??[2J"
