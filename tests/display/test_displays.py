"""The displays show the numbers they are given, mark what they say, and have axes that say what they are."""

import io
import itertools

import numpy as np
import pytest
import scipy.sparse as sp

pytest.importorskip("matplotlib")
import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.text import Text
from sklearn.base import clone

import fastreg
from fastreg import display
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, L2, ElasticNet
from fastreg.selection.tables import Ridge, Study

RNG = np.random.default_rng(0)
X = RNG.standard_normal((120, 8))
Y = X[:, 0] - 2 * X[:, 1] + RNG.standard_normal(120)
STRENGTHS = np.geomspace(2.0, 0.002, 25)


@pytest.fixture(autouse=True)
def _closed():
    yield
    pyplot.close("all")


def drawn(shown):
    """Return the axes of a display that has something on it."""
    file = io.BytesIO()
    shown.figure_.savefig(file, format="png")
    file.seek(0)
    pixels = pyplot.imread(file)[:, :, :3]
    assert np.unique(pixels.reshape(-1, 3), axis=0).shape[0] > 20
    return shown.ax_


def labels(axes):
    legend = axes.get_legend()
    return [text.get_text() for text in legend.get_texts()] if legend else []


def marks(axes, style):
    """The vertical lines of a style."""
    return [
        line.get_xdata()[0]
        for line in axes.get_lines()
        if line.get_linestyle() == style and np.ptp(line.get_xdata()) == 0
    ]


@pytest.fixture(scope="module")
def found():
    return fastreg.cross_validate(X, Y, loss=Squared(), penalty=L1(1.0), strengths=STRENGTHS)


def test_cross_validation(found):
    shown = display.CrossValidationDisplay.from_cross_validation(found)
    axes = drawn(shown)
    (line,) = [line for line in axes.get_lines() if len(line.get_xdata()) == 25]
    np.testing.assert_allclose(line.get_xydata(), np.c_[STRENGTHS, found.losses.mean(axis=1)], rtol=1e-14)
    assert marks(axes, "--") == [STRENGTHS[found.best]]
    assert marks(axes, ":") == [STRENGTHS[found.simplest]]
    assert "lambda" in axes.get_xlabel()
    assert axes.get_ylabel() == "mean loss on rows left out"
    assert labels(axes)[2] == f"least: {STRENGTHS[found.best]:.3g}"
    assert axes.get_xlim()[0] > axes.get_xlim()[1]


def test_cross_validation_of_estimators():
    lasso = fastreg.LassoCV(alphas=10).fit(X, Y)
    shown = display.CrossValidationDisplay.from_estimator(lasso)
    assert shown.strengths[shown.best_] == lasso.alpha_
    assert drawn(shown).get_ylabel() == "mean square error on rows left out"
    several = fastreg.ElasticNetCV(l1_ratio=[0.2, 0.9], alphas=10).fit(X, Y)
    shown = display.CrossValidationDisplay.from_estimator(several)
    assert shown.strengths[shown.best_] == several.alpha_


def test_bias_and_variance(found):
    axes = drawn(display.BiasVarianceDisplay.from_cross_validation(found))
    held, learned = (line.get_ydata() for line in axes.get_lines()[:2])
    np.testing.assert_array_equal(held, found.losses.mean(axis=1))
    np.testing.assert_array_equal(learned, found.learned_losses.mean(axis=1))
    assert np.all(np.diff(learned) <= 1e-9)  # a weaker penalty fits what it learns from better
    assert held[-1] > learned[-1]
    assert labels(axes)[:2] == ["rows left out", "rows learned from"]
    assert [text.get_text() for text in axes.texts] == ["bias", "variance"]


def test_paths():
    path = fastreg.path(X, Y, loss=Squared(), penalty=L1(1.0), strengths=STRENGTHS)
    names = list("abcdefgh")
    shown = display.RegularizationPathDisplay.from_path(path, feature_names=names, n_named=3)
    axes = drawn(shown)
    largest = np.argsort(-abs(path.coefs[:, [-1]].toarray().ravel()))[:3]
    assert {text.get_text() for text in axes.texts} == {names[j] for j in largest}
    lines = {tuple(line.get_ydata()) for line in axes.get_lines() if len(line.get_xdata()) == 25}
    assert lines == {tuple(row) for row in path.coefs.toarray() if row.any()}
    (top,) = axes.child_axes
    assert [text.get_text() for text in top.get_xticklabels()][-1] == str(np.diff(path.coefs.indptr)[-1])
    with pytest.raises(ValueError, match="feature_names has 2 names"):
        display.RegularizationPathDisplay.from_path(path, feature_names=["a", "b"])


