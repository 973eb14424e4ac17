"""scikit-learn at its tightest and `solve` with the translated strength: the same coefficients."""

import numpy as np
import pytest
from peers import (
    LABELS,
    WEIGHTS,
    X,
    Y,
    assert_same_weights,
    weights,
    with_and_without_intercept,
    with_and_without_weights,
)
from sklearn import __version__, linear_model

from fastreg.conventions import from_scikit_learn
from fastreg.losses import Logistic, Squared

REGRESSION = [
    ("Lasso", {"alpha": 0.1}),
    ("ElasticNet", {"alpha": 0.2, "l1_ratio": 0.4}),
    ("ElasticNet", {"alpha": 0.2}),
    ("Ridge", {"alpha": 7.0}),
    ("Ridge", {"alpha": 0.0}),
]
CLASSIFICATION = [
    ({"C": 0.3}, "newton-cholesky"),
    ({"C": np.inf}, "newton-cholesky"),
    ({"C": 0.3, "l1_ratio": 1.0}, "saga"),
    ({"C": 0.3, "l1_ratio": 0.4}, "saga"),
]
# Before 1.8 an l1_ratio was heard only beside a penalty of this name.
ELASTIC = {"penalty": "elasticnet"} if tuple(map(int, __version__.split(".")[:2])) < (1, 8) else {}
TIGHT = {"Ridge": {"solver": "svd"}}


@with_and_without_weights
@with_and_without_intercept
@pytest.mark.parametrize(("name", "parameters"), REGRESSION)
def test_regression(name, parameters, fit_intercept, weighted):
    tight = TIGHT.get(name, {"tol": 1e-14, "max_iter": 100_000})
    sample_weight = weights(weighted)
    model = getattr(linear_model, name)(**parameters, fit_intercept=fit_intercept, **tight)
    model.fit(X, Y, sample_weight=sample_weight)
    penalty = from_scikit_learn(name, **parameters, total_weight=sample_weight.sum())
    words = {"fit_intercept": fit_intercept, "sample_weight": sample_weight}
    assert_same_weights(penalty, model.coef_, model.intercept_, y=Y, loss=Squared(), **words)


@with_and_without_weights
@with_and_without_intercept
@pytest.mark.parametrize(("parameters", "solver"), CLASSIFICATION)
def test_logistic_regression(parameters, solver, fit_intercept, weighted):
    sample_weight = weights(weighted)
    model = linear_model.LogisticRegression(
        **parameters, **(ELASTIC if "l1_ratio" in parameters else {}), fit_intercept=fit_intercept,
        solver=solver, tol=1e-12, max_iter=20_000, random_state=0,
    ).fit(X, LABELS, sample_weight=sample_weight)  # fmt: skip
    penalty = from_scikit_learn("LogisticRegression", **parameters, total_weight=sample_weight.sum())
    words = {"fit_intercept": fit_intercept, "sample_weight": sample_weight}
    assert_same_weights(penalty, model.coef_, model.intercept_, y=LABELS, loss=Logistic(), **words)


def test_class_weights_count_as_sample_weights():
    factors = {-1.0: 3.0, 1.0: 0.5}
    model = linear_model.LogisticRegression(
        C=0.3, class_weight=factors, solver="newton-cholesky", tol=1e-12
    ).fit(X, LABELS, sample_weight=WEIGHTS)
    sample_weight = WEIGHTS * np.vectorize(factors.get)(LABELS)
    penalty = from_scikit_learn("LogisticRegression", C=0.3, total_weight=sample_weight.sum())
    words = {"y": LABELS, "loss": Logistic(), "sample_weight": sample_weight}
    assert_same_weights(penalty, model.coef_, model.intercept_, **words)


# The same row again and again with a constant rate: stochastic descent is descent, and settles exactly. Of
# the two classes one has the row's negative, whose loss is the same function of the weights.
ROWS = {"l2": [[1.0, -0.5]], "l1": [[1.0]], "elasticnet": [[1.0]]}


@pytest.mark.parametrize("weight", [1.0, 3.0])
@pytest.mark.parametrize("penalty", ROWS)
@pytest.mark.parametrize("name", ["SGDClassifier", "SGDRegressor"])
def test_stochastic_descent(name, penalty, weight):
    n_samples = 6
    columns = np.repeat(np.array(ROWS[penalty]), n_samples, axis=0)
    if name == "SGDClassifier":
        target = np.array([1.0, -1.0] * (n_samples // 2))
        columns *= target[:, np.newaxis]
        loss, their_loss = Logistic(), "log_loss"
    else:
        target = np.full(n_samples, 2.0)
        loss, their_loss = Squared(), "squared_error"
    sample_weight = np.full(n_samples, weight)
    parameters = {"alpha": 0.2, "penalty": penalty, "l1_ratio": 0.4}
    model = getattr(linear_model, name)(
        **parameters, loss=their_loss, learning_rate="constant", eta0=0.01, fit_intercept=False,
        max_iter=3000, tol=None,
    )  # fmt: skip
    model.fit(columns, target, sample_weight=sample_weight)
    strength = from_scikit_learn(name, **parameters, total_weight=weight * n_samples, n_samples=n_samples)
    words = {"y": target, "loss": loss, "sample_weight": sample_weight, "fit_intercept": False}
    assert_same_weights(strength, model.coef_, 0.0, columns=columns, **words)
