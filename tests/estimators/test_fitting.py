"""Laws of the estimators among themselves: targets, classes, weights, warm starts, bounds, threads."""

import numpy as np
import problems
import pytest
import scipy.sparse as sp
from sklearn.base import clone

import fastreg
from fastreg.losses import Huber, Logistic
from fastreg.penalties import L1, L2, Bounded

RNG = np.random.default_rng(11)
X = RNG.standard_normal((90, 8))
TARGETS = X @ RNG.standard_normal((8, 3)) + RNG.standard_normal((90, 3))
CLASSES = np.array(["ash", "birch", "cedar"])[np.argmax(TARGETS, axis=1)]
PAIR = np.where(TARGETS[:, 0] > 0, "yes", "no")


@pytest.mark.parametrize(
    "model",
    [
        fastreg.Lasso(0.1),
        fastreg.ElasticNet(0.1),
        fastreg.Ridge(2.0),
        fastreg.LinearRegressor(penalty=L1(0.1)),
    ],
    ids=repr,
)
def test_several_targets_are_fitted_each_for_itself(model):
    together = model.fit(X, TARGETS)
    coefs, intercepts, rounds = together.coef_, together.intercept_, together.n_iter_
    predictions = together.predict(X)
    assert coefs.shape == (3, 8)
    for k in range(3):
        alone = model.fit(X, TARGETS[:, k])
        assert np.array_equal(coefs[k], alone.coef_)
        assert intercepts[k] == alone.intercept_
        assert rounds[k] == alone.n_iter_
        assert np.allclose(predictions[:, k], alone.predict(X))


def test_ridge_takes_a_strength_for_each_target():
    alphas = [0.1, 1.0, 100.0]
    together = fastreg.Ridge(alphas).fit(X, TARGETS).coef_
    for k, alpha in enumerate(alphas):
        assert np.array_equal(together[k], fastreg.Ridge(alpha).fit(X, TARGETS[:, k]).coef_)
    with pytest.raises(ValueError, match="do not correspond: 2 != 3: pass one alpha"):
        fastreg.Ridge([1.0, 2.0]).fit(X, TARGETS)


@pytest.mark.parametrize("layout", [np.asfortranarray, sp.csr_matrix])
def test_several_classes_are_one_against_the_rest(layout):
    together = fastreg.LinearClassifier(penalty=L1(0.01)).fit(layout(X), CLASSES)
    assert together.classes_.tolist() == ["ash", "birch", "cedar"]
    for k, name in enumerate(together.classes_):
        alone = fastreg.LinearClassifier(penalty=L1(0.01)).fit(layout(X), CLASSES == name)
        assert np.array_equal(together.coef_[[k]], alone.coef_)
    scores = together.decision_function(X)
    assert np.array_equal(together.predict(X), together.classes_[scores.argmax(axis=1)])
    shares = 1 / (1 + np.exp(-scores))
    assert np.allclose(together.predict_proba(X), shares / shares.sum(axis=1, keepdims=True))
    assert np.mean(together.predict(X) == CLASSES) > 0.7


def test_class_weights_are_sample_weights():
    factors = {"yes": 3.0, "no": 0.5}
    rows = np.array([factors[label] for label in PAIR])
    shares = np.array([np.mean(PAIR == label) for label in PAIR])
    for class_weight, weights in [
        (factors, rows),
        ("balanced", 0.5 / shares),
        ({"yes": 3.0}, np.where(PAIR == "yes", 3.0, 1.0)),
    ]:
        by_class = fastreg.LogisticRegression(class_weight=class_weight, tol=1e-10).fit(X, PAIR)
        by_row = fastreg.LogisticRegression(tol=1e-10).fit(X, PAIR, sample_weight=weights)
        assert np.allclose(by_class.coef_, by_row.coef_, atol=1e-9)
    both = fastreg.LogisticRegression(class_weight=factors, tol=1e-10).fit(X, PAIR, sample_weight=rows)
    product = fastreg.LogisticRegression(tol=1e-10).fit(X, PAIR, sample_weight=rows**2)
    assert np.allclose(both.coef_, product.coef_, atol=1e-9)


@pytest.mark.parametrize(
    "model",
    [
        fastreg.Lasso(0.02, tol=1e-12),
        fastreg.Ridge(2.0),
        fastreg.LogisticRegression(tol=1e-10),
        fastreg.LinearClassifier(penalty=L2(0.1), tol=1e-12),
    ],
    ids=repr,
)
def test_weight_two_is_the_row_twice(model):
    y = PAIR if hasattr(model, "predict_proba") else TARGETS[:, 0]
    counts = np.arange(90) % 3
    weighted = model.fit(X, y, sample_weight=counts).coef_
    repeated = model.fit(np.repeat(X, counts, axis=0), np.repeat(y, counts)).coef_
    assert np.allclose(weighted, repeated, atol=1e-7)


