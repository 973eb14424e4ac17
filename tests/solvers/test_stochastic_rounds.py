"""fastreg.solve by stochastic solvers: certified, the same bits on any number of threads."""

from functools import partial
from typing import NamedTuple

import numpy as np
import problems
import pytest
import scipy.sparse as sp

import fastreg
from fastreg import team
from fastreg.losses import Logistic, Multinomial, Squared
from fastreg.penalties import L1, L2, ElasticNet, GroupL2
from fastreg.solvers import shards, visits
from fastreg.solvers.counter import Counter
from fastreg.solvers.leader import FollowTheLeader
from fastreg.solvers.matrices import row_matrix
from fastreg.solvers.schedules import Constant
from fastreg.solvers.stochastic_kernels import GradientStep, Values
from fastreg.solvers.visits import Visits

pytestmark = pytest.mark.small

ZOO = problems.sparse(n=150, p=20, seed=3)
ROWS = sp.csr_array(ZOO.X)
SOLVERS = "sgd", "ftrl", "saga", "svrg"
quietly = pytest.mark.filterwarnings("ignore::fastreg.ConvergenceWarning")


LOGISTIC, PENALTY = Logistic(), ElasticNet(0.02, 0.4)


class Quartic(NamedTuple):
    """A user's loss whose slope grows without a bound."""

    def value(self, y, prediction):
        return (prediction - y) ** 4

    def slope(self, y, prediction):
        return 4 * (prediction - y) ** 3


def solve(X=ROWS, loss=LOGISTIC, penalty=PENALTY, **words):
    y = ZOO.target(loss)
    return fastreg.solve(X, y, loss=loss, penalty=penalty, **{"tol": 1e-3, **words})


@pytest.mark.parametrize("layout", [np.ascontiguousarray, np.asfortranarray, sp.csr_array, sp.csc_array])
@pytest.mark.parametrize(
    ("solver", "loss"), [("saga", Logistic()), ("saga", Squared()), ("svrg", Logistic())], ids=repr
)
def test_variance_reduced_solvers_go_all_the_way(solver, loss, layout):
    X = ROWS if layout is sp.csr_array else layout(ROWS.toarray())
    words = {"sample_weight": ZOO.sample_weight, "offset": ZOO.offset, "tol": 1e-10}
    found = solve(X, loss, solver=solver, **words)
    expected = solve(X, loss, **words)
    assert found.status is expected.status
    assert found.gap <= 1e-10
    assert found.coef == pytest.approx(expected.coef, abs=1e-4)
    assert found.objective == pytest.approx(expected.objective, rel=1e-9)
    assert found.work.epochs > found.work.rounds


@quietly
@pytest.mark.parametrize("penalty", [L2(0.05), L1(0.03), ElasticNet(0.03, 0.4)], ids=repr)
@pytest.mark.parametrize("solver", SOLVERS)
def test_all_come_near_and_the_gap_says_how_near(solver, penalty):
    best = solve(penalty=penalty, tol=1e-12).objective
    found = solve(penalty=penalty, solver=solver, tol=1e-4)
    at_zero = np.log(2)
    assert found.objective - best <= found.gap * at_zero + 1e-12
    assert found.objective <= 1.01 * best
    again = fastreg.certify(ROWS, ZOO.labels, found.coef, found.intercept, loss=Logistic(), penalty=penalty)
    assert again.gap == pytest.approx(found.gap, rel=0.5, abs=1e-9)


@quietly
def test_momentum_comes_as_near():
    best = solve(tol=1e-12).objective
    plain, heavy = (solve(solver="sgd", momentum=momentum, tol=1e-4) for momentum in (0.0, 0.9))
    assert heavy.objective <= 1.01 * best
    assert 0 < np.abs(heavy.coef - plain.coef).max() < 0.1


@quietly
def test_a_race_over_some_rows_is_no_epoch():
    X, y = sp.vstack([ROWS] * 20), np.tile(ZOO.labels, 20)
    words = {"loss": Logistic(), "penalty": PENALTY, "solver": "sgd", "tol": 0.0}
    one, three = (fastreg.solve(X, y, **words, max_iter=rounds).work for rounds in (1, 2))
    assert (one.epochs, three.epochs) == (1, 3)
    assert one.full_passes - fastreg.solve(X, y, **words, max_iter=0).work.full_passes < 6


