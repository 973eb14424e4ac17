"""When stochastic gradient descent ends, what it keeps, and what it writes down."""

import numpy as np
import pytest
from stochastic_problems import (
    CODES,
    COLUMNS,
    DENSE,
    ROWS,
    SPARSE,
    WEIGHTS,
    Y,
    against_the_rest,
    fit,
    plan,
)

import fastreg
from fastreg.losses import Logistic
from fastreg.penalties import L1
from fastreg.solvers.schedules import Adaptive, Constant
from fastreg.solvers.stochastic import Means
from fastreg.solvers.stochastic_kernels import Values
from fastreg.solvers.stopping import Held, Reason

pytestmark = pytest.mark.small
DENSE_OF_SPARSE = SPARSE.toarray()


def told(scores):
    """A score that returns these numbers, and the weights that it was given."""
    numbers, seen = iter(scores), []

    def score(coef, intercept):
        seen.append((coef.copy(), intercept.copy()))
        return next(numbers)

    return score, seen


@pytest.mark.parametrize("means_from", [None, 1.0], ids=["last", "mean"])
def test_the_best_score_is_kept(means_from):
    score, seen = told([0.5, 0.9, 0.7, 0.6, 0.8])
    found = fit(
        SPARSE, Logistic(), L1(0.01), plan(tol=0.0, max_iter=20, patience=3, score=score),
        means_from=means_from,
    )  # fmt: skip
    assert found.n_iter.tolist() == [5]
    assert found.reasons == [Reason.NO_BETTER_SCORE]
    assert found.converged.all()
    assert found.curve.score.tolist() == [0.5, 0.9, 0.7, 0.6, 0.8]
    for kept, best in zip(found.reached, seen[1], strict=True):
        assert kept.tolist() == best.tolist()
    until = fit(SPARSE, Logistic(), L1(0.01), plan(max_iter=2), means_from=means_from)
    assert found.coef.tolist() == until.coef.tolist()
    assert found.objective.tolist() == until.objective.tolist() == found.curve.objective[1].tolist()
    assert found.gathered.tolist() == found.coef.tolist()
    assert found.owed.tolist() == [0.0]


def test_all_problems_are_scored_at_once_and_end_together():
    score, seen = told([0.1, 0.4, 0.3, 0.2])
    start = np.zeros((3, COLUMNS)), np.zeros(3)
    words = {"target": against_the_rest(), "start": start}
    found = fit(SPARSE, Logistic(), L1(0.01), plan(tol=0.0, max_iter=20, score=score), **words)
    assert [coef.shape for coef, _ in seen] == [(3, COLUMNS)] * 4
    assert found.n_iter.tolist() == [4, 4, 4]
    assert found.coef.tolist() == seen[1][0].tolist()


def test_a_score_is_kept_where_no_tolerance_ends_the_descent():
    score, seen = told([0.1, 0.4, 0.3])
    found = fit(SPARSE, Logistic(), L1(0.01), plan(score=score))
    assert found.coef.tolist() == seen[1][0].tolist()
    assert found.reasons == [Reason.ALL_EPOCHS]
    assert not found.converged.any()


def test_a_score_that_is_no_number_is_never_the_best():
    score, seen = told([np.nan, 0.4, np.nan])
    found = fit(SPARSE, Logistic(), L1(0.01), plan(score=score))
    assert found.coef.tolist() == seen[1][0].tolist()


def test_held_rows_are_scored_by_their_mean_loss():
    rows, held = slice(0, 200), slice(200, ROWS)
    score = Held(SPARSE[held], Values(Y[held]), WEIGHTS[held])
    found = fit(
        SPARSE[rows], Logistic(), L1(0.01), plan(tol=0.0, max_iter=30, score=score), target=Values(Y[rows])
    )
    losses = np.logaddexp(0, -Y[held] * (DENSE_OF_SPARSE[held] @ found.coef[0] + found.intercept[0]))
    assert found.curve.score.max() == pytest.approx(-np.mean(WEIGHTS[held] * losses), rel=1e-12)
    assert found.work.full_passes == 2 * found.work.epochs


def test_held_rows_of_several_problems_add_up():
    held = Held(SPARSE, against_the_rest((1.0, 2.0, 0.5), (1.0, 0.3, 1.0)))
    start = np.zeros((3, COLUMNS)), np.zeros(3)
    found = fit(SPARSE, Logistic(), L1(0.01), plan(score=held), target=against_the_rest(), start=start)
    expected = 0.0
    for k, (own, rest) in enumerate([(1.0, 1.0), (2.0, 0.3), (0.5, 1.0)]):
        predictions = DENSE_OF_SPARSE @ found.coef[k] + found.intercept[k]
        losses = np.logaddexp(0, -np.where(CODES == k, 1.0, -1.0) * predictions)
        expected += np.mean(np.where(CODES == k, own, rest) * losses)
    assert found.curve.score.max() == pytest.approx(-expected, rel=1e-12)


