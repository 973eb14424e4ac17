"""The coefficients of scikit-learn at its tightest: every estimator, layout, dtype and kind of weight."""

from inspect import signature

import numpy as np
import peers
import problems
import pytest
import scipy.sparse as sp
from sklearn import linear_model
from sklearn.utils.class_weight import compute_class_weight

import fastreg

# scikit-learn at tolerances it cannot always reach.
pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:The line search algorithm did not converge"),
    pytest.mark.filterwarnings("ignore:Line Search failed"),
]

LAYOUTS = {"C": np.ascontiguousarray, "F": np.asfortranarray, "CSC": sp.csc_array, "CSR": sp.csr_matrix}
DATA = problems.problem(
    np.random.default_rng(3).standard_normal((80, 10)) * (np.random.default_rng(4).random((80, 10)) < 0.5)
)
ESTIMATORS = {
    "Lasso": ({"alpha": 0.05}, {"max_iter": 100_000}),
    "ElasticNet": ({"alpha": 0.1, "l1_ratio": 0.4}, {"max_iter": 100_000}),
    "Lasso, positive": ({"alpha": 0.02, "positive": True}, {"max_iter": 100_000}),
    "Ridge": ({"alpha": 3.0}, {"solver": "cholesky"}),
    "Ridge, positive": ({"alpha": 3.0, "positive": True}, {}),
    "LogisticRegression": ({"C": 0.7}, {"solver": "newton-cholesky", "max_iter": 1000}),
    "LogisticRegression, L1": ({"C": 0.5, "l1_ratio": 1.0}, {"solver": "saga", "max_iter": 100_000}),
    "LogisticRegression, both": ({"C": 0.5, "l1_ratio": 0.5}, {"solver": "saga", "max_iter": 100_000}),
    "LogisticRegression, balanced": (
        {"C": 0.7, "class_weight": "balanced"},
        {"solver": "newton-cholesky", "max_iter": 1000},
    ),
}


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("which", ESTIMATORS)
def test_same_coefficients(which, layout, dtype, weighted, fit_intercept):
    name = which.partition(",")[0]
    parameters, solver = ESTIMATORS[which]
    words = {**parameters, "fit_intercept": fit_intercept, "tol": 1e-12}
    y = np.where(DATA.labels > 0, "yes", "no") if name == "LogisticRegression" else DATA.y
    weights = DATA.sample_weight if weighted else None
    if weighted and "balanced" in which and "sample_weight" not in signature(compute_class_weight).parameters:
        pytest.skip("this scikit-learn balances classes by their rows, not by their weights")
    # The numbers that float32 holds, fitted in double: the optimum that both describe.
    stored = DATA.X.astype(dtype)
    exact = np.ascontiguousarray(stored, dtype=np.float64)
    if "positive" in which and name == "Ridge" and weighted:
        # scikit-learn's L-BFGS for bounds stops near 1e-6 only: the rows scaled by hand are its best.
        words["tol"] = 1e-14
    spelled = peers.spelled(words.get("l1_ratio", 0.0)) if name == "LogisticRegression" else {}
    theirs = getattr(linear_model, name)(**{**words, **solver, **spelled}).fit(
        exact, y, sample_weight=weights
    )
    ours = getattr(fastreg, name)(**words).fit(LAYOUTS[layout](stored), y, sample_weight=weights)
    tolerance = 1e-6 * np.abs(theirs.coef_).max()
    assert ours.coef_.dtype == dtype
    assert ours.coef_.shape == theirs.coef_.shape
    assert np.shape(ours.intercept_) == np.shape(theirs.intercept_)
    assert np.allclose(ours.coef_, theirs.coef_, rtol=0, atol=tolerance)
    assert np.allclose(ours.intercept_, theirs.intercept_, rtol=0, atol=tolerance * 10)
    if name == "LogisticRegression":
        assert np.array_equal(ours.predict(exact), theirs.predict(exact))
        assert np.allclose(ours.predict_proba(exact), theirs.predict_proba(exact), rtol=0, atol=1e-5)
    else:
        assert np.allclose(ours.predict(exact), theirs.predict(exact), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["Lasso", "ElasticNet"])
def test_the_dual_gap_is_the_same_quantity(name):
    """Both are upper bounds of the distance to the optimum, in the units of the objective."""
    words = {"alpha": 0.05, "tol": 1e-2}
    ours = getattr(fastreg, name)(**words).fit(DATA.X, DATA.y)
    best = getattr(fastreg, name)(**{**words, "tol": 1e-14}).fit(DATA.X, DATA.y)
    theirs = getattr(linear_model, name)(**words).fit(DATA.X, DATA.y)
    assert ours.solution_.objective - best.solution_.objective <= ours.dual_gap_
    limit = words["tol"] * np.mean((DATA.y - DATA.y.mean()) ** 2)
    assert 0 <= ours.dual_gap_ <= limit
    assert 0 <= theirs.dual_gap_ <= limit


@pytest.mark.parametrize(
    "words", [{"C": 0.01}, {"C": 1.0}, {"C": 100.0}, {"C": 1.0, "fit_intercept": False}], ids=str
)
@pytest.mark.parametrize("scale", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("tol", [1e-2, 1e-4])
def test_logistic_regression_is_never_looser(words, scale, tol):
    X = DATA.X * np.geomspace(1, scale, DATA.X.shape[1])
    ours = fastreg.LogisticRegression(**words, tol=tol).fit(X, DATA.labels)
    theirs = linear_model.LogisticRegression(**words, tol=tol, max_iter=10_000).fit(X, DATA.labels)

    def objective(model):
        margins = DATA.labels * (X @ model.coef_[0] + model.intercept_[0])
        return words["C"] * np.logaddexp(0, -margins).sum() + (model.coef_**2).sum() / 2

    def largest_slope(model):
        """What scikit-learn's tolerance bounds: the gradient of the objective over C and n."""
        slopes = -DATA.labels / (1 + np.exp(DATA.labels * (X @ model.coef_[0] + model.intercept_[0])))
        return np.abs(slopes @ X / 80 + model.coef_[0] / (80 * words["C"])).max()

    assert largest_slope(ours) <= tol
    assert objective(ours) <= objective(theirs) + 1e-4 * tol * words["C"] * 80 * np.log(2)
