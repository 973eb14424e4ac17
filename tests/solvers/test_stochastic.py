"""Stochastic gradient descent, against the same steps written out in NumPy, and its own laws."""

import re
from typing import NamedTuple

import numpy as np
import pytest
import scipy.sparse as sp
from stochastic_problems import (
    CODES,
    COLUMNS,
    DENSE,
    PER_FEATURE,
    ROWS,
    SPARSE,
    WEIGHTS,
    Y,
    against_the_rest,
    fit,
    plan,
)

import fastreg
from fastreg.losses import EpsilonInsensitive, Hinge, Logistic, Squared
from fastreg.penalties import L1, L2, Bounded, ElasticNet, NoPenalty
from fastreg.solvers import race, stochastic, visits
from fastreg.solvers.schedules import (
    Adaptive,
    Constant,
    Cooled,
    Cosine,
    InverseScaling,
    Optimal,
    optimal,
    optimal_from,
)
from fastreg.solvers.solution import Overflowed
from fastreg.solvers.stochastic import Means
from fastreg.solvers.stochastic_kernels import (
    GradientStep,
    PassiveAggressive,
    SoftPassiveAggressive,
    Values,
)
from fastreg.solvers.weight_decay import WeightDecay

pytestmark = pytest.mark.small


def written_out(X, loss, penalty, plan, *, weights=None, means_from=np.inf, y=Y):
    """The same steps, one weight at a time, in blocks of one row."""
    cumulative = not isinstance(penalty, Bounded) and np.ndim(getattr(penalty, "strength", 0.0)) == 0
    z, owed = np.zeros(COLUMNS), 0.0
    X = X.toarray() if sp.issparse(X) else X
    weights = np.ones(len(X)) if weights is None else weights
    w, b, sums, intercept_sum, counted, t = np.zeros(COLUMNS), 0.0, np.zeros(COLUMNS), 0.0, 0, 1
    objective = []
    for _ in range(plan.max_iter):
        order = np.arange(len(X))
        if plan.shuffle:
            plan.random.shuffle(order)
        losses = 0.0
        for i in order:
            p = X[i] @ w + b
            step = plan.schedule.steps(np.array([float(t)]))[0]
            value, squares = loss.value(y[i], p), X[i] @ X[i]
            length = step
            if type(plan.rule) is PassiveAggressive:
                length = min(plan.rule.longest, value / squares) if squares else 0.0
            elif type(plan.rule) is SoftPassiveAggressive:
                length = value / (squares + 1 / (2 * plan.rule.aggressiveness))
            change = -length * weights[i] * loss.slope(y[i], p)
            b += plan.intercept_rate * change
            if cumulative:
                shrinkage = penalty.shrinkage(step, 0)
                owed = (owed + penalty.threshold(step, 0)) * shrinkage
                z = (z + change * X[i]) * shrinkage
                w = np.sign(z) * np.maximum(np.abs(z) - owed, 0.0)
            else:
                w = np.array([penalty.prox(w[j] + change * X[i, j], step, j) for j in range(COLUMNS)])
            if t >= means_from:
                sums, intercept_sum, counted = sums + w, intercept_sum + b, counted + 1
            losses += weights[i] * value
            t += 1
        objective.append(losses / len(X) + sum(penalty.value(w[j], j) for j in range(COLUMNS)))
    return w, b, sums / max(1, counted), intercept_sum / max(1, counted), objective[-1]


