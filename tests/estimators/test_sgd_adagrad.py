"""SGDClassifier with AdaGrad's steps: sums written out, any scale of the features, parts and threads."""

import pickle

import numpy as np
import pytest

import fastreg
from fastreg import SGDClassifier
from fastreg.losses import Logistic
from fastreg.penalties import L1

RNG = np.random.default_rng(12)
X = RNG.standard_normal((320, 6))
PAIR = np.where(X @ [1.0, -1.0, 0.5, 0.0, 0.0, 0.2] + 0.7 * RNG.standard_normal(320) > 0.2, 1, -1)
TRIPLE = np.digitize(X[:, 0] + 0.3 * RNG.standard_normal(320), [-0.5, 0.5])
WORDS = {"loss": "log_loss", "penalty": "l1", "learning_rate": "adagrad", "eta0": 0.5, "random_state": 0}


def model(**words):
    return SGDClassifier(**{**WORDS, "alpha": 0.01, "max_iter": 3, "tol": None, **words})


def test_weights_are_the_minima_of_sums_written_out():
    """Begun elsewhere than at 0, and on: z w + t alpha |w| + root w^2 / (2 eta0) is least."""
    begun, loss = np.array([0.3, 0.0, -0.2, 0.1, 0.0, 0.0]), Logistic()
    z, roots, b, b_root = -begun * 1e-100 / 0.5, np.full(6, 1e-100), 0.25, 1e-100
    for t in range(320):
        w = -np.sign(z) * np.maximum(np.abs(z) - 0.01 * t, 0) * 0.5 / roots
        push = loss.slope(PAIR[t], X[t] @ w + b)
        grown = np.hypot(roots, push * X[t])
        z, roots = z + push * X[t] - (grown - roots) / 0.5 * w, grown
        b_root = np.hypot(b_root, push)
        b -= 0.5 * push / b_root
    w = -np.sign(z) * np.maximum(np.abs(z) - 0.01 * 320, 0) * 0.5 / roots
    found = model(max_iter=1, shuffle=False).fit(X, PAIR, coef_init=begun, intercept_init=[0.25])
    assert found.coef_[0] == pytest.approx(w, abs=1e-12)
    assert found.intercept_ == pytest.approx(b, abs=1e-12)


def test_steps_do_not_ask_how_long_gradients_are():
    plain = model(alpha=0.01).fit(X, PAIR)
    longer = model(alpha=0.08).fit(X, PAIR, sample_weight=np.full(320, 8.0))
    assert longer.coef_ == pytest.approx(plain.coef_, rel=1e-12)


def test_many_epochs_come_near_the_optimum():
    best = fastreg.solve(X, PAIR, loss=Logistic(), penalty=L1(0.02), tol=1e-10)
    found = model(alpha=0.02, max_iter=200).fit(X, PAIR)
    reached = fastreg.certify(
        X, PAIR, found.coef_[0], found.intercept_[0], loss=Logistic(), penalty=L1(0.02)
    ).primal
    assert best.objective <= reached <= 1.002 * best.objective
    assert np.array_equal(found.coef_[0] == 0, best.coef == 0)


def test_partial_fits_with_pickles_between_are_one_fit_for_any_number_of_threads():
    whole = model(max_iter=2, shuffle=False).fit(X, TRIPLE)
    parts = model(shuffle=False, n_jobs=3)
    for _ in range(2):
        for rows in (slice(0, 96), slice(96, None)):
            parts = pickle.loads(pickle.dumps(parts))
            parts.partial_fit(X[rows], TRIPLE[rows], classes=[0, 1, 2])
    assert parts.coef_.tobytes() == whole.coef_.tobytes()
    assert parts.intercept_.tobytes() == whole.intercept_.tobytes()


def test_a_partial_fit_goes_on_from_weights_set_by_hand_and_from_other_steps():
    begun = np.full((1, 6), 0.25)
    expected = model(max_iter=1, shuffle=False).fit(X, PAIR, coef_init=begun).coef_
    by_hand = model(shuffle=False).partial_fit(X, PAIR, classes=[-1, 1])
    by_hand.coef_, by_hand.intercept_ = begun, np.zeros(1)
    assert np.array_equal(by_hand.partial_fit(X, PAIR).coef_, expected)
    changed = model(learning_rate="constant", eta0=0.01, shuffle=False).partial_fit(X, PAIR, classes=[-1, 1])
    start = {"coef_init": changed.coef_, "intercept_init": changed.intercept_}
    changed.set_params(learning_rate="adagrad", eta0=0.5).partial_fit(X, PAIR)
    assert np.array_equal(changed.coef_, model(max_iter=1, shuffle=False).fit(X, PAIR, **start).coef_)


def test_the_best_epoch_is_gone_on_from():
    words = {"alpha": 0.0, "shuffle": False, "scoring": lambda found, *_: -np.abs(found.coef_).sum()}
    found = model(**words, max_iter=8).fit(X[:200], PAIR[:200], X_val=X[200:], y_val=PAIR[200:])
    assert np.argmax(found.history_["validation_score"]) == 0
    until = model(**words, max_iter=1).fit(X[:200], PAIR[:200])
    assert np.array_equal(found.coef_, until.coef_)
    assert np.array_equal(*(each.partial_fit(X[:200], PAIR[:200]).coef_ for each in (found, until)))


@pytest.mark.parametrize("words", [{"average": True}, {"alpha": "adaptive"}, {"penalty": "weight_decay"}])
def test_what_needs_the_same_step_for_every_weight_is_refused(words):
    (name,) = words
    with pytest.raises(ValueError, match=rf"^{name}=.* asks for the same step of every weight, .*\.$"):
        model(**words).fit(X, PAIR)
