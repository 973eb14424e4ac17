"""LogisticRegression of three and more classes is scikit-learn's; LinearClassifier takes the softmax loss."""

import warnings

import numpy as np
import pytest
import scipy.sparse as sp
import sklearn.linear_model
from sklearn.datasets import load_iris

import fastreg
from fastreg.losses import Multinomial
from fastreg.penalties import L2

X, Y = load_iris(return_X_y=True)
X = (X - X.mean(0)) / X.std(0) + 0.5
NAMES = np.array(["setosa", "versicolor", "virginica"])[Y]


def both(tol=1e-10, **words):
    """Return fastreg's and scikit-learn's model of iris."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = sklearn.linear_model.LogisticRegression(tol=1e-9, max_iter=100_000, **words)
        theirs.fit(X, NAMES)
    return fastreg.LogisticRegression(tol=tol, **words).fit(X, NAMES), theirs


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"C": 30.0},
        {"fit_intercept": False},
        {"class_weight": {"setosa": 3.0, "virginica": 0.5}},
        {"class_weight": "balanced", "C": 0.1},
        {"l1_ratio": 0.5, "solver": "saga"},
    ],
    ids=str,
)
def test_coefficients_are_those_of_scikit_learn(words):
    ours, theirs = both(**words)
    assert ours.coef_.shape == theirs.coef_.shape == (3, 4)
    assert ours.intercept_.shape == theirs.intercept_.shape == (3,)
    assert np.abs(ours.coef_ - theirs.coef_).max() <= 2e-6
    assert np.abs(ours.intercept_ - theirs.intercept_).max() <= 2e-6
    assert np.abs(ours.predict_proba(X) - theirs.predict_proba(X)).max() <= 1e-6
    assert np.array_equal(ours.predict(X), theirs.predict(X))


def test_predictions_are_those_of_scikit_learn_where_weights_are_not_unique():
    ours, theirs = both(l1_ratio=1.0, solver="saga", C=0.5)
    assert np.abs(ours.predict_proba(X) - theirs.predict_proba(X)).max() <= 1e-6


def test_without_penalty():
    rng = np.random.default_rng(0)
    y = (X @ rng.standard_normal((4, 3)) + rng.gumbel(size=(150, 3))).argmax(axis=1)
    theirs = sklearn.linear_model.LogisticRegression(C=np.inf, tol=1e-10, max_iter=10000).fit(X, y)
    ours = fastreg.LogisticRegression(C=np.inf, tol=1e-10).fit(X, y)
    assert np.abs(ours.coef_.sum(axis=0)).max() <= 1e-9
    assert np.abs(ours.coef_ - theirs.coef_).max() <= 1e-5
    assert np.abs(ours.predict_proba(X) - theirs.predict_proba(X)).max() <= 1e-6


@pytest.mark.parametrize("form", [np.asarray, sp.csr_matrix], ids=["dense", "sparse"])
def test_probabilities_sum_to_one_and_do_not_overflow(form):
    model = fastreg.LogisticRegression().fit(form(X), NAMES)
    for scale in (1.0, 1e150):
        shares = model.predict_proba(form(scale * X))
        assert np.isfinite(shares).all()
        assert np.abs(shares.sum(axis=1) - 1).max() <= 1e-15
        assert np.array_equal(model.classes_[shares.argmax(axis=1)], model.predict(form(scale * X)))


def test_a_warm_start_from_the_answer_takes_no_round():
    model = fastreg.LogisticRegression(warm_start=True).fit(X, NAMES)
    before = model.coef_.copy()
    assert model.n_iter_.tolist() != [0]
    assert model.fit(X, NAMES).n_iter_.tolist() == [0]
    assert np.array_equal(model.coef_, before)
    with pytest.raises(ValueError, match=r"coef_ has shape \(3, 4\) and cannot start a fit of 1 target"):
        model.fit(X[Y < 2], NAMES[Y < 2])


def test_float32_is_kept():
    model = fastreg.LogisticRegression().fit(X.astype(np.float32), NAMES)
    assert model.coef_.dtype == model.intercept_.dtype == np.float32


def test_linear_classifier_takes_the_softmax_loss():
    open_model = fastreg.LinearClassifier(loss=Multinomial(), penalty=L2(0.5 / 150), tol=1e-12).fit(X, NAMES)
    same = fastreg.LogisticRegression(tol=1e-8).fit(X, NAMES)
    assert np.abs(open_model.coef_ - same.coef_).max() <= 1e-6
    assert np.abs(open_model.predict_proba(X) - same.predict_proba(X)).max() <= 1e-6
