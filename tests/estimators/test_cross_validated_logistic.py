"""LogisticRegressionCV is LogisticRegression fitted to each fold, at each C and l1_ratio."""

import warnings

import numpy as np
import pytest
import scipy.sparse as sp
import sklearn
import sklearn.linear_model
from sklearn.metrics import get_scorer, log_loss
from sklearn.model_selection import GroupKFold, StratifiedKFold

import fastreg
from fastreg.losses import Logistic
from fastreg.selection import fold_paths

RNG = np.random.default_rng(0)
X = RNG.standard_normal((120, 6))
SIGNAL = X[:, 0] - X[:, 1] + RNG.standard_normal(120)
TWO, THREE = SIGNAL > 0, np.digitize(SIGNAL, [-0.7, 0.7])
WEIGHTS = RNG.uniform(0.5, 2, 120)
RATIOS, CS = [0.0, 0.5, 1.0], [10.0, 0.01, 1.0]
TIGHT = {"tol": 1e-8}


@pytest.mark.parametrize("form", [np.asarray, sp.csr_array])
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
@pytest.mark.parametrize("y", [TWO, THREE], ids=["two", "three"])
def test_every_fold_is_a_fit_of_its_rows(y, weights, form):
    model = fastreg.LogisticRegressionCV(
        Cs=CS, l1_ratios=RATIOS, scoring="neg_log_loss", use_legacy_attributes=False, **TIGHT
    ).fit(form(X), y, weights)
    scores = np.zeros((3, 3))
    for fold, (learned, held) in enumerate(StratifiedKFold(5).split(X, y)):
        part = (None, None) if weights is None else (weights[learned], weights[held])
        for number, ratio in enumerate(RATIOS):
            for place, C in enumerate(CS):
                alone = fastreg.LogisticRegression(C=C, l1_ratio=ratio, **TIGHT)
                alone.fit(X[learned], y[learned], part[0])
                found = model.coefs_paths_[fold, number, place]
                assert found[:, :-1] == pytest.approx(alone.coef_, abs=2e-7)
                assert found[:, -1] == pytest.approx(alone.intercept_, abs=2e-7)
                score = -log_loss(y[held], alone.predict_proba(X[held]), sample_weight=part[1])
                assert model.scores_[fold, number, place] == pytest.approx(score, abs=1e-7)
                scores[place, number] += score
    place, number = np.unravel_index(np.argmax(scores), scores.shape)
    assert (model.C_, model.l1_ratio_) == (CS[place], RATIOS[number])
    whole = fastreg.LogisticRegression(C=model.C_, l1_ratio=model.l1_ratio_, **TIGHT).fit(form(X), y, weights)
    assert np.array_equal(model.coef_, whole.coef_)


def test_the_choice_is_that_of_a_loop_over_solve():
    targets = np.where(TWO, 1.0, -1.0)
    losses = np.zeros(len(CS))
    for learned, held in StratifiedKFold(5).split(X, TWO):
        for place, C in enumerate(CS):
            penalty = fastreg.conventions.from_scikit_learn(
                "LogisticRegression", C=C, total_weight=WEIGHTS[learned].sum()
            )
            found = fastreg.solve(
                X[learned], targets[learned], loss=Logistic(), penalty=penalty, tol=1e-15,
                sample_weight=WEIGHTS[learned],
            )  # fmt: skip
            margins = targets[held] * (X[held] @ found.coef + found.intercept)
            losses[place] += np.average(np.log1p(np.exp(-margins)), weights=WEIGHTS[held]) / 5
    model = fastreg.LogisticRegressionCV(
        Cs=CS, scoring="neg_log_loss", use_legacy_attributes=False, tol=1e-8
    ).fit(X, TWO, WEIGHTS)
    assert model.C_ == CS[np.argmin(losses)]
    assert -model.scores_.mean(axis=(0, 1)) == pytest.approx(losses, rel=1e-9)


newest = pytest.mark.skipif(
    "use_legacy_attributes" not in sklearn.linear_model.LogisticRegressionCV().get_params(),
    reason="scikit-learn before 1.8 has the older attributes only",
)


