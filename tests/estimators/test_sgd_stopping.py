"""SGDClassifier and SGDRegressor judged on rows that were held out, and what they write down."""

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.metrics import f1_score, get_scorer

from fastreg import SGDClassifier, SGDRegressor

RNG = np.random.default_rng(5)
X = RNG.standard_normal((400, 6))
SIGNAL = X @ [1.0, -1.0, 0.5, 0.0, 0.0, 0.2] + 0.9 * RNG.standard_normal(400) + 0.4
PAIR = np.where(SIGNAL > 0.3, "yes", "no")
TRIPLE = np.array(["ash", "birch", "cedar"])[np.digitize(SIGNAL, [-0.5, 1.0])]
WEIGHTS = RNG.uniform(0.5, 2.0, 400)
LEARNED, HELD = slice(0, 250), slice(250, 400)


def logistic(**words):
    words = {"learning_rate": "constant", "eta0": 0.5, "n_iter_no_change": 3, "max_iter": 40} | words
    return SGDClassifier(**{"loss": "log_loss", "alpha": 0.01, "random_state": 0, **words})


def judged(model, y, rows=X, **words):
    return model.fit(rows[LEARNED], y[LEARNED], X_val=rows[HELD], y_val=y[HELD], **words)


def best(model):
    return model.history_["validation_score"].max()


@pytest.mark.parametrize("average", [False, True], ids=["last", "mean"])
@pytest.mark.parametrize("form", [np.asarray, np.float32, sp.csr_array], ids=["dense", "float32", "sparse"])
@pytest.mark.parametrize("y", [PAIR, TRIPLE], ids=["two classes", "three"])
def test_the_score_of_what_is_kept_is_the_best_of_the_curve(y, form, average):
    model = judged(logistic(average=average), y, form(X))
    scores = model.history_["validation_score"]
    assert scores.size == model.n_iter_
    assert np.argmax(scores) < scores.size - 1, "the last epoch is the best: nothing is tested"
    assert model.score(form(X)[HELD], y[HELD]) == best(model)
    assert "the best epoch is kept" in model.stop_reason_


@pytest.mark.parametrize("form", [np.asarray, np.float32], ids=["double", "float32"])
def test_so_is_r2(form):
    rows, words = form(X), {"random_state": 0, "n_iter_no_change": 3, "learning_rate": "constant"}
    model = judged(SGDRegressor(eta0=0.1, **words), SIGNAL, rows, sample_weight_val=WEIGHTS[HELD])
    assert np.argmax(model.history_["validation_score"]) < model.n_iter_ - 1
    assert model.score(rows[HELD], SIGNAL[HELD], WEIGHTS[HELD]) == best(model)


def yes_in_common(model, rows, y):
    """A user's own score: F1 of "yes"."""
    return f1_score(y, model.predict(rows), pos_label="yes")


@pytest.mark.parametrize("scoring", ["balanced_accuracy", "neg_log_loss", yes_in_common])
def test_any_score(scoring):
    model = judged(logistic(scoring=scoring), PAIR)
    score = get_scorer(scoring) if isinstance(scoring, str) else scoring
    assert score(model, X[HELD], PAIR[HELD]) == best(model)


def test_the_loss_as_a_score():
    model = judged(logistic(scoring="loss"), PAIR, sample_weight_val=WEIGHTS[HELD])
    margins = np.where(PAIR == "yes", 1, -1)[HELD] * model.decision_function(X[HELD])
    losses = WEIGHTS[HELD] * np.logaddexp(0, -margins)
    assert best(model) == pytest.approx(-np.mean(losses), rel=1e-12)


def test_rows_of_ones_own_are_never_learned_from():
    model = judged(logistic(), PAIR)
    alone = logistic(max_iter=int(np.argmax(model.history_["validation_score"])) + 1, tol=None)
    assert np.array_equal(alone.fit(X[LEARNED], PAIR[LEARNED]).coef_, model.coef_)


def test_rows_of_ones_own_take_the_place_of_a_fraction():
    early = judged(logistic(early_stopping=True), PAIR)
    assert np.array_equal(early.coef_, judged(logistic(), PAIR).coef_)
    assert early.solution_.work.bytes_copied == 0


def test_what_nothing_ends_early_keeps_its_last_weights_but_for_rows_of_ones_own():
    words = {"tol": None, "max_iter": 12, "validation_fraction": 0.375}
    fraction = logistic(**words, early_stopping=True).fit(X, PAIR)
    assert fraction.t_ == 12 * 250 + 1
    assert np.isnan(fraction.history_["validation_score"]).all()
    assert fraction.history_["norm"][-1] == pytest.approx(np.linalg.norm(fraction.coef_))
    own = judged(logistic(**words), PAIR)
    assert own.n_iter_ == 12
    assert own.score(X[HELD], PAIR[HELD]) == best(own)


def test_data_frames_are_judged_without_a_warning():
    frames = pytest.importorskip("pandas").DataFrame(X, columns=list("abcdef"))
    model = logistic().fit(frames[LEARNED], PAIR[LEARNED], X_val=frames[HELD], y_val=PAIR[HELD])
    assert model.score(frames[HELD], PAIR[HELD]) == best(model)


