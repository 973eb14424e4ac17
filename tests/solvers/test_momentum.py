"""Momentum: heavy balls written out in NumPy, lazily as row by row; parts, threads, strengths."""

import pytest
from stochastic_problems import COLUMNS, PER_FEATURE, ROWS, SPARSE, WEIGHTS, Y, fit, plan, written_out

import fastreg
from fastreg.losses import Logistic
from fastreg.penalties import L1, L2, ElasticNet
from fastreg.solvers import shards, visits
from fastreg.solvers.schedules import Constant, Cosine, InverseScaling, Optimal
from fastreg.solvers.stochastic_kernels import Values

pytestmark = pytest.mark.small

SCHEDULES = [InverseScaling(0.3, 0.25), Constant(0.05), Optimal(0.02, 50.0), Cosine(0.3, 3.0 * ROWS)]


@pytest.mark.parametrize("momentum", [0.3, 0.9, 0.999])
@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("penalty", [L1(0.01), L2(0.01), ElasticNet(0.03, 0.3)], ids=repr)
def test_lazy_steps_are_heavy_balls(penalty, schedule, momentum):
    words = plan(schedule, momentum=momentum)
    found = fit(SPARSE, Logistic(), penalty, words, sample_weight=WEIGHTS)
    w, b, *_, objective = written_out(
        SPARSE, Logistic(), penalty, plan(schedule, momentum=momentum), weights=WEIGHTS
    )
    assert found.coef[0] == pytest.approx(w, rel=0, abs=1e-12)
    assert found.intercept[0] == pytest.approx(b, abs=1e-12)
    assert found.objective[0] == pytest.approx(objective, rel=1e-12)
    assert (found.coef[0] == 0).tolist() == (w == 0).tolist()


def test_steps_of_any_penalty_are_heavy_balls():
    found = fit(SPARSE, Logistic(), L1(PER_FEATURE), plan(momentum=0.9))
    w, b, *_ = written_out(SPARSE, Logistic(), L1(PER_FEATURE), plan(momentum=0.9))
    assert found.coef[0] == pytest.approx(w, rel=0, abs=1e-12)
    assert found.intercept[0] == pytest.approx(b, abs=1e-12)


@pytest.mark.parametrize("strength", [1.0, 1e6, 1e300])
def test_strong_penalties_do_not_underflow(strength):
    penalty = ElasticNet(strength, 0.3)
    found = fit(SPARSE, Logistic(), penalty, plan(momentum=0.9))
    w, *_ = written_out(SPARSE, Logistic(), penalty, plan(momentum=0.9))
    assert found.coef[0] == pytest.approx(w, rel=0, abs=1e-12)


@pytest.mark.parametrize("penalty", [ElasticNet(0.03, 0.3), L1(PER_FEATURE)], ids=["lazy", "not"])
def test_a_descent_goes_on_where_it_ended_bit_by_bit(penalty):
    words = {"momentum": 0.9, "shuffle": False}
    whole = fit(SPARSE, Logistic(), penalty, plan(max_iter=1, **words))
    first = fit(SPARSE[:128], Logistic(), penalty, plan(max_iter=1, **words), target=Values(Y[:128]))
    second = fit(
        SPARSE[128:], Logistic(), penalty, plan(max_iter=1, **words), target=Values(Y[128:]),
        start=(first.gathered, first.intercept), owed=first.owed, share=first.share, step=first.step,
        features=first.features, lags=first.lags,
    )  # fmt: skip
    assert second.coef.tobytes() == whole.coef.tobytes()
    assert second.intercept.tobytes() == whole.intercept.tobytes()


def test_threads_change_no_bit(monkeypatch):
    monkeypatch.setattr(shards, "_ENTRIES_PER_SHARD", 1)
    monkeypatch.setattr(shards, "_FEWEST_FEATURES", 0)
    monkeypatch.setattr(visits.team, "SERIAL_BELOW", 0)
    one, *others = (
        fit(SPARSE, Logistic(), L1(0.01), plan(momentum=0.9), n_threads=threads) for threads in (1, 2, 3, 8)
    )
    assert one.features.size > 2
    for other in others:
        assert other.coef.tobytes() == one.coef.tobytes()


def test_the_best_epoch_is_gone_on_from_at_rest():
    """Weights that are restored have no lags, in whichever epoch that was."""
    scores = iter([1.0, 2.0, 0.0])
    kept = fit(SPARSE, Logistic(), L1(0.01), plan(momentum=0.9, shuffle=False, score=lambda *_: next(scores)))
    two = fit(SPARSE, Logistic(), L1(0.01), plan(momentum=0.9, shuffle=False, max_iter=2))
    assert kept.coef.tobytes() == two.coef.tobytes() == kept.gathered.tobytes()
    assert not kept.lags.weights[:, :, 0].any()
    assert not kept.lags.intercepts.any()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"solver": "sgd", "momentum": 1.0}, r"momentum=1\.0 would take no step ever"),
        ({"solver": "sgd", "momentum": -0.1}, r"momentum=-0\.1 is out of range"),
        ({"solver": "saga", "momentum": 0.5}, r"momentum=0\.5 is for solver='sgd', not 'saga'"),
        ({"momentum": 0.5}, r"momentum=0\.5 is for solver='sgd', not 'auto'"),
    ],
)
def test_what_cannot_be_is_one_sentence(words, said):
    with pytest.raises(ValueError, match=said):
        fastreg.solve(SPARSE, Y, loss=Logistic(), penalty=L2(0.1), **words)


def test_a_momentum_of_almost_nothing_is_none():
    plain = fit(SPARSE, Logistic(), L1(0.01), plan())
    found = fit(SPARSE, Logistic(), L1(0.01), plan(momentum=1e-14))
    assert found.coef == pytest.approx(plain.coef, abs=1e-12)
    assert found.coef.shape == (1, COLUMNS)
