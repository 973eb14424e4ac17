"""SGD*: step sizes, means, momentum and decay."""

import pickle

import numpy as np
import pytest
import sklearn.linear_model
from sgd_problems import PAIR, TRIPLE, WEIGHTS, X, logistic

import fastreg
from fastreg import SGDClassifier


def test_the_mean_begins_at_its_step():
    words = {"max_iter": 2, "tol": None, "shuffle": False}
    last = logistic(**words).fit(X, PAIR)
    late = logistic(**words, average=801).fit(X, PAIR)  # by one
    assert late.coef_ == pytest.approx(last.coef_, rel=1e-12)
    assert not late.solution_.means.counted.any()
    only = logistic(**words, average=800).fit(X, PAIR)
    assert only.coef_ == pytest.approx(last.coef_, rel=1e-12)
    assert np.abs(logistic(**words, average=700).fit(X, PAIR).coef_ - last.coef_).max() > 1e-4


def test_alpha_zero_works_with_every_schedule():
    for schedule in ("optimal", "constant", "invscaling", "adaptive", "cosine", "auto"):
        model = logistic(alpha=0.0, learning_rate=schedule, max_iter=20, tol=None).fit(X, PAIR)
        assert model.score(X, PAIR) > 0.75


@pytest.mark.parametrize("y", [PAIR, TRIPLE], ids=["two classes", "three"])
def test_the_step_that_won_a_race_suits_rows_of_any_length(y):
    words = {"learning_rate": "auto", "max_iter": 5, "tol": None, "fit_intercept": False}
    plain = logistic(**words, alpha=1e-6).fit(X, y)
    long = logistic(**words, alpha=1e-2).fit(100 * X, y)
    assert long.eta0_ == pytest.approx(plain.eta0_ / 1e4)
    assert long.coef_ == pytest.approx(plain.coef_ / 100, rel=1e-9)
    expected = logistic(**words | {"alpha": 1e-6, "learning_rate": "optimal", "max_iter": 200}).fit(X, y)
    assert plain.score(X, y) > expected.score(X, y) - 0.02


def test_partial_fits_race_once():
    model = logistic(learning_rate="auto").partial_fit(X[:200], PAIR[:200], classes=["no", "yes"])
    first = model.eta0_
    assert pickle.loads(pickle.dumps(model)).partial_fit(5 * X, PAIR).eta0_ == first
    assert logistic(learning_rate="auto").partial_fit(5 * X, PAIR, classes=["no", "yes"]).eta0_ != first
    with pytest.raises(ValueError, match=r"X\[3, 1\] is"):
        logistic(learning_rate="auto").fit(np.where(np.arange(2400).reshape(400, 6) == 19, np.nan, X), PAIR)


def test_a_cosine_ends_at_zero():
    words = {"learning_rate": "cosine", "eta0": 0.1, "tol": None, "max_iter": 6}
    model = logistic(**words).fit(X, PAIR)
    assert model.history_["step_times_strength"][-1] < 1e-6 * model.history_["step_times_strength"][0]


def test_steps_from_a_race_end_at_zero_where_the_end_is_known():
    def products(**words):
        return (
            logistic(learning_rate="auto", max_iter=5, **words).fit(X, PAIR).history_["step_times_strength"]
        )

    with pytest.warns(fastreg.ConvergenceWarning):
        open_end = products(tol=0.0)
    assert open_end[-1] > 0.1 * open_end[0]
    assert products(tol=None)[:3] == pytest.approx(open_end[:3], rel=1e-12)
    assert 0 < products(tol=None)[-1] < 1e-4 * open_end[0]
    assert products(tol=None, average=True) == pytest.approx(open_end, rel=1e-12)
    model = logistic(learning_rate="auto", tol=None).partial_fit(X, PAIR, classes=["no", "yes"])
    assert model.history_["step_times_strength"] == pytest.approx(open_end[0])


