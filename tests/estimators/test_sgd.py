"""SGDRegressor and SGDClassifier: what their parameters mean, beside scikit-learn."""

import pickle

import numpy as np
import pytest
import scipy.sparse as sp
import sklearn.exceptions
import sklearn.linear_model
import sklearn.model_selection
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

import fastreg
from fastreg import SGDClassifier, SGDRegressor, conventions
from fastreg.losses import Hinge, Huber, Logistic, ModifiedHuber, SquaredHinge

RNG = np.random.default_rng(8)
X = RNG.standard_normal((400, 6))
SIGNAL = X @ [1.0, -1.0, 0.5, 0.0, 0.0, 0.2] + 0.7 * RNG.standard_normal(400) + 0.4
PAIR = np.where(SIGNAL > 0.3, "yes", "no")
TRIPLE = np.array(["ash", "birch", "cedar"])[np.digitize(SIGNAL, [-0.5, 1.0])]
WEIGHTS = RNG.uniform(0.5, 2.0, 400)
# Weights 2 and the row twice are other steps, and scikit-learn's own classes fail these too.
NOT_SGD = {"check_sample_weight_equivalence_on_dense_data", "check_sample_weight_equivalence_on_sparse_data"}


def logistic(**words):
    return SGDClassifier(**{"loss": "log_loss", "alpha": 0.01, "random_state": 0, **words})


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("model", [SGDRegressor(), SGDClassifier()], ids=repr)
def test_scikit_learns_checks_pass_but_two_that_its_own_fails(model):
    results = check_estimator(model, on_fail=None)
    assert len(results) > 50
    failed = {each["check_name"]: each["exception"] for each in results if each["status"] == "failed"}
    assert {name: error for name, error in failed.items() if name not in NOT_SGD} == {}


def objective(model, y, loss, **penalty):
    """Mean loss plus penalty in the meaning of scikit-learn, written out."""
    coef, intercept = model.coef_.ravel(), float(np.ravel(model.intercept_)[0])
    losses = [loss.value(label, z) for label, z in zip(y, X @ coef + intercept, strict=True)]
    ratio = {"l2": 0.0, "l1": 1.0}.get(penalty["penalty"], penalty.get("l1_ratio"))
    return np.mean(losses) + penalty["alpha"] * (
        ratio * np.abs(coef).sum() + (1 - ratio) / 2 * (coef**2).sum()
    )


LONG_RUNS = {
    "hinge, l2": ("hinge", Hinge(), {"penalty": "l2"}),
    "log_loss, l2": ("log_loss", Logistic(), {"penalty": "l2"}),
    "log_loss, l1": ("log_loss", Logistic(), {"penalty": "l1"}),
    "log_loss, both": ("log_loss", Logistic(), {"penalty": "elasticnet", "l1_ratio": 0.4}),
    "squared_hinge, both": ("squared_hinge", SquaredHinge(), {"penalty": "elasticnet", "l1_ratio": 0.4}),
    "modified_huber, l1": ("modified_huber", ModifiedHuber(), {"penalty": "l1"}),
}


@pytest.mark.parametrize("run", LONG_RUNS)
def test_after_many_epochs_the_objective_is_scikit_learns(run):
    name, loss, penalty = LONG_RUNS[run]
    words = {"loss": name, "alpha": 0.02, "max_iter": 300, "tol": None, "random_state": 0, **penalty}
    if name == "squared_hinge":  # the steps that suit the others would let it overflow
        words |= {"learning_rate": "invscaling", "eta0": 0.1}
    ours = SGDClassifier(**words).fit(X, PAIR)
    theirs = sklearn.linear_model.SGDClassifier(**words).fit(X, PAIR)
    labels = np.where(PAIR == "yes", 1.0, -1.0)
    found, reached = (objective(each, labels, loss, alpha=0.02, **penalty) for each in (ours, theirs))
    assert found == pytest.approx(reached, rel=2e-3)
    if name != "hinge":
        term = conventions.from_scikit_learn("SGDClassifier", alpha=0.02, **penalty)
        best = fastreg.solve(X, labels, loss=loss, penalty=term, tol=1e-10).objective
        assert best <= found <= best * (1 + 2e-3)


