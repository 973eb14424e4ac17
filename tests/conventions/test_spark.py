"""Spark's objectives written out in NumPy, and Spark itself, against `solve` with the translated strength."""

import os
import sys

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

import fastreg
from fastreg.conventions import from_spark
from fastreg.losses import Logistic, Squared

REG_PARAM = 0.07
ESTIMATORS = [
    ("LinearRegression", "normal"),
    ("LinearRegression", "l-bfgs"),
    ("LogisticRegression", "normal"),
]

with_and_without_scaling = pytest.mark.parametrize("standardization", [True, False])
estimators = pytest.mark.parametrize(("name", "solver"), ESTIMATORS)
mixtures = pytest.mark.parametrize("mixture", [0.0, 0.4, 1.0])


def problem(name, solver, mixture, standardization, fit_intercept, weighted):
    """Return the translated penalty and what else `solve` needs."""
    y = LABELS if name == "LogisticRegression" else Y
    loss = Logistic() if name == "LogisticRegression" else Squared()
    sample_weight = weights(weighted)
    penalty = from_spark(
        name, y=y, sample_weight=sample_weight if weighted else None, standardization=standardization,
        solver=solver, regParam=REG_PARAM, elasticNetParam=mixture,
    )  # fmt: skip
    words = {"standardize": standardization, "fit_intercept": fit_intercept, "sample_weight": sample_weight}
    return penalty, {"y": y, "loss": loss, **words}


def deviations(values, sample_weight, unbiased):
    """Return Spark's deviations of a vector or of columns."""
    total = sample_weight.sum()
    divisor = total - (sample_weight**2).sum() / total if unbiased else total
    return np.sqrt(sample_weight @ (values - sample_weight @ values / total) ** 2 / divisor)


@with_and_without_weights
@with_and_without_intercept
@with_and_without_scaling
@mixtures
@estimators
def test_objective_written_out(name, solver, mixture, standardization, fit_intercept, weighted):
    """The subgradient of what Spark's sources minimise, in their scaled units, is 0 at our solution."""
    settings = mixture, standardization, fit_intercept, weighted
    penalty, words = problem(name, solver, *settings)
    solution = fastreg.solve(X, penalty=penalty, tol=1e-13, **words)
    shares = words["sample_weight"] / words["sample_weight"].sum()
    unbiased = name == "LogisticRegression" or solver == "l-bfgs"
    scales = deviations(X, words["sample_weight"], unbiased)
    unit = 1.0 if name == "LogisticRegression" else deviations(Y, words["sample_weight"], unbiased)
    scaled = solution.coef * scales / unit
    predictions = (X @ solution.coef + solution.intercept) / unit
    if name == "LogisticRegression":
        slopes = -LABELS / (1 + np.exp(LABELS * predictions))
    else:
        slopes = predictions - Y / unit
    amounts = REG_PARAM / unit / (np.ones(scales.size) if standardization else scales)
    l1, l2 = mixture * amounts, (1 - mixture) * amounts / (1.0 if standardization else scales)
    smooth = (X / scales).T @ (shares * slopes) + l2 * scaled
    kink = np.maximum(np.abs(smooth) - l1, 0)
    residual = np.where(scaled == 0, kink, np.abs(smooth + l1 * np.sign(scaled)))
    assert residual.max() < 1e-6
    assert np.count_nonzero(scaled)


@pytest.fixture(scope="module")
def spark():
    """Return a local session of Spark and the problem as its data frame."""
    sql = pytest.importorskip("pyspark.sql")
    vectors = pytest.importorskip("pyspark.ml.linalg").Vectors
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.host", "127.0.0.1").getOrCreate()
    rows = zip(Y.tolist(), (LABELS > 0).astype(float).tolist(), WEIGHTS.tolist(), X, strict=True)
    frame = session.createDataFrame(
        [(y, label, weight, vectors.dense(row)) for y, label, weight, row in rows],
        ["LinearRegression", "LogisticRegression", "weight", "features"],
    )
    yield frame.coalesce(1).cache()
    session.stop()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
@with_and_without_weights
@with_and_without_intercept
@with_and_without_scaling
@mixtures
@estimators
def test_spark(spark, name, solver, mixture, standardization, fit_intercept, weighted):
    from pyspark.ml import classification, regression

    words = {"weightCol": "weight"} if weighted else {}
    if name == "LinearRegression":
        estimator = regression.LinearRegression(solver=solver, **words)
    else:
        estimator = classification.LogisticRegression(**words)
    estimator.setLabelCol(name).setRegParam(REG_PARAM).setElasticNetParam(mixture)
    estimator.setStandardization(standardization).setFitIntercept(fit_intercept)
    model = estimator.setTol(1e-14).setMaxIter(2000).fit(spark)
    penalty, words = problem(name, solver, mixture, standardization, fit_intercept, weighted)
    assert_same_weights(penalty, model.coefficients.toArray(), model.intercept, **words)
