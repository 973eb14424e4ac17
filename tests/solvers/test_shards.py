"""Rows cut into shards: the same bits for any number of threads, and the steps written out in NumPy."""

import numpy as np
import pytest
import scipy.sparse as sp

from fastreg import team
from fastreg.losses import Logistic
from fastreg.penalties import L1, L2, ElasticNet
from fastreg.solvers import shards, visits
from fastreg.solvers.counter import Counter
from fastreg.solvers.matrices import row_matrix
from fastreg.solvers.schedules import InverseScaling
from fastreg.solvers.stochastic import Means, Plan, descend
from fastreg.solvers.stochastic_kernels import GradientStep, Values

pytestmark = pytest.mark.small

ROWS, COLUMNS = 203, 23
rng = np.random.default_rng(5)
X = sp.csr_array(rng.standard_normal((ROWS, COLUMNS)) * (rng.random((ROWS, COLUMNS)) < 0.4))
Y = np.where(X @ rng.standard_normal(COLUMNS) > 0, 1.0, -1.0)


@pytest.fixture(autouse=True)
def small_rows_are_cut(monkeypatch):
    monkeypatch.setattr(shards, "_ENTRIES_PER_SHARD", 2)
    monkeypatch.setattr(shards, "_FEWEST_FEATURES", 0)
    monkeypatch.setattr(visits.team, "SERIAL_BELOW", 0)


def fit(penalty, *, rows=slice(None), threads=1, shuffle=True, max_iter=3, **start):
    plan = Plan(
        InverseScaling(0.3, 0.25), GradientStep(), 0.5, max_iter, None, 5, shuffle, np.random.default_rng(0)
    )
    words = {"coef": np.zeros((1, COLUMNS)), "intercept": np.zeros(1), **start}
    return descend(X[rows], Values(Y[rows]), Logistic(), penalty, plan, n_threads=threads, **words)


def written_out(penalty, every=10**9, max_iter=3):
    """Batches of 32 rows, predicted at the weights before the batch; those summed up end one."""
    random = np.random.default_rng(0)
    dense, loss = X.toarray(), Logistic()
    z, owed, b, t = np.zeros(COLUMNS), 0.0, 0.0, 1
    sums, intercepts = np.zeros(COLUMNS), 0.0
    w = z.copy()
    for _ in range(max_iter):
        order = np.arange(-(-ROWS // 32))
        random.shuffle(order)
        for block in order:
            before = w.copy()
            for i in range(32 * block, min(32 * block + 32, ROWS)):
                step = 0.3 / t**0.25
                change = -step * loss.slope(Y[i], dense[i] @ before + b)
                b += 0.5 * change
                shrinkage = penalty.shrinkage(step, 0)
                owed = (owed + penalty.threshold(step, 0)) * shrinkage
                z = (z + change * dense[i]) * shrinkage
                w = np.sign(z) * np.maximum(np.abs(z) - owed, 0.0)
                if t % every == 0:
                    sums, intercepts, before = sums + w, intercepts + b, w.copy()
                t += 1
    counted = max(1, (t - 1) // every)
    return w, b, sums / counted, intercepts / counted


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
@pytest.mark.parametrize("penalty", [L2(0.01), ElasticNet(0.03, 0.3), L1(0.02)], ids=repr)
def test_steps_in_batches(penalty, threads):
    """Lazily as weight by weight, for any number of threads; the first to be tried says the bits."""
    w, b, *_ = written_out(penalty)
    found = fit(penalty, threads=threads)
    assert found.features.size - 1 in (2, 4)
    assert found.coef[0] == pytest.approx(w, abs=1e-12)
    assert found.intercept[0] == pytest.approx(b, abs=1e-12)
    assert np.array_equal(found.coef, fit(penalty).coef)
    averaged = fit(penalty, threads=threads, means=Means.none(1, COLUMNS, 1.0))
    assert averaged.means.every == 128
    w, b, mean, mean_intercept = written_out(penalty, 128)
    assert averaged.coef[0] == pytest.approx(w, abs=1e-12)
    assert averaged.means.coef[0] == pytest.approx(mean, abs=1e-12)
    assert averaged.means.intercept[0] == pytest.approx(mean_intercept, abs=1e-12)
    assert np.array_equal(averaged.means.coef, fit(penalty, means=Means.none(1, COLUMNS, 1.0)).means.coef)


@pytest.mark.parametrize("means", [None, Means.none(1, COLUMNS, 1.0)], ids=["last", "mean"])
def test_chunks_are_one_pass(means):
    penalty = ElasticNet(0.03, 0.3)
    whole = fit(penalty, shuffle=False, max_iter=1, means=means)
    first = fit(penalty, rows=slice(0, 96), shuffle=False, max_iter=1, means=means)
    second = fit(
        penalty, rows=slice(96, ROWS), shuffle=False, max_iter=1, coef=first.gathered, owed=first.owed,
        share=first.share, intercept=first.intercept, step=first.step, features=first.features,
        means=first.means,
    )  # fmt: skip
    assert second.coef.tobytes() == whole.coef.tobytes()
    assert second.intercept.tobytes() == whole.intercept.tobytes()
    assert means is None or second.means.coef.tobytes() == whole.means.coef.tobytes()


def test_a_strong_penalty_ends_batches_before_numbers_do():
    for strength in (1.0, 1e6, 1e300):
        found = fit(L2(strength), threads=2)
        assert np.isfinite(found.coef).all()
        assert np.abs(found.coef).max() < 1 / strength


def test_cuts_cover_every_entry_once():
    with team.lease(1) as crew:
        matrix = row_matrix(crew, Counter(), X)
        features, cuts = shards.cut(matrix, shards.divide(matrix))
    starts, last = X.indptr[:-1], cuts[:, -1]
    assert np.array_equal(last, np.diff(X.indptr))
    for row in range(ROWS):
        for shard in range(features.size - 1):
            inside = X.indices[starts[row] + cuts[row, shard] : starts[row] + cuts[row, shard + 1]]
            assert np.all((inside >= features[shard]) & (inside < features[shard + 1]))


def test_short_rows_and_few_features_are_not_cut(monkeypatch):
    with team.lease(1) as crew:
        matrix = row_matrix(crew, Counter(), X)
        monkeypatch.setattr(shards, "_ENTRIES_PER_SHARD", 6)
        assert np.array_equal(shards.divide(matrix), [0, COLUMNS])
        monkeypatch.setattr(shards, "_ENTRIES_PER_SHARD", 2)
        monkeypatch.setattr(shards, "_FEWEST_FEATURES", COLUMNS + 1)
        assert np.array_equal(shards.divide(matrix), [0, COLUMNS])
        dense = row_matrix(crew, Counter(), X.toarray())
        assert np.array_equal(shards.divide(dense), [0, COLUMNS])