@newest
@pytest.mark.parametrize("legacy", [True, False])
@pytest.mark.parametrize("y", [TWO, THREE], ids=["two", "three"])
@pytest.mark.parametrize(
    "parameters",
    [
        {"l1_ratios": [0.0]},
        {},
        {"refit": False, "class_weight": "balanced"},
        {"fit_intercept": False, "l1_ratios": np.array([0.0, 0.0]), "refit": False},
    ],
    ids=str,
)
def test_attributes_are_scikit_learns(parameters, y, legacy):
    parameters = {"Cs": [10.0, 0.01, 1.0, 10.0], "use_legacy_attributes": legacy, **parameters}
    ours = fastreg.LogisticRegressionCV(tol=1e-7, **parameters).fit(X, y, WEIGHTS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = sklearn.linear_model.LogisticRegressionCV(tol=1e-8, max_iter=10_000, **parameters)
        theirs.fit(X, y, WEIGHTS)
    assert ours.n_iter_.shape == theirs.n_iter_.shape
    assert type(ours.C_) is type(theirs.C_)
    for name in (
        "C_", "Cs_", "l1_ratio_", "l1_ratios_", "scores_", "coefs_paths_", "coef_", "intercept_",
    ):  # fmt: skip
        found, expected = getattr(ours, name), getattr(theirs, name)
        if isinstance(expected, dict):
            assert list(found) == list(expected)
            found, expected = np.stack(list(found.values())), np.stack(list(expected.values()))
        assert np.shape(found) == np.shape(expected)
        if np.asarray(expected).dtype == object:
            assert np.array_equal(found, expected)
        else:
            assert found == pytest.approx(expected, abs=2e-5)


def test_a_scorer_that_is_a_function_sees_rows_and_fits_in_their_order():
    seen = []

    def scorer(model, X, y, sample_weight=None):
        seen.append((len(X), float(np.abs(model.coef_).sum())))
        return -len(seen) % 3

    model = fastreg.LogisticRegressionCV(Cs=[1.0, 10.0], cv=2, scoring=scorer, n_jobs=2).fit(X, TWO)
    assert [rows for rows, _ in seen] == [60] * 4
    assert seen[0][1] < seen[1][1]
    assert model.score(X, TWO) == -5 % 3


def test_scores_know_classes_that_a_fold_does_not_hold():
    rows = np.argsort(THREE, kind="stable")
    pairs = [(np.setdiff1d(rows, rows[:3]), rows[:3]), (np.setdiff1d(rows, rows[-3:]), rows[-3:])]
    model = fastreg.LogisticRegressionCV(Cs=[1.0], cv=pairs, scoring="neg_log_loss").fit(X, THREE)
    assert np.isfinite(model.scores_[0]).all()


def test_no_fold_copies_x(monkeypatch):
    matrices = []
    follow = fold_paths.follow

    def watched(state, *arguments, **words):
        matrices.append(state.problem.matrix)
        return follow(state, *arguments, **words)

    monkeypatch.setattr(fold_paths, "follow", watched)
    columns = np.asfortranarray(X)
    for y in (TWO, THREE):
        fastreg.LogisticRegressionCV(Cs=2, l1_ratios=[0.0, 1.0]).fit(columns, y)
    assert len(matrices) == 20
    for matrix in matrices:
        assert np.shares_memory(matrix.dense(), columns)
        assert matrix.counter.bytes_copied == 0


def test_threads_change_no_bit():
    found = [fastreg.LogisticRegressionCV(Cs=3, n_jobs=count).fit(X, THREE) for count in (1, 2, 3)]
    for other in found[1:]:
        assert np.array_equal(other.coef_, found[0].coef_)
        assert np.array_equal(other.coefs_paths_[0], found[0].coefs_paths_[0])


def test_groups_and_weights_are_routed():
    groups = np.arange(120) // 10
    with sklearn.config_context(enable_metadata_routing=True):
        scorer = get_scorer("accuracy").set_score_request(sample_weight=True)
        model = fastreg.LogisticRegressionCV(Cs=2, cv=GroupKFold(3), scoring=scorer)
        model.set_fit_request(sample_weight=True).fit(X, TWO, sample_weight=WEIGHTS, groups=groups)
        score = model.score(X, TWO, sample_weight=WEIGHTS)
    pairs = list(GroupKFold(3).split(X, TWO, groups))
    given = fastreg.LogisticRegressionCV(Cs=2, cv=pairs).fit(X, TWO, WEIGHTS)
    assert np.array_equal(model.scores_[True], given.scores_[True])
    assert score == np.average(model.predict(X) == TWO, weights=WEIGHTS)
    with pytest.raises(ValueError, match="fit got groups: call"):
        fastreg.LogisticRegressionCV(cv=GroupKFold(3)).fit(X, TWO, groups=groups)


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"Cs": [1.0, 0.0]}, "C=0.0 is impossible: pass a finite number above 0"),
        ({"Cs": []}, "neither a number nor a list"),
        ({"Cs": 0}, "Cs=0 is out of range"),
        ({"l1_ratios": [2.0]}, "l1_ratios=2.0 is no share"),
        ({"l1_ratios": []}, "is no list"),
        ({"penalty": "elasticnet"}, "needs shares of the L1 part"),
        ({"penalty": "l1", "l1_ratios": [0.5]}, "contradicts l1_ratios"),
        ({"cv": [(np.flatnonzero(TWO), np.flatnonzero(~TWO))]}, "Fold 0 learns from rows of one class only"),
    ],
)
def test_what_cannot_be_chosen_from_is_refused(parameters, says):
    with pytest.raises(ValueError, match=says):
        fastreg.LogisticRegressionCV(**parameters).fit(X, TWO)
