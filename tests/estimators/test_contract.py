"""What scikit-learn asks of every estimator, its own checks first."""

import pickle

import numpy as np
import pytest
import scipy.sparse as sp
import sklearn
from sklearn.base import clone
from sklearn.feature_selection import SelectFromModel
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.fixes import parse_version

import fastreg
from fastreg.penalties import L1, L2

NAMES = [
    "Lasso", "ElasticNet", "GroupLasso", "LassoCV", "ElasticNetCV", "Ridge", "RidgeCV", "LogisticRegression",
    "LogisticRegressionCV", "LinearRegressor", "LinearClassifier", "LinearRegressorCV",
    "LinearClassifierCV",
]  # fmt: skip
CLASSIFIERS = {"LogisticRegression", "LogisticRegressionCV", "LinearClassifier", "LinearClassifierCV"}
# As scikit-learn checks its own class: the checks' data have three rows of a class. With L1, its default,
# LinearClassifierCV takes minutes for the check whose weights differ by a factor of ten millions.
SETTINGS: dict = {"LogisticRegressionCV": {"cv": 3}, "LinearClassifierCV": {"cv": 3, "penalty": L2(1.0)}}
# Before 1.9 these ask for 1e-7 at the default tolerance, and scikit-learn lists its own class for them.
FAILED_BY_THEIRS = (
    {}
    if parse_version(sklearn.__version__) >= parse_version("1.9")
    else {
        "LogisticRegression": [
            "check_sample_weight_equivalence_on_dense_data",
            "check_sample_weight_equivalence_on_sparse_data",
        ]
    }
)
RNG = np.random.default_rng(5)
X = RNG.standard_normal((60, 5))
SIGNAL = X @ [1.0, -2.0, 0.0, 0.0, 0.5] + RNG.standard_normal(60)


def target(name):
    return np.where(SIGNAL > 0, "up", "down") if name in CLASSIFIERS else SIGNAL


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_scikit_learns_checks_all_pass(name):
    results = check_estimator(getattr(fastreg, name)(**SETTINGS.get(name, {})), on_fail=None)
    failed = {each["check_name"]: each["exception"] for each in results if each["status"] == "failed"}
    assert len(results) > 50
    assert {key: failed[key] for key in failed if key not in FAILED_BY_THEIRS.get(name, ())} == {}


@pytest.mark.parametrize("name", NAMES)
def test_pickle_and_clone(name):
    model = getattr(fastreg, name)().fit(X, target(name))
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.predict(X), model.predict(X))
    assert str(again.__dict__) == str(model.__dict__)
    fresh = clone(model)
    assert not hasattr(fresh, "coef_")
    assert fresh.get_params() == model.get_params()


@pytest.mark.parametrize("name", NAMES)
def test_the_pictured_form_shows_the_estimator(name):
    assert name in getattr(fastreg, name)()._repr_html_()
    assert repr(getattr(fastreg, name)()) == f"{name}()"


@pytest.mark.parametrize("name", NAMES)
def test_data_frames_are_known_by_name(name):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=list("abcde"))
    model = getattr(fastreg, name)().fit(frame, target(name))
    assert model.feature_names_in_.tolist() == list("abcde")
    arrays = getattr(fastreg, name)().fit(np.asfortranarray(X), target(name))  # a frame holds columns
    assert np.array_equal(model.predict(frame), arrays.predict(np.asfortranarray(X)))
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[list("edcba")])


# LogisticRegressionCV, as scikit-learn's, passes weights on to a scorer, which has to ask for them itself.
@pytest.mark.parametrize("name", [name for name in NAMES if name != "LogisticRegressionCV"])
def test_weights_are_routed(name):
    weights = RNG.uniform(0.5, 2, 60)
    with sklearn.config_context(enable_metadata_routing=True):
        model = (
            getattr(fastreg, name)().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        )
        pipeline = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), model)
        pipeline.fit(X, target(name), sample_weight=weights)
    scaled = StandardScaler().fit_transform(X)
    alone = getattr(fastreg, name)().fit(scaled, target(name), sample_weight=weights)
    assert np.array_equal(pipeline[-1].coef_, alone.coef_)


def test_a_search_over_strengths_and_over_terms():
    search = GridSearchCV(fastreg.Lasso(), {"alpha": [1e-3, 0.1, 10.0]}, cv=3).fit(X, SIGNAL)
    scores = [cross_val_score(fastreg.Lasso(alpha), X, SIGNAL, cv=3).mean() for alpha in (1e-3, 0.1, 10.0)]
    assert search.cv_results_["mean_test_score"] == pytest.approx(scores)
    terms = GridSearchCV(fastreg.LinearRegressor(), {"penalty": [L1(10.0), L2(0.01)]}, cv=3).fit(X, SIGNAL)
    assert terms.best_params_ == {"penalty": L2(0.01)}


def test_features_are_selected_by_their_weights_and_keep_their_names():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=list("abcde"))
    chosen = SelectFromModel(fastreg.Lasso(0.2)).set_output(transform="pandas").fit_transform(frame, SIGNAL)
    assert list(chosen.columns) == ["a", "b", "e"]


@pytest.mark.parametrize("name", ["Lasso", "Ridge", "LogisticRegression", "LinearClassifier"])
def test_predictions_for_every_layout_are_the_same(name):
    model = getattr(fastreg, name)().fit(X, target(name))
    for layout in (np.asfortranarray, sp.csr_matrix, sp.csc_array, np.float32):
        if name in CLASSIFIERS:
            assert np.array_equal(model.predict(layout(X)), model.predict(X))
            assert np.allclose(model.decision_function(layout(X)), model.decision_function(X), atol=1e-5)
        else:
            assert np.allclose(model.predict(layout(X)), model.predict(X), atol=1e-5)


def test_the_warning_is_scikit_learns_too():
    with pytest.warns(sklearn.exceptions.ConvergenceWarning, match="gap is .*tolerance"):
        fastreg.Lasso(1e-4, max_iter=1, tol=1e-12).fit(RNG.standard_normal((30, 600)), SIGNAL[:30])
    with pytest.warns(fastreg.ConvergenceWarning):
        fastreg.Lasso(1e-4, max_iter=1, tol=1e-12).fit(RNG.standard_normal((30, 600)), SIGNAL[:30])