@pytest.mark.parametrize("means_from", [None, 1.0, 321.0], ids=["last", "mean", "late mean"])
@pytest.mark.parametrize("penalty", [L1(0.01), L2(0.01), ElasticNet(0.03, 0.3), NoPenalty()], ids=repr)
def test_cumulative_steps_of_the_penalty(penalty, means_from):
    found = fit(SPARSE, Logistic(), penalty, plan(), means_from=means_from, sample_weight=WEIGHTS)
    w, b, mean, mean_intercept, objective = written_out(
        SPARSE, Logistic(), penalty, plan(), weights=WEIGHTS, means_from=means_from or np.inf
    )
    assert found.coef[0] == pytest.approx(w, rel=0, abs=1e-12)
    assert found.intercept[0] == pytest.approx(b, abs=1e-12)
    assert found.objective[0] == pytest.approx(objective, rel=1e-12)
    assert (found.coef[0] == 0).tolist() == (w == 0).tolist()
    assert (found.n_iter.tolist(), found.step) == ([3], 3 * ROWS + 1)
    if means_from is not None:
        assert found.means.counted.tolist() == [3 * ROWS + 1 - means_from]
        assert found.means.coef[0] == pytest.approx(mean, rel=0, abs=1e-12)
        assert found.means.intercept[0] == pytest.approx(mean_intercept, abs=1e-12)


def test_weights_rest_at_zero_between_visits():
    """Else the mean of a weight that crosses 0 between two rows would not be put to the test above."""
    found = fit(SPARSE, Logistic(), L1(0.05), plan(), means_from=1.0)
    assert 0 < np.count_nonzero(found.coef) < COLUMNS
    assert np.count_nonzero(found.means.coef) == COLUMNS


