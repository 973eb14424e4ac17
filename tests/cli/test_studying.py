"""`fastreg study`: what the table and the JSON tell is `fastreg.study` on columns scaled as they say."""

import json

import numpy as np
import pytest
from problems import dense, sparse

import fastreg
from fastreg.cli.studying import _axis
from fastreg.cli.targets import Target
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L2

GRID = "--learning-rates", "0.03,0.001,1", "--strengths", "0.01,0.1"


@pytest.fixture
def studied(run):
    """Run a study that shall succeed and return its JSON."""

    def command(*argv):
        status, out, err = run("study", *argv, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)

    return command


@pytest.mark.parametrize("options", [(), ("--average", "--power", 0.25)], ids=["last", "mean"])
def test_a_regression(studied, csv, options):
    rows = dense(n=60, p=8)
    told = studied(csv, *GRID, "--epochs", 3, *options)
    X = np.ascontiguousarray((rows.X - rows.X.mean(axis=0)) / rows.X.std(axis=0))
    held = Target("", "", rows.y, None).parts(5) == 0
    words = {"power": 0.25, "average": True} if options else {}
    true = fastreg.study(
        X[~held], rows.y[~held], loss=Squared(), penalty=L2(1.0), learning_rates=[0.001, 0.03, 1.0],
        strengths=[0.01, 0.1], epochs=3, X_val=X[held], y_val=rows.y[held], **words,
    )  # fmt: skip
    for key in ("learning_rate", "strength", "objective", "validation_loss", "norm", "diverged"):
        values = [np.inf if cell[key] is None else cell[key] for cell in told["study"]]
        np.testing.assert_allclose(values, getattr(true, key), rtol=1e-9)
    assert told["best"] == told["study"][true.best]
    assert any(cell["diverged"] for cell in told["study"])
    assert told["ridge"]["meaning"] == str(true.ridge)
    assert told["rows_held_out"] == held.sum() == 12
    np.testing.assert_allclose(
        told["constant_model"], np.mean((rows.y[held] - rows.y[~held].mean()) ** 2) / 2
    )


def test_two_classes_of_a_sparse_file(studied, svmlight):
    rows = sparse(n=60, p=15)
    told = studied(svmlight, *GRID, "--epochs", 2, "--penalty", "l1")
    held = Target("", "", rows.labels, [-1, 1]).parts(5) == 0
    X = rows.X.tocsr()
    true = fastreg.study(
        X[~held], rows.labels[~held], loss=Logistic(), penalty=fastreg.penalties.L1(1.0), epochs=2,
        learning_rates=[0.001, 0.03, 1.0], strengths=[0.01, 0.1], X_val=X[held], y_val=rows.labels[held],
    )  # fmt: skip
    losses = [cell["validation_loss"] for cell in told["study"]]
    np.testing.assert_allclose(losses, true.validation_loss, rtol=1e-9)


def test_the_table(studied, run, csv):
    told, table = studied(csv, *GRID, "--epochs", 3), run("study", csv, *GRID, "--epochs", 3)[1]
    assert max(map(len, table.splitlines())) <= 80
    *_, heads, low, middle, high = table.splitlines()
    assert heads.split() == ["learning", "rate", "0.01", "0.1"]
    losses = [cell["validation_loss"] for cell in told["study"]]
    assert [line.split()[0] for line in (low, middle, high)] == ["0.001", "0.03", "1"]
    assert "*" in [low, middle, high][losses.index(told["best"]["validation_loss"]) // 2]
    assert high.count("!") == sum(cell["diverged"] for cell in told["study"][4:])
    for many in ("0.01,0.02,0.03,0.04,0.05,0.06,0.07,0.08", 8):
        table = run("study", csv, "--learning-rates", "0.03", "--strengths", many, "--epochs", 1)[1]
        assert len(table.rpartition("\n\n")[2].splitlines()) == 2 + 8
        assert max(map(len, table.splitlines())) <= 80


def test_the_grid_that_is_not_asked_for_holds_the_best(studied, csv):
    told = studied(csv, "--epochs", 10)
    rates, strengths = ({cell[key] for cell in told["study"]} for key in ("learning_rate", "strength"))
    assert (len(rates), len(strengths)) == (7, 7)
    assert min(rates) < told["best"]["learning_rate"] < max(rates)
    assert told["best"]["validation_loss"] < told["constant_model"]


@pytest.mark.small
def test_steps_of_an_axis_are_easy_to_type():
    assert _axis([0.5, 0.2], 1.0) == [0.5, 0.2]
    assert _axis(4, 1.0) == [0.03, 0.1, 0.3, 1.0]
    assert _axis(3, 0.4) == [0.03, 0.1, 0.3]
    assert len(_axis(None, 2e-7)) == 7