def test_weight_decay_is_decoupled():
    """The same decay at the same steps as l2 of alpha / eta0, but for gradient in place of proximal steps."""
    words = {"learning_rate": "constant", "max_iter": 30, "tol": None}
    decays = logistic(penalty="weight_decay", alpha=2e-4, eta0=0.02, **words).fit(X, PAIR)
    coupled = logistic(penalty="l2", alpha=0.01, eta0=0.02, **words).fit(X, PAIR)
    assert decays.coef_ == pytest.approx(coupled.coef_, rel=1e-3)
    assert decays.history_["step_times_strength"] == pytest.approx(coupled.history_["step_times_strength"])
    with pytest.raises(ValueError, match=r"decay=1\.0 leaves nothing of a weight"):
        logistic(penalty="weight_decay", alpha=1.0, **words).fit(X, PAIR)


@pytest.mark.parametrize("rule", ["pa1", "pa2"])
def test_passive_aggressive_is_scikit_learns(rule):
    words = {
        "learning_rate": rule,
        "eta0": 0.1,
        "penalty": None,
        "max_iter": 3,
        "tol": None,
        "shuffle": False,
    }
    ours = SGDClassifier(**words).fit(X, PAIR)
    theirs = sklearn.linear_model.SGDClassifier(**words)
    if rule not in type(theirs)._parameter_constraints["learning_rate"][0].options:
        pytest.skip("scikit-learn before 1.8 has no passive-aggressive schedule")
    assert ours.coef_ == pytest.approx(theirs.fit(X, PAIR).coef_, rel=1e-9)


def test_without_penalty_the_steps_are_scikit_learns():
    words = {"penalty": None, "alpha": 0.01, "max_iter": 3, "tol": None, "shuffle": False}
    for loss in ("log_loss", "perceptron"):
        ours = SGDClassifier(loss=loss, **words).fit(X, PAIR, sample_weight=WEIGHTS)
        theirs = sklearn.linear_model.SGDClassifier(loss=loss, **words).fit(X, PAIR, sample_weight=WEIGHTS)
        assert ours.coef_ == pytest.approx(theirs.coef_, rel=1e-7)
        assert ours.intercept_ == pytest.approx(theirs.intercept_, rel=1e-7)


def test_momentum_takes_as_much_of_each_step_over_more_rows():
    """Without a penalty what is to come is the difference from steps at once, given the same slopes."""
    words = {"learning_rate": "constant", "eta0": 0.01, "max_iter": 20, "tol": None}
    plain, heavy = (logistic(momentum=momentum, **words).fit(X, PAIR) for momentum in (0.0, 0.9))
    assert 0 < np.abs(heavy.coef_ - plain.coef_).max() < 0.05 * np.abs(plain.coef_).max()


def test_momentum_goes_on_after_a_pickle_bit_by_bit():
    model = logistic(momentum=0.9, shuffle=False)
    first = model.partial_fit(X[:160], TRIPLE[:160], classes=np.unique(TRIPLE))
    again = pickle.loads(pickle.dumps(first)).partial_fit(X[160:], TRIPLE[160:])
    assert again.coef_.tobytes() == first.partial_fit(X[160:], TRIPLE[160:]).coef_.tobytes()
    whole = logistic(momentum=0.9, shuffle=False, max_iter=1, tol=None).fit(X, TRIPLE)
    assert again.coef_.tobytes() == whole.coef_.tobytes()


def test_an_adapted_alpha_goes_with_momentum():
    model = logistic(momentum=0.9, alpha="adaptive", learning_rate="auto").fit(X, PAIR)
    assert np.isfinite(model.coef_).all()
    assert model.score(X, PAIR) > 0.75


@pytest.mark.parametrize("words", [{"average": True}, {"learning_rate": "adagrad"}, {"learning_rate": "pa1"}])
def test_what_does_not_go_with_momentum_is_told(words):
    with pytest.raises(ValueError, match=r"does not go with momentum=0\.5: leave one of them at its default"):
        SGDClassifier(momentum=0.5, **words).fit(X, PAIR)
