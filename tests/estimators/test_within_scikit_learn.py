"""Our estimators inside scikit-learn's: searches, pipelines, selection, joblib, callbacks."""

import pickle

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.feature_selection import SelectFromModel
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import fastreg
from fastreg.estimators import callbacks

RNG = np.random.default_rng(0)
X = RNG.standard_normal((80, 4))
TARGET = X[:, 0] - 2 * X[:, 1] + 0.5 * RNG.standard_normal(80)
LABELS = np.where(TARGET > 0, "up", "down")


@pytest.mark.parametrize("backend", ["loky", "threading", "dask"])
def test_a_search_finds_the_same_on_every_backend(backend):
    if backend == "dask":
        client = pytest.importorskip("dask.distributed", reason="dask").Client(processes=False)
    grid = {"logisticregression__C": [0.01, 1.0]}
    search = GridSearchCV(make_pipeline(StandardScaler(), fastreg.LogisticRegression()), grid, cv=3, n_jobs=2)
    alone = clone(search).set_params(n_jobs=1).fit(X, LABELS)
    with joblib.parallel_backend(backend):
        search.fit(X, LABELS)
    if backend == "dask":
        client.close()
    scores = (each.cv_results_["mean_test_score"] for each in (search, alone))
    assert np.array_equal(*scores)
    assert np.array_equal(search.best_estimator_[-1].coef_, alone.best_estimator_[-1].coef_)


def test_a_choice_inside_a_search_a_pipeline_and_a_pickle():
    names = ["a", "b", "c", "d"]
    pandas = pytest.importorskip("pandas", reason="pandas")
    frame = pandas.DataFrame(X, columns=names).assign(kind=np.arange(80) % 3)
    prepared = ColumnTransformer([("kinds", OneHotEncoder(), ["kind"]), ("numbers", StandardScaler(), names)])
    model = Pipeline(
        [
            ("prepared", prepared),
            ("selected", SelectFromModel(fastreg.LassoCV(alphas=5, cv=3), threshold=1e-6)),
            ("fitted", fastreg.RidgeCV()),
        ]
    ).set_output(transform="pandas")
    model.set_params(prepared__kinds__sparse_output=False).fit(frame, TARGET)
    assert {"numbers__a", "numbers__b"} <= set(model[:-1].get_feature_names_out())
    assert np.array_equal(pickle.loads(pickle.dumps(model)).predict(frame), model.predict(frame))
    assert not hasattr(clone(model)[-1], "alpha_")
    search = GridSearchCV(fastreg.LinearClassifierCV(strengths=3), {"rule": ["min", "1se"]}, cv=2)
    assert search.fit(X, LABELS).best_estimator_.strength_ > 0


with_callbacks = pytest.mark.skipif(
    not hasattr(callbacks.CallbackSupportMixin, "set_callbacks"), reason="scikit-learn before 1.9"
)


@with_callbacks
@pytest.mark.parametrize("y", [LABELS, np.digitize(TARGET, [-1, 1])], ids=["two", "three"])
def test_callbacks_score_every_round(y):
    from sklearn.callback import ScoringMonitor

    monitor = ScoringMonitor(scoring="neg_log_loss")
    model = fastreg.LogisticRegression().set_callbacks(monitor).fit(X, y)
    scores = [row["neg_log_loss"] for row in monitor.get_logs().data if row["task_name"] == "round"]
    assert len(scores) == model.n_iter_[0] + 1
    assert scores[0] == pytest.approx(np.sum([np.mean(y == k) * np.log(np.mean(y == k)) for k in set(y)]))
    assert scores[-1] > scores[0]
    assert np.array_equal(model.coef_, fastreg.LogisticRegression().fit(X, y).coef_)


class Ends:
    """A callback that ends the fit after a round."""

    def __init__(self):
        self.rounds = 0

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        self.rounds += context.task_name == "round"
        return self.rounds == 2


@with_callbacks
def test_callbacks_end_a_fit_and_reach_into_a_search(capsys):
    from sklearn.callback import ProgressBar

    ends = Ends()
    model = fastreg.LogisticRegression().set_callbacks(ends).fit(X, LABELS)
    assert model.n_iter_[0] == 1
    assert model.solution_[0].status is fastreg.Status.STOPPED
    pytest.importorskip("rich", reason="rich")
    search = GridSearchCV(fastreg.LogisticRegression(), {"C": [0.1, 1.0]}, cv=2)
    search.set_callbacks(ProgressBar()).fit(X, LABELS)
    assert "GridSearchCV" in capsys.readouterr().out
