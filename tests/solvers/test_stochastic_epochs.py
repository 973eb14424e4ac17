"""Epochs of stochastic gradient descent: which rows are visited when, how it goes on, ends and is cut."""

import numpy as np
import pytest
import scipy.sparse as sp
from stochastic_problems import (
    CODES,
    COLUMNS,
    DENSE,
    ROWS,
    SPARSE,
    Y,
    against_the_rest,
    fit,
    plan,
    written_out,
)

import fastreg
from fastreg.losses import Logistic
from fastreg.penalties import L1, L2, ElasticNet
from fastreg.solvers import stochastic, visits
from fastreg.solvers.schedules import Constant, Optimal
from fastreg.solvers.stochastic import Means
from fastreg.solvers.stochastic_kernels import Values

pytestmark = pytest.mark.small


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


def test_entries_that_are_not_finite_are_refused():
    X = DENSE.copy()
    X[3, 4] = np.nan
    with pytest.raises(ValueError, match=r"X\[3, 4\] is"):
        fit(X, Logistic(), L1(0.01), plan())
