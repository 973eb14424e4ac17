"""The same optimum as scikit-learn's at its tightest, on real data and on a synthetic copy of it.

The conversions are those of the table of strengths: Lasso(alpha) is L1(alpha); ElasticNet(alpha, r) is
ElasticNet(alpha (1 + r) / 2, 2 r / (1 + r)); Ridge(alpha) is L2(alpha / (2 S)); LogisticRegression(C) is
L1(1 / (C S)) or L2(1 / (2 C S)), with S the sum of the sample weights.
"""

import numpy as np
import peers
import problems
import pytest
import reference
import scipy.sparse as sp
from sklearn import linear_model

import fastreg
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, L2, ElasticNet

# scikit-learn at tolerances it cannot always reach.
pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:The line search algorithm did not converge"),
    pytest.mark.filterwarnings("ignore:Line Search failed"),
]
slow = pytest.mark.slow

REGRESSION = [
    "synthetic",
    "synthetic sparse",
    "prostate",
    "housing",
    "glmnet_quickstart",
    "glmnet_sparse",
    pytest.param("cpusmall", marks=slow),
    pytest.param("riboflavin", marks=slow),
]
CLASSIFICATION = [
    "synthetic",
    "synthetic sparse",
    "heart",
    "glmnet_binomial",
    pytest.param("colon", marks=slow),
    pytest.param("a9a", marks=slow),
]
HARD_FOR_SAGA = {"heart", "colon", "a9a"}
SETTINGS = {
    "plain": {},
    "no intercept": {"fit_intercept": False},
    "weights": {"sample_weight": True},
    "standardised, weights": {"standardize": True, "sample_weight": True},
}
with_settings = pytest.mark.parametrize("words", SETTINGS.values(), ids=SETTINGS)


def data(name, loss):
    """Return X and y of a data set by name."""
    if name.startswith("synthetic"):
        problem = problems.text_like(p=150) if name.endswith("sparse") else problems.dense(n=150, p=20)
        return problem.X, problem.target(loss)
    X, y = problems.real(name)
    return X, problems.signs(y) if isinstance(loss, Logistic) else y.astype(np.float64)


def settings(words, n_samples):
    """Return keywords for fastreg, with weights where they are asked for."""
    weights = np.random.default_rng(7).uniform(0.5, 2.0, n_samples)
    return {**words, "sample_weight": weights} if "sample_weight" in words else dict(words)


def peer(model, X, y, words):
    """Fit a model of scikit-learn, on columns scaled by hand if they are to be; return coef and intercept."""
    weights = words.get("sample_weight")
    scales = reference.setting(X, y, loss=Squared(), penalty=L1(0), **words).scales
    scaled = sp.csc_matrix(X @ sp.diags(1 / scales)) if sp.issparse(X) else np.asfortranarray(X / scales)
    model.fit(scaled, y, sample_weight=weights)
    return np.ravel(model.coef_) / scales, float(np.ravel(model.intercept_)[0])


def assert_same(X, y, ours, theirs, **words):
    """Assert equal objectives to 1e-9 of that at coef 0, and coefficients to 1e-6 standard deviations.

    Of an L2 penalty the coefficients may also differ by what the two gaps leave open, as scikit-learn's are
    not always that exact: P(w) - P* is at least strength * |w - w*|^2.
    """
    coef, intercept = theirs
    found = reference.certify(X, y, ours.coef, ours.intercept, **words)
    other = reference.certify(X, y, coef, intercept, **words)
    assert abs(ours.objective - found.primal) <= 1e-12 * found.at_zero
    assert abs(found.primal - other.primal) <= 1e-9 * found.at_zero
    problem = reference.setting(X, y, **words)
    deviations = np.sqrt(problem.weights @ (problem.vectors - problem.weights @ problem.vectors) ** 2)
    unit = np.std(y) if isinstance(words["loss"], Squared) else 1.0
    difference = (ours.coef - coef) * problem.scales
    left_open = 0.0
    if isinstance(words["penalty"], L2):
        missing = [max(bounds.primal - bounds.dual, 0.0) for bounds in (found, other)]
        left_open = np.sqrt(np.array(missing) / words["penalty"].strength).sum()
    assert np.linalg.norm(difference * deviations, np.inf) <= 1e-6 * unit + left_open * deviations.max()


def strength(X, y, loss, words, share):
    """Return a share of the critical strength."""
    scaled = {key: value for key, value in words.items() if key != "sample_weight"}
    return share * fastreg.path(X, y, loss=loss, penalty=L1(1.0), strengths=1, **scaled).strengths[0]


@with_settings
@pytest.mark.parametrize("name", REGRESSION)
def test_lasso(name, words):
    X, y = data(name, Squared())
    words = settings(words, y.size)
    for share in (0.3, 0.02):
        alpha = strength(X, y, Squared(), words, share)
        ours = fastreg.solve(X, y, loss=Squared(), penalty=L1(alpha), tol=1e-12, **words)
        model = linear_model.Lasso(
            alpha=alpha, tol=1e-14, max_iter=200_000, fit_intercept=words.get("fit_intercept", True)
        )
        theirs = peer(model, X, y, words)
        assert_same(X, y, ours, theirs, loss=Squared(), penalty=L1(alpha), **words)