def test_histograms_have_the_same_bins():
    path = fastreg.path(X, Y, loss=Squared(), penalty=L2(1.0), strengths=[10.0, 1.0, 1e-3])
    shown = display.WeightHistogramDisplay.from_path(path, strong=0)
    axes = drawn(shown)
    panels = axes.child_axes
    assert [panel.get_title().splitlines()[0] for panel in panels] == ["lambda = 10", "lambda = 0.001"]
    for panel, column in zip(panels, (0, 2), strict=True):
        heights = [bar.get_height() for bar in panel.patches]
        assert heights == np.histogram(path.coefs[:, [column]].toarray(), shown.edges)[0].tolist()
        assert sum(heights) == 8
    assert np.std(shown.weights[0]) < np.std(shown.weights[1])


def test_histograms_of_estimators_are_named_by_their_parameters():
    weak, strong = (fastreg.Ridge(alpha=alpha).fit(X, Y) for alpha in (0.1, 1e4))
    shown = display.WeightHistogramDisplay.from_estimators(strong, weak)
    assert shown.labels == ["alpha = 1e+04", "alpha = 0.1"]


def test_learning_curves():
    words = {"loss": "log_loss", "random_state": 0, "max_iter": 15}
    model = fastreg.SGDClassifier(**words).fit(X[:90], Y[:90] > 0, X_val=X[90:], y_val=Y[90:] > 0)
    axes = drawn(display.LearningCurveDisplay.from_estimator(model))
    np.testing.assert_array_equal(axes.get_lines()[0].get_ydata(), model.history_["objective"])
    (kept,) = marks(axes, ":")
    scores = model.history_["validation_score"]
    assert scores[int(kept) - 1] == scores.max()
    assert axes.get_xlabel().startswith("epoch")
    assert " ".join(axes.get_xlabel().splitlines()[1:]) == model.stop_reason_
    plain = fastreg.SGDClassifier(**words).fit(X, Y > 0)
    axes = drawn(display.LearningCurveDisplay.from_estimator(plain))
    assert marks(axes, ":") == [plain.n_iter_]
    assert len(labels(axes)) == 2


def test_convergence():
    trace = display.Trace()
    fit = fastreg.solve(X, np.sign(Y), loss=Logistic(), penalty=L1(0.01), callback=trace, tol=1e-9)
    assert trace.gaps[-1] == fit.gap
    assert trace.passes == sorted(trace.passes)
    assert trace.seconds[0] == 0
    axes = drawn(display.ConvergenceDisplay.from_trace(trace))
    np.testing.assert_array_equal(axes.get_lines()[0].get_xdata(), trace.passes)
    assert axes.get_lines()[0].get_ydata()[:-1].tolist() == trace.gaps[:-1]
    assert labels(axes) == ["tol = 1e-09"]
    assert axes.get_yscale() == "log"


ESTIMATORS = [
    (fastreg.Lasso(alpha=0.1), L1(0.1), {}),
    (fastreg.ElasticNet(alpha=0.1, l1_ratio=0.5), ElasticNet(0.075, 2 / 3), {}),
    (fastreg.LassoCV(alphas=10, fit_intercept=False), None, {"fit_intercept": False}),
    (fastreg.Ridge(alpha=12.0), L2(0.05), {}),
    (fastreg.LinearRegressor(penalty=L1(0.2), standardize=True), L1(0.2), {"standardize": True}),
    (fastreg.LogisticRegression(C=0.5, penalty="l1"), L1(1 / 60), {"loss": Logistic()}),
    (fastreg.LinearClassifier(penalty=L1(0.02)), L1(0.02), {"loss": Logistic()}),
]


