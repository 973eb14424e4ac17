"""Information criteria are their formulas, and degrees of freedom how far predictions follow targets."""

import itertools
from typing import NamedTuple

import numpy as np
import problems
import pytest
from scipy.special import comb, expit
from scipy.stats import norm, poisson
from sklearn.linear_model import LassoLarsIC

import fastreg
from fastreg.losses import Huber, Logistic, Poisson, Squared
from fastreg.penalties import L1, L2, Bounded, ElasticNet, GroupL2
from fastreg.solvers import freedom

SQUARED = Squared()
SMALL = problems.dense(24, 6)
PER_FEATURE = np.array([1.0, 0.0, 2.0, 1.0, 0.5, 1.0])


class Silent(NamedTuple):
    """A penalty that does not say how stiff it is."""

    strength: float

    def value(self, weight, j):
        return self.strength * abs(weight)

    def prox(self, weight, step, j):
        return np.sign(weight) * max(abs(weight) - step * self.strength, 0.0)


def criteria(problem, penalty, loss=SQUARED, **words):
    return fastreg.information_criteria(
        problem.X, words.pop("y", problem.target(loss)), loss=loss, penalty=penalty,
        **{"tol": 1e-13, **words},
    )  # fmt: skip


@pytest.mark.parametrize(
    "penalty",
    [
        L1(0.2),
        L1(0.2 * PER_FEATURE),
        L2(0.1),
        ElasticNet(0.3, 0.6),
        GroupL2(0.2, 2, [1.0, 0.0, 1.5]),
        Bounded(ElasticNet(0.2, 0.5), 0.0, 0.9),
        problems.MinimaxConcave(0.3, 4.0),
    ],
    ids=lambda penalty: type(penalty).__name__,
)
@pytest.mark.parametrize("standardize", [False, True])
def test_degrees_of_freedom_are_how_far_predictions_follow_targets(penalty, standardize):
    X, y = SMALL.X, SMALL.y
    words = {"loss": Squared(), "penalty": penalty, "standardize": standardize, "tol": 1e-15}
    words["sample_weight"] = SMALL.sample_weight
    here = fastreg.solve(X, y, **words)
    assert 0 < np.count_nonzero(here.coef) <= 6
    width, followed = 3e-3, 0.0
    for i in range(y.size):
        moved = []
        for side in (-width, width):
            target = y.copy()
            target[i] += side
            there = fastreg.solve(X, target, start=here, **words)
            moved.append(X[i] @ there.coef + there.intercept)
        followed += (moved[1] - moved[0]) / (2 * width)
    base = 1.0 if np.ndim(penalty.strength) else penalty.strength  # an array is multiplied by it
    found = criteria(
        SMALL, penalty, strengths=[base], standardize=standardize, sample_weight=SMALL.sample_weight
    )
    assert found.degrees_of_freedom[0] == pytest.approx(followed, abs=2e-4)


def test_degrees_of_freedom_of_a_logistic_ridge():
    problem = problems.dense()
    found = criteria(problem, L2(1.0), Logistic(), strengths=5, ratio=1e-3)
    for strength, degrees in zip(found.strengths, found.degrees_of_freedom, strict=True):
        fit = fastreg.solve(problem.X, problem.labels, loss=Logistic(), penalty=L2(strength), tol=1e-14)
        share = 1 / (1 + np.exp(-(problem.X @ fit.coef + fit.intercept)))
        Z = np.column_stack([np.ones(share.size), problem.X])
        gram = Z.T @ ((share * (1 - share))[:, None] * Z) / share.size
        second = 2 * strength * np.diag([0.0] + [1.0] * problem.X.shape[1])
        assert degrees == pytest.approx(np.trace(np.linalg.solve(gram + second, gram)), rel=1e-6)


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_degrees_of_freedom_of_more_columns_than_rows(fit_intercept):
    problem = problems.wide()
    n_samples, n_features = problem.X.shape
    found = criteria(problem, L2(1.0), strengths=[1.0, 0.01], fit_intercept=fit_intercept)
    Z = problem.X - fit_intercept * problem.X.mean(axis=0)
    for strength, degrees in zip(found.strengths, found.degrees_of_freedom, strict=True):
        gram = Z.T @ Z / n_samples
        hat = np.linalg.solve(gram + 2 * strength * np.eye(n_features), gram)
        assert degrees == pytest.approx(np.trace(hat) + fit_intercept, rel=1e-8)


def test_a_lasso_has_no_more_degrees_than_rows():
    problem = problems.wide()
    found = criteria(problem, L1(1.0), rule="aicc", tol=1e-4, strengths=10, ratio=1e-5)
    assert found.degrees_of_freedom.max() <= problem.X.shape[0]
    assert found.aicc[-1] == np.inf
    assert found.chosen == np.argmin(found.aicc) < 9
    alone = fastreg.solve(problem.X, problem.y, loss=Squared(), penalty=L1(found.strength), tol=1e-8)
    assert found.solution.objective == pytest.approx(alone.objective, rel=1e-3)