@with_settings
@pytest.mark.parametrize("name", REGRESSION)
def test_elastic_net(name, words):
    X, y = data(name, Squared())
    words = settings(words, y.size)
    share = 0.7
    alpha = strength(X, y, Squared(), words, 0.1) / share
    penalty = ElasticNet(alpha * (1 + share) / 2, 2 * share / (1 + share))
    ours = fastreg.solve(X, y, loss=Squared(), penalty=penalty, tol=1e-13, **words)
    model = linear_model.ElasticNet(
        alpha=alpha,
        l1_ratio=share,
        tol=1e-14,
        max_iter=200_000,
        fit_intercept=words.get("fit_intercept", True),
    )
    theirs = peer(model, X, y, words)
    assert_same(X, y, ours, theirs, loss=Squared(), penalty=penalty, **words)


@with_settings
@pytest.mark.parametrize("name", REGRESSION)
def test_ridge(name, words):
    X, y = data(name, Squared())
    words = settings(words, y.size)
    total = words.get("sample_weight", np.ones(y.size)).sum()
    for alpha in (1.0, 100.0):
        penalty = L2(alpha / (2 * total))
        ours = fastreg.solve(X, y, loss=Squared(), penalty=penalty, tol=1e-14, **words)
        intercept = words.get("fit_intercept", True)
        solver = {"solver": "sparse_cg", "tol": 1e-14} if sp.issparse(X) else {"solver": "svd"}
        theirs = peer(linear_model.Ridge(alpha=alpha, fit_intercept=intercept, **solver), X, y, words)
        assert_same(X, y, ours, theirs, loss=Squared(), penalty=penalty, **words)


@with_settings
@pytest.mark.parametrize("name", CLASSIFICATION)
def test_logistic_regression_with_l2(name, words):
    X, y = data(name, Logistic())
    words = settings(words, y.size)
    total = words.get("sample_weight", np.ones(y.size)).sum()
    for C in (0.01, 1.0):
        penalty = L2(1 / (2 * C * total))
        ours = fastreg.solve(X, y, loss=Logistic(), penalty=penalty, tol=1e-14, **words)
        model = linear_model.LogisticRegression(
            C=C, tol=1e-11, max_iter=10_000, fit_intercept=words.get("fit_intercept", True),
            solver="newton-cg" if X.shape[1] > X.shape[0] else "newton-cholesky",
        )  # fmt: skip
        theirs = peer(model, X, y, words)
        assert_same(X, y, ours, theirs, loss=Logistic(), penalty=penalty, **words)


@with_settings
@pytest.mark.parametrize("name", CLASSIFICATION)
def test_logistic_regression_with_l1(name, words):
    """liblinear penalises its intercept, so saga stands in where there is one."""
    X, y = data(name, Logistic())
    words = settings(words, y.size)
    total = words.get("sample_weight", np.ones(y.size)).sum()
    intercept = words.get("fit_intercept", True)
    if intercept and name in HARD_FOR_SAGA and (name != "heart" or "standardize" not in words):
        pytest.skip("saga takes minutes here")
    bound = strength(X, y, Logistic(), words, 0.1)
    ours = fastreg.solve(X, y, loss=Logistic(), penalty=L1(bound), tol=1e-13, **words)
    model = linear_model.LogisticRegression(
        C=1 / (bound * total), **peers.spelled(1.0), tol=1e-10, max_iter=20_000,
        fit_intercept=intercept, solver="saga" if intercept else "liblinear", random_state=0,
    )  # fmt: skip
    # On sparse input saga moves the intercept a hundred times more slowly.
    theirs = peer(model, X.toarray() if intercept and sp.issparse(X) else X, y, words)
    assert_same(X, y, ours, theirs, loss=Logistic(), penalty=L1(bound), **words)


@slow
def test_lasso_on_text():
    """50,000 reviews, 59,846 words, ratings 1 to 10."""
    X, y = data("imdb_tfidf@rating", Squared())
    alpha = strength(X, y, Squared(), {}, 0.05)
    ours = fastreg.solve(X, y, loss=Squared(), penalty=L1(alpha), tol=1e-11)
    model = linear_model.Lasso(alpha=alpha, tol=1e-11, max_iter=10_000).fit(X, y)
    rest = y - X @ model.coef_ - model.intercept_
    theirs = 0.5 * np.mean(rest**2) + alpha * np.abs(model.coef_).sum()
    assert abs(ours.objective - theirs) <= 1e-9 * 0.5 * np.var(y)
    assert np.abs(ours.coef - model.coef_).max() <= 1e-4
    assert np.count_nonzero(ours.coef) > 100
