"""SGDRegressor and SGDClassifier with terms in place of names."""

from typing import NamedTuple

import numpy as np
import pytest
from sklearn.base import clone

import fastreg
from fastreg import SGDClassifier, SGDRegressor
from fastreg.losses import Hinge, Logistic, Multinomial, Poisson, Quantile
from fastreg.penalties import L1, Bounded, GroupL2

RNG = np.random.default_rng(14)
X = RNG.standard_normal((300, 6))
SIGNAL = X @ [1.0, -1.0, 0.5, 0.0, 0.0, 0.2] + 0.7 * RNG.standard_normal(300)
PAIR = np.where(SIGNAL > 0.2, "yes", "no")
ENDS = {"max_iter": 5, "tol": None, "random_state": 0}


def test_names_are_terms():
    named = SGDClassifier("log_loss", penalty="l1", alpha=0.01, **ENDS).fit(X, PAIR)
    model = clone(SGDClassifier(Logistic(), penalty=L1(0.01), alpha=0.01, **ENDS)).fit(X, PAIR)
    assert np.array_equal(model.coef_, named.coef_)
    assert np.array_equal(model.predict_proba(X), named.predict_proba(X))
    assert not hasattr(SGDClassifier(Hinge()), "predict_proba")


def test_a_quantile_leaves_its_share_below():
    words = {"penalty": Bounded(L1(0.001), 0.0, np.inf), "learning_rate": "cosine", "eta0": 0.05}
    model = SGDRegressor(Quantile(0.8), **words, random_state=0, max_iter=60, tol=None).fit(X, SIGNAL)
    assert np.mean(model.predict(X) > SIGNAL) == pytest.approx(0.8, abs=0.03)
    assert model.coef_.min() >= 0


def test_the_strength_of_a_term_adapts_as_alpha_does():
    words = {"learning_rate": "auto", "random_state": 0}
    named = SGDClassifier("log_loss", penalty="l1", alpha="adaptive", **words).fit(X, PAIR)
    model = clone(SGDClassifier("log_loss", penalty=L1("adaptive"), **words)).fit(X, PAIR)
    assert np.array_equal(model.coef_, named.coef_)
    assert model.strength_ == named.alpha_
    assert np.array_equal(model.history_["strength"], named.history_["alpha"])


REFUSED = {
    "counts below 0": (SGDRegressor(Poisson()), SIGNAL, "at least 0|negative"),
    "counts as classes": (SGDClassifier(Poisson()), PAIR, "at least 0|negative"),
    "many predictions": (SGDClassifier(Multinomial()), PAIR, "Multinomial"),
    "groups": (SGDRegressor(penalty=GroupL2(0.1, 3)), SIGNAL, "GroupL2"),
    "adaptive": (SGDRegressor(penalty=L1(0.1), alpha="adaptive"), SIGNAL, "is none of those: pass 'l2'"),
    "adaptive steps": (
        SGDRegressor(penalty=L1("adaptive"), learning_rate="adagrad"),
        SIGNAL,
        "penalty=.*asks for the same",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_terms_that_do_not_fit_are_one_sentence(case):
    model, y, message = REFUSED[case]
    with pytest.raises((ValueError, TypeError), match=message) as raised:
        model.fit(X, y)
    assert "\n" not in str(raised.value)


class Cauchy(NamedTuple):
    """A user's loss."""

    def value(self, y, prediction):
        return np.log1p((y - prediction) ** 2) / 2

    def slope(self, y, prediction):
        return (prediction - y) / (1 + (y - prediction) ** 2)


def test_a_users_own_loss_comes_near_its_optimum():
    words = {"loss": Cauchy(), "penalty": L1(0.01)}
    found = SGDRegressor(
        **words, learning_rate="cosine", eta0=0.05, random_state=0, max_iter=60, tol=None
    ).fit(X, SIGNAL)
    best = fastreg.solve(X, SIGNAL, **words, tol=1e-8)
    assert found.coef_ == pytest.approx(best.coef, abs=0.03)
