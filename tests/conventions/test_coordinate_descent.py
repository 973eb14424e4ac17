"""skglm and celer at their tightest and `solve` with the translated strength: the same coefficients."""

import pytest
from peers import FACTORS, LABELS, X, Y, assert_same_weights, with_and_without_intercept

from fastreg.conventions import from_celer, from_skglm
from fastreg.losses import Logistic, Squared

REGRESSION = [
    ("Lasso", {"alpha": 0.1}),
    ("ElasticNet", {"alpha": 0.2, "l1_ratio": 0.4}),
    ("ElasticNet", {"alpha": 0.2}),
]


@pytest.mark.slow  # skglm compiles each of them anew in every process
@with_and_without_intercept
@pytest.mark.parametrize(
    ("name", "parameters"), [*REGRESSION, ("WeightedLasso", {"alpha": 0.1, "weights": FACTORS})]
)
def test_regression_of_skglm(name, parameters, fit_intercept):
    skglm = pytest.importorskip("skglm")
    model = getattr(skglm, name)(**parameters, fit_intercept=fit_intercept, tol=1e-14).fit(X, Y)
    words = {"y": Y, "loss": Squared(), "fit_intercept": fit_intercept}
    assert_same_weights(from_skglm(name, **parameters), model.coef_, model.intercept_, **words)


@pytest.mark.slow
@with_and_without_intercept
@pytest.mark.parametrize("parameters", [{"alpha": 0.05}, {"alpha": 0.05, "l1_ratio": 0.4}])
def test_logistic_regression_of_skglm(parameters, fit_intercept):
    skglm = pytest.importorskip("skglm")
    model = skglm.SparseLogisticRegression(
        **parameters, fit_intercept=fit_intercept, tol=1e-14, max_iter=100
    ).fit(X, LABELS)
    penalty = from_skglm("SparseLogisticRegression", **parameters)
    words = {"y": LABELS, "loss": Logistic(), "fit_intercept": fit_intercept}
    assert_same_weights(penalty, model.coef_, model.intercept_, **words)


@with_and_without_intercept
@pytest.mark.parametrize("weights", [None, FACTORS])
@pytest.mark.parametrize(("name", "parameters"), REGRESSION)
def test_regression_of_celer(name, parameters, weights, fit_intercept):
    celer = pytest.importorskip("celer")
    parameters = parameters | {"weights": weights}
    model = getattr(celer, name)(**parameters, fit_intercept=fit_intercept, tol=1e-14).fit(X, Y)
    words = {"y": Y, "loss": Squared(), "fit_intercept": fit_intercept}
    assert_same_weights(from_celer(name, **parameters), model.coef_, model.intercept_, **words)


def test_logistic_regression_of_celer():
    celer = pytest.importorskip("celer")
    model = celer.LogisticRegression(C=0.3, tol=1e-13).fit(X, LABELS)
    penalty = from_celer("LogisticRegression", C=0.3, total_weight=Y.size)
    words = {"y": LABELS, "loss": Logistic(), "fit_intercept": False}
    assert_same_weights(penalty, model.coef_, 0.0, **words)
