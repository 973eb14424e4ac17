"""A path that ends early is the beginning of the whole one, and says why it ended."""

import numpy as np
import pytest
import scipy.sparse as sp

import fastreg
from fastreg.functional import PathReason
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1


def drawn(n, seed):
    rng = np.random.default_rng(seed)
    X = np.asfortranarray(rng.standard_normal((n, 12)))
    return X, X @ np.linspace(1, 0, 12) ** 3 + 2 * rng.standard_normal(n)


def held_out():
    return drawn(40, 9)


def follow(X_val=None, y_val=None, loss=None, **words):
    X, y = drawn(60, 8)
    loss = Squared() if loss is None else loss
    if isinstance(loss, Logistic):
        y = np.sign(y)
        y_val = None if y_val is None else np.sign(y_val)
    return fastreg.path(X, y, loss=loss, penalty=L1(1.0), strengths=60, X_val=X_val, y_val=y_val, **words)


@pytest.mark.parametrize("loss", [Squared(), Logistic()], ids=str)
@pytest.mark.parametrize("patience", [1, 3, 10])
def test_the_end_agrees_with_the_whole_path(patience, loss):
    X, y = held_out()
    whole = follow(X, y, loss)
    short = follow(X, y, loss, patience=patience)
    count = short.strengths.size
    assert np.array_equal(short.validation_losses, whole.validation_losses[:count])
    assert np.array_equal(short.coefs.toarray(), whole.coefs.toarray()[:, :count])
    assert short.best == np.argmin(short.validation_losses)
    assert whole.reason is PathReason.ALL_STRENGTHS
    lows = np.minimum.accumulate(whole.validation_losses)
    ends = [k for k in range(60) if k - np.argmin(whole.validation_losses[: k + 1]) >= patience]
    assert count == (ends[0] + 1 if ends else 60)
    assert short.best == count - 1 - patience or short.reason is PathReason.ALL_STRENGTHS
    if short.validation_losses[short.best] == lows[-1]:
        assert short.best == whole.best


def test_it_ends_early_and_says_so():
    found = follow(*held_out(), patience=5)
    assert found.reason is PathReason.NO_LOWER_LOSS
    assert "no new low" in str(found.reason)
    assert found.strengths.size < 60
    assert 0 < found.best == found.strengths.size - 6
    assert found.work.full_passes < follow(*held_out()).work.full_passes


@pytest.mark.parametrize("loss", [Squared(), Logistic()], ids=str)
def test_losses_are_those_of_the_rows_held_out(loss):
    X, y = held_out()
    weights, offset = np.linspace(0, 1, 40), np.full(40, 0.25)
    found = follow(
        X, y, loss, sample_weight_val=weights, offset_val=offset, offset=np.zeros(60), standardize=True
    )
    predictions = X @ found.coefs.toarray() + found.intercepts + 0.25
    target = np.sign(y) if isinstance(loss, Logistic) else y
    values = [[loss.value(label, z) for z in row] for label, row in zip(target, predictions, strict=True)]
    assert found.validation_losses == pytest.approx(np.average(values, axis=0, weights=weights), rel=1e-10)


def test_layouts_agree():
    X, y = held_out()
    expected = follow(X, y).validation_losses
    for other in (np.ascontiguousarray(X), sp.csc_matrix(X), sp.csr_matrix(X)):
        assert follow(other, y).validation_losses == pytest.approx(expected, rel=1e-12)


def test_without_rows_held_out_nothing_is_said_of_them():
    found = follow()
    assert found.validation_losses is None
    assert found.best is None
    assert str(found.reason) == "Every strength was fitted."


def test_a_callback_that_stops_is_told_from_the_rule():
    found = follow(*held_out(), patience=3, callback=lambda progress: progress.n_nonzero > 2)
    assert found.reason is PathReason.STOPPED
    assert found.validation_losses.size == found.strengths.size


@pytest.mark.small
@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"patience": 3}, "patience is for rows held out: pass X_val and y_val"),
        ({"X_val": np.ones((2, 12))}, "y_val is missing: pass X_val and y_val"),
        ({"y_val": np.ones(2)}, "X_val is missing: pass X_val and y_val"),
        ({"X_val": np.ones((2, 11)), "y_val": np.ones(2)}, "X_val has 11 columns and X 12"),
        ({"X_val": np.ones((2, 12)), "y_val": np.ones(3)}, "y_val has"),
        ({"X_val": np.ones((2, 12)), "y_val": np.ones(2), "patience": 0}, "patience=0 is out of range"),
        ({"X_val": np.full((2, 12), np.nan), "y_val": np.ones(2)}, "NaN"),
        (
            {"X_val": np.ones((2, 12)), "y_val": np.ones(2), "offset": np.ones(60)},
            "offset_val is missing: pass offset and offset_val",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_judged_is_refused(words, says):
    with pytest.raises(ValueError, match=says):
        follow(**words)