@pytest.mark.parametrize(
    ("estimator", "penalty", "words"), ESTIMATORS, ids=[type(each).__name__ for each, *_ in ESTIMATORS]
)
def test_an_estimator_is_drawn_as_what_it_minimises(estimator, penalty, words):
    is_classifier = "loss" in words
    y = np.where(Y > 0, "yes", "no") if is_classifier else Y
    model = clone(estimator).fit(X, y)
    penalty = L1(model.alpha_) if penalty is None else penalty
    words = {"loss": Squared(), "penalty": penalty, **words}
    shown = display.RegularizationPathDisplay.from_estimator(model, X, y)
    axes = drawn(shown)
    assert marks(axes, ":") == [pytest.approx(penalty.strength)]
    targets = np.where(Y > 0, 1.0, -1.0) if is_classifier else Y
    true = fastreg.path(X, targets, strengths=shown.strengths, **words)
    np.testing.assert_allclose(shown.coefs, true.coefs.toarray()[shown.features], rtol=1e-3, atol=1e-4)
    best = fastreg.solve(X, targets, **words)
    np.testing.assert_allclose(np.ravel(model.coef_), best.coef, rtol=1e-2, atol=1e-3)
    gaps = drawn(display.ConvergenceDisplay.from_estimator(model, X, y, tol=1e-8)).get_lines()[0].get_ydata()
    assert gaps[-1] <= 1e-8


def test_bias_and_variance_of_an_estimator():
    model = fastreg.Lasso(alpha=0.1).fit(X, Y)
    shown = display.BiasVarianceDisplay.from_estimator(model, X, Y, folds=4)
    found = fastreg.cross_validate(X, Y, loss=Squared(), penalty=L1(1.0), folds=4)
    np.testing.assert_allclose(shown.losses, found.losses, rtol=1e-12)
    drawn(shown)


def test_cross_validation_of_a_ridge():
    model = fastreg.RidgeCV(alphas=[0.1, 100.0, 3.0], store_cv_results=True).fit(X, Y)
    shown = display.CrossValidationDisplay.from_estimator(model)
    assert shown.strengths.tolist() == [100.0, 3.0, 0.1]
    assert shown.strengths[shown.best_] == model.alpha_
    np.testing.assert_allclose(shown.mean_, model.cv_results_.mean(axis=0)[[1, 2, 0]])


@pytest.mark.small
def test_names_that_the_estimator_has_seen_are_drawn():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=[f"column {j}" for j in range(8)])
    shown = display.RegularizationPathDisplay.from_estimator(fastreg.Lasso(alpha=0.1).fit(frame, Y), frame, Y)
    assert {text.get_text() for text in shown.ax_.texts} <= {*frame.columns}
    assert shown.feature_names[0] == "column 1"


def test_what_is_drawn_fits_the_width_of_a_column(found):
    """At 3.3 inches no text leaves the picture and no labels of an axis touch each other."""
    path = fastreg.path(X, Y, loss=Squared(), penalty=L1(1.0), strengths=STRENGTHS)
    trace = display.Trace()
    fastreg.solve(X, Y, loss=Squared(), penalty=L1(0.01), callback=trace)
    model = fastreg.SGDClassifier(loss="log_loss", random_state=0, max_iter=15)
    model.fit(X[:90], Y[:90] > 0, X_val=X[90:], y_val=Y[90:] > 0)
    losses = 1 + RNG.random((4, 5))
    diverged = np.zeros((4, 5), dtype=bool)
    diverged[3, :2] = True
    several = study(losses, diverged, 1e-2, (7, 13))
    for draw in (
        lambda ax: display.RegularizationPathDisplay.from_path(path, ax=ax),
        lambda ax: display.CrossValidationDisplay.from_cross_validation(found, ax=ax),
        lambda ax: display.BiasVarianceDisplay.from_cross_validation(found, ax=ax),
        lambda ax: display.WeightHistogramDisplay.from_path(path, ax=ax),
        lambda ax: display.LearningCurveDisplay.from_estimator(model, ax=ax),
        lambda ax: display.ConvergenceDisplay.from_trace(trace, ax=ax),
        lambda ax: display.RateStrengthDisplay.from_study(several, ax=ax),
    ):
        figure, axes = pyplot.subplots(figsize=(3.3, 2.6), layout="constrained", dpi=150)
        draw(axes)
        figure.canvas.draw()
        beyond, shown = set(), []
        for each in figure.findobj(Axes):
            low, high = sorted(each.get_xlim())
            ticks = each.xaxis.get_major_ticks()
            shown.append([tick.label1 for tick in ticks if low <= tick.get_loc() <= high])
            for axis, ends in ((each.xaxis, (low, high)), (each.yaxis, sorted(each.get_ylim()))):
                for tick in axis.get_major_ticks():
                    if not ends[0] <= tick.get_loc() <= ends[1]:
                        beyond |= {tick.label1, tick.label2}
        for text in figure.findobj(Text):
            if text.get_text().strip() and text.get_visible() and text not in beyond:
                (left, low), (right, high) = text.get_window_extent().get_points()
                assert min(left, low) > -2, text
                assert right < figure.bbox.x1 + 2, text
                assert high < figure.bbox.y1 + 2, text
        for labels_ in shown:
            boxes = sorted((each.get_window_extent() for each in labels_), key=lambda box: box.x0)
            assert all(left.x1 <= right.x0 for left, right in itertools.pairwise(boxes)), figure.axes
        pyplot.close(figure)


