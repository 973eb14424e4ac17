"""The open cross-validated estimators are `cross_validate`, with scikit-learn's folds and scores."""

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.metrics import get_scorer
from sklearn.model_selection import KFold, StratifiedKFold

import fastreg
from fastreg.losses import Logistic, Multinomial, Squared
from fastreg.penalties import L1, Bounded, ElasticNet

RNG = np.random.default_rng(0)
X = RNG.standard_normal((120, 6))
Y = X[:, 0] - X[:, 1] + RNG.standard_normal(120)
TWO, THREE = Y > 0, np.digitize(Y, [-0.7, 0.7])
WEIGHTS = RNG.uniform(0.5, 2, 120)


@pytest.mark.parametrize("rule", ["min", "1se"])
@pytest.mark.parametrize("penalty", [None, Bounded(L1(1.0), 0.0, np.inf)], ids=["L1", "at least 0"])
def test_regression_is_cross_validate(penalty, rule):
    model = fastreg.LinearRegressorCV(penalty=penalty, strengths=20, rule=rule, tol=1e-12)
    model.fit(X, Y, WEIGHTS)
    found = fastreg.cross_validate(
        X, Y, loss=Squared(), penalty=penalty or L1(1.0), strengths=20, rule=rule, tol=1e-12,
        sample_weight=WEIGHTS, folds=KFold(5).split(X),
    )  # fmt: skip
    assert model.strength_ == found.strength
    for mine, theirs in (("strengths_", "strengths"), ("losses_", "losses"), ("mean_", "mean")):
        assert np.array_equal(getattr(model, mine), getattr(found, theirs))
    assert np.array_equal(model.coef_, found.solution.coef)


@pytest.mark.parametrize("loss", [Squared(), Logistic()], ids=["squared", "logistic"])
def test_the_choice_is_that_of_a_loop_over_solve(loss):
    strengths, ratios = [0.3, 0.05, 0.01], [0.2, 1.0]
    squared = isinstance(loss, Squared)
    y = Y if squared else TWO
    model = fastreg.LinearRegressorCV if squared else fastreg.LinearClassifierCV
    model = model(loss, ElasticNet(1.0, 0.5), strengths=strengths, l1_ratios=ratios, tol=1e-14)
    model.fit(X, y, WEIGHTS)
    targets = Y if squared else np.where(TWO, 1.0, -1.0)
    losses = np.zeros((2, 3))
    for learned, held in (KFold(5) if squared else StratifiedKFold(5)).split(X, y):
        for number, ratio in enumerate(ratios):
            for place, strength in enumerate(strengths):
                found = fastreg.solve(
                    X[learned], targets[learned], loss=loss, penalty=ElasticNet(strength, ratio), tol=1e-14,
                    sample_weight=WEIGHTS[learned],
                )  # fmt: skip
                values = X[held] @ found.coef + found.intercept
                each = [loss.value(a, b) for a, b in zip(targets[held], values, strict=True)]
                losses[number, place] += np.sum(WEIGHTS[held] * each) / WEIGHTS.sum()
    assert model.mean_ == pytest.approx(losses, rel=1e-8)
    number, place = np.unravel_index(np.argmin(losses), losses.shape)
    assert (model.l1_ratio_, model.strength_) == (ratios[number], strengths[place])


def test_many_classes_take_a_loss_of_many_predictions():
    model = fastreg.LinearClassifierCV(strengths=5, ratio=0.05).fit(sp.csr_array(X), THREE)
    assert model.coef_.shape == (3, 6)
    top = fastreg.solve(X, THREE.astype(float), loss=Multinomial(), penalty=L1(model.strengths_[0]))
    assert np.all(top.coef == 0)
    below = fastreg.solve(X, THREE.astype(float), loss=Multinomial(), penalty=L1(0.99 * model.strengths_[0]))
    assert np.any(below.coef != 0)
    with pytest.raises(ValueError, match="Logistic tells two classes apart, and y holds 3"):
        fastreg.LinearClassifierCV(Logistic()).fit(X, THREE)


@pytest.mark.parametrize("by_rows", [False, True], ids=["of predictions", "of rows"])
@pytest.mark.parametrize("classes", [False, True], ids=["regression", "classification"])
def test_scores(classes, by_rows):
    name = "accuracy" if classes else "r2"
    scorer = get_scorer(name)
    y, strengths = (TWO if classes else Y), [0.1, 0.01]
    parameters = {"strengths": strengths, "cv": 3, "rule": "1se"}
    model = (fastreg.LinearClassifierCV if classes else fastreg.LinearRegressorCV)(
        scoring=(lambda model, X, y: scorer(model, X, y)) if by_rows else name, **parameters
    ).fit(X, y)
    assert model.scores_.shape == (2, 3)
    folds = (StratifiedKFold if classes else KFold)(3).split(X, y)
    plain = fastreg.LinearClassifier if classes else fastreg.LinearRegressor
    for fold, (learned, held) in enumerate(folds):
        alone = plain(penalty=L1(0.01)).fit(X[learned], y[learned])
        assert model.scores_[1, fold] == pytest.approx(scorer(alone, X[held], y[held]), abs=1e-4)
    assert model.mean_ == pytest.approx(model.scores_.mean(axis=1))
    assert model.strength_ in strengths


@pytest.mark.parametrize(
    ("parameters", "kind", "says"),
    [
        ({"rule": "2se"}, ValueError, "rule='2se' is unknown"),
        ({"l1_ratios": [0.5]}, TypeError, "has no l1_ratio"),
        ({"penalty": ElasticNet(1.0, 0.5), "l1_ratios": []}, ValueError, "is no list"),
        ({"loss": Multinomial()}, TypeError, "one prediction per class"),
        ({"strengths": [1.0, -1.0]}, ValueError, "strengths holds -1"),
    ],
)
def test_what_cannot_be_chosen_from_is_refused(parameters, kind, says):
    with pytest.raises(kind, match=says):
        fastreg.LinearRegressorCV(**parameters).fit(X, Y)