@pytest.mark.parametrize("loss", [Squared(), Logistic()], ids=str)
def test_criteria_equal_a_direct_computation(loss):
    problem = problems.dense()
    y, (n_samples, n_features) = problem.target(loss), problem.X.shape
    found = criteria(problem, L1(1.0), loss, strengths=15, gamma=0.7)
    path = fastreg.path(problem.X, y, loss=loss, penalty=L1(1.0), strengths=found.strengths, tol=1e-13)
    for place, strength in enumerate(found.strengths):
        coef = path.coefs[:, [place]].toarray().ravel()
        prediction = problem.X @ coef + path.intercepts[place]
        size = np.count_nonzero(coef)
        if isinstance(loss, Squared):
            variance = np.mean((y - prediction) ** 2)
            likelihood = -0.5 * np.log(2 * np.pi * variance) - (y - prediction) ** 2 / (2 * variance)
        else:
            likelihood = -np.log1p(np.exp(-y * prediction))
        deviance, k = -2 * likelihood.sum(), size + 1 + isinstance(loss, Squared)
        assert found.degrees_of_freedom[place] == size + 1
        assert found.deviances[place] == pytest.approx(deviance, rel=1e-9)
        assert found.aic[place] == pytest.approx(deviance + 2 * k, rel=1e-9)
        more = 2 * k * (k + 1) / (n_samples - k - 1)
        assert found.aicc[place] == pytest.approx(deviance + 2 * k + more, rel=1e-9)
        bic = deviance + k * np.log(n_samples)
        assert found.bic[place] == pytest.approx(bic, rel=1e-9)
        assert found.ebic[place] == pytest.approx(bic + 1.4 * np.log(comb(n_features, size)), rel=1e-9)
        if place == found.chosen:
            assert found.strength == strength
            assert found.solution.coef == pytest.approx(coef, abs=1e-6)
    assert found.chosen == np.argmin(found.bic)


def test_every_rule_chooses_by_its_own_criterion():
    chosen = {}
    for rule in fastreg.selection.rules.CRITERIA:
        found = criteria(problems.dense(), L1(1.0), rule=rule, strengths=40)
        curve = getattr(found, rule)
        assert found.chosen == np.argmin(curve)
        assert found.solution.certificate.gap <= 1e-13
        alone = fastreg.solve(
            problems.dense().X, problems.dense().y, loss=Squared(), penalty=L1(found.strength), tol=1e-13
        )
        assert found.solution.coef == pytest.approx(alone.coef, abs=1e-6)
        chosen[rule] = found.strength
    assert chosen["aic"] <= chosen["aicc"] <= chosen["bic"] <= chosen["ebic"]
    assert chosen["aic"] < chosen["ebic"]


@pytest.mark.parametrize("criterion", ["aic", "bic"])
def test_as_in_scikit_learn(criterion):
    X, y = problems.dense(80, 8).X, problems.dense(80, 8).y
    theirs = LassoLarsIC(criterion=criterion).fit(X, y)
    knots = theirs.alphas_[:-1]  # at a knot the next weight is about to leave 0
    found = fastreg.information_criteria(
        X, y, loss=Squared(), penalty=L1(1.0), rule=criterion, strengths=knots * (1 + 1e-7),
        noise_variance="full", tol=1e-15,
    )  # fmt: skip
    assert found.noise_variance == pytest.approx(theirs.noise_variance_, rel=1e-9)
    intercept = 2 if criterion == "aic" else np.log(80)
    assert getattr(found, criterion) - intercept == pytest.approx(theirs.criterion_[:-1], rel=1e-6)
    assert found.strength == pytest.approx(theirs.alpha_, rel=1e-6)
    assert found.solution.coef == pytest.approx(theirs.coef_, abs=1e-5)


def test_weight_two_is_the_row_twice():
    problem = problems.dense()
    twice = np.arange(problem.y.size) % 3 == 0
    rows = np.repeat(np.arange(twice.size), 1 + twice)
    again = problem._replace(X=np.asfortranarray(problem.X[rows]), y=problem.y[rows], labels=None)
    for penalty in (L1(1.0), L2(1.0)):
        words = {"strengths": [0.3, 0.03], "noise_variance": 0.4}
        weighted = criteria(problem, penalty, sample_weight=1.0 + twice, **words)
        repeated = criteria(again, penalty, **words)
        for name in ("degrees_of_freedom", "deviances", "aic", "aicc", "bic", "ebic"):
            assert getattr(weighted, name) == pytest.approx(getattr(repeated, name), rel=1e-8)


