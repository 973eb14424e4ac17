"""RidgeCV is Ridge fitted again without each row, or without each fold, and judged by what was left out."""

import numpy as np
import pytest
import scipy.sparse as sp
import sklearn
from sklearn.linear_model import Ridge as TheirRidge
from sklearn.linear_model import RidgeCV as TheirRidgeCV
from sklearn.metrics import make_scorer, mean_absolute_error
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit

import fastreg
from fastreg import team
from fastreg.selection.closed_form import RidgeRows
from fastreg.selection.folds import Fold

RNG = np.random.default_rng(0)
ALPHAS = np.array([1e-2, 100.0])


def data(n_samples, n_features, form=np.asarray, n_targets=2):
    X = RNG.standard_normal((n_samples, n_features)) + 1
    X[X < 0.5] = 0
    Y = X[:, :n_targets] * 2 + 5 + RNG.standard_normal((n_samples, n_targets))
    return form(X), Y


def plain(X):
    return X.toarray() if sp.issparse(X) else np.asarray(X, dtype=np.float64)


def weights_of(kind, n_samples):
    if kind is None:
        return None
    weights = RNG.uniform(0.5, 2, n_samples)
    weights[:3] *= kind == "weights"
    return weights


def naive(X, Y, weights, alpha, fit_intercept, learned, held):
    if weights is not None:
        weights = weights[learned]
    model = TheirRidge(alpha=alpha, fit_intercept=fit_intercept, solver="svd")
    return model.fit(plain(X)[learned], Y[learned], sample_weight=weights).predict(plain(X)[held])


@pytest.mark.parametrize("by_svd", [False, True], ids=["eigen", "svd"])
@pytest.mark.parametrize("form", [np.asarray, np.float32, sp.csr_array, sp.csc_matrix])
@pytest.mark.parametrize("kind", [None, "weights, some 0"])
@pytest.mark.parametrize("fit_intercept", [True, False], ids=["intercept", "none"])
@pytest.mark.parametrize("shape", [(40, 6), (15, 15), (12, 40)], ids=str)
def test_closed_forms_equal_fits_without_the_rows(shape, fit_intercept, kind, form, by_svd):
    X, Y = data(*shape, form)
    weights = weights_of(kind, shape[0])
    every = np.arange(shape[0])
    with team.lease() as crew:
        rows = RidgeRows(crew, X, Y, weights, fit_intercept)
        fits = rows.all(by_svd=by_svd)
        errors = np.empty((shape[0], ALPHAS.size, 2))
        for place, some in fits.left_out(ALPHAS):
            errors[place] = some
        for i in every[::5]:
            for k, alpha in enumerate(ALPHAS):
                left = naive(X, Y, weights, alpha, fit_intercept, every != i, [i])
                assert errors[i, k] == pytest.approx(Y[i] - left[0], abs=1e-9)
        for fold in (Fold(every[4:], every[:4]), Fold(every[2:-3], every[-6:])):
            predictions = rows.fold(crew, fold).predictions(fold.held, ALPHAS)
            for k, alpha in enumerate(ALPHAS):
                expected = naive(X, Y, weights, alpha, fit_intercept, fold.learned, fold.held)
                assert predictions[:, k] == pytest.approx(expected, abs=1e-9)
        coefs, intercepts = fits.fits(ALPHAS)
        assert plain(X) @ coefs[1].T + intercepts[1] == pytest.approx(
            naive(X, Y, weights, 100.0, fit_intercept, every, every), abs=1e-10
        )


MEAN_ABSOLUTE = make_scorer(mean_absolute_error, greater_is_better=False)


def by_hand(model, X, y, sample_weight=None):
    return -np.average(np.abs(y - X @ model.coef_.T - model.intercept_).reshape(len(y), -1)[:, 0])


@pytest.mark.parametrize("kind", [None, "weights"])
@pytest.mark.parametrize("several", [False, True], ids=["one target", "two"])
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"store_cv_results": True, "gcv_mode": "svd"},
        {"store_cv_results": True, "scoring": "r2", "fit_intercept": False},
        {"alpha_per_target": True},
        {"alpha_per_target": True, "scoring": MEAN_ABSOLUTE},
        {"cv": 4},
        {"cv": ShuffleSplit(3, random_state=0), "scoring": MEAN_ABSOLUTE},
        {"cv": 3, "scoring": by_hand},
    ],
    ids=lambda parameters: "-".join(map(str, parameters)) or "none",
)
def test_agrees_with_scikit_learn(parameters, several, kind):
    X, Y = data(50, 7)
    y = Y if several else Y[:, 0]
    if "alpha_per_target" in parameters and not several:
        return
    weights = weights_of(kind, 50)
    alphas = np.geomspace(0.1, 1000, 9)
    ours = fastreg.RidgeCV(alphas, **parameters).fit(X, y, weights)
    theirs = TheirRidgeCV(alphas, **parameters).fit(X, y, weights)
    for name in ("alpha_", "best_score_", "coef_", "intercept_", "cv_results_"):
        assert hasattr(ours, name) == hasattr(theirs, name)
        if hasattr(ours, name):
            if name != "intercept_":  # without one, theirs is a number for two targets
                assert np.shape(getattr(ours, name)) == np.shape(getattr(theirs, name))
            assert getattr(ours, name) == pytest.approx(getattr(theirs, name), abs=1e-9)


