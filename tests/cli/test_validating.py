"""`fastreg cv`: what the table, the JSON and the model tell is `fastreg.cross_validate`."""

import json

import numpy as np
import pytest
from problems import dense, sparse

import fastreg
from fastreg.cli.model_file import read_model
from fastreg.cli.targets import Target
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, ElasticNet


@pytest.fixture
def validated(run):
    """Run a cross-validation that shall succeed and return its JSON."""

    def command(*argv):
        status, out, err = run("cv", *argv, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)

    return command


@pytest.mark.parametrize("rule", ["min", "1se"])
def test_a_regression(validated, csv, tmp_path, rule):
    rows, model = dense(n=60, p=8), tmp_path / "model.npz"
    told = validated(csv, "--folds", 4, "--strengths", 12, "--ratio", 0.01, "--rule", rule, "--out", model)
    parts = Target("regression", "", rows.y, None).parts(4)
    words = {"loss": Squared(), "penalty": L1(1.0), "strengths": 12, "ratio": 0.01, "standardize": True}
    true = fastreg.cross_validate(rows.X, rows.y, folds=parts, rule=rule, **words)
    for key, values in [
        ("strength", true.strengths),
        ("loss", true.mean),
        ("error", true.error),
        ("learned_loss", true.learned_losses.mean(axis=1)),
        ("fold_losses", true.losses),
    ]:
        np.testing.assert_allclose([entry[key] for entry in told["curve"]], values, rtol=1e-6)
    assert told["strength"] == pytest.approx(true.strength, rel=1e-9)
    assert told["strength_of_least_loss"] == pytest.approx(true.strengths[true.best], rel=1e-9)
    assert told["strength_within_one_error"] == pytest.approx(true.strengths[true.simplest], rel=1e-9)
    np.testing.assert_allclose(told["objective"], true.solution.objective, rtol=1e-9)
    assert told["left_out"]["loss"] == pytest.approx(true.mean[true.chosen], rel=1e-6)
    misses = [rows.y[parts == k] - rows.y[parts != k].mean() for k in range(4)]
    np.testing.assert_allclose(told["left_out"]["constant_model"], np.mean(np.concatenate(misses) ** 2) / 2)
    stored = read_model(model)
    np.testing.assert_allclose(stored.coef, true.solution.coef, rtol=1e-6, atol=1e-9)
    assert (stored.strength, stored.penalty, stored.target) == (told["strength"], "l1", "y")
    assert told["certificate"]["gap"] == told["gap"] <= told["tol"]


def test_classes_keep_their_shares_in_every_fold(validated, svmlight):
    rows = sparse(n=60, p=15)
    told = validated(svmlight, "--folds", 3, "--strengths", "0.1,0.02,0.05")
    assert [entry["strength"] for entry in told["curve"]] == [0.1, 0.05, 0.02]
    parts = Target("", "", rows.labels, [-1, 1]).parts(3)
    words = {"loss": Logistic(), "penalty": L1(1.0), "strengths": [0.1, 0.05, 0.02]}
    true = fastreg.cross_validate(rows.X, rows.labels, folds=parts, **words)
    np.testing.assert_allclose([entry["loss"] for entry in told["curve"]], true.mean, rtol=1e-5)
    constant = 0.0
    for k in range(3):
        share = np.mean(rows.labels[parts != k] > 0)
        odds = np.log(share / (1 - share))
        constant += np.logaddexp(0, -rows.labels[parts == k] * odds).sum() / 60
    np.testing.assert_allclose(told["left_out"]["constant_model"], constant)


def test_the_penalty_of_least_loss_is_chosen(validated, run, csv):
    options = csv, "--strengths", 8, "--ratio", 0.01
    told = validated(*options, "--penalty", "l1,elasticnet", "--l1-ratio", "0.3,0.8", "--rule", "1se")
    alone = [
        validated(*options, "--penalty", "elasticnet", "--l1-ratio", ratio, "--rule", "1se")
        for ratio in (0.3, 0.8)
    ]
    assert [(each["penalty"], each["l1_ratio"]) for each in told["candidates"]] == [
        ("l1", None), ("elasticnet", 0.3), ("elasticnet", 0.8),
    ]  # fmt: skip
    assert told["candidates"][1]["strength"] == alone[0]["strength"]
    (chosen,) = [each for each in told["candidates"] if each["chosen"]]
    assert chosen["least_loss"] == min(each["least_loss"] for each in told["candidates"])
    assert (chosen["penalty"], chosen["strength"]) == (told["penalty"], told["strength"])
    rows = dense(n=60, p=8)
    penalty = ElasticNet(told["strength"], 1.0 if told["l1_ratio"] is None else told["l1_ratio"])
    best = fastreg.solve(rows.X, rows.y, loss=Squared(), penalty=penalty, standardize=True)
    np.testing.assert_allclose(told["objective"], best.objective, rtol=1e-6)
    table = run("cv", *options, "--penalty", "l1,elasticnet", "--l1-ratio", "0.3,0.8", "--rule", "1se")[1]
    assert "penalties by mean loss" in table
    assert table.count("chosen") == 2


def test_the_table_tells_the_reasons(validated, run, csv):
    for rule, words in [
        ("min", "the least mean loss of 100 strengths"),
        ("1se", "within one standard error"),
    ]:
        told, table = validated(csv, "--rule", rule), run("cv", csv, "--rule", rule)[1]
        assert max(map(len, table.splitlines())) <= 80
        flat = " ".join(table.split())
        assert f"lambda {told['strength']:.6g} = {told['strength_over_critical']:.3g} lambda_max" in flat
        assert words in flat
        assert f"constant model: {told['left_out']['constant_model']:.5g}" in flat
        marked = {line.split()[0]: line for line in table.splitlines() if line[-1:] in {"*", "+", "n"}}
        assert "*" in marked[f"{told['strength_of_least_loss']:.6g}"]
        assert "chosen" in marked[f"{told['strength']:.6g}"]
    assert told["strength"] >= told["strength_of_least_loss"]


@pytest.mark.small
def test_ctrl_c_chooses_nothing(run, csv, tmp_path, monkeypatch):
    from fastreg.cli import preparing

    def interrupted(*_, callback, **__):
        callback(3, 500)
        raise fastreg.Interrupted(fastreg.CrossValidation(*[np.ones(2)] * 5, -1, -1, -1, None, None))

    monkeypatch.setattr(preparing, "_fit_a_few", lambda _: None)
    monkeypatch.setattr(fastreg, "cross_validate", interrupted)
    status, out, err = run("cv", csv, "--out", tmp_path / "model.npz")
    assert (status, out, err.count("\n")) == (130, "", 1)
    assert err.endswith("while choosing lambda, 3 of 500 fits; nothing was written.\n")
    assert not (tmp_path / "model.npz").exists()