def test_the_curve():
    schedule = Adaptive(0.3)
    found = fit(
        SPARSE, Logistic(), L1(0.01), plan(schedule, max_iter=5, tol=1e9), sample_weight=WEIGHTS
    )  # only the first epoch is progress
    curve = found.curve
    assert curve.epoch.tolist() == [1, 2, 3, 4, 5]
    assert curve.step_times_strength[:, 0] == pytest.approx(0.01 * 0.3 / np.array([1, 1, 1, 5, 5]))
    assert np.isnan(curve.score).all()
    assert np.all(np.diff(curve.seconds) >= 0)
    for k in (1, 2):
        shorter = fit(SPARSE, Logistic(), L1(0.01), plan(schedule, max_iter=k), sample_weight=WEIGHTS)
        assert curve.objective[k - 1].tolist() == shorter.objective.tolist()
        assert curve.norm[k - 1, 0] == pytest.approx(np.linalg.norm(shorter.coef), rel=1e-14)
        assert shorter.reasons == [Reason.ALL_EPOCHS]


def test_the_curve_of_a_problem_that_ended_stays():
    start = np.zeros((3, COLUMNS)), np.zeros(3)
    found = fit(
        SPARSE, Logistic(), L1(0.01), plan(tol=1e-3, max_iter=30), target=against_the_rest(), start=start
    )
    assert found.reasons == [Reason.NO_PROGRESS] * 3
    assert found.curve.epoch.size == found.n_iter.max()
    for k in range(3):
        after = found.curve.objective[found.n_iter[k] - 1 :, k]
        assert np.all(after == found.objective[k])


@pytest.mark.parametrize("means_from", [None, 1.0], ids=["last", "mean"])
def test_the_objective_may_be_exact(means_from):
    found = fit(SPARSE, Logistic(), L1(0.01), plan(exact=True), sample_weight=WEIGHTS, means_from=means_from)
    (coef,), (intercept,) = found.reached
    losses = np.logaddexp(0, -Y * (DENSE_OF_SPARSE @ coef + intercept))
    exact = np.mean(WEIGHTS * losses) + 0.01 * np.abs(coef).sum()
    assert found.objective[0] == pytest.approx(exact, rel=1e-12)
    assert found.curve.objective[-1, 0] == found.objective[0]
    rough = fit(SPARSE, Logistic(), L1(0.01), plan(), sample_weight=WEIGHTS, means_from=means_from)
    assert rough.coef.tolist() == found.coef.tolist()
    assert abs(rough.objective[0] - exact) > 1e-4
    assert (found.work.full_passes, rough.work.full_passes) == (6, 3)


def test_reasons():
    words = {"patience": 3, "tol": 1e-3}
    assert fit(DENSE, Logistic(), L1(0.01), plan(max_iter=100, **words)).reasons == [Reason.NO_PROGRESS]
    assert fit(DENSE, Logistic(), L1(0.01), plan(max_iter=3, **words)).reasons == [Reason.MAX_ITER]
    assert "n_iter_no_change" in str(Reason.NO_PROGRESS)


def test_ctrl_c_is_a_reason():
    def pressed(coef, intercept):
        raise KeyboardInterrupt

    with pytest.raises(fastreg.Interrupted) as interrupted:
        fit(SPARSE, Logistic(), L1(0.01), plan(Constant(0.1), score=pressed))
    found = interrupted.value.solution
    assert found.reasons == [Reason.STOPPED]
    assert found.n_iter.tolist() == [1]


@pytest.mark.parametrize("means_from", [None, 1.0], ids=["last", "mean"])
def test_ctrl_c_keeps_the_best_score(means_from):
    score, seen = told([0.1, 0.4, 0.3])

    def pressed(coef, intercept):
        if len(seen) == 3:
            raise KeyboardInterrupt
        return score(coef, intercept)

    with pytest.raises(fastreg.Interrupted) as interrupted:
        fit(SPARSE, Logistic(), L1(0.01), plan(max_iter=9, score=pressed), means_from=means_from)
    found = interrupted.value.solution
    for kept, best in zip(found.reached, seen[1], strict=True):
        assert kept.tolist() == best.tolist()
    assert found.objective.tolist() == found.curve.objective[1].tolist()


def test_how_the_means_begin_late():
    """Before any iterate is counted, the last weights are what is scored."""
    score, seen = told([0.1, 0.2, 0.3])
    late = Means.none(1, COLUMNS, 1e9)
    found = fit(SPARSE, Logistic(), L1(0.01), plan(score=score), means=late)
    assert seen[-1][0].tolist() == found.coef.tolist()