def test_the_history():
    words = {"max_iter": 4, "tol": None, "exact_objective": True}
    model = logistic(**words).fit(X, PAIR)
    assert list(model.history_) == [
        "epoch", "objective", "validation_score", "norm", "step_times_strength", "seconds"
    ]  # fmt: skip
    assert all(values.shape == (4,) for values in model.history_.values())
    margins = np.where(PAIR == "yes", 1, -1) * model.decision_function(X)
    exact = np.mean(np.logaddexp(0, -margins)) + 0.01 / 2 * np.sum(model.coef_**2)
    assert model.history_["objective"][-1] == pytest.approx(exact, rel=1e-12)
    assert model.history_["norm"][-1] == pytest.approx(np.linalg.norm(model.coef_))
    assert model.history_["step_times_strength"] == pytest.approx(np.full(4, 0.5 * 0.005))
    assert model.stop_reason_ == "All max_iter epochs were run, as tol=None asks for."
    several = logistic(**words).fit(X, TRIPLE).history_
    assert several["objective"].shape == several["norm"].shape == (4, 3)
    assert several["validation_score"].shape == (4,)


def test_own_parameters_are_cloned():
    words = {"scoring": "loss", "exact_objective": True}
    for kind in (SGDClassifier, SGDRegressor):
        assert words.items() <= clone(kind(**words)).get_params().items()


REFUSED = {
    "y_val": ({}, {"X_val": X[HELD]}, "y_val is missing: pass X_val and y_val, or none of them"),
    "X_val": ({}, {"y_val": PAIR[HELD]}, "X_val is missing"),
    "features": ({}, {"X_val": X[HELD, :4], "y_val": PAIR[HELD]}, "4 features"),
    "classes": ({}, {"X_val": X[:1], "y_val": ["maybe"]}, "y_val holds 'maybe', which y does not"),
    "not a number": ({}, {"X_val": X[HELD] * np.nan, "y_val": PAIR[HELD]}, r"X_val\[0, 0\] is"),
    "weights": (
        {},
        {"X_val": X[HELD], "y_val": PAIR[HELD], "sample_weight_val": -np.ones(150)},
        "at least 0",
    ),
    "scoring": ({"scoring": 3}, {"X_val": X[HELD], "y_val": PAIR[HELD]}, "scoring=3 is no score"),
    "exact_objective": ({"exact_objective": "yes"}, {}, "exact_objective='yes'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_judged_is_one_sentence(case):
    words, options, message = REFUSED[case]
    with pytest.raises((ValueError, TypeError), match=message) as raised:
        logistic(**words).fit(X[LEARNED], PAIR[LEARNED], **options)
    assert "\n" not in str(raised.value)


def overfitted(seed=3):
    """Rows of which most columns are noise, as learned and held."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((4000, 150))
    signal = rows[:, :5].sum(axis=1) + 3 * rng.standard_normal(4000)
    return rows[:2000], signal[:2000], rows[2000:], signal[2000:]


@pytest.mark.parametrize("penalty", ["l1", "l2"])
def test_an_adapted_strength_is_as_good_as_the_best_of_thirty_fits_at_a_tenth_of_their_epochs(penalty):
    learned, signal, held, held_signal = overfitted()
    words = {"loss": "log_loss", "penalty": penalty, "learning_rate": "auto", "scoring": "loss"}
    rows = {"X_val": held, "y_val": held_signal > 0}
    model = SGDClassifier(alpha="adaptive", random_state=0, **words).fit(learned, signal > 0, **rows)
    alphas = model.history_["alpha"][0] * 1e-7 ** np.linspace(0, 1, 30)
    grid = [
        SGDClassifier(alpha=alpha, random_state=0, **words).fit(learned, signal > 0, **rows)
        for alpha in alphas
    ]
    losses = [-best(each) for each in grid]
    assert -best(model) <= 1.1 * min(losses)
    assert min(losses) < 0.9 * max(losses[-1], losses[0]), "any strength will do: nothing is tested"
    epochs = sum(each.solution_.work.epochs for each in grid)
    assert 10 * model.solution_.work.epochs <= epochs
    assert model.alpha_ == model.history_["alpha"][np.argmax(model.history_["validation_score"])]
    assert "Weaker strengths gave no better" in model.stop_reason_


def test_an_adapted_strength_of_a_regressor():
    learned, signal, held, held_signal = overfitted()
    model = SGDRegressor(alpha="adaptive", penalty="l1", learning_rate="auto", random_state=0)
    model.fit(learned, signal, X_val=held, y_val=held_signal)
    residuals = held_signal - model.predict(held)
    assert -best(model) == pytest.approx(np.mean(residuals**2) / 2, rel=1e-12)
    assert model.score(held, held_signal) > 0.3


@pytest.mark.parametrize("y", [PAIR, TRIPLE], ids=["two classes", "three"])
def test_a_fraction_is_held_out_for_a_strength_that_adapts(y):
    words = {"alpha": "adaptive", "validation_fraction": 0.3, "learning_rate": "auto", "max_iter": 500}
    model = logistic(**words).fit(X, y)
    assert model.t_ == 280 * model.n_iter_ + 1
    asked = logistic(**words, early_stopping=True, n_jobs=2).fit(X, y)
    assert asked.coef_.tobytes() == model.coef_.tobytes()
    assert asked.alpha_ == model.alpha_


ADAPTED = {
    "a penalty": ({"penalty": None}, "penalty=None is none of those: pass 'l2', 'l1', 'elasticnet', or"),
    "a strength": ({"penalty": "weight_decay"}, "penalty='weight_decay' is none of those"),
    "one model": ({"average": True}, "average=True would be a mean over strengths"),
}


@pytest.mark.parametrize("case", ADAPTED)
def test_what_does_not_adapt(case):
    words, message = ADAPTED[case]
    with pytest.raises(ValueError, match=message):
        logistic(alpha="adaptive", **words).fit(X, PAIR)
    with pytest.raises(ValueError, match="partial_fit runs one: pass a number"):
        logistic(alpha="adaptive").partial_fit(X, PAIR, classes=["yes", "no"])