def study(losses, diverged=None, constant=np.nan, cells=()):
    rates, strengths = np.geomspace(1e-3, 1, 4), np.geomspace(1e-4, 1, 5)
    flat = np.zeros(20)
    return Study(
        np.repeat(rates, 5), np.tile(strengths, 4), flat, losses.ravel(), flat, flat, flat,
        np.zeros(20, dtype=bool) if diverged is None else diverged.ravel(), 0,
        Ridge(np.array(cells), constant, 1.0, -1.0), None,
    )  # fmt: skip


def test_rates_and_strengths():
    losses = 1 + RNG.random((4, 5))
    losses[2, 3] = 0.5
    diverged = np.zeros((4, 5), dtype=bool)
    diverged[3, :2] = True
    axes = drawn(display.RateStrengthDisplay.from_study(study(losses, diverged, 1e-2, (7, 13))))
    best, *crosses = (line.get_xydata().tolist() for line in axes.get_lines() if line.get_marker() in "*x")
    assert sorted([best, *crosses][:-1]) == sorted([[[0.5, 3.5]], [[1.5, 3.5]], [[3.5, 2.5]]])
    (ridge,) = [line for line in axes.get_lines() if line.get_linestyle() == "--"]
    columns, rows = ridge.get_xydata().T
    strengths, rates = 10.0 ** (columns - 0.5 - 4), 10.0 ** (rows - 0.5 - 3)
    inside = np.isfinite(rates)
    assert inside.sum() > 20
    assert (strengths * rates)[inside] == pytest.approx(1e-2)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("lambda", "learning rate")
    assert "diverged" in labels(axes)


def test_one_learning_rate_makes_no_ridge():
    axes = drawn(display.RateStrengthDisplay.from_study(study(1 + RNG.random((4, 5)), None, 1e-2, (7,))))
    assert labels(axes) == ["best"]


def test_a_given_axes_is_drawn_on(found):
    _, (left, right) = pyplot.subplots(1, 2)
    shown = display.CrossValidationDisplay.from_cross_validation(found, ax=right)
    assert shown.ax_ is right
    assert shown.figure_ is right.figure
    assert not left.lines
    shown.plot(left)
    assert shown.ax_ is left
    assert len(left.lines) == len(right.lines)


@pytest.mark.small
@pytest.mark.parametrize(
    ("make", "says"),
    [
        (
            lambda: display.CrossValidationDisplay([1.0, 0.0], np.ones((2, 3))),
            "at least two strengths above 0",
        ),
        (
            lambda: display.RegularizationPathDisplay([1.0], sp.csc_array((3, 1))),
            "at least two strengths above 0",
        ),
        (lambda: display.ConvergenceDisplay([], [], []), "There is no certificate to draw"),
        (
            lambda: display.RateStrengthDisplay([1.0], [1.0], [[2.0]], [[True]]),
            "Every fit of the study diverged",
        ),
        (
            lambda: display.RegularizationPathDisplay.from_estimator(fastreg.SGDRegressor(), X, Y),
            "SGDRegressor cannot be drawn: pass one of Lasso",
        ),
        (
            lambda: display.CrossValidationDisplay.from_estimator(fastreg.Lasso()),
            "Lasso keeps no losses of its folds",
        ),
        (
            lambda: display.RegularizationPathDisplay.from_estimator(
                fastreg.LinearRegressor().fit(X, Y), X, Y
            ),
            "NoPenalty has no strength to follow",
        ),
        (
            lambda: display.ConvergenceDisplay.from_estimator(
                fastreg.LogisticRegression().fit(X, np.arange(120) % 3), X, np.arange(120) % 3
            ),
            "tells 3 classes apart",
        ),
    ],
)
def test_what_cannot_be_drawn_is_told(make, says):
    with pytest.raises((ValueError, TypeError), match=says):
        make()