@quietly
@pytest.mark.parametrize("threads", [2, 3, 8])
@pytest.mark.parametrize("solver", SOLVERS)
def test_threads_change_no_bit(solver, threads, monkeypatch):
    monkeypatch.setattr(shards, "_ENTRIES_PER_SHARD", 1)
    monkeypatch.setattr(shards, "_FEWEST_FEATURES", 0)
    monkeypatch.setattr(visits.team, "SERIAL_BELOW", 0)
    one, several = (solve(solver=solver, max_iter=3, tol=0, n_threads=n) for n in (1, threads))
    assert one.coef.tobytes() == several.coef.tobytes()
    assert one.intercept == several.intercept


@pytest.mark.parametrize("penalty", [L2(0.05), L1(0.03)], ids=repr)
def test_the_leader_is_the_minimum_of_what_it_follows(penalty):
    """Weights as minima of the sums written out, row by row."""
    rate, dense, loss, y = 0.7, ROWS.toarray(), Logistic(), ZOO.labels
    n, p = dense.shape
    z, squares, intercept, intercept_squares = np.zeros(p), np.zeros(p), 0.0, 0.0
    prox = np.vectorize(penalty.prox, excluded=[2], otypes=[float])

    def weights(t):
        lengths = rate / np.sqrt(np.where(squares > 0, squares, 1.0))
        return np.where(squares > 0, prox(-z * lengths, t * lengths, 0), 0.0)

    for t in range(n):
        w = weights(t)
        push = loss.slope(y[t], dense[t] @ w + intercept)
        gradient = push * dense[t]
        grown = np.sqrt(squares + gradient**2)
        z += gradient - (grown - np.sqrt(squares)) / rate * w
        squares += gradient**2
        intercept_squares += push**2
        intercept -= rate * push / np.sqrt(intercept_squares)

    with team.lease(1) as crew:
        rows = Visits(
            row_matrix(crew, Counter(), ROWS), Values(y), GradientStep(), np.ones(n), loss, penalty, 1.0,
            n_problems=1, features=None, by_entry=True,
        )  # fmt: skip
        model = FollowTheLeader.beginning_at(np.zeros((1, p)), np.zeros(1), rate)
        rows.epoch(model, np.array([0]), None, Constant(1.0), np.ones(1), 1.0, np.zeros(1))
        rows.write_out(model, 0)
    assert model.coef[0] == pytest.approx(weights(n), abs=1e-12)
    assert model.clock[0, 0] == pytest.approx(intercept, abs=1e-12)


@quietly
@pytest.mark.parametrize("solver", SOLVERS)
def test_a_start_is_taken(solver):
    best = solve(tol=1e-8)
    assert solve(solver=solver, start=best).n_iter == 0
    near, far = (
        solve(solver=solver, start=start, max_iter=1, tol=0.0).gap for start in (best, (best.coef + 1, 0.0))
    )
    assert near < 0.1 * far


REFUSED = {
    "unknown": (partial(solve, solver="adam"), ValueError, "solver='adam' is unknown: pass one of 'auto', "),
    "standardize": (partial(solve, solver="sgd", standardize=True), ValueError, "cannot standardize: scale"),
    "groups": (
        partial(solve, penalty=GroupL2(0.1, np.zeros(20, dtype=int)), solver="saga"), TypeError, "GroupL2",
    ),
    "classes": (
        lambda: fastreg.solve(
            ROWS, np.arange(150) % 3, loss=Multinomial(), penalty=L2(0.1), solver="sgd"
        ),
        TypeError, "does not fit Multinomial",
    ),
    "no bound": (partial(solve, loss=Quartic(), solver="saga"), ValueError, "Quartic has none: pass"),
    "neither": (partial(solve, loss=Quartic(), solver="svrg"), ValueError, "'svrg' needs a bound"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_solver_cannot_do_is_one_sentence(case):
    call, kind, said = REFUSED[case]
    with pytest.raises(kind, match=said):
        call()
