import warnings

import numpy as np
import problems
import pytest
import reference
import scipy.sparse as sp

import fastreg
from fastreg import Status
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, L2, Bounded, ElasticNet, NoPenalty

DENSE, SPARSE = problems.dense(), problems.sparse()
LOSSES = [Squared(), Logistic()]
KINDS = {"dense": DENSE, "sparse": SPARSE}


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("kind", KINDS)
def test_every_point_is_the_oracles(kind, loss):
    problem = KINDS[kind]
    X, y = problem.X, problem.target(loss)
    words = {
        "loss": loss,
        "sample_weight": problem.sample_weight,
        "offset": problem.offset,
        "standardize": True,
    }
    path = fastreg.path(X, y, penalty=L1(1.0), strengths=12, ratio=0.01, tol=1e-12, **words)
    assert len(path.statuses) == 12
    for k, strength in enumerate(path.strengths):
        solution = fastreg.Solution(
            path.coefs[:, [k]].toarray().ravel(), path.intercepts[k],
            fastreg.Certificate(path.gaps[k], None, path.objectives[k], np.nan), path.statuses[k],
            path.work, 0,
        )  # fmt: skip
        assert path.statuses[k] is Status.CONVERGED
        problems.assert_optimal(solution, X, y, penalty=L1(strength), **words)


def test_the_shape_of_a_path():
    path = fastreg.path(SPARSE.X, SPARSE.y, loss=Squared(), penalty=L1(1.0))
    assert isinstance(path.coefs, sp.csc_array)
    assert path.coefs.shape == (SPARSE.X.shape[1], 100)
    assert path.coefs.has_canonical_format
    assert np.all(path.coefs.data != 0)
    for numbers in (path.strengths, path.intercepts, path.objectives, path.gaps, path.statuses):
        assert len(numbers) == 100
    assert np.all(np.diff(path.strengths) < 0)
    assert path.strengths[-1] / path.strengths[0] == pytest.approx(1e-3, rel=1e-12)
    assert np.diff(np.log(path.strengths)) == pytest.approx(np.log(1e-3) / 99, rel=1e-9)
    assert path.gaps.max() <= 1e-6
    assert np.all(np.diff(path.objectives) <= 1e-12)
    assert all(type(count) is int for count in path.work)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("words", [{}, {"standardize": True}, {"fit_intercept": False}], ids=str)
def test_it_starts_where_every_weight_becomes_zero(words, loss):
    y = DENSE.target(loss)
    path = fastreg.path(DENSE.X, y, loss=loss, penalty=L1(1.0), strengths=3, **words)
    assert path.coefs[:, [0]].nnz == 0
    top = path.strengths[0]
    if words != {"standardize": True}:
        assert top == pytest.approx(
            problems.critical(DENSE.X, y, loss, fit_intercept=words.get("fit_intercept", True)), rel=1e-12
        )
    at_top = fastreg.solve(DENSE.X, y, loss=loss, penalty=L1(top), tol=1e-12, **words)
    below = fastreg.solve(DENSE.X, y, loss=loss, penalty=L1(0.999 * top), tol=1e-12, **words)
    assert np.count_nonzero(at_top.coef) == 0
    assert np.count_nonzero(below.coef) == 1


def test_penalty_factors_are_multiplied():
    factors = np.r_[0.0, 0.01, 0.5, np.ones(DENSE.X.shape[1] - 3)]
    path = fastreg.path(DENSE.X, DENSE.y, loss=Squared(), penalty=L1(factors), strengths=6, tol=1e-12)
    first = path.coefs[:, [0]].toarray().ravel()
    assert np.flatnonzero(first).tolist() == [0]
    for k, strength in enumerate(path.strengths):
        best = reference.minimise(DENSE.X, DENSE.y, loss=Squared(), penalty=L1(strength * factors))
        assert path.coefs[:, [k]].toarray().ravel() == pytest.approx(best.coef, abs=1e-5)
        assert path.objectives[k] == pytest.approx(best.objective, rel=1e-11)


@pytest.mark.parametrize("kind", KINDS)
def test_the_elastic_net_starts_at_its_own_critical_strength(kind):
    problem = KINDS[kind]
    critical = problems.critical(problem.X, problem.y, Squared())
    path = fastreg.path(
        problem.X, problem.y, loss=Squared(), penalty=ElasticNet(1.0, 0.25), strengths=4, tol=1e-12
    )
    assert path.strengths[0] == pytest.approx(4 * critical, rel=1e-12)
    assert path.coefs[:, [0]].nnz == 0
    for k, strength in enumerate(path.strengths):
        best = reference.minimise(problem.X, problem.y, loss=Squared(), penalty=ElasticNet(strength, 0.25))
        assert path.objectives[k] == pytest.approx(best.objective, rel=1e-11)


def test_ridge_starts_where_glmnet_would():
    critical = problems.critical(DENSE.X, DENSE.y, Squared())
    path = fastreg.path(DENSE.X, DENSE.y, loss=Squared(), penalty=L2(1.0), strengths=4, tol=1e-12)
    assert path.strengths[0] == pytest.approx(1000 * critical, rel=1e-12)
    nearly = fastreg.path(DENSE.X, DENSE.y, loss=Squared(), penalty=ElasticNet(1.0, 1e-5), strengths=4)
    assert nearly.strengths[0] == pytest.approx(1000 * critical, rel=1e-12)
    for k, strength in enumerate(path.strengths):
        best = reference.minimise(DENSE.X, DENSE.y, loss=Squared(), penalty=L2(strength))
        assert path.objectives[k] == pytest.approx(best.objective, rel=1e-11)


