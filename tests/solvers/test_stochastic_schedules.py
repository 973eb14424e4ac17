"""Step sizes of stochastic gradient descent: schedules, the race, steps that are too long."""

import re
from typing import NamedTuple

import numpy as np
import pytest
from stochastic_problems import DENSE, ROWS, SPARSE, Y, fit, plan, written_out

import fastreg
from fastreg.losses import Hinge, Logistic, Squared
from fastreg.penalties import L1, NoPenalty
from fastreg.solvers import race
from fastreg.solvers.schedules import (
    Adaptive,
    Constant,
    Cooled,
    Cosine,
    InverseScaling,
    Optimal,
    optimal,
    optimal_from,
)  # fmt: skip
from fastreg.solvers.solution import Overflowed
from fastreg.solvers.stochastic_kernels import Values

pytestmark = pytest.mark.small


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
