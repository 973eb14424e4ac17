"""The choice of lambda: parts, losses, scores, and the strength of least loss."""

import argparse
import io

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.metrics import r2_score

import fastreg
from fastreg.cli import choosing
from fastreg.cli.activity import Activity
from fastreg.cli.models import Model
from fastreg.cli.targets import Target
from fastreg.losses import Logistic, Squared


class _Known(Model):
    """A model whose paths are known: at strength 2 it tells the truth."""

    def path(self, X, y, strengths=100, ratio=None, callback=None):
        strengths = np.array([4.0, 2.0, 1.0])
        found = sp.csc_array(np.array([[0.5, 1.0, 1.5]]))
        return fastreg.Path(strengths, found, np.zeros(3), None, None, None, None)


@pytest.mark.small
def test_the_strength_of_least_loss_is_chosen():
    X = np.arange(1.0, 21.0)[:, None]
    for factor, best, words in [
        (1.0, 2.0, "the least loss of 3 strengths in 5-fold cross-validation"),
        (0.4, 4.0, "the largest of them"),
        (2.0, 1.0, "the smallest of them (--strength goes further)"),
    ]:
        target = Target("regression", "", factor * X[:, 0], None)
        choice = choosing.choose(_Known(None, None, 1.0, False), target, X, 5, Activity())
        assert choice.strength == best
        assert choice.how.endswith(words)
        np.testing.assert_array_equal(choice.coef, {4.0: [0.5], 2.0: [1.0], 1.0: [1.5]}[best])
        misses = (factor - np.array([0.5, 1.0, 1.5])) * X
        np.testing.assert_allclose(choice.tried.losses, (misses**2).mean(axis=0) / 2)
        parts = target.parts(5)
        means = [(misses[parts == fold] ** 2).mean(axis=0) / 2 for fold in range(5)]
        np.testing.assert_allclose(choice.tried.errors, np.std(means, axis=0, ddof=1) / np.sqrt(5))


@pytest.mark.small
@pytest.mark.parametrize("count", [4, 5])
def test_parts_are_even_and_spread_each_class(count):
    labels = np.repeat([-1.0, 1.0], [33, 7])
    parts = Target("classification", "", labels, ["a", "b"]).parts(count)
    assert np.ptp(np.bincount(parts)) <= 1
    for label in (-1.0, 1.0):
        assert np.ptp(np.bincount(parts[labels == label], minlength=count)) <= 1
    plain = Target("regression", "", np.arange(40.0), None).parts(count)
    assert np.ptp(np.bincount(plain)) <= 1
    assert not np.array_equal(plain, np.arange(40) % count)


@pytest.mark.small
def test_losses_are_those_of_the_terms():
    y, predictions = np.array([1.0, -1.0]), np.array([[0.5, 100.0], [-2.0, 100.0]])
    squared, logistic = Target("", "", y, None), Target("", "", y, [0, 1])
    for target, loss in ((squared, Squared()), (logistic, Logistic())):
        expected = [sum(loss.value(y[i], predictions[i, k]) for i in range(2)) for k in range(2)]
        np.testing.assert_allclose(target.losses(y, predictions), expected, rtol=1e-12)


@pytest.mark.small
def test_scores():
    y = np.array([1.0, 2.0, 4.0, 1.0])
    regression, classification = Target("", "", y, None), Target("", "", np.sign(y - 1.5), [0, 1])
    assert regression.score(y, y) == 1.0
    np.testing.assert_allclose(regression.score(y, y[::-1]), r2_score(y, y[::-1]))
    assert regression.score(np.ones(3), np.arange(3)) is None
    assert classification.score(classification.y, np.array([-3.0, 0.1, -0.1, 0.0])) == 0.75


@pytest.mark.small
def test_progress_goes_from_nothing_to_all():
    activity = Activity(io.StringIO())
    counter = choosing._Counter(activity, 2)
    seen = []
    for _ in range(2):
        counter.next_path()
        for _ in range(100):
            for n_iter in (0, 1):
                counter(argparse.Namespace(n_iter=n_iter))
                seen.append(activity.fraction)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 0.995)
    assert activity.stage == "choosing lambda, fold 1 of 1"
