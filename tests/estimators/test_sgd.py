"""SGDRegressor and SGDClassifier: what their parameters mean, beside scikit-learn."""

import numpy as np
import pytest
import scipy.sparse as sp
import sklearn.exceptions
import sklearn.linear_model
import sklearn.model_selection
from sgd_problems import PAIR, RNG, SIGNAL, TRIPLE, WEIGHTS, X, logistic
from sklearn.utils.estimator_checks import check_estimator

import fastreg
from fastreg import SGDClassifier, SGDRegressor, conventions
from fastreg.losses import Hinge, Huber, Logistic, ModifiedHuber, SquaredHinge

# Weights 2 and the row twice are other steps, and scikit-learn's own classes fail these too.
NOT_SGD = {"check_sample_weight_equivalence_on_dense_data", "check_sample_weight_equivalence_on_sparse_data"}


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


def test_weights_of_every_form():
    words = {"max_iter": 3, "tol": None}
    one = logistic(**words).fit(X, PAIR).coef_
    assert np.array_equal(logistic(**words).fit(X, PAIR, sample_weight=1.0).coef_, one)
    assert np.array_equal(logistic(**words).fit(X, PAIR, sample_weight=np.ones(400)).coef_, one)
    assert np.abs(logistic(**words).fit(X, PAIR, sample_weight=2.0).coef_ - one).max() > 1e-3
    for wrong, message in ((-np.ones(400), "at least 0"), (np.zeros(400), "positive"), (np.ones(3), "shape")):
        with pytest.raises(ValueError, match=message):
            logistic(**words).fit(X, PAIR, sample_weight=wrong)
