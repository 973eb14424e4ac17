"""statsmodels at its tightest and `solve` with the translated strength: the same coefficients."""

import numpy as np
import pytest
from peers import FACTORS, LABELS, WEIGHTS, X, Y, assert_same_weights

from fastreg.conventions import from_statsmodels
from fastreg.losses import Logistic, Squared

sm = pytest.importorskip("statsmodels.api")

# statsmodels has no intercept: a column of ones is a column.
COLUMNS = np.column_stack([np.ones(Y.size), X])
FREE_CONSTANT = np.concatenate([[0.0], 0.1 * FACTORS])


@pytest.mark.parametrize(
    ("L1_wt", "alpha"), [(0.0, 0.1), (0.4, 0.1), (1.0, 0.1), (0.4, FREE_CONSTANT), (1.0, FREE_CONSTANT)]
)
@pytest.mark.parametrize("name", ["OLS", "WLS"])
def test_least_squares(name, L1_wt, alpha):
    if name == "OLS":
        model, words = sm.OLS(Y, COLUMNS), {}
    else:
        model, words = sm.WLS(Y, COLUMNS, weights=WEIGHTS), {"sample_weight": WEIGHTS}
    fit = model.fit_regularized(alpha=alpha, L1_wt=L1_wt, maxiter=5000, cnvrg_tol=1e-13, zero_tol=1e-12)
    penalty = from_statsmodels(name, alpha=alpha, L1_wt=L1_wt)
    words |= {"y": Y, "loss": Squared(), "columns": COLUMNS, "fit_intercept": False}
    assert_same_weights(penalty, fit.params, 0.0, **words)


def test_an_unpenalised_constant_is_an_intercept():
    penalty = from_statsmodels("OLS", alpha=0.1)
    fit = sm.OLS(Y, COLUMNS).fit_regularized(alpha=np.array([0] + [0.1] * 5), maxiter=5000, cnvrg_tol=1e-13)
    assert_same_weights(penalty, fit.params[1:], fit.params[0], y=Y, loss=Squared())


@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("L1_wt", [0.0, 0.4, 1.0])
def test_binomial_glm(L1_wt, weighted):
    counts = np.arange(Y.size) % 3 + 1.0 if weighted else np.ones(Y.size)
    model = sm.GLM(LABELS > 0, COLUMNS, family=sm.families.Binomial(), freq_weights=counts)
    tight = {"maxiter": 5000, "cnvrg_tol": 1e-13, "zero_tol": 1e-12, "opt_method": "newton-cg"}
    fit = model.fit_regularized(alpha=0.05, L1_wt=L1_wt, **tight)
    totals = {"total_weight": counts.sum(), "n_samples": Y.size}
    penalty = from_statsmodels("GLM", alpha=0.05, L1_wt=L1_wt, **totals)
    words = {"y": LABELS, "loss": Logistic(), "columns": COLUMNS, "fit_intercept": False}
    assert_same_weights(penalty, fit.params, 0.0, sample_weight=counts, **words)


@pytest.mark.parametrize("alpha", [3.0, 30 * FREE_CONSTANT], ids=["number", "array"])
def test_logit(alpha):
    fit = sm.Logit(LABELS > 0, COLUMNS).fit_regularized(alpha=alpha, acc=1e-15, disp=0, trim_mode="off")
    penalty = from_statsmodels("Logit", alpha=alpha, total_weight=Y.size)
    words = {"y": LABELS, "loss": Logistic(), "columns": COLUMNS, "fit_intercept": False}
    assert_same_weights(penalty, fit.params, 0.0, **words)
