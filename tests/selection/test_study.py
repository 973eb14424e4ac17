"""`fastreg.study`: every cell is the fit it stands for, and the ridge is what it says."""

import numpy as np
import pytest
import scipy.sparse as sp
from stochastic_problems import COLUMNS, DENSE, ROWS, SPARSE, WEIGHTS, Y

import fastreg
from fastreg.losses import Hinge, Logistic, Multinomial, Squared
from fastreg.penalties import L1, L2, NoPenalty
from fastreg.selection.tables import ridge_of
from fastreg.solvers import stochastic
from fastreg.solvers.schedules import InverseScaling
from fastreg.solvers.stochastic import Means, Plan, descend
from fastreg.solvers.stochastic_kernels import GradientStep, Values

pytestmark = pytest.mark.small

RATES, STRENGTHS = [0.3, 0.01], [0.1, 0.0, 0.01]
HELD = slice(200, None)


def study(X=SPARSE, **words):
    given = {"loss": Logistic(), "penalty": L1(1.0), "learning_rates": RATES, "strengths": STRENGTHS}
    return fastreg.study(X, Y, **{**given, "epochs": 2, **words})


def same(one, other):
    return all(
        np.asarray(a).tobytes() == np.asarray(b).tobytes() for a, b in zip(one[:8], other[:8], strict=True)
    )


@pytest.mark.parametrize("average", [False, 201], ids=["last", "mean"])
@pytest.mark.parametrize("weighted", [False, True], ids=["alike", "weighted"])
@pytest.mark.parametrize("X", [SPARSE, DENSE], ids=["sparse", "dense"])
def test_a_cell_is_the_fit_it_stands_for(X, weighted, average):
    learned, y = X[:200], Y[:200]
    weights = WEIGHTS if weighted else np.ones(ROWS)
    given = {"sample_weight": 3 * WEIGHTS[:200], "sample_weight_val": WEIGHTS[HELD]} if weighted else {}
    found = fastreg.study(
        learned, y, loss=Logistic(), penalty=L1(1.0), learning_rates=RATES, strengths=STRENGTHS, power=0.25,
        epochs=2, X_val=X[HELD], y_val=Y[HELD], seed=4, average=average, **given,
    )  # fmt: skip
    assert found.learning_rate.tolist() == [0.01] * 3 + [0.3] * 3
    assert found.strength.tolist() == [0.0, 0.01, 0.1] * 2
    assert found.epochs.tolist() == [2] * 6
    for cell in range(6):
        schedule, penalty = InverseScaling(found.learning_rate[cell], 0.25), L1(found.strength[cell])
        rate = 0.01 if X is SPARSE else 1.0
        plan = Plan(schedule, GradientStep(), rate, 2, None, 1, True, np.random.default_rng(4))
        start = {"coef": np.zeros((1, COLUMNS)), "intercept": np.zeros(1)}
        start["sample_weight"] = weights[:200] / weights[:200].mean()
        start["means"] = Means.none(1, COLUMNS, average) if average else None
        fit = descend(learned, Values(y), Logistic(), penalty, plan, **start)
        (coef,), (intercept,) = fit.reached
        words = {"sample_weight": weights[:200]}
        certificate = fastreg.certify(learned, y, coef, intercept, loss=Logistic(), penalty=penalty, **words)
        assert found.objective[cell] == pytest.approx(certificate.primal, rel=1e-12)
        margins = Y[HELD] * (X[HELD] @ coef + intercept)
        losses = np.average(np.logaddexp(0, -margins), weights=weights[HELD])
        assert found.validation_loss[cell] == pytest.approx(losses, rel=1e-12)
        assert found.norm[cell] == pytest.approx(np.linalg.norm(coef), rel=1e-12)
        assert found.sparsity[cell] == np.mean(coef == 0)
    assert average or found.sparsity[2] > 0
    assert found.best == int(np.argmin(found.validation_loss))
    assert found.work.epochs == 12


@pytest.mark.parametrize("threads", [2, 3])
def test_threads_change_no_bit(threads):
    assert same(study(n_threads=1), study(n_threads=threads))


@pytest.mark.parametrize("threads", [1, 2])
def test_each_fit_is_told(threads):
    told = []
    study(n_threads=threads, callback=lambda *counts: told.append(counts))
    assert sorted(told) == [(done, 6) for done in range(1, 7)]


def test_any_layout():
    expected = study(DENSE)
    assert same(study(np.asfortranarray(DENSE)), expected)
    assert same(study(SPARSE.tocsc()), study(SPARSE))


def test_a_share_of_the_rows_is_held_out():
    """And never learned from: rows of a column of their own leave its weight at 0."""
    order = np.random.default_rng(0).permutation(ROWS)
    held, learned = np.sort(order[:60]), np.sort(order[60:])
    apart = fastreg.study(
        SPARSE[learned], Y[learned], loss=Logistic(), penalty=L1(1.0), learning_rates=RATES,
        strengths=STRENGTHS, epochs=2, X_val=SPARSE[held], y_val=Y[held],
    )  # fmt: skip
    assert same(study(validation_fraction=0.2), apart)
    assert not same(study(seed=1), apart)


def test_without_an_intercept_it_is_zero():
    X = np.zeros((ROWS, 2))
    X[:, 0] = Y * 1e-9
    assert study(X, fit_intercept=False, strengths=[0.0]).validation_loss == pytest.approx(
        np.log(2), rel=1e-6
    )
    assert study(X, strengths=[0.0]).validation_loss.min() < np.log(2) - 1e-3