def test_bounds_hold_along_a_path():
    positive = Bounded(L1(1.0), 0.0, np.inf)
    path = fastreg.path(DENSE.X, DENSE.y, loss=Squared(), penalty=positive, strengths=8, tol=1e-12)
    assert path.coefs.min() >= 0
    assert path.coefs[:, [0]].nnz == 0
    assert path.coefs[:, [1]].nnz > 0
    for k, strength in enumerate(path.strengths):
        best = reference.minimise(DENSE.X, DENSE.y, loss=Squared(), penalty=positive.with_strength(strength))
        assert path.coefs[:, [k]].toarray().ravel() == pytest.approx(best.coef, abs=1e-5)


def test_given_strengths_are_followed_from_the_top():
    given = [0.1, 0.5, 0.0, 0.02]
    path = fastreg.path(DENSE.X, DENSE.y, loss=Squared(), penalty=L1(1.0), strengths=given, tol=1e-12)
    assert path.strengths.tolist() == [0.5, 0.1, 0.02, 0.0]
    alone = fastreg.solve(DENSE.X, DENSE.y, loss=Squared(), penalty=L1(0.02), tol=1e-12)
    assert path.coefs[:, [2]].toarray().ravel() == pytest.approx(alone.coef, abs=1e-6)
    assert given == [0.1, 0.5, 0.0, 0.02]


def test_a_path_to_strength_zero_ends_at_the_unpenalised_fit():
    """Features that become unpenalised on the way are fitted before anything is certified."""
    X, y = DENSE.X, DENSE.target(Squared())
    path = fastreg.path(X, y, loss=Squared(), penalty=L1(1.0), strengths=[0.5, 0.0], tol=1e-10)
    alone = fastreg.solve(X, y, loss=Squared(), penalty=NoPenalty(), tol=1e-10)
    assert path.objectives[1] == pytest.approx(alone.objective, rel=1e-9)
    np.testing.assert_allclose(path.coefs[:, [1]].toarray().ravel(), alone.coef, rtol=1e-6, atol=1e-8)


def test_one_strength_is_the_critical_one():
    path = fastreg.path(DENSE.X, DENSE.y, loss=Squared(), penalty=L1(1.0), strengths=1)
    assert path.strengths == pytest.approx([problems.critical(DENSE.X, DENSE.y, Squared())], rel=1e-12)
    assert path.coefs.nnz == 0


def test_warm_starts_save_work():
    wide = problems.wide(n=40, p=300, correlation=0.9)
    path = fastreg.path(wide.X, wide.y, loss=Squared(), penalty=L1(1.0), strengths=20, ratio=0.05)
    cold = [fastreg.solve(wide.X, wide.y, loss=Squared(), penalty=L1(s)).work for s in path.strengths]
    assert path.work.coordinate_updates < sum(work.coordinate_updates for work in cold)
    assert path.work.full_passes < sum(work.full_passes for work in cold)


def test_the_callback_ends_the_path():
    told = []

    def stop(progress):
        told.append(progress)
        return progress.n_nonzero >= 3

    path = fastreg.path(DENSE.X, DENSE.y, loss=Squared(), penalty=L1(1.0), callback=stop)
    assert path.statuses[-1] is Status.STOPPED
    assert 1 < len(path.strengths) < 100
    assert path.coefs.shape[1] == len(path.strengths) == len(path.gaps)
    assert path.coefs[:, [-1]].nnz >= 3


def test_an_unfinished_point_is_named():
    wide = problems.wide(p=300)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        path = fastreg.path(
            wide.X, wide.y, loss=Squared(), penalty=L1(1.0), strengths=[0.5, 0.01], max_iter=1, tol=0
        )
    assert all(w.category is fastreg.ConvergenceWarning for w in caught)
    assert "strength 0.01" in str(caught[-1].message)
    assert "\n" not in str(caught[-1].message)
    assert path.statuses[-1] is Status.MAX_ITER


def test_a_target_that_needs_no_feature():
    path = fastreg.path(DENSE.X, np.full(DENSE.X.shape[0], 3.0), loss=Squared(), penalty=L1(1.0), strengths=5)
    assert path.coefs.nnz == 0
    assert path.intercepts == pytest.approx(np.full(5, 3.0), rel=1e-14)
    assert np.all(path.strengths > 0)


@pytest.mark.parametrize(
    "penalty", [NoPenalty(), Bounded(NoPenalty(), 0.0, 1.0)], ids=["NoPenalty", "Bounded NoPenalty"]
)
def test_a_penalty_without_strength_is_refused(penalty):
    with pytest.raises(TypeError, match="has no strength") as raised:
        fastreg.path(DENSE.X, DENSE.y, loss=Squared(), penalty=penalty)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"strengths": 0}, "strengths=0"),
        ({"strengths": -3}, "strengths=-3"),
        ({"strengths": 2.5}, "strengths=2.5"),
        ({"strengths": [0.1, -0.2]}, "strengths.*-0.2"),
        ({"strengths": [0.1, np.nan]}, "strengths.*NaN"),
        ({"strengths": []}, "strengths"),
        ({"strengths": "many"}, "strengths"),
        ({"ratio": 0}, "ratio=0"),
        ({"ratio": -1.0}, "ratio=-1"),
        ({"ratio": 2.0}, "ratio=2"),
        ({"ratio": np.nan}, "ratio=nan"),
        ({"ratio": None}, "ratio=None"),
        ({"tol": -1.0}, "tol=-1"),
        ({"max_iter": -1}, "max_iter=-1"),
    ],
    ids=str,
)
def test_settings_that_cannot_be_are_refused(words, message):
    with pytest.raises((ValueError, TypeError), match=message) as raised:
        fastreg.path(DENSE.X, DENSE.y, loss=Squared(), penalty=L1(1.0), **words)
    assert "\n" not in str(raised.value)