@pytest.mark.parametrize("schedule", ["constant", "invscaling", "adaptive"])
def test_regression_ends_where_scikit_learns_does(schedule):
    words = {"loss": "huber", "epsilon": 0.5, "alpha": 0.01, "penalty": "l1", "random_state": 0}
    words |= {"learning_rate": schedule, "eta0": 0.01, "max_iter": 200, "tol": 1e-6, "n_iter_no_change": 10}
    ours = SGDRegressor(**words).fit(X, SIGNAL)
    theirs = sklearn.linear_model.SGDRegressor(**words).fit(X, SIGNAL)
    found, reached = (
        objective(each, SIGNAL, Huber(0.5), alpha=0.01, penalty="l1") for each in (ours, theirs)
    )
    assert found == pytest.approx(reached, rel=5e-3)


def test_l1_leaves_out_features_on_sparse_rows_as_on_dense():
    rows = X * (RNG.random(X.shape) < 0.4)
    noise = RNG.standard_normal((400, 40)) * (RNG.random((400, 40)) < 0.1)
    whole = np.hstack([rows, noise])
    labels = np.where(rows @ [1.0, -1.0, 0.5, 0.0, 0.0, 0.2] > 0, 1, 0)
    words = {"penalty": "l1", "alpha": 0.02, "max_iter": 100, "tol": None, "fit_intercept": False}
    dense = logistic(**words).fit(whole, labels)
    sparse = logistic(**words).fit(sp.csr_array(whole), labels)
    assert sparse.coef_ == pytest.approx(dense.coef_, abs=1e-10)
    assert np.count_nonzero(dense.coef_) < 12
    assert np.count_nonzero(dense.coef_[0, :2]) == 2


@pytest.mark.parametrize("words", [{"penalty": "l1"}, {"average": 50}, {"average": True}], ids=str)
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


def test_several_classes_are_one_against_the_rest_whatever_the_threads():
    together = logistic(n_jobs=1, max_iter=8, tol=None).fit(X, TRIPLE, sample_weight=WEIGHTS)
    assert together.coef_.shape == (3, 6)
    for k, name in enumerate(together.classes_):
        alone = logistic(max_iter=8, tol=None).fit(X, TRIPLE == name, sample_weight=WEIGHTS)
        assert np.array_equal(alone.coef_[0], together.coef_[k])
    threads = logistic(n_jobs=3, max_iter=8, tol=None).fit(X, TRIPLE, sample_weight=WEIGHTS)
    assert threads.coef_.tobytes() == together.coef_.tobytes()
    assert np.mean(together.predict(X) == TRIPLE) > 0.6


def test_class_weights_are_sample_weights():
    words = {"max_iter": 5, "tol": None}
    by_class = logistic(class_weight={"yes": 3.0}, **words).fit(X, PAIR, sample_weight=WEIGHTS)
    by_row = logistic(**words).fit(X, PAIR, sample_weight=np.where(PAIR == "yes", 3.0, 1.0) * WEIGHTS)
    assert by_class.coef_ == pytest.approx(by_row.coef_, rel=1e-13)
    shares = {name: np.mean(TRIPLE == name) for name in np.unique(TRIPLE)}
    balanced = logistic(class_weight="balanced", **words).fit(X, TRIPLE)
    named = logistic(class_weight={name: 1 / (3 * share) for name, share in shares.items()}, **words)
    assert balanced.coef_ == pytest.approx(named.fit(X, TRIPLE).coef_, rel=1e-12)


def test_alpha_is_per_row_and_not_per_weight():
    """Twice the weights and half the step are the same steps of the loss; alpha must double with them."""
    words = {"penalty": "elasticnet", "learning_rate": "constant", "max_iter": 5, "tol": None}
    one = logistic(alpha=0.01, eta0=0.02, **words).fit(X, PAIR, sample_weight=WEIGHTS)
    two = logistic(alpha=0.02, eta0=0.01, **words).fit(X, PAIR, sample_weight=2 * WEIGHTS)
    assert two.coef_ == pytest.approx(one.coef_, rel=1e-12)