def test_layouts_agree():
    dense, sparse = problems.dense(), problems.sparse()
    for penalty in (L1(1.0), L2(1.0)):
        for X, other in ((dense.X, np.ascontiguousarray(dense.X)), (sparse.X, sparse.X.tocsr())):
            first, second = (
                criteria(dense._replace(X=each), penalty, strengths=5, standardize=True)
                for each in (X, other)
            )
            assert first.degrees_of_freedom == pytest.approx(second.degrees_of_freedom, rel=1e-8)
            assert first.bic == pytest.approx(second.bic, rel=1e-8)


def test_bits_do_not_depend_on_threads():
    found = [
        criteria(problems.dense(), ElasticNet(1.0, 0.5), strengths=8, n_threads=count) for count in (1, 3)
    ]
    for one, other in itertools.pairwise(found):
        assert np.array_equal(one.ebic, other.ebic)
        assert np.array_equal(one.solution.coef, other.solution.coef)
        assert one.work == other.work


@pytest.mark.small
def test_deviances_are_likelihoods():
    """Of normal errors at a variance and at the likeliest, of classes, of counts beside exact predictions."""
    rng = np.random.default_rng(0)
    y, z = rng.standard_normal((2, 9))
    total = ((y - z) ** 2).sum() / 2
    for variance in (0.7, None):
        there = np.mean((y - z) ** 2) if variance is None else variance
        expected = -2 * norm(z, np.sqrt(there)).logpdf(y).sum()
        assert Squared().deviance(total, 9, variance) == pytest.approx(expected)
    labels = np.sign(y)
    total = sum(Logistic().value(label, at) for label, at in zip(labels, z, strict=True))
    assert Logistic().deviance(total, 9) == pytest.approx(-2 * np.log(expit(labels * z)).sum())
    counts = rng.poisson(2.0, 9).astype(np.float64)
    total = sum(Poisson().value(count, at) for count, at in zip(counts, z, strict=True))
    expected = 2 * (poisson(counts).logpmf(counts) - poisson(np.exp(z)).logpmf(counts)).sum()
    assert Poisson().deviance(total, 9) == pytest.approx(expected)


def test_ctrl_c_keeps_the_best_so_far(monkeypatch):
    of = freedom.DegreesOfFreedom.of
    asked = []

    def interrupted(self, state):
        asked.append(state)
        if len(asked) == 4:
            raise KeyboardInterrupt
        return of(self, state)

    monkeypatch.setattr(freedom.DegreesOfFreedom, "of", interrupted)
    with pytest.raises(fastreg.Interrupted) as pressed:
        criteria(problems.dense(), L1(1.0), strengths=20)
    found = pressed.value.solution
    assert found.strengths.size == found.bic.size == 3
    assert found.chosen == np.argmin(found.bic)


@pytest.mark.small
@pytest.mark.parametrize(
    ("loss", "penalty", "words", "says"),
    [
        (
            Squared(),
            L1(1.0),
            {"rule": "1se"},
            "rule='1se' is unknown here: .* call fastreg.cross_validate",
        ),
        (Squared(), L1(1.0), {"rule": "cp"}, "rule='cp' is unknown here: pass one of 'aic', .* 'ebic'[.]"),
        (Huber(1.0), L1(1.0), {}, "Huber is no likelihood"),
        (Squared(), Silent(0.3), {}, "Silent does not say how many degrees"),
        (Squared(), L1(1.0), {"gamma": 1.5}, "gamma=1.5 is out of range"),
        (Squared(), L1(1.0), {"noise_variance": 0.0}, "noise_variance=0.0 is out of range"),
        (Squared(), L1(1.0), {"noise_variance": "all"}, "noise_variance='all' is unknown"),
        (Logistic(), L1(1.0), {"noise_variance": 1.0}, "Logistic has no variance"),
        (Squared(), L1(1.0), {"strengths": [-1.0]}, "strengths holds -1"),
    ],
)
def test_what_cannot_be_judged_is_refused(loss, penalty, words, says):
    with pytest.raises((ValueError, TypeError), match=says):
        criteria(SMALL, penalty, loss, **words)


@pytest.mark.small
def test_noise_needs_rows_to_be_told_by():
    with pytest.raises(
        ValueError, match=r"noise_variance='full' needs more rows than columns, .* 25 and 120"
    ):
        criteria(problems.wide(), L1(1.0), noise_variance="full")


def test_a_trace_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(freedom, "_LARGEST", 5)
    with pytest.raises(ValueError, match="a matrix of 6 x 6, above the limit of 5"):
        criteria(SMALL, L2(1.0), strengths=2)
    assert criteria(SMALL, L1(1.0), strengths=2).degrees_of_freedom.max() > 5
