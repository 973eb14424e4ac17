"""A strength that adapts during a descent: which legs it goes through, and what it keeps."""

import numpy as np
import pytest
from stochastic_problems import COLUMNS, DENSE, ROWS, SPARSE, Y, against_the_rest, fit, plan

from fastreg.losses import Logistic
from fastreg.penalties import L1, L2, ElasticNet
from fastreg.solvers.continuation import Course
from fastreg.solvers.schedules import Constant, Cosine
from fastreg.solvers.stochastic_kernels import Values
from fastreg.solvers.stopping import Held, Reason

pytestmark = pytest.mark.small
EPOCHS = -(-2000 // ROWS)  # on so few rows


def course(penalty=L1, patience=2, tol=0.0):
    return Course(lambda strength: (penalty(strength), Constant(0.05)), patience, tol)


def scored(costs):
    """A score whose cost, at the end of each strength, is the next of these; at the end all are too high."""
    numbers = iter(np.repeat(costs, EPOCHS))
    return lambda coef, intercept: -float(next(numbers, 99.0))


def run(chosen, score, *, max_iter=500, penalty=L1, X=SPARSE, **words):
    words = {"start": (np.zeros((1, COLUMNS)), np.zeros(1))} | words
    given = plan(Constant(0.05), max_iter=max_iter, score=score, course=chosen)
    return fit(X, Logistic(), penalty(1.0), given, **words)


def test_the_legs():
    chosen = course()
    found = run(chosen, scored([5.0, 4.0, 3.0, 3.5, 3.2]))
    strengths = np.array(chosen.strengths)
    first, best = strengths[0], strengths[2 * EPOCHS]
    fall = np.repeat(first / 4.0 ** np.arange(5), EPOCHS)
    around = np.repeat(best * np.array([1, 1, 0.5, 0.25]), EPOCHS)
    assert strengths == pytest.approx(np.concatenate([fall, around]))
    assert chosen.best == best
    assert found.reasons == [Reason.NO_BETTER_STRENGTH]
    assert found.converged.all()
    assert found.n_iter[0] == strengths.size == found.curve.epoch.size
    last = found.curve.step_times_strength[:, 0] / strengths
    assert last[: fall.size] == pytest.approx(np.full(fall.size, 0.05))
    ends = fall.size + EPOCHS * np.array([2, 3, 4]) - 1
    assert np.all(last[ends] < 1e-4 * 0.05)


def test_the_best_epoch_is_kept_and_is_where_the_end_begins():
    """The weights of the best epoch: those of the same legs, cut short there."""
    costs = [5.0, 4.0, 3.0, 3.5, 3.2]
    found = run(course(), scored(costs))
    until = run(course(), scored(costs), max_iter=2 * EPOCHS + 1)
    assert until.reasons == [Reason.MAX_ITER]
    assert found.coef.tolist() == until.coef.tolist()
    assert found.intercept.tolist() == until.intercept.tolist()
    assert found.gathered.tolist() == found.coef.tolist()
    assert found.owed.tolist() == [0.0]
    norms = found.curve.norm[:, 0]
    assert norms[5 * EPOCHS] != norms[5 * EPOCHS - 1]
    assert abs(norms[5 * EPOCHS] / np.linalg.norm(until.coef) - 1) < 0.2


def test_a_tolerance_is_a_share_of_the_cost():
    """A fall by 1 % is none where 2 % are asked for, and the best of all is kept all the same."""
    chosen = course(patience=2, tol=0.02)
    run(chosen, scored([5.0, 4.0, 3.96, 3.93]))
    assert chosen.best == pytest.approx(chosen.strengths[0] / 4.0**3)
    assert len(set(chosen.strengths[: 4 * EPOCHS])) == 4
    assert chosen.strengths[4 * EPOCHS] == chosen.best


def test_what_pays_around_the_best_is_done_once_more():
    for paid, rounds in ((2.99, 1), (2.9, 2)):
        ends = [3.5, 3.5, paid, 3.5]
        chosen = course()
        run(chosen, scored([5.0, 4.0, 3.0, 3.5, 3.2, *ends]))
        around = np.reshape(chosen.strengths[5 * EPOCHS :], (-1, 4 * EPOCHS))
        assert around.shape[0] == rounds
        assert around[-1, 0] == around[0, 0] * 0.5 ** (rounds - 1)


def test_the_end_has_an_end():
    chosen = course()
    run(chosen, scored([5.0, 4.0, 3.0, 3.5, 3.2, *2.0 ** -np.arange(40.0)]))
    assert len(chosen.strengths) == (5 + 3 * 4) * EPOCHS


def test_costs_far_above_the_first_end_the_fall():
    """One that is worse may be chance; one that is twice as high as without weights is not."""
    chosen = course(patience=4)
    run(chosen, scored([5.0, 4.0, 9.9, 10.1, 3.0]))
    assert len(set(chosen.strengths[: 4 * EPOCHS])) == 4
    assert chosen.strengths[4 * EPOCHS] == chosen.strengths[2 * EPOCHS - 1]


def test_scores_that_are_no_numbers_do_not_count():
    chosen = course()
    run(chosen, scored([5.0, 4.0, np.nan, np.nan]))
    assert chosen.best == pytest.approx(chosen.strengths[0] / 4.0)


def test_the_fall_has_an_end():
    chosen = course()
    run(chosen, scored(1.0 / np.arange(1, 40)))
    assert len(chosen.strengths) == 20 * EPOCHS
    assert chosen.strengths[0] / chosen.strengths[12 * EPOCHS - 1] == pytest.approx(4.0**11)


@pytest.mark.parametrize("X", [SPARSE, DENSE], ids=["sparse", "dense"])
@pytest.mark.parametrize("penalty", [L1, L2, lambda strength: ElasticNet(strength, 0.5)])
def test_the_first_strength_holds_the_weights(penalty, X):
    chosen = course(penalty)
    run(chosen, scored([5.0]), max_iter=1, penalty=penalty, X=X)
    rows = X if isinstance(X, np.ndarray) else X.toarray()
    slopes = -Y / 2
    gradient = rows.T @ (slopes - slopes.mean()) / ROWS
    held = [np.abs(gradient).max(), gradient @ gradient / (0.2 * np.mean((slopes - slopes.mean()) ** 2))]
    expected = {L1: held[0], L2: held[1]}.get(penalty, 2 * min(held))
    assert chosen.strengths == [pytest.approx(expected)]


def test_several_problems_share_a_strength_that_holds_them_all():
    start = np.zeros((3, COLUMNS)), np.zeros(3)
    together = course()
    run(together, scored([5.0]), max_iter=1, target=against_the_rest(), start=start)
    alone = []
    for k in range(3):
        target = against_the_rest((1.0,), (1.0,), (k,))
        one = course()
        run(one, scored([5.0]), max_iter=1, target=target)
        alone += one.strengths
    assert together.strengths == [pytest.approx(max(alone))]


def test_rows_that_tell_nothing_have_a_first_strength_too():
    chosen = course()
    run(chosen, scored([5.0]), max_iter=1, target=Values(np.ones(ROWS)))
    assert chosen.strengths == [1.0]


def test_cosine_may_begin_later():
    later, now = Cosine(0.3, 8.0, 21.0), Cosine(0.3, 8.0)
    t = np.arange(1.0, 12.0)
    assert later.steps(t + 20).tolist() == now.steps(t).tolist()


def test_held_rows_choose_a_strength_between():
    """Rows whose labels are noise but for two columns: neither no weights nor all is best."""
    rng = np.random.default_rng(1)
    X = rng.standard_normal((600, 120))
    y = np.where(X[:, 0] - X[:, 1] + 1 * rng.standard_normal(600) > 0, 1.0, -1.0)
    chosen = course(patience=3)
    learned, held = slice(0, 150), slice(150, 600)
    score = Held(X[held], Values(y[held]))
    start = np.zeros((1, 120)), np.zeros(1)
    found = run(chosen, score, X=X[learned], target=Values(y[learned]), start=start)
    assert chosen.strengths[0] / 500 < chosen.best < chosen.strengths[0]
    assert set(np.argsort(np.abs(found.coef[0]))[-2:]) == {0, 1}
    margins = y[held] * (X[held] @ found.coef[0] + found.intercept[0])
    assert found.curve.score.max() == pytest.approx(-np.mean(np.logaddexp(0, -margins)), rel=1e-12)