@pytest.mark.parametrize("loss", ["log_loss", "modified_huber"])
@pytest.mark.parametrize("y", [PAIR, TRIPLE], ids=["two classes", "three"])
def test_probabilities(loss, y):
    model = logistic(loss=loss, max_iter=5, tol=None).fit(X, y)
    scores = model.decision_function(X).reshape(400, -1)
    shares = 1 / (1 + np.exp(-scores)) if loss == "log_loss" else (np.clip(scores, -1, 1) + 1) / 2
    if shares.shape[1] == 1:
        expected = np.hstack([1 - shares, shares])
    else:
        totals = shares.sum(axis=1, keepdims=True)
        expected = np.where(totals > 0, shares / np.where(totals > 0, totals, 1), 1 / 3)
    assert model.predict_proba(X) == pytest.approx(expected, abs=1e-12)
    with np.errstate(divide="ignore"):
        assert model.predict_log_proba(X) == pytest.approx(np.log(expected), rel=1e-9)


def test_a_loss_without_probabilities_has_none():
    assert not hasattr(SGDClassifier(), "predict_proba")
    with pytest.raises(AttributeError) as raised:
        SGDClassifier(loss="hinge").predict_log_proba(X)
    assert "not available for loss='hinge'" in str(raised.value.__cause__)


@pytest.mark.parametrize("layout", [np.asfortranarray, sp.csc_array, np.float32], ids=["F", "csc", "float32"])
def test_any_layout(layout):
    words = {"max_iter": 5, "tol": None, "fit_intercept": False}
    expected = logistic(**words).fit(X, PAIR)
    found = logistic(**words).fit(layout(X), PAIR)
    assert found.coef_.dtype == (np.float32 if layout is np.float32 else np.float64)
    assert found.coef_ == pytest.approx(expected.coef_, rel=1e-5)
    assert np.array_equal(found.predict(X), expected.predict(X))
    assert (found.solution_.work.bytes_copied > 0) == (layout is not np.float32)


def test_the_seed_decides():
    words = {"max_iter": 1, "tol": None}
    assert np.array_equal(logistic(**words).fit(X, PAIR).coef_, logistic(**words).fit(X, PAIR).coef_)
    other = logistic(**words, random_state=1).fit(X, PAIR).coef_
    assert np.abs(other - logistic(**words).fit(X, PAIR).coef_).max() > 1e-3


def test_a_warm_start_goes_on_and_a_start_is_taken():
    words = {"learning_rate": "constant", "eta0": 0.01, "max_iter": 3, "tol": None, "shuffle": False}
    first = logistic(**words).fit(X, PAIR)
    given = logistic(**words).fit(X, PAIR, coef_init=first.coef_, intercept_init=first.intercept_)
    warm = logistic(**words, warm_start=True).fit(X, PAIR).fit(X, PAIR)
    assert np.array_equal(warm.coef_, given.coef_)
    assert np.abs(given.coef_ - first.coef_).max() > 1e-3
    cold = logistic(**words).fit(X, PAIR).fit(X, PAIR)
    assert np.array_equal(cold.coef_, first.coef_)


def test_the_mean_begins_at_its_step():
    words = {"max_iter": 2, "tol": None, "shuffle": False}
    last = logistic(**words).fit(X, PAIR)
    late = logistic(**words, average=801).fit(X, PAIR)  # by one
    assert late.coef_ == pytest.approx(last.coef_, rel=1e-12)
    assert not late.solution_.means.counted.any()
    only = logistic(**words, average=800).fit(X, PAIR)
    assert only.coef_ == pytest.approx(last.coef_, rel=1e-12)
    assert np.abs(logistic(**words, average=700).fit(X, PAIR).coef_ - last.coef_).max() > 1e-4


def test_early_stopping_keeps_the_best_and_never_learns_from_held_rows():
    words = {"early_stopping": True, "validation_fraction": 0.25, "n_iter_no_change": 3, "max_iter": 50}
    model = logistic(**words, eta0=0.5, learning_rate="constant").fit(X, PAIR)
    assert 3 < model.n_iter_ < 50
    split = sklearn.model_selection.StratifiedShuffleSplit(test_size=0.25, random_state=0)
    learned, held = next(split.split(X, PAIR))
    learned = np.sort(learned)
    epochs = [
        logistic(eta0=0.5, learning_rate="constant", max_iter=k, tol=None).fit(X[learned], PAIR[learned])
        for k in range(1, model.n_iter_ + 1)
    ]
    scores = [each.score(X[held], PAIR[held]) for each in epochs]
    assert np.array_equal(model.coef_, epochs[int(np.argmax(scores))].coef_)
    assert model.score(X[held], PAIR[held]) == max(scores)
    assert model.t_ == 300 * model.n_iter_ + 1
    assert model.solution_.work.bytes_copied == X.nbytes
    sparse = logistic(**words).fit(sp.csr_array(X), PAIR)
    assert sparse.solution_.work.bytes_copied == 12 * X.size


