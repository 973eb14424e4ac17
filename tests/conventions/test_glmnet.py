"""glmnet's Fortran (python-glmnet) and stored solutions of R against `solve` with the translated strength."""

import numpy as np
import problems
import pytest
from peers import (
    FACTORS,
    LABELS,
    X,
    Y,
    assert_same_weights,
    weights,
    with_and_without_intercept,
    with_and_without_weights,
)

import fastreg
from fastreg.conventions import from_glmnet
from fastreg.losses import Logistic, Squared

MODELS = [(family, alpha, None) for family in ("gaussian", "binomial") for alpha in (0.0, 0.4, 1.0)]
MODELS += [("gaussian", 0.4, FACTORS), ("binomial", 1.0, FACTORS)]
with_and_without_scaling = pytest.mark.parametrize("standardize", [True, False])


@with_and_without_weights
@with_and_without_intercept
@with_and_without_scaling
@pytest.mark.parametrize(("family", "alpha", "penalty_factor"), MODELS)
def test_fortran(family, alpha, penalty_factor, standardize, fit_intercept, weighted):
    glmnet = pytest.importorskip("glmnet")
    lam, sample_weight = 0.05, weights(weighted)
    if family == "gaussian":
        model, target, loss = glmnet.ElasticNet, Y, Squared()
    else:
        model, target, loss = glmnet.LogitNet, LABELS, Logistic()
    fit = model(
        alpha=alpha, lambda_path=[lam], standardize=standardize, fit_intercept=fit_intercept, n_splits=0,
        tol=1e-22, max_iter=1_000_000,
    ).fit(X, target, sample_weight=sample_weight, relative_penalties=penalty_factor)  # fmt: skip
    # This Fortran is older than glmnet 4.0, which alone looks at the intercept for the deviation of y.
    penalty = from_glmnet(
        family, lam=lam, alpha=alpha, penalty_factor=penalty_factor, y=target, sample_weight=sample_weight
    )
    words = {"standardize": standardize, "fit_intercept": fit_intercept, "sample_weight": sample_weight}
    coef, intercept = fit.coef_path_.ravel(), fit.intercept_path_.ravel()
    assert_same_weights(penalty, coef, intercept, y=target, loss=loss, **words)


def test_elastic_nets_of_r():
    file = problems.reference_solution("statsmodels_enet_gaussian")
    data = np.array(file["data"])
    for problem in file["problems"]:
        rows = data[: problem["n"], : problem["p"] + 1]
        rows = (rows - rows.mean(0)) / rows.std(0, ddof=1)
        y, columns = rows[:, 0], np.asfortranarray(rows[:, 1:])
        penalty = from_glmnet(
            "gaussian", lam=problem["lam"], alpha=problem["l1_ratio"], y=y, fit_intercept=False
        )
        coef = fastreg.solve(columns, y, loss=Squared(), penalty=penalty, fit_intercept=False, tol=1e-13).coef
        assert coef == pytest.approx(np.array(problem["exact"]), abs=1e-6)
        assert coef == pytest.approx(np.array(problem["expected"]), abs=3e-6)


def test_ridges_of_r():
    file = problems.reference_solution("sklearn_glmnet_ridge")
    problem = next(entry for entry in file["problems"] if entry["family"] == "binomial")
    y = problems.signs(np.array(problem["y"]))
    penalty = from_glmnet("binomial", lam=problem["lam"], alpha=problem["l1_ratio"])
    solution = fastreg.solve(
        np.array(problem["X"], order="F"), y, loss=Logistic(), penalty=penalty, tol=1e-13
    )
    assert [solution.intercept, *solution.coef] == pytest.approx(problem["expected"], abs=1e-8)


def test_without_an_intercept_y_is_not_centred():
    shifted = Y + 10.0
    root_mean_square = np.sqrt(np.mean(shifted**2))
    without = from_glmnet("gaussian", lam=0.2, alpha=0.0, y=shifted, fit_intercept=False)
    assert without.strength == pytest.approx(0.1 / root_mean_square, rel=1e-14)
    with_one = from_glmnet("gaussian", lam=0.2, alpha=0.0, y=shifted)
    assert with_one.strength == pytest.approx(0.1 / np.std(Y), rel=1e-12)