def test_a_number_as_weight_is_that_weight_for_every_row():
    for model in (fastreg.Ridge(2.0), fastreg.LogisticRegression(tol=1e-10), fastreg.Lasso(0.1)):
        y = PAIR if hasattr(model, "predict_proba") else TARGETS[:, 0]
        one = model.fit(X, y, sample_weight=3.0).coef_
        assert np.allclose(one, model.fit(X, y, sample_weight=np.full(90, 3.0)).coef_, atol=1e-9)


@pytest.mark.parametrize(
    "model",
    [fastreg.Lasso(0.02), fastreg.LogisticRegression(C=0.1), fastreg.LinearClassifier(penalty=L1(0.01))],
    ids=repr,
)
def test_a_warm_start_begins_where_the_last_fit_ended(model):
    y = PAIR if hasattr(model, "predict_proba") else TARGETS[:, 0]
    cold = model.set_params(warm_start=False).fit(X, y)
    coef, rounds = cold.coef_.copy(), np.max(cold.n_iter_)
    warm = model.set_params(warm_start=True).fit(X, y)
    done = warm.solution_ if isinstance(warm.solution_, tuple) else warm.solution_[0]
    assert rounds >= 1
    assert done.n_iter == 0
    assert np.array_equal(warm.coef_, coef)
    with pytest.raises(ValueError, match="cannot start a fit"):
        warm.fit(X[:, :5], y)


@pytest.mark.parametrize(
    "model", [fastreg.Lasso(0.01), fastreg.ElasticNet(0.01), fastreg.Ridge(1.0)], ids=repr
)
def test_positive_weights_are_the_optimum_within_the_bound(model):
    y = TARGETS[:, 1]
    free = clone(model).fit(X, y)
    bound = clone(model).set_params(positive=True, tol=1e-10).fit(X, y)
    assert free.coef_.min() < 0 <= bound.coef_.min()
    assert bound.solution_.objective > free.solution_.objective - 1e-12
    assert bound.solution_.gap <= 1e-9


def test_open_terms_are_the_functional_front_door():
    terms = {"loss": Huber(0.5), "penalty": Bounded(L1(0.05), 0.0, np.inf)}
    model = fastreg.LinearRegressor(**terms, standardize=True, tol=1e-10).fit(X, TARGETS[:, 0])
    solution = fastreg.solve(X, TARGETS[:, 0], **terms, standardize=True, tol=1e-10)
    assert np.array_equal(model.coef_, solution.coef)
    assert model.intercept_ == solution.intercept
    with pytest.raises(TypeError, match=r"penalty=0\.5 is no term"):
        fastreg.LinearRegressor(penalty=0.5).fit(X, TARGETS[:, 0])


def test_probabilities_only_where_the_loss_knows_them():
    assert hasattr(fastreg.LinearClassifier(loss=Logistic()), "predict_proba")
    assert not hasattr(fastreg.LinearClassifier(loss=Huber(1.0)), "predict_proba")
    model = fastreg.LogisticRegression().fit(X, PAIR)
    assert np.allclose(np.exp(model.predict_log_proba(X)), model.predict_proba(X))
    assert np.allclose(model.predict_proba(X).sum(axis=1), 1)


def test_sparse_weights_predict_the_same():
    model = fastreg.LogisticRegression(C=0.05, l1_ratio=1.0).fit(X, PAIR)
    scores, coef = model.decision_function(X), model.coef_
    assert sp.issparse(model.sparsify().coef_)
    assert np.allclose(model.decision_function(X), scores)
    assert np.allclose(model.decision_function(sp.csr_matrix(X)), scores)
    assert np.array_equal(model.densify().coef_, coef)
    lasso = fastreg.Lasso(0.3).fit(X, TARGETS[:, 0])
    assert np.array_equal(lasso.sparse_coef_.toarray(), [lasso.coef_])
    assert lasso.sparse_coef_.nnz == np.count_nonzero(lasso.coef_) < 8


def test_the_same_bits_for_any_number_of_threads():
    problem = problems.text_like(n=3000, p=4000, nnz_row=30)
    classes = np.digitize(problem.y, np.quantile(problem.y, [0.3, 0.6]))
    found = []
    for threads in (1, 2, 3):
        with fastreg.num_threads(threads):
            found.append(fastreg.LinearClassifier(penalty=L1(1e-3)).fit(problem.X.tocsr(), classes).coef_)
        binary = fastreg.LogisticRegression(l1_ratio=1.0, C=1.0, n_jobs=threads).fit(problem.X, classes > 0)
        found.append(binary.coef_)
    assert np.array_equal(found[0], found[2])
    assert np.array_equal(found[0], found[4])
    assert np.array_equal(found[1], found[3])
    assert np.array_equal(found[1], found[5])


def test_strength_zero_is_least_squares_without_a_warning():
    exact = np.linalg.lstsq(np.column_stack([X, np.ones(90)]), TARGETS[:, 0], rcond=None)[0]
    for model in (fastreg.Lasso(0.0, tol=1e-10), fastreg.ElasticNet(0.0, tol=1e-10), fastreg.Ridge(0.0)):
        model.fit(X, TARGETS[:, 0])
        assert np.allclose(model.coef_, exact[:-1], atol=1e-8)
        assert model.intercept_ == pytest.approx(exact[-1], abs=1e-8)
