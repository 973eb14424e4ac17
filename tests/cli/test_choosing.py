"""The choice of lambda: parts, losses, scores, and the strength of least loss."""

import argparse
import io

import numpy as np
import pytest
from sklearn.metrics import r2_score

from fastreg.cli import choosing
from fastreg.cli.activity import Activity
from fastreg.cli.models import model_of
from fastreg.cli.targets import Target
from fastreg.losses import Logistic, Squared


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_the_strength_of_least_loss_is_chosen(task):
    X = np.asfortranarray(np.random.default_rng(0).standard_normal((40, 9)))
    y = X[:, 0] - X[:, 1] / 2 + 5 * np.random.default_rng(1).standard_normal(40)
    target = Target(task, "", y, None)
    if task == "classification":
        target = Target(task, "", np.sign(y), ["a", "b"])
    model = model_of(task, "l1", None, True)
    choice = choosing.choose(model, target, X, 5, Activity())
    losses, errors = np.zeros(100), np.zeros((100, 5))
    strengths, parts = choice.tried.strengths, target.parts(5)
    np.testing.assert_array_equal(strengths, model.path(X, target.y).strengths)
    for fold in range(5):
        inside, outside = parts != fold, parts == fold
        fits = model.path(np.asfortranarray(X[inside]), target.y[inside], strengths)
        sums = target.losses(target.y[outside], X[outside] @ fits.coefs.toarray() + fits.intercepts)
        losses += sums / 40
        errors[:, fold] = sums / outside.sum()
    np.testing.assert_allclose(choice.tried.mean, losses, rtol=1e-3)
    np.testing.assert_allclose(choice.tried.error, np.std(errors, axis=1, ddof=1) / np.sqrt(5), rtol=1e-2)
    assert choice.strength == strengths[choice.tried.chosen] == strengths[np.argmin(choice.tried.mean)]
    assert choice.how == "the least loss of 100 strengths in 5-fold cross-validation"
    best = model.solve(X, target.y, choice.strength)
    np.testing.assert_allclose(choice.coef, best.coef, rtol=1e-3, atol=1e-4)


@pytest.mark.small
@pytest.mark.parametrize(
    ("chosen", "words"),
    [(0, ", the largest of them"), (1, ""), (2, ", the smallest of them (--strength goes further)")],
)
def test_a_choice_at_the_end_is_told(chosen, words):
    found = argparse.Namespace(chosen=chosen, strengths=np.array([4.0, 2.0, 1.0]))
    assert choosing.at_the_end(found, "--strength goes further") == words


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
    seen = []
    for run in range(2):
        tell = choosing.counted(activity, before=run, runs=2)
        for done in range(1, 101):
            tell(done, 100)
            seen.append(activity.fraction)
    assert seen == [done / 200 for done in range(1, 201)]
    assert activity.stage == "choosing lambda, 200 of 200 fits"