@pytest.mark.parametrize("means_from", [None, 1.0], ids=["last", "mean"])
@pytest.mark.parametrize("strength", [0.1, 1.0, 1e6, 1e300])
def test_strong_penalties_do_not_underflow(strength, means_from):
    """The factors of one epoch multiply to less than the smallest double."""
    penalty = ElasticNet(strength, 0.3)
    found = fit(SPARSE, Logistic(), penalty, plan(), means_from=means_from)
    w, b, mean, _, _ = written_out(SPARSE, Logistic(), penalty, plan(), means_from=means_from or np.inf)
    assert found.coef[0] == pytest.approx(w, rel=0, abs=1e-12)
    assert found.intercept[0] == pytest.approx(b, abs=1e-12)
    if means_from is not None:
        assert found.means.coef[0] == pytest.approx(mean, rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("means_from", [None, 321.0], ids=["last", "late mean"])
def test_rows_stored_dense_or_sparse_are_the_same_rows(means_from):
    sparse = fit(SPARSE, Logistic(), L1(0.01), plan(), means_from=means_from)
    dense = fit(SPARSE.toarray(), Logistic(), L1(0.01), plan(), means_from=means_from)
    assert dense.coef == pytest.approx(sparse.coef, rel=0, abs=1e-13)
    assert dense.intercept == pytest.approx(sparse.intercept, abs=1e-13)
    assert means_from is None or dense.means.coef == pytest.approx(sparse.means.coef, rel=0, abs=1e-13)


def test_a_penalty_without_thresholds_takes_its_proximal_steps():
    """Cumulative or not is the same then: a strength per feature, all of them alike, says so."""
    shared = fit(SPARSE, Logistic(), L2(0.01), plan())
    for penalty in (L2(np.full(COLUMNS, 0.01)), Bounded(L2(0.01), -np.inf, np.inf)):
        assert fit(SPARSE, Logistic(), penalty, plan()).coef == pytest.approx(shared.coef, rel=0, abs=1e-13)


PROXIMAL = {
    "a strength per feature": (SPARSE, L1(PER_FEATURE)),
    "a penalty without the words": (SPARSE, Bounded(L1(0.01), 0.0, np.inf)),
}


@pytest.mark.parametrize("means_from", [None, 321.0], ids=["last", "late mean"])
@pytest.mark.parametrize("case", PROXIMAL)
def test_proximal_steps_of_the_penalty(case, means_from):
    X, penalty = PROXIMAL[case]
    found = fit(X, Logistic(), penalty, plan(), means_from=means_from, sample_weight=WEIGHTS)
    w, b, mean, mean_intercept, objective = written_out(
        X, Logistic(), penalty, plan(), weights=WEIGHTS, means_from=means_from or np.inf
    )
    assert found.coef[0] == pytest.approx(w, rel=0, abs=1e-12)
    assert found.intercept[0] == pytest.approx(b, abs=1e-12)
    assert found.objective[0] == pytest.approx(objective, rel=1e-12)
    if means_from is not None:
        assert found.means.coef[0] == pytest.approx(mean, rel=0, abs=1e-12)
        assert found.means.intercept[0] == pytest.approx(mean_intercept, abs=1e-12)


SCHEDULES = {
    "constant": Constant(0.05),
    "optimal": optimal(0.02, Hinge()),
    "inverse scaling": InverseScaling(0.3, 0.5),
}


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_schedules(schedule):
    found = fit(SPARSE, Logistic(), L1(0.01), plan(SCHEDULES[schedule]))
    w, b, *_ = written_out(SPARSE, Logistic(), L1(0.01), plan(SCHEDULES[schedule]))
    # Long steps let rounding grow.
    assert found.coef[0] == pytest.approx(w, rel=1e-9, abs=1e-12)
    assert found.intercept[0] == pytest.approx(b, rel=1e-9)


def test_step_sizes_are_scikit_learns():
    t = np.array([1.0, 2.0, 100.0])
    assert Constant(0.2).steps(t).tolist() == [0.2, 0.2, 0.2]
    assert InverseScaling(0.2, 0.5).steps(t) == pytest.approx([0.2, 0.2 / np.sqrt(2), 0.02])
    begin = 1 / (1e-2 * 10**0.5)  # typical weight sqrt(1 / sqrt(alpha)), reached in the first step
    assert optimal(1e-2, Hinge()).steps(t) == pytest.approx(1 / (1e-2 * (begin + t - 1)))
    assert optimal(0.0, Hinge()) == optimal(1e-4, Hinge())


@pytest.mark.parametrize(
    ("rule", "loss"),
    [(PassiveAggressive(0.1), Hinge()), (SoftPassiveAggressive(0.1), EpsilonInsensitive(0.1))],
    ids=repr,
)
def test_passive_aggressive_steps(rule, loss):
    found = fit(SPARSE, loss, NoPenalty(), plan(Constant(0.1), rule))
    w, b, *_ = written_out(SPARSE, loss, NoPenalty(), plan(Constant(0.1), rule))
    assert found.coef[0] == pytest.approx(w, abs=1e-12)
    assert found.intercept[0] == pytest.approx(b, abs=1e-12)


LAYOUTS = {
    "C": DENSE,
    "F": np.asfortranarray(DENSE),
    "csr": SPARSE,
    "csc": SPARSE.tocsc(),
    "wide indices": sp.csr_array((SPARSE.data, SPARSE.indices.astype(np.int64), SPARSE.indptr), SPARSE.shape),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout_is_read_by_rows(layout, dtype):
    X = LAYOUTS[layout].astype(dtype)
    expected = fit((DENSE if layout in "CF" else SPARSE).astype(dtype), Logistic(), L1(0.01), plan())
    found = fit(X, Logistic(), L1(0.01), plan())
    assert found.coef.tobytes() == expected.coef.tobytes()
    assert (found.work.bytes_copied == 0) == (layout in ("C", "csr"))
    assert found.work.epochs == 3
    exact = fit(X.astype(np.float64), Logistic(), L1(0.01), plan())
    assert found.coef == pytest.approx(exact.coef, abs=1e-6)


@pytest.mark.parametrize("means_from", [None, 1.0], ids=["last", "mean"])
@pytest.mark.parametrize("X", [SPARSE, DENSE], ids=["sparse", "dense"])
def test_how_an_epoch_is_cut_into_calls_changes_no_bit(X, means_from, monkeypatch):
    penalty = ElasticNet(0.03, 0.3)
    whole = fit(X, Logistic(), penalty, plan(), means_from=means_from)
    monkeypatch.setattr(visits, "_VISIT_WORK", 300)
    cut = fit(X, Logistic(), penalty, plan(), means_from=means_from)
    assert cut.coef.tobytes() == whole.coef.tobytes()
    assert cut.objective.tobytes() == whole.objective.tobytes()
    assert means_from is None or cut.means.coef.tobytes() == whole.means.coef.tobytes()


def test_of_many_features_every_so_many_iterates_are_counted(monkeypatch):
    """Those of the steps that are multiples of a number, the same ones however an epoch is cut."""
    monkeypatch.setattr(visits, "_FEW_FEATURES", 0)
    found = fit(SPARSE, Logistic(), ElasticNet(0.03, 0.3), plan(shuffle=False), means_from=200.0)
    assert found.means.every == 128
    assert found.means.counted.tolist() == [3 * ROWS // 128 - 1]
    counted = []
    for step in range(256, 3 * ROWS + 1, 128):
        whole, rest = divmod(step, ROWS)
        start = fit(SPARSE, Logistic(), ElasticNet(0.03, 0.3), plan(shuffle=False, max_iter=whole))
        words = {"start": (start.gathered, start.intercept), "owed": start.owed, "share": start.share}
        last = start if rest == 0 else fit(
            SPARSE[:rest], Logistic(), ElasticNet(0.03, 0.3), plan(shuffle=False, max_iter=1),
            target=Values(Y[:rest]), step=start.step, **words,
        )  # fmt: skip
        counted.append(last.coef[0])
    assert found.means.coef[0] == pytest.approx(np.mean(counted, axis=0), abs=1e-12)


def test_blocks_cover_every_row_once(monkeypatch):
    """Some rows in blocks of 16 and the rest: with steps of 0 nothing moves, and every loss is counted."""
    n = 16 * 300 - 3
    X = sp.csr_array((np.ones(n), np.zeros(n, dtype=np.int32), np.arange(n + 1)), (n, COLUMNS))
    weights = np.arange(n, dtype=np.float64)
    found = fit(
        X, Logistic(), L1(0.01), plan(Constant(0.0)), target=Values(np.ones(n)), sample_weight=weights
    )
    assert found.objective[0] == pytest.approx(np.log(2) * weights.mean(), rel=1e-13)
    assert found.step == 3 * n + 1
    whole = fit(X, Logistic(), L1(0.01), plan(), target=Values(np.ones(n)))
    monkeypatch.setattr(visits, "_VISIT_WORK", 1)
    cut = fit(X, Logistic(), L1(0.01), plan(), target=Values(np.ones(n)))
    assert cut.coef.tobytes() == whole.coef.tobytes()


def test_without_shuffling_rows_come_in_order():
    found = fit(SPARSE, Logistic(), L1(0.01), plan(shuffle=False))
    w, *_ = written_out(SPARSE, Logistic(), L1(0.01), plan(shuffle=False))
    assert found.coef[0] == pytest.approx(w, abs=1e-12)
    assert np.abs(found.coef - fit(SPARSE, Logistic(), L1(0.01), plan()).coef).max() > 1e-6


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_problems_side_by_side_are_what_each_is_alone(threads, monkeypatch):
    monkeypatch.setattr(visits.team, "SERIAL_BELOW", 0)  # or so little would stay on one thread
    start = np.zeros((3, COLUMNS)), np.zeros(3)
    words = {"start": start, "means": Means.none(3, COLUMNS, 1.0), "n_threads": threads}
    weights, rest = (1.0, 2.0, 0.5), (1.0, 0.3, 1.0)
    together = fit(
        SPARSE, Logistic(), L1(0.01), plan(tol=1e-3, max_iter=30),
        target=against_the_rest(weights, rest), **words,
    )  # fmt: skip
    assert len(set(together.n_iter.tolist())) > 1, "all problems end in the same epoch: nothing is tested"
    assert together.work.full_passes == together.work.epochs == together.n_iter.sum()
    for k in range(3):
        labels = np.where(CODES == k, 1.0, -1.0)
        row_weights = np.where(CODES == k, weights[k], rest[k])
        alone = fit(
            SPARSE, Logistic(), L1(0.01), plan(tol=1e-3, max_iter=30), target=Values(labels),
            sample_weight=row_weights, means_from=1.0,
        )  # fmt: skip
        assert together.means.coef[k].tobytes() == alone.means.coef[0].tobytes()
        assert together.means.counted[k] == alone.means.counted[0] == alone.n_iter[0] * ROWS
        assert together.coef[k].tobytes() == alone.coef[0].tobytes()
        assert together.intercept[k] == alone.intercept[0]
        assert (together.n_iter[k], together.converged[k]) == (alone.n_iter[0], alone.converged[0])


@pytest.mark.parametrize("means_from", [None, 400.0], ids=["last", "mean"])
def test_a_descent_goes_on_where_it_ended(means_from):
    whole = fit(SPARSE, Logistic(), L1(0.01), plan(max_iter=4, shuffle=False), means_from=means_from)
    half = fit(SPARSE, Logistic(), L1(0.01), plan(max_iter=2, shuffle=False), means_from=means_from)
    rest = fit(
        SPARSE, Logistic(), L1(0.01), plan(max_iter=2, shuffle=False),
        start=(half.gathered, half.intercept), owed=half.owed, share=half.share, means=half.means,
        step=half.step,
    )  # fmt: skip
    assert rest.coef == pytest.approx(whole.coef, abs=1e-13)
    assert means_from is None or rest.means.coef == pytest.approx(whole.means.coef, abs=1e-13)


def test_the_start_is_not_written_to():
    start = np.ones((1, COLUMNS)), np.ones(1)
    fit(SPARSE, Logistic(), L1(0.01), plan(), start=start)
    assert np.all(start[0] == 1)
    assert np.all(start[1] == 1)


def test_without_an_intercept_it_stays():
    assert fit(SPARSE, Logistic(), L1(0.01), plan(rate=0.0)).intercept.tolist() == [0.0]


def test_it_stops_after_epochs_without_progress():
    found = fit(DENSE, Logistic(), L1(0.01), plan(tol=1e-3, max_iter=100, patience=3))
    assert found.converged.all()
    assert 3 < found.n_iter[0] < 100
    assert not fit(DENSE, Logistic(), L1(0.01), plan(tol=1e-3, max_iter=3, patience=3)).converged.any()
    assert fit(DENSE, Logistic(), L1(0.01), plan(tol=None, max_iter=40, patience=3)).n_iter[0] == 40


class _Fifths(NamedTuple):
    """What becomes of eta0 where only the first epoch is progress, and the patience is two epochs."""

    eta0: float

    def steps(self, t):
        epoch = (t - 1) // ROWS
        return self.eta0 / 5.0 ** np.maximum((epoch - 1) // 2, 0)


def test_adaptive_steps_are_fifths_until_they_are_small():
    words = {"tol": 1e9, "patience": 2}
    found = fit(SPARSE, Logistic(), L1(0.01), plan(Adaptive(0.3), max_iter=7, **words))
    w, *_ = written_out(SPARSE, Logistic(), L1(0.01), plan(_Fifths(0.3), max_iter=7))
    assert found.coef[0] == pytest.approx(w, abs=1e-12)
    assert not found.converged.any()
    long = fit(SPARSE, Logistic(), L1(0.01), plan(Adaptive(0.3), max_iter=1000, **words))
    assert long.converged.all()
    # 0.3 / 5^8 is the first that is at most 1e-6.
    assert long.n_iter.tolist() == [1 + 2 * 9]


@pytest.mark.parametrize(
    ("schedule", "size"),
    [
        (Constant(0.75), "0.75"),
        (InverseScaling(64.0, 0.5), "64"),
        (Adaptive(8.0), "8"),
        (Optimal(2, 0.25), "2"),
    ],
    ids=repr,
)
def test_steps_that_are_too_long_are_told_with_their_size(schedule, size):
    """Rows so long that the first epoch overflows: the size is that of the first step."""
    with pytest.raises(
        Overflowed, match=rf"overflow .* epoch #1, .* step size of {size}\. Scaling"
    ) as raised:
        fit(1e140 * SPARSE, Squared(), L1(0.01), plan(schedule, max_iter=100))
    assert "\n" not in str(raised.value)


def test_the_size_is_that_of_the_epoch_that_overflowed():
    """Slopes are cut, so that only steps that grow overflow late."""
    with pytest.raises(Overflowed) as raised:
        fit(1e70 * SPARSE, Squared(), NoPenalty(), plan(InverseScaling(1e-4, -2.0), max_iter=100))
    epoch, size = re.search(r"epoch #(\d+), .* size of (\S+)\. ", str(raised.value)).groups()
    assert int(epoch) > 1
    assert float(size) == pytest.approx(1e-4 * ((int(epoch) - 1) * ROWS + 1) ** 2, rel=1e-4)


@pytest.mark.parametrize("X", [SPARSE, DENSE], ids=["sparse", "dense"])
def test_ctrl_c_keeps_what_was_reached(X, monkeypatch):
    def visit(*arguments):
        calls.append(arguments)
        if len(calls) == 4:
            raise KeyboardInterrupt
        visit_rows(*arguments)

    expected = fit(X, Logistic(), L1(0.01), plan(max_iter=3), means_from=1.0)
    calls, visit_rows = [], stochastic.kernels.visit_rows
    monkeypatch.setattr(stochastic.kernels, "visit_rows", visit)
    with pytest.raises(fastreg.Interrupted) as interrupted:
        fit(X, Logistic(), L1(0.01), plan(max_iter=20), means_from=1.0)
    found = interrupted.value.solution
    assert found.coef.tobytes() == expected.coef.tobytes()
    assert found.means.coef.tobytes() == expected.means.coef.tobytes()
    assert found.n_iter.tolist() == [3]
    assert not found.converged.any()


@pytest.mark.parametrize("penalty", [L2(0.01), L1(0.02)], ids=repr)
def test_it_arrives_at_the_optimum(penalty):
    best = fastreg.solve(SPARSE, Y, loss=Logistic(), penalty=penalty, tol=1e-12)
    schedule = Optimal(0.02, 300.0)
    found = fit(SPARSE, Logistic(), penalty, plan(schedule, max_iter=300, rate=1.0), means_from=60_000.0)
    certificate = fastreg.certify(
        SPARSE, Y, found.means.coef[0], found.means.intercept[0], loss=Logistic(), penalty=penalty
    )
    assert certificate.primal - best.certificate.primal <= 1e-4
    assert found.means.coef[0] == pytest.approx(best.coef, abs=0.05)


class Cauchy(NamedTuple):
    """A user's loss."""

    def value(self, y, prediction):
        return np.log1p((y - prediction) ** 2) / 2

    def slope(self, y, prediction):
        return (prediction - y) / (1 + (y - prediction) ** 2)


def test_a_users_terms():
    found = fit(SPARSE, Cauchy(), Bounded(L2(0.01), -0.2, 0.2), plan())
    w, *_ = written_out(SPARSE, Cauchy(), Bounded(L2(0.01), -0.2, 0.2), plan())
    assert found.coef[0] == pytest.approx(w, abs=1e-12)
    assert np.abs(found.coef).max() <= 0.2


def test_entries_that_are_not_finite_are_refused():
    X = DENSE.copy()
    X[3, 4] = np.nan
    with pytest.raises(ValueError, match=r"X\[3, 4\] is"):
        fit(X, Logistic(), L1(0.01), plan())


def decayed(rule, eta0):
    """The weights after three epochs of decoupled decay, and those written out."""
    penalty, schedule = WeightDecay(0.02, eta0), Cosine(eta0, 3.0 * ROWS)
    words = {"rule": rule, "rate": 0.0}
    return (
        fit(SPARSE, Hinge(), penalty, plan(schedule, **words)).coef[0],
        written_out(SPARSE, Hinge(), penalty, plan(schedule, **words))[0],
    )


def test_decoupled_decay_is_lazy_and_exact():
    found, expected = decayed(GradientStep(), 0.3)
    assert found == pytest.approx(expected, rel=0, abs=1e-12)


def test_decoupled_decay_does_not_ask_how_long_the_steps_of_the_loss_are():
    """Steps made by a rule: eta0 changes nothing. The steps of L2's gradient at eta0 are the same decay."""
    short, long = (decayed(PassiveAggressive(0.1), eta0)[0] for eta0 in (0.01, 0.3))
    assert short == pytest.approx(long, rel=1e-12)
    coupled = [
        fit(SPARSE, Hinge(), L2(0.02), plan(Constant(eta0), PassiveAggressive(0.1), rate=0.0)).coef[0]
        for eta0 in (0.01, 0.3)
    ]
    assert np.linalg.norm(coupled[0]) > 1.1 * np.linalg.norm(coupled[1])
    assert WeightDecay(0.02, 0.5).strength == 0.02
    for decay in (-0.1, 1.0, np.nan):
        with pytest.raises(ValueError, match="decay="):
            fit(SPARSE, Hinge(), WeightDecay(decay, 0.5), plan())


def test_a_cosine_falls_from_eta0_to_nothing():
    steps = Cosine(0.3, 8.0).steps(np.arange(1.0, 12.0))
    assert steps[[0, 4, 8, 10]] == pytest.approx([0.3, 0.15, 0.0, 0.0], abs=1e-16)
    assert np.all(np.diff(steps[:9]) < 0)


def test_cooled_steps_are_those_of_the_schedule_and_fall_to_nothing():
    steps = Cooled(InverseScaling(0.3, 0.5), 11.0, 100.0).steps(np.arange(11.0, 112.0))
    shares = steps / InverseScaling(0.3, 0.5).steps(np.arange(11.0, 112.0))
    assert shares[:61] == pytest.approx(1.0)
    assert shares[[80, 90, 100]] == pytest.approx([0.25, 0.0625, 0.0], abs=1e-16)
    assert np.all(np.diff(shares[60:]) < 0)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_race_is_won_by_a_step_that_suits_the_rows(scale):
    """Rows of c times the length want steps of 1 / c^2, strengths of c, and weights of 1 / c."""

    def won(scale, n_samples=ROWS):
        return race.first_step(
            DENSE * scale, Values(Y), Logistic(), lambda eta0: L1(0.02 * scale), plan(rate=0.0),
            n_problems=1, n_samples=n_samples, strength=0.02 * scale**2,
        )  # fmt: skip

    eta0 = won(scale)
    assert eta0 == pytest.approx(won(1.0) / scale**2, rel=1e-9)
    assert won(scale, 4 * ROWS) == pytest.approx(eta0 / 2)
    best = fastreg.solve(DENSE, Y, loss=Logistic(), penalty=L1(0.02), tol=1e-8, fit_intercept=False)
    schedule = optimal_from(eta0, 0.02 * scale**2)
    found = fit(DENSE * scale, Logistic(), L1(0.02 * scale), plan(schedule, max_iter=5, rate=0.0))
    assert found.objective[0] < 1.05 * best.objective


def test_rows_that_race_are_spread_over_all():
    assert race.rows_of_race(3).tolist() == [0, 1, 2]
    rows = race.rows_of_race(10_500)
    assert (rows.size, rows[0], rows[-1]) == (1000, 0, 10_489)
    assert np.unique(np.diff(rows)).tolist() == [10, 11]