def test_alpha_is_that_of_a_loop_over_fits():
    X, Y = data(60, 5)
    y, weights = Y[:, 0], weights_of("weights", 60)
    alphas = np.geomspace(0.1, 1000, 12)
    model = fastreg.RidgeCV(alphas, cv=KFold(4), scoring="neg_mean_squared_error").fit(X, y, weights)
    losses = np.zeros(alphas.size)
    for learned, held in KFold(4).split(X):
        for k, alpha in enumerate(alphas):
            penalty = fastreg.conventions.from_scikit_learn(
                "Ridge", alpha=alpha, total_weight=weights[learned].sum()
            )
            found = fastreg.solve(
                X[learned], y[learned], loss=fastreg.losses.Squared(), penalty=penalty, tol=1e-14,
                sample_weight=weights[learned],
            )  # fmt: skip
            errors = y[held] - X[held] @ found.coef - found.intercept
            losses[k] += np.average(errors**2, weights=weights[held]) / 4
    assert model.alpha_ == alphas[np.argmin(losses)]
    assert -model.best_score_ == pytest.approx(losses.min(), rel=1e-10)


def test_the_fit_of_all_rows_is_certified_and_that_of_ridge():
    X, Y = data(60, 5)
    model = fastreg.RidgeCV().fit(X, Y[:, 0])
    assert model.solution_.gap <= 1e-14
    again = fastreg.Ridge(model.alpha_).fit(X, Y[:, 0])
    assert model.coef_ == pytest.approx(again.coef_, abs=1e-10)


def test_threads_change_no_bit():
    X, Y = data(3000, 6)
    found = []
    for count in (1, 2, 3):
        with fastreg.num_threads(count):
            found.append(fastreg.RidgeCV(cv=3, scoring="r2").fit(X, Y))
    assert found[0].best_score_ == found[1].best_score_ == found[2].best_score_
    assert np.array_equal(found[0].coef_, found[1].coef_)


def test_groups_and_weights_are_routed():
    X, Y = data(40, 4)
    y, groups, weights = Y[:, 0], np.arange(40) // 8, weights_of("weights", 40)
    with sklearn.config_context(enable_metadata_routing=True):
        scorer = sklearn.metrics.get_scorer("r2").set_score_request(sample_weight=True)
        model = fastreg.RidgeCV(cv=GroupKFold(5), scoring=scorer).set_fit_request(sample_weight=True)
        routed = model.fit(X, y, sample_weight=weights, groups=groups)
    pairs = list(GroupKFold(5).split(X, y, groups))
    assert routed.best_score_ == fastreg.RidgeCV(cv=pairs).fit(X, y, weights).best_score_


@pytest.mark.filterwarnings("ignore:R.2 score is not well-defined")
@pytest.mark.parametrize(
    ("parameters", "kind", "says"),
    [
        ({"alphas": [1.0, 0.0]}, ValueError, r"alphas\[1\] == 0.0, must be > 0.0"),
        ({"alphas": [1.0, -1.0], "cv": 3}, ValueError, r"alphas\[1\] == -1.0, must be >= 0.0"),
        ({"alphas": []}, ValueError, "alphas is empty"),
        ({"alphas": [1.0, "2"]}, TypeError, r"alphas\[1\] must be an instance of float, not str"),
        ({"cv": 3, "store_cv_results": True}, ValueError, "cv!=None and store_cv_results=True"),
        ({"cv": 12}, ValueError, "score of every alpha is NaN"),
        ({"gcv_mode": "qr"}, ValueError, "gcv_mode='qr' is unknown"),
    ],
)
def test_what_cannot_be_chosen_from_is_refused(parameters, kind, says):
    X, Y = data(12, 3)
    with pytest.raises(kind, match=says):
        fastreg.RidgeCV(**parameters).fit(X, Y)


def test_unsorted_and_repeated_alphas_and_a_constant_target():
    X, Y = data(30, 3)
    model = fastreg.RidgeCV([10.0, 0.1, 10.0, 1.0], store_cv_results=True).fit(X, Y[:, 0])
    assert np.array_equal(model.cv_results_[:, 0], model.cv_results_[:, 2])
    assert fastreg.RidgeCV([10.0, 1.0]).fit(X, np.full(30, 3.0)).alpha_ == 10.0
    assert fastreg.RidgeCV([0.0, 1e9], cv=3).fit(X, Y[:, 0]).alpha_ == 0.0
