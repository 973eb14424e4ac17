"""Steps of stochastic gradient descent, against the same steps written out in NumPy."""

from typing import NamedTuple

import numpy as np
import pytest
from stochastic_problems import COLUMNS, PER_FEATURE, ROWS, SPARSE, WEIGHTS, fit, plan, written_out

from fastreg.losses import EpsilonInsensitive, Hinge, Logistic
from fastreg.penalties import L1, L2, Bounded, ElasticNet, NoPenalty
from fastreg.solvers.schedules import Constant, Cosine
from fastreg.solvers.stochastic_kernels import GradientStep, PassiveAggressive, SoftPassiveAggressive
from fastreg.solvers.weight_decay import WeightDecay

pytestmark = pytest.mark.small


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