def test_divergence_is_an_entry():
    """By overflow, which has no numbers, and above weights 0, which has."""
    words = {"loss": Squared(), "penalty": L2(1.0), "strengths": [0.0, 0.1]}
    found = study(1e130 * SPARSE, learning_rates=[1e-262, 1.0], epochs=3, **words)
    assert found.diverged.tolist() == [False, False, True, True]
    assert np.isposinf(found.objective[2:]).all()
    assert found.epochs.tolist() == [3, 3, 1, 1]
    assert found.best in (0, 1)
    long = study(DENSE, learning_rates=[0.01, 3.0], epochs=3, **words)
    assert long.diverged.tolist() == [False, False, True, True]
    assert np.isfinite(long.objective).all()
    lost = study(1e130 * SPARSE, learning_rates=[1.0], **words)
    assert lost.best == -1
    assert "diverged" in str(lost)


def test_only_the_product_matters_where_the_loss_has_no_scale():
    """The perceptron: weights from 0 on are the learning rate times what their product makes of the rows."""
    words = {"loss": Hinge(0.0), "penalty": L2(1.0)}
    one = study(DENSE, learning_rates=[0.25], strengths=[0.0, 0.04], **words)
    other = study(DENSE, learning_rates=[1.0], strengths=[0.0, 0.01], **words)
    assert other.norm == pytest.approx(4 * one.norm, rel=1e-9)
    assert other.validation_loss == pytest.approx(4 * one.validation_loss, rel=1e-9)


def valley(best):
    """Losses of a grid whose best strength at each learning rate is given."""
    rates, strengths = np.geomspace(1e-3, 1.0, len(best)), np.geomspace(1e-4, 1.0, 9)
    losses = np.concatenate([np.log(strengths / each) ** 2 for each in best])
    return ridge_of(rates, strengths, losses, np.zeros(losses.size, dtype=np.bool_)), rates


def test_the_ridge():
    exact, rates = valley(np.sqrt(10) * np.array([1e-1, 1e-2, 1e-3, 1e-4]))
    assert exact.cells.tolist() == [7, 9 + 5, 18 + 3, 27 + 1]
    assert exact.slope == pytest.approx(-1.0)
    assert exact.spread == pytest.approx(1.0)
    assert exact.constant == pytest.approx(1e-4 * np.sqrt(10))
    assert rates.size == exact.cells.size == 4
    level, _ = valley([1e-2] * 4)
    assert level.slope == pytest.approx(0.0)
    assert level.spread == pytest.approx(np.exp(np.log(10) * np.std([0, 1, 2, 3])))


def test_a_learning_rate_whose_best_is_at_the_border_is_not_asked():
    ridge, _ = valley([1e-5, 1e-2, 10.0])
    assert ridge.cells.tolist() == [9 + 4]
    assert np.isnan([ridge.slope, ridge.spread]).all()
    assert "too few" in str(ridge)
    none, _ = valley([1e-5, 10.0])
    assert none.cells.size == 0
    assert np.isnan(none.constant)
    assert "No learning rate" in str(none)


def test_the_table_marks_the_best():
    found = study()
    lines = found.table().splitlines()
    assert len(lines) == 7
    assert [k for k, line in enumerate(lines) if line.startswith("*")] == [found.best + 1]
    assert str(found) == f"{found.table()}\n{found.ridge}"
    assert len({line.index("%") for line in lines[1:]}) == 1  # columns stand below each other


def test_ctrl_c_keeps_the_table_so_far(monkeypatch):
    calls = []

    def pressed(*arguments, **words):
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return descend(*arguments, **words)

    expected = study()
    monkeypatch.setattr(stochastic, "descend", pressed)
    with pytest.raises(fastreg.Interrupted) as interrupted:
        study(n_threads=1)
    found = interrupted.value.solution
    assert found.epochs.tolist() == [2, 2, 0, 0, 0, 0]
    assert found.objective[:2].tolist() == expected.objective[:2].tolist()
    assert np.isnan(found.objective[2:]).all()
    assert not found.diverged.any()


REFUSED = {
    "no strength": ({"penalty": NoPenalty()}, "has no strength"),
    "several predictions": ({"loss": Multinomial()}, "one prediction per class"),
    "no learning rates": ({"learning_rates": []}, "learning_rates is empty"),
    "a learning rate of 0": ({"learning_rates": [0.0, 1.0]}, "learning_rates holds 0: .* above 0"),
    "a strength below 0": ({"strengths": [-1.0, 1.0]}, "strengths holds -1: .* at least 0"),
    "NaN": ({"strengths": [np.nan]}, r"strengths\[0\] is NaN"),
    "epochs": ({"epochs": 0}, "epochs=0"),
    "power": ({"power": -1.0}, "power=-1.0"),
    "half of the held rows": ({"X_val": DENSE}, "y_val is missing"),
    "other features": ({"X_val": DENSE[:, :3], "y_val": Y}, "X_val has 3 columns and X 12"),
    "all rows held out": ({"validation_fraction": 1.0}, "leaves 0 of 300 rows"),
    "no row held out": ({"validation_fraction": 1e-9}, "leaves 300 of 300 rows"),
    "other labels": ({"X_val": DENSE, "y_val": np.arange(ROWS)}, "y holds the label 0"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_one_sentence(case):
    words, message = REFUSED[case]
    with pytest.raises((ValueError, TypeError), match=message) as raised:
        study(sp.csr_array(DENSE) if case == "half of the held rows" else SPARSE, **words)
    assert "\n" not in str(raised.value)


def test_entries_that_are_not_finite_are_refused():
    X = DENSE.copy()
    X[3, 4] = np.nan
    with pytest.raises(ValueError, match=r"X\[3, 4\] is NaN"):
        study(X)