def test_early_stopping_of_a_regressor():
    words = {"early_stopping": True, "n_iter_no_change": 3, "random_state": 0, "max_iter": 200}
    model = SGDRegressor(**words).fit(X, SIGNAL, sample_weight=WEIGHTS)
    assert 3 < model.n_iter_ < 200
    assert model.score(X, SIGNAL) > 0.7
    nan = X.copy()
    nan[np.arange(0, 400, 7), 2] = np.nan
    with pytest.raises(ValueError, match=r"X\[0, 2\] is"):
        SGDRegressor(**words).fit(nan, SIGNAL)


def test_too_few_epochs_are_told():
    with pytest.warns(sklearn.exceptions.ConvergenceWarning, match="Consider increasing max_iter"):
        model = logistic(max_iter=2).fit(X, PAIR)
    assert model.n_iter_ == 2
    with pytest.warns(fastreg.ConvergenceWarning):
        SGDRegressor(max_iter=2).fit(X, SIGNAL)


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


REFUSED = {
    "loss": ({"loss": "absolute"}, "loss='absolute' is unknown: pass one of 'hinge'"),
    "penalty": ({"penalty": "l0"}, "penalty='l0' is unknown"),
    "l1_ratio": ({"penalty": "elasticnet", "l1_ratio": None}, "l1_ratio must be set"),
    "share": ({"penalty": "elasticnet", "l1_ratio": 1.5}, "l1_ratio=1.5"),
    "alpha": ({"alpha": -1.0}, "alpha=-1.0"),
    "schedule": ({"learning_rate": "magic"}, "learning_rate='magic' is unknown"),
    "eta0": ({"eta0": 0.0}, "eta0=0.0 is out of range"),
    "power_t": ({"power_t": np.nan}, "power_t=nan is out of range"),
    "epsilon": ({"loss": "huber", "epsilon": -1.0}, "epsilon=-1.0"),
    "passive": ({"loss": "log_loss", "learning_rate": "pa1"}, "'pa1' only works with loss 'hinge'"),
    "max_iter": ({"max_iter": 0}, "max_iter=0"),
    "tol": ({"tol": -1e-3}, "tol=-0.001"),
    "n_iter_no_change": ({"n_iter_no_change": 0}, "n_iter_no_change=0"),
    "shuffle": ({"shuffle": "yes"}, "shuffle='yes'"),
    "average": ({"average": -3}, "average=-3"),
    "validation_fraction": ({"early_stopping": True, "validation_fraction": 1.0}, "validation_fraction=1.0"),
    "class_weight": ({"class_weight": {"maybe": 2.0}}, "class_weight names the class 'maybe'"),
    "n_jobs": ({"n_jobs": 0}, "n_jobs=0"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_one_sentence(case):
    words, message = REFUSED[case]
    with pytest.raises((ValueError, TypeError), match=message) as raised:
        SGDClassifier(**words).fit(X, PAIR)
    assert "\n" not in str(raised.value)
    assert str(raised.value).endswith(".")


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


def test_weights_of_every_form():
    words = {"max_iter": 3, "tol": None}
    one = logistic(**words).fit(X, PAIR).coef_
    assert np.array_equal(logistic(**words).fit(X, PAIR, sample_weight=1.0).coef_, one)
    assert np.array_equal(logistic(**words).fit(X, PAIR, sample_weight=np.ones(400)).coef_, one)
    assert np.abs(logistic(**words).fit(X, PAIR, sample_weight=2.0).coef_ - one).max() > 1e-3
    for wrong, message in ((-np.ones(400), "at least 0"), (np.zeros(400), "positive"), (np.ones(3), "shape")):
        with pytest.raises(ValueError, match=message):
            logistic(**words).fit(X, PAIR, sample_weight=wrong)
