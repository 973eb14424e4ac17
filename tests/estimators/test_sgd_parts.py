"""SGD*: fits that go on: parts of the rows, warm starts, Ctrl-C, pickles."""

import pickle

import numpy as np
import pytest
import scipy.sparse as sp
from sgd_problems import PAIR, SIGNAL, TRIPLE, X, logistic
from sklearn.base import clone

import fastreg
from fastreg import SGDClassifier, SGDRegressor


@pytest.mark.parametrize(
    "words", [{"penalty": "l1"}, {"average": 50}, {"average": True}, {"momentum": 0.9}], ids=str
)
def test_partial_fits_are_one_fit(words):
    whole = logistic(**words, max_iter=2, tol=None, shuffle=False).fit(X, PAIR)
    parts = logistic(**words, shuffle=False)
    for _ in range(2):
        for start in (0, 150):
            rows = slice(start, start + 150 if start == 0 else None)
            parts.partial_fit(X[rows], PAIR[rows], classes=["yes", "no"])
    assert parts.coef_ == pytest.approx(whole.coef_, abs=1e-12)
    assert parts.intercept_ == pytest.approx(whole.intercept_, abs=1e-12)
    assert parts.t_ == whole.t_ == 801


def test_partial_fits_of_a_regressor_are_one_fit():
    whole = SGDRegressor(penalty="l1", alpha=0.01, max_iter=2, tol=None, shuffle=False).fit(X, SIGNAL)
    parts = SGDRegressor(penalty="l1", alpha=0.01, shuffle=False)
    parts = parts.partial_fit(X[:90], SIGNAL[:90]).partial_fit(X[90:], SIGNAL[90:]).partial_fit(X, SIGNAL)
    assert parts.coef_ == pytest.approx(whole.coef_, abs=1e-12)
    assert parts.coef_.shape == (6,)
    assert parts.intercept_.shape == (1,)


def test_a_partial_fit_takes_weights_that_were_set_by_hand():
    words = {"penalty": "l1", "learning_rate": "constant", "eta0": 0.01, "shuffle": False}
    model = logistic(**words).partial_fit(X, PAIR, classes=["yes", "no"])
    model.coef_, model.intercept_ = np.full((1, 6), 0.25), np.zeros(1)
    expected = logistic(**words, max_iter=1, tol=None).fit(X, PAIR, coef_init=np.full(6, 0.25))
    assert np.array_equal(model.partial_fit(X, PAIR).coef_, expected.coef_)


def test_a_warm_start_goes_on_and_a_start_is_taken():
    words = {"learning_rate": "constant", "eta0": 0.01, "max_iter": 3, "tol": None, "shuffle": False}
    first = logistic(**words).fit(X, PAIR)
    given = logistic(**words).fit(X, PAIR, coef_init=first.coef_, intercept_init=first.intercept_)
    warm = logistic(**words, warm_start=True).fit(X, PAIR).fit(X, PAIR)
    assert np.array_equal(warm.coef_, given.coef_)
    assert np.abs(given.coef_ - first.coef_).max() > 1e-3
    cold = logistic(**words).fit(X, PAIR).fit(X, PAIR)
    assert np.array_equal(cold.coef_, first.coef_)


class _Pressed(np.random.RandomState):
    def shuffle(self, order):
        self.calls = getattr(self, "calls", 0) + 1
        if self.calls == 3:
            raise KeyboardInterrupt
        super().shuffle(order)


def test_ctrl_c_keeps_the_weights_so_far():
    model = logistic(random_state=_Pressed(4))
    with pytest.raises(fastreg.Interrupted):
        model.fit(X, PAIR)
    expected = logistic(random_state=np.random.RandomState(4), max_iter=2, tol=None).fit(X, PAIR)
    assert np.array_equal(model.coef_, expected.coef_)
    assert model.t_ == expected.t_ == 801
    model.set_params(random_state=0).partial_fit(X, PAIR)
    assert model.t_ == 1201


def test_pickle_and_clone_and_sparsify():
    model = logistic(penalty="l1", alpha=0.05, max_iter=20, tol=None).fit(X, TRIPLE)
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.predict(X), model.predict(X))
    assert clone(model).get_params() == model.get_params()
    parts = [clone(model).partial_fit(X, TRIPLE, classes=np.unique(TRIPLE)) for _ in range(2)]
    parts[1].sparsify()
    assert sp.issparse(parts[1].coef_)
    assert np.array_equal(*(each.partial_fit(X, TRIPLE).coef_ for each in parts))


PARTLY = {
    "no classes": ({}, {}, "classes must be passed on the first call"),
    "an unknown class": ({}, {"classes": ["no", "maybe"]}, "y holds 'yes', which is none of the classes"),
    "one class": ({}, {"classes": ["yes"]}, "y holds"),
    "balanced": ({"class_weight": "balanced"}, {"classes": ["no", "yes"]}, "not supported for partial_fit"),
    "held-out rows": (
        {"early_stopping": True},
        {"classes": ["no", "yes"]},
        "should be False with partial_fit",
    ),
    "a last step": (
        {"learning_rate": "cosine"},
        {"classes": ["no", "yes"]},
        "ends at a last step, which partial_fit does not know",
    ),
}


@pytest.mark.parametrize("case", PARTLY)
def test_what_a_part_of_the_rows_does_not_allow(case):
    words, options, message = PARTLY[case]
    with pytest.raises(ValueError, match=message) as raised:
        SGDClassifier(**words).partial_fit(X, PAIR, **options)
    assert "\n" not in str(raised.value)


def test_other_classes_or_shapes_later_are_refused():
    model = logistic().partial_fit(X, PAIR, classes=["no", "yes"])
    with pytest.raises(ValueError, match="are not those of the first call"):
        model.partial_fit(X, PAIR, classes=["no", "yes", "maybe"])
    with pytest.raises(ValueError, match="4 features"):
        model.partial_fit(X[:, :4], PAIR)
    for name, start in (("coef_init", np.zeros(3)), ("intercept_init", np.zeros(2))):
        with pytest.raises(ValueError, match=f"Provided {name} does not match dataset"):
            logistic().fit(X, PAIR, **{name: start})
    with pytest.raises(ValueError, match=r"Provided coef_init does not match dataset: .* \(3, 6\) is needed"):
        logistic().fit(X, TRIPLE, coef_init=np.zeros((2, 6)))
